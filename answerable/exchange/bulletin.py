"""The bulletin (通报) of a year: what was assessed, who stands where, what fell short, what must follow.

Nothing is added to the figures of the scorecard and its tables, and what was not assessed is said to be so. Averages
are taken over the units at the bottom, so that a district is not counted beside its own facilities.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from answerable.definition import Programme
from answerable.exchange.annual import (
    LISTED_FIRST,
    LISTED_LAST,
    LISTED_WHOLE,
    NOTHING,
    Standing,
    Year,
    aligned,
    percent,
)
from answerable.exchange.citation import citations
from answerable.exchange.report import (
    Block,
    Heading,
    Imprint,
    ListBlock,
    Paragraph,
    Report,
    TableBlock,
    number_headings,
)
from answerable.exchange.shortfalls import inspection, parts, shortfalls, vetoes
from answerable.scoring import NOT_RATED, Scorecard
from answerable.values.number import points_in_english, text_of
from answerable.values.period import Period
from answerable.values.table import Tables
from answerable.values.text import Language, Text

__all__ = ["bulletin", "write_bulletin"]


def bulletin(
    programme: Programme,
    scorecard: Scorecard,
    tables: Tables,
    language: Language,
    *,
    title: Text | None = None,
    number: str = "",
    day: date | None = None,
    addressee: Text | None = None,
    copies: Text | None = None,
    checkpoint: Sequence[str] = (),
) -> Report:
    """The bulletin of the period of a scorecard.

    Args:
        tables: what was scored; `units`, `visits`, `findings` and `corrections` are read.
        title: what it is published under; made from the programme's title where none is given.
        number: the document number (文号), given out by people; none while it is a draft.
        day: the day of issue; none while it is a draft.
        checkpoint: lines that tie the document to a ledger, printed at its end as they are.

    Raises:
        TypeError: where one of the tables read is stored on disk and not in memory.
    """
    year = Year(programme, scorecard, tables, language)
    office = programme.office.in_language(language)
    receivers = addressee or Text(zh="各单位", en="All units")
    return Report(
        kind="bulletin",
        language=language,
        title=title.in_language(language) if title else _title(programme, scorecard.period, language),
        blocks=number_headings(_with_table_numbers(_blocks(year), language), language),
        issuing_mark=f"{office}文件" if language == "zh" else office,
        number=number,
        addressee=receivers.in_language(language),
        signature=office,
        day=day,
        footer=(*_digests(year), *checkpoint),
        imprint=Imprint(office, day, copies.in_language(language) if copies else "") if day else None,
    )


def write_bulletin(
    programme: Programme, scorecard: Scorecard, tables: Tables, language: Language, folder: Path
) -> list[Path]:
    """Write the bulletin as a draft, without number and day, as docx and PDF; give the files written.

    Raises:
        Refused: where no font can print the PDF; the docx, which needs none, is written all the same.
    """
    # Whoever only wants the report loads neither of the two libraries.
    from answerable.exchange import docx, pdf

    report = bulletin(programme, scorecard, tables, language)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"bulletin-{programme.id}-{scorecard.period}-{language}"
    edited, printed = folder / f"{name}.docx", folder / f"{name}.pdf"
    edited.write_bytes(docx.write(report))
    printed.write_bytes(pdf.write(report))
    return [edited, printed]


def _title(programme: Programme, period: Period, language: Language) -> str:
    """Two lines: what the year was about, and that these are its results."""
    when = period.in_words(language)
    if language == "en":
        return f"Results of {when}\n{programme.title.en}"
    subject = re.sub(r"(考核)?(实施)?(方案|办法|细则)([与和及](方案|办法|细则))?$", "", programme.title.zh)
    return f"关于{when}{'度' if when.endswith('年') else ''}{subject}\n考核结果的通报"


def _blocks(year: Year) -> list[Block]:
    return [
        _opening(year),
        *_overview(year),
        *parts(year),
        *shortfalls(year),
        *vetoes(year),
        *inspection(year),
        *_results(year),
        *_requirements(year),
    ]


def _opening(year: Year) -> Paragraph:
    programme = year.programme
    basis = citations(programme, programme.legal_basis)
    when, full = year.scorecard.period.in_words(year.language), text_of(programme.tree.points)
    count = len(year.standings)
    return Paragraph(
        year.say(
            f"依据{basis.zh}，按照《{programme.title.zh}》（{programme.version}版），{programme.office.zh}对{count}个单位"
            f"{when}的工作进行了考核，满分{full}分。现将结果通报如下。",
            f"Under “{programme.title.en}” (version {programme.version}), the {programme.office.en} assessed "
            f"{year.units_counted(count)} for {when}, out of {points_in_english(full)}. These are the results. "
            f"Legal basis: {basis.en}.",
        )
    )


# -- overview ----------------------------------------------------------------------------------------------------------


def _overview(year: Year) -> list[Block]:
    return [
        Heading(1, year.say("总体情况", "Overview")),
        Paragraph(_counts_in_words(year)),
        *_totals_in_words(year),
        _grades_table(year),
        *_lowest(year),
    ]


def _grades_present(year: Year) -> list[tuple[str, str]]:
    """Every band, and `not rated` where some unit is, each with its title."""
    grades = [band.grade for band in year.programme.grades.bands]
    if any(one.grade == NOT_RATED for one in year.standings):
        grades.append(NOT_RATED)
    return [(grade, year.word(year.programme.grades.title(grade))) for grade in grades]


def _counts_in_words(year: Year) -> str:
    counts = Counter(one.grade for one in year.standings)
    count = len(year.standings)
    shares = [
        year.say(
            f"{title}{counts[grade]}个，占{percent(Fraction(counts[grade], count or 1))}",
            f"{title.lower()} {counts[grade]:,} ({percent(Fraction(counts[grade], count or 1))})",
        )
        for grade, title in _grades_present(year)
    ]
    kinds = [year.say(f"{year.kind(kind)}{len(year.of_kind(kind))}个", _kinds_en(year, kind)) for kind in year.kinds]
    of_kinds = year.say(f"（{'、'.join(kinds)}）", f" ({', '.join(kinds)})") if len(kinds) > 1 else ""
    return year.say(
        f"共考核{count}个单位{of_kinds}，其中{'；'.join(shares)}。",
        f"{year.units_counted(count)} {'was' if count == 1 else 'were'} assessed{of_kinds}: {', '.join(shares)}.",
    )


def _kinds_en(year: Year, kind: str) -> str:
    return f"{year.programme.unit_kinds[kind].en.lower()} {len(year.of_kind(kind)):,}"


def _totals_in_words(year: Year) -> list[Block]:
    totals = [one.total for one in year.standings if one.total is not None and one.unit in year.bottom]
    if not totals:
        return []
    rounding = year.programme.rounding.total
    mean = rounding.text(Fraction(sum(totals), len(totals) * 10**rounding.decimals))
    high, low = year.total_text(max(totals)), year.total_text(min(totals))
    over_zh = f"最基层的{len(totals)}个单位" if year.is_nested else ""
    over_en = f" of the {len(totals):,} units at the bottom" if year.is_nested else ""
    return [
        Paragraph(
            year.say(
                f"{over_zh}总分最高{high}分，最低{low}分，平均{mean}分。",
                f"The totals{over_en} run from {low} to {high}, with a mean of {mean}.",
            )
        )
    ]


def _grades_table(year: Year) -> TableBlock:
    grades = _grades_present(year)
    rows = [
        (year.kind(kind), *_counted(grades, [one.grade for one in year.of_kind(kind)]))
        for kind in (year.kinds if len(year.kinds) > 1 else ())
    ]
    everyone = [one.grade for one in year.standings]
    rows.append((year.say("合计", "All"), *_counted(grades, everyone)))
    counts, count = Counter(everyone), len(everyone) or 1
    shares = [percent(Fraction(counts[grade], count)) for grade, _ in grades]
    rows.append((year.say("占比", "Share"), *shares, percent(Fraction(len(everyone), count))))
    head = (year.say("单位类别", "Kind of unit"), *(title for _, title in grades), year.say("合计", "All"))
    return TableBlock(head, tuple(rows), (3, *[2] * (len(head) - 1)), aligned(head, 1), year.say(
        "各类单位等次", "Units by kind and grade"
    ))  # fmt: skip


def _counted(grades: Sequence[tuple[str, str]], found: Sequence[str]) -> tuple[str, ...]:
    counts = Counter(found)
    return (*(f"{counts[grade]:,}" for grade, _ in grades), f"{len(found):,}")


def _lowest(year: Year) -> list[Block]:
    """The units of the lowest grade by name, as long as they are few enough to read."""
    band = year.programme.grades.bands[-1]
    names = [one.name for one in year.standings if one.grade == band.grade]
    if not names or len(names) > LISTED_FIRST:
        return []
    title = year.word(band.title)
    return [Paragraph(year.say(f"{title}的单位：{'、'.join(names)}。", f"{title}: {'; '.join(names)}."))]


# -- every unit --------------------------------------------------------------------------------------------------------


def _results(year: Year) -> list[Block]:
    blocks: list[Block] = [Heading(1, year.say("各单位结果", "Results of every unit"))]
    for kind in year.kinds:
        standings = year.of_kind(kind)
        if len(year.kinds) > 1:
            blocks.append(Heading(2, year.say(f"{year.kind(kind)}（{len(standings)}个）", _kinds_heading(year, kind))))
        blocks += _results_of(year, kind, standings)
    if any(one.place is not None for one in year.standings):
        blocks.append(
            Paragraph(
                year.say(
                    "名次在同类单位内排列，总分相同的名次相同。",
                    "Places are among units of one kind; equal totals share a place.",
                ),
                "note",
            )
        )
    return blocks


def _kinds_heading(year: Year, kind: str) -> str:
    return f"{year.kind(kind)} ({len(year.of_kind(kind)):,})"


def _results_of(year: Year, kind: str, standings: Sequence[Standing]) -> list[Block]:
    rated = [one for one in standings if one.total is not None]
    caption = year.say(f"{year.kind(kind)}考核结果", f"{year.kind(kind)}: results")
    if len(standings) <= LISTED_WHOLE:
        return [_standings_table(year, standings, caption)]
    left_out = len(rated) - LISTED_FIRST - LISTED_LAST
    unrated = len(standings) - len(rated)
    said = year.say(
        f"共{len(standings)}个单位，以下只列总分最高的{LISTED_FIRST}个和最低的{LISTED_LAST}个；"
        f"其余见评分结果文件 grades.csv。",
        f"Of {len(standings):,} units only the {LISTED_FIRST} highest and the {LISTED_LAST} lowest totals are listed "
        "here; grades.csv of the scorecard has all of them.",
    )
    if unrated:
        said += year.say(
            f"另有{unrated}个单位不评等次，也见该文件。", f" It also holds {year.units_counted(unrated)} not rated."
        )
    if left_out <= 0:
        return [Paragraph(said), _standings_table(year, rated, caption)]
    first = year.say(f"{caption}：最高{LISTED_FIRST}个", f"{caption}, highest {LISTED_FIRST}")
    last = year.say(f"{caption}：最低{LISTED_LAST}个", f"{caption}, lowest {LISTED_LAST}")
    return [
        Paragraph(said),
        _standings_table(year, rated[:LISTED_FIRST], first),
        _standings_table(year, rated[-LISTED_LAST:], last),
    ]


def _standings_table(year: Year, standings: Sequence[Standing], caption: str) -> TableBlock:
    placed = any(one.place is not None for one in standings)
    head = (
        *([year.say("名次", "Place")] if placed else []),
        year.say("编码", "Code"),
        year.say("单位", "Unit"),
        year.say("总分", "Total"),
        year.say("等次", "Grade"),
    )
    rows = tuple(
        (
            *([NOTHING if one.place is None else f"{one.place:,}"] if placed else []),
            one.unit,
            one.name,
            year.total_text(one.total),
            year.word(year.programme.grades.title(one.grade)),
        )
        for one in standings
    )
    # The code is as wide as it needs to be: some are four characters, some eleven.
    code = 2 + max((len(one.unit) for one in standings), default=0) // 4
    widths, align = (code, 8, 2, 3), ("left", "left", "right", "center")
    if placed:
        return TableBlock(head, rows, (2, *widths), ("right", *align), caption)  # type: ignore[arg-type]
    return TableBlock(head, rows, widths, align, caption)  # type: ignore[arg-type]


# -- what must follow --------------------------------------------------------------------------------------------------


def _requirements(year: Year) -> list[Block]:
    worst = [year.word(item.title) for item, _ in year.short_items[:3]]
    overdue = year.corrections.overdue
    items = [
        year.say(
            "各单位对照本单位的评分说明，逐项查清失分原因，落实到人"
            + (f"，重点改进{'、'.join(f'“{title}”' for title in worst)}。" if worst else "。"),
            "Each unit goes through the explanation of its own score, item by item, and says who will act"
            + (f", first of all on {', '.join(f'“{title}”' for title in worst)}." if worst else "."),
        )
    ]
    if overdue:
        items.append(
            year.say(
                f"逾期未销号的{overdue}项整改，责任单位尽快完成并提交佐证，由其他人员复查后销号。",
                f"The {overdue:,} overdue corrections are finished without delay, shown by evidence and closed by "
                "someone else than who did the work.",
            )
        )
    items += [
        year.say(
            "单位对结果有异议的，可以申请复核。复核由原考核人员以外的人员进行，不得使结果变差。",
            "A unit that disagrees may ask for a review. Other people than the first assessors make it, and it never "
            "makes a result worse.",
        ),
        year.say(
            "本通报公布的是考核等次，不是表彰决定。",
            "This bulletin publishes grades; it is not an award.",
        ),
    ]
    return [Heading(1, year.say("工作要求", "What must follow")), ListBlock(tuple(items))]


# -- so that anyone can check ------------------------------------------------------------------------------------------


def _digests(year: Year) -> tuple[str, ...]:
    programme, scorecard = year.programme, year.scorecard
    return (
        year.say(
            "核验：用同一方案和同一批数据重新评分（answerable score），评分结果的摘要应与下列一致。",
            "To check: score the same programme and tables again (answerable score); the digests must be these.",
        ),
        year.say("考核方案", "Programme") + f" {programme.id} {programme.version}",
        f"  SHA-256 {scorecard.programme_digest}",
        year.say("评分结果", "Scorecard") + f" {scorecard.period}",
        f"  SHA-256 {scorecard.digest()}",
    )


def _with_table_numbers(blocks: Iterable[Block], language: Language) -> list[Block]:
    made: list[Block] = []
    number = 0
    for block in blocks:
        if isinstance(block, TableBlock) and block.caption:
            number += 1
            label = f"表{number}  " if language == "zh" else f"Table {number}. "
            block = replace(block, caption=label + block.caption)
        made.append(block)
    return made
