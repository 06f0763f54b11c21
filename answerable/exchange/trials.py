"""A change to a programme, tried on tables: who moves, in words and as files.

The files are moves.csv (a row for each unit), shifts.csv (a row for each unit and item that gives other points) and,
where numbers were changed, programme.yaml: the file that was tried, ready to be proposed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from answerable.definition import Programme, read
from answerable.definition.changes import changes
from answerable.definition.changes import listed as changes_listed
from answerable.definition.settings import Setting, changed, settings
from answerable.exchange.tables import read_tables
from answerable.scoring import score
from answerable.scoring.moves import Move, Moves, Shift, Stand, in_force_for, moves
from answerable.scoring.scorecard import written
from answerable.values.issue import Issue, Refused
from answerable.values.number import signed, text_of
from answerable.values.period import Period
from answerable.values.table import Cell, Column, Schema, Table
from answerable.values.text import Language, Text

__all__ = [
    "Trial",
    "change_of",
    "moves_csv",
    "settings_listed",
    "through_in_words",
    "told",
    "try_numbers",
    "try_programme",
    "write_trial",
]

_MOST_TOLD = 40
_MOST_THROUGH = 3
"""Items named behind a unit's move; shifts.csv has all."""


@dataclass(frozen=True)
class Trial:
    """Two programmes on the same tables. `source` is the changed file, where numbers of the first were changed."""

    was: Programme
    would: Programme
    period: Period
    moves: Moves
    source: bytes | None = None


def change_of(texts: Iterable[str]) -> dict[str, str]:
    """Changes as they are typed, `ADDRESS=VALUE`.

    Raises:
        Refused: with each text that is none, and each address that is named twice.
    """
    found: dict[str, str] = {}
    issues: list[Issue] = []
    for text in texts:
        address, equals, value = text.partition("=")
        if not equals or not address.strip() or not value.strip():
            issues.append(Issue("trial.no_change", facts={"text": text}))
        elif address.strip() in found:
            issues.append(Issue("trial.named_twice", facts={"address": address.strip()}))
        else:
            found[address.strip()] = value.strip()
    if issues:
        raise Refused(issues)
    return found


def try_numbers(source: bytes, file: str, wanted: Mapping[str, str], tables: Path, period: Period) -> Trial:
    """Score tables by a programme file, and by the same file with some numbers changed.

    Raises:
        Refused: where an address or a value cannot be, or the changed file is not sound: with its lines.
    """
    other = changed(source, wanted)
    return _tried(read(source, file), read(other, file), tables, period, other)


def try_programme(was: Programme, would: Programme, tables: Path, period: Period) -> Trial:
    """Score tables by two programmes; the later one is tried whether or not it is in force in the period."""
    return _tried(was, would, tables, period, None)


def _tried(was: Programme, would: Programme, tables: Path, period: Period, source: bytes | None) -> Trial:
    before = score(was, read_tables(tables, was, stored=True), period)
    after = score(in_force_for(would, period), read_tables(tables, would, stored=True), period)
    return Trial(was, would, period, moves(was, before, would, after), source)


# -- in words ----------------------------------------------------------------------------------------------------------

_WORDS = {
    "nothing": Text(
        zh="没有一个数发生变化：所改之处对这些数据不起作用。",
        en="Not one figure differs: what was changed has no effect on these tables.",
    ),
    "up": Text(zh="等次提高", en="better grade"),
    "down": Text(zh="等次降低", en="worse grade"),
    "aside": Text(zh="进入或退出评定", en="come into or out of grading"),
    "same": Text(zh="等次不变", en="same grade"),
    "places": Text(zh="名次有变化", en="another place"),
    "more": Text(zh="……另有{n}个单位，见 moves.csv", en="... and {n} more units, see moves.csv"),
    "none": Text(zh="不参加考核", en="not assessed"),
    "together": Text(zh="各项得分未变，折算变了", en="the same points, which count otherwise together"),
    "left_out": Text(zh="不参评", en="left out"),
}


def settings_listed(source: bytes, language: Language) -> Iterator[str]:
    """The numbers that can be tried, each as a line that can be typed after `--set`, with what it is."""
    found = settings(source)
    widest = max((len(one.address) + len(one.value) for one in found), default=0) + 1
    for one in found:
        what = f"{one.of.in_language(language)}{'：' if language == 'zh' else ': '}{one.what.in_language(language)}"
        yield f"{_typed(one):<{widest}}  {what}"


def _typed(one: Setting) -> str:
    return f"{one.address}={one.value}"


def told(trial: Trial, language: Language) -> Iterator[str]:
    """What differs between the programmes, and who moves."""
    found = trial.moves
    versions = dict.fromkeys(f"{one.id} {one.version}" for one in (trial.was, trial.would))
    yield f"{' → '.join(versions)} · {trial.period}"
    yield from changes_listed(changes(trial.was, trial.would), language)
    if not found.touched:
        yield _WORDS["nothing"].in_language(language)
        return
    yield " · ".join(_counted(found, language))
    movers = [one for one in found.units if one.changes_grade]
    movers.sort(key=lambda one: (found.way(one), -abs(one.by or 0), one.unit))
    for move in movers[:_MOST_TOLD]:
        yield "  " + _told(trial, move, language)
    if len(movers) > _MOST_TOLD:
        yield "  " + _WORDS["more"].in_language(language).format(n=len(movers) - _MOST_TOLD)


def _counted(found: Moves, language: Language) -> Iterator[str]:
    """How many units go which way, those nobody goes left out."""
    ways = Counter[str](found.way(one) or "same" for one in found.units)
    ways["places"] = sum(one.changes_place for one in found.units)
    for way in ("up", "down", "aside", "same", "places"):
        if ways[way] or way in ("up", "down"):
            yield f"{_WORDS[way].in_language(language)} {ways[way]}"


def _told(trial: Trial, move: Move, language: Language) -> str:
    sides = [_stand(trial.was, move.before, language), _stand(trial.would, move.after, language)]
    through = through_in_words(trial, move)
    opening, closing = ("（", "）") if language == "zh" else (" (", ")")
    return f"{move.unit}  {' → '.join(sides)}" + (
        f"{opening}{through.in_language(language)}{closing}" if through else ""
    )


def through_in_words(trial: Trial, move: Move) -> Text | None:
    """The items that gave most of a unit's difference; what is left out now is said, not counted. Where no item gives
    other points, that they count otherwise together; None where the total is the same.
    """
    if not move.shifts:
        return _WORDS["together"] if move.by else None
    titles = {one.id: one.title for each in (trial.was, trial.would) for one in each.givers}
    said = [(titles[shift.node], _by(shift)) for shift in move.shifts[:_MOST_THROUGH]]
    zh, en = [f"{title.zh} {by.zh}" for title, by in said], [f"{title.en} {by.en}" for title, by in said]
    if (more := len(move.shifts) - len(said)) > 0:
        zh.append(f"等{len(move.shifts)}项")
        en.append(f"and {more} more")
    return Text(zh="，".join(zh), en=", ".join(en))


def _by(shift: Shift) -> Text:
    if shift.after is None:
        return _WORDS["left_out"]
    by = signed(text_of(shift.by))
    return Text(zh=by, en=by)


def _stand(programme: Programme, stand: Stand | None, language: Language) -> str:
    if stand is None:
        return _WORDS["none"].in_language(language)
    total = "-" if stand.total is None else programme.rounding.total.text(stand.total)
    return f"{total} {programme.grades.title(stand.grade).in_language(language)}"


# -- as files ----------------------------------------------------------------------------------------------------------


def write_trial(trial: Trial, folder: Path) -> list[Path]:
    """Write who moves, what each item gives otherwise, and the changed file if there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"moves.csv": moves_csv(trial), "shifts.csv": written(_shifts_table(trial))}
    files |= {"programme.yaml": trial.source} if trial.source is not None else {}
    for name, source in files.items():
        (folder / name).write_bytes(source)
    return [folder / name for name in files]


def moves_csv(trial: Trial) -> bytes:
    """Every unit before and after, as canonical CSV."""
    return written(_moves_table(trial))


def _moves_table(trial: Trial) -> Table:
    stages = trial.was.rounding.total.decimals, trial.would.rounding.total.decimals
    columns = [Column("unit", "text"), Column("kind", "text"), Column("way", "text")]
    for side, decimals in zip(("before", "after"), stages, strict=True):
        columns += [Column(f"total_{side}", "integer", decimals), Column(f"grade_{side}", "text")]
        columns += [Column(f"place_{side}", "integer"), Column(f"of_{side}", "integer")]
    rows: list[dict[str, Cell]] = []
    for move in trial.moves.units:
        row: dict[str, Cell] = {"unit": move.unit, "kind": move.kind, "way": trial.moves.way(move) or "same"}
        for side, decimals, stand in zip(("before", "after"), stages, (move.before, move.after), strict=True):
            if stand is not None:
                row |= {f"total_{side}": _scaled(stand.total, decimals), f"grade_{side}": stand.grade}
                row |= {f"place_{side}": stand.place, f"of_{side}": stand.of}
        rows.append(row)
    return Table.of_rows(Schema("moves", ("unit",), tuple(columns)), rows)


def _shifts_table(trial: Trial) -> Table:
    stages = trial.was.rounding.item.decimals, trial.would.rounding.item.decimals
    columns = [Column("unit", "text"), Column("node", "text")]
    columns += [Column(name, "integer", decimals) for name, decimals in zip(("before", "after"), stages, strict=True)]
    rows: list[dict[str, Cell]] = [
        {
            "unit": move.unit,
            "node": shift.node,
            "before": _scaled(shift.before, stages[0]),
            "after": _scaled(shift.after, stages[1]),
        }
        for move in trial.moves.units
        for shift in move.shifts
    ]
    return Table.of_rows(Schema("shifts", ("unit", "node"), tuple(columns)), rows)


def _scaled(value: Fraction | None, decimals: int) -> int | None:
    return None if value is None else int(value * 10**decimals)
