"""The sections of a bulletin that say where points were lost: parts, items, vetoes, findings, corrections."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.definition import Item, Part
from answerable.exchange.annual import LISTED_WHOLE, Achieved, Year, aligned, percent
from answerable.exchange.citation import citation
from answerable.exchange.report import Align, Block, Heading, Paragraph, TableBlock
from answerable.values.number import points_in_english, scaled_text, text_of

__all__ = ["inspection", "parts", "shortfalls", "vetoes"]


# -- points ------------------------------------------------------------------------------------------------------------


def _basis_in_words(year: Year) -> str:
    if not year.is_nested:
        return year.say(
            "平均得分和得分率按该部分可评的单位计算。",
            "Averages and shares are over the units where it could be assessed.",
        )
    return year.say(
        f"平均得分和得分率按最基层的{len(year.bottom)}个单位中该部分可评的单位计算。",
        f"Averages and shares are over the {len(year.bottom):,} units at the bottom, where it could be assessed.",
    )


def parts(year: Year) -> list[Block]:
    """Average points and share achieved by part, for all units and by kind; adjustments below."""
    kinds = year.kinds if len(year.kinds) > 1 else ()
    members = {kind: [one.unit for one in year.of_kind(kind)] for kind in kinds}
    rows = []
    for part in year.programme.tree.children:
        every = year.achieved(part.id, year.bottom)
        by_kind = [percent(year.achieved(part.id, members[kind]).share) for kind in kinds]
        rows.append(
            (year.word(part.title), text_of(part.points), year.average_text(every), percent(every.share), *by_kind)
        )
    head = (
        year.say("部分", "Part"),
        year.say("满分", "Points"),
        year.say("平均得分", "Average"),
        year.say("得分率", "Share"),
        *map(year.kind, kinds),
    )
    caption = year.say("各部分平均得分", "Average points by part")
    if kinds:
        caption = year.say("各部分平均得分和各类单位得分率", "Average points by part, and share by kind of unit")
    return [
        Heading(1, year.say("各部分得分", "Points by part")),
        TableBlock(head, tuple(rows), (7, *[3] * (len(head) - 1)), aligned(head, 1), caption),
        Paragraph(_basis_in_words(year), "note"),
        *_adjustments(year),
    ]


def _adjustments(year: Year) -> list[Block]:
    item = year.programme.rounding.item
    said = []
    for one in year.programme.adjustments:
        touched = [points for _, _, points in year.by_node.get(one.id, []) if points]
        if touched:
            together = sum(touched)
            size, units = scaled_text(abs(together), item.decimals), year.units_counted(len(touched))
            said.append(
                year.say(
                    f"{one.title.zh}：涉及{units}，合计{'扣' if together < 0 else '加'}{size}分。",
                    f"{one.title.en}: {units}, {points_in_english(size)} {'off' if together < 0 else 'added'} in all.",
                )
            )
    return [Paragraph(text) for text in said]


def shortfalls(year: Year) -> list[Block]:
    """Items by the share of points achieved, lowest first; items nobody could be assessed on are named apart."""
    items = {item.id: (item, year.achieved(item.id, year.bottom)) for item in year.programme.tree.items()}
    short = year.short_items
    unassessed = [year.word(item.title) for item, achieved in items.values() if not achieved.units]
    blocks: list[Block] = [Heading(1, year.say("失分较多的项目", "What fell short most"))]
    if short:
        blocks.append(_shortfall_table(year, short))
    else:
        blocks.append(
            Paragraph(year.say("可评的项目均得满分。", "Every item that could be assessed has all its points."))
        )
    if unassessed:
        blocks.append(
            Paragraph(
                year.say(
                    f"以下项目没有可评的数据，未计分：{'、'.join(unassessed)}。",
                    f"Nobody could be assessed on these items, and they count for nothing: {'; '.join(unassessed)}.",
                )
            )
        )
    return blocks


def _shortfall_table(year: Year, short: Sequence[tuple[Item, Achieved]]) -> TableBlock:
    parts = {item.id: part for part in year.programme.tree.children for item in _items(part)}
    head = (
        year.say("项目", "Item"),
        year.say("所属部分", "Part"),
        year.say("满分", "Points"),
        year.say("得分率", "Share"),
        year.say("可评单位", "Units assessed"),
        year.say("未得满分", "Below full"),
        year.say("未得分", "No points"),
    )
    rows = tuple(
        (
            year.word(item.title),
            year.word(parts[item.id].title),
            text_of(item.points),
            percent(one.share),
            f"{one.units:,}",
            f"{one.below:,}",
            f"{one.nothing:,}",
        )
        for item, one in short
    )
    caption = year.say("得分率最低的项目", "Items with the lowest share of their points")
    return TableBlock(head, rows, (6, 5, 2, 3, 3, 3, 3), aligned(head, 2), caption)


def _items(node: Part | Item) -> tuple[Item, ...]:
    return (node,) if isinstance(node, Item) else tuple(node.items())


# -- vetoes, findings, corrections -------------------------------------------------------------------------------------


def vetoes(year: Year) -> list[Block]:
    """Vetoes applied, each with its legal basis; nothing where the programme has none."""
    if not year.programme.vetoes:
        return []
    heading = Heading(1, year.say("一票否决", "Vetoes"))
    known = {veto.id: veto for veto in year.programme.vetoes}
    struck = [(one, known[veto]) for one in year.standings for veto in one.vetoes]
    if not struck:
        return [heading, Paragraph(year.say("没有单位被一票否决。", "No unit was vetoed."))]
    rows = tuple(
        (
            one.name,
            year.word(veto.title),
            year.word(citation(year.programme, veto.legal_basis)),
            year.total_text(one.total),
            year.word(year.programme.grades.title(one.grade)),
        )
        for one, veto in struck[:LISTED_WHOLE]
    )
    units = year.units_counted(len({one.unit for one, _ in struck}))
    head = tuple(year.say(*pair) for pair in (
        ("单位", "Unit"), ("否决事项", "Veto"), ("法定依据", "Legal basis"), ("总分", "Total"), ("等次", "Grade"),
    ))  # fmt: skip
    said = year.say(
        f"{units}因经查实的事项被一票否决，等次受限。", f"{units} had their grade capped for what was proven."
    )
    if len(struck) > LISTED_WHOLE:
        said += year.say(
            f"下表列出前{LISTED_WHOLE}项，其余见 grades.csv。",
            f" The first {LISTED_WHOLE} are listed; grades.csv has the rest.",
        )
    caption = year.say("一票否决事项", "Vetoes applied")
    align: tuple[Align, ...] = ("left", "left", "left", "right", "center")
    return [heading, Paragraph(said), TableBlock(head, rows, (5, 5, 7, 2, 3), align, caption)]


def inspection(year: Year) -> list[Block]:
    """Visits, confirmed findings and corrections of the period; nothing where there are none."""
    found = [*_visits(year), *_findings(year), *_corrections(year)]
    return [Heading(1, year.say("核查与整改", "Inspections and corrections")), *found] if found else []


def _visits(year: Year) -> list[Block]:
    start, end = year.span
    visited = [str(row["unit"]) for row in year.rows("visits") if start <= str(row["visited_on"]) < end]
    if not visited:
        return []
    units, visits = year.units_counted(len(set(visited))), len(visited)
    return [
        Paragraph(
            year.say(
                f"本期实地核查{visits}次，涉及{units}。",
                f"{visits:,} inspection visit{'' if visits == 1 else 's'} went to {units}.",
            )
        )
    ]


def _findings(year: Year) -> list[Block]:
    start, end = year.span
    found = [row for row in year.rows("findings") if start <= str(row["found_on"]) < end]
    confirmed = [row for row in found if row["status"] == "confirmed"]
    if not confirmed:
        return []
    rows = []
    for kind in year.programme.finding_kinds:
        of_kind = [row for row in confirmed if row["kind"] == kind.id]
        if of_kind:
            times = sum(int(row["occurrences"] or 0) for row in of_kind)
            units = len({row["unit"] for row in of_kind})
            rows.append((year.word(kind.title), f"{len(of_kind):,}", f"{times:,}", f"{units:,}"))
    head = (
        year.say("问题类别", "Kind of finding"),
        year.say("问题数", "Findings"),
        year.say("发生次数", "Occurrences"),
        year.say("涉及单位", "Units"),
    )
    caption = year.say("经查实的问题", "Confirmed findings")
    return [TableBlock(head, tuple(rows), (6, 2, 2, 2), aligned(head, 1), caption)]


def _corrections(year: Year) -> list[Block]:
    one = year.corrections
    if not one.opened:
        return []
    return [
        Paragraph(
            year.say(
                f"应整改问题{one.opened}项：按期销号{one.on_time}项，逾期销号{one.late}项，"
                f"逾期未销号{one.overdue}项，尚未到期{one.not_due}项。",
                f"Of {one.opened:,} corrections opened, {one.on_time:,} were closed in time and {one.late:,} late, "
                f"{one.overdue:,} are overdue, and {one.not_due:,} are not due yet.",
            )
        )
    ]
