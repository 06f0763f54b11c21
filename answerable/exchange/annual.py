"""What a bulletin is made of: standings, shares of points, corrections, indexed once from a scorecard and its tables.

Every figure of a bulletin comes from here, and everything here from the scorecard or from the tables it was made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from answerable.definition import Item, Programme
from answerable.exchange.report import Align
from answerable.scoring import Scorecard
from answerable.values.number import Rounding, scaled_text
from answerable.values.table import Cell, Table, Tables
from answerable.values.text import Language, Text

__all__ = ["LISTED_FIRST", "LISTED_LAST", "LISTED_WHOLE", "NOTHING"]
__all__ += ["Achieved", "Corrections", "Standing", "Year", "aligned", "percent"]

LISTED_WHOLE, LISTED_FIRST, LISTED_LAST = 200, 50, 20
"""A kind with more units than the first is listed by its first and last places only."""

SHORTFALLS = 8
"""How many items are named among those that fell short most."""

NOTHING = "—"
"""What stands where there is no figure: never a zero."""

_SHARE = Rounding("half_up", 1)


@dataclass(frozen=True)
class Standing:
    """One unit as the scorecard has it; `total` is None where it is not rated, `place` where it is not ranked."""

    unit: str
    name: str
    kind: str
    grade: str
    total: int | None
    place: int | None
    vetoes: tuple[str, ...]


@dataclass(frozen=True)
class Achieved:
    """What some units got of one node together; None where nobody could be assessed."""

    units: int
    points: int
    available: int
    below: int
    nothing: int

    @property
    def share(self) -> Fraction | None:
        """Points achieved over points that could be had."""
        return Fraction(self.points, self.available) if self.available else None


@dataclass(frozen=True)
class Corrections:
    """Corrections due in the period or later, by how they stood at its end."""

    on_time: int
    late: int
    overdue: int
    not_due: int

    @property
    def opened(self) -> int:
        """All of them."""
        return self.on_time + self.late + self.overdue + self.not_due


@dataclass(frozen=True)
class Year:
    """One scorecard with the tables it was made of, in one language, indexed once."""

    programme: Programme
    scorecard: Scorecard
    tables: Tables
    language: Language

    def say(self, zh: str, en: str) -> str:
        """Whichever of the two is in the language of the bulletin."""
        return zh if self.language == "zh" else en

    def word(self, text: Text) -> str:
        """A text in the language of the bulletin."""
        return text.in_language(self.language)

    def rows(self, name: str) -> list[dict[str, Cell]]:
        """Rows of a table of the inputs; none where the table is absent."""
        table = self.tables.get(name)
        if table is not None and not isinstance(table, Table):
            raise TypeError(f"the bulletin needs {name} in memory")
        return list(table.rows()) if table is not None else []

    @cached_property
    def registry(self) -> Mapping[str, dict[str, Cell]]:
        """Rows of the table of units, by code."""
        return {str(row["unit"]): row for row in self.rows("units")}

    def name_of(self, unit: str) -> str:
        """The name of a unit, or its code where the table of units does not have it."""
        return str(self.registry.get(unit, {}).get(f"name_{self.language}") or unit)

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Every assessed unit, best place first, unranked units last."""
        rank = next((rank.id for rank in self.programme.ranks if rank.within == "kind"), None)
        ranks = self.scorecard.tables["ranks"].rows()
        places = {str(row["unit"]): int(row["place"] or 0) for row in ranks if row["rank"] == rank}
        made = [
            Standing(
                unit=str(row["unit"]),
                name=self.name_of(str(row["unit"])),
                kind=str(row["kind"]),
                grade=str(row["grade"]),
                total=None if row["total"] is None else int(row["total"]),
                place=places.get(str(row["unit"])),
                vetoes=tuple(filter(None, str(row["vetoes"] or "").split(";"))),
            )
            for row in self.scorecard.grades.rows()
        ]
        return tuple(sorted(made, key=lambda one: (one.place is None, one.place, -(one.total or 0), one.unit)))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of unit that were assessed, in the order of the programme."""
        present = {one.kind for one in self.standings}
        return tuple(kind for kind in self.programme.assess if kind in present)

    def of_kind(self, kind: str) -> list[Standing]:
        """The units of one kind, best place first."""
        return [one for one in self.standings if one.kind == kind]

    @cached_property
    def bottom(self) -> frozenset[str]:
        """Assessed units with no assessed unit below them."""
        assessed = {one.unit for one in self.standings}
        above = {str(self.registry.get(unit, {}).get("parent") or "") for unit in assessed}
        return frozenset(assessed - above)

    @property
    def is_nested(self) -> bool:
        """Whether some assessed unit stands above another."""
        return len(self.bottom) < len(self.standings)

    @cached_property
    def by_node(self) -> Mapping[str, list[tuple[str, int, int]]]:
        """Unit, available and achieved points by node, where the node could be assessed."""
        found: dict[str, list[tuple[str, int, int]]] = {}
        for row in self.scorecard.tables["scores"].rows():
            if row["points"] is not None:
                entry = (str(row["unit"]), int(row["available"] or 0), int(row["points"]))
                found.setdefault(str(row["node"]), []).append(entry)
        return found

    def achieved(self, node: str, units: Iterable[str]) -> Achieved:
        """What these units got of a node together."""
        wanted = frozenset(units)
        rows = [(available, points) for unit, available, points in self.by_node.get(node, []) if unit in wanted]
        return Achieved(
            units=len(rows),
            points=sum(points for _, points in rows),
            available=sum(available for available, _ in rows),
            below=sum(points < available for available, points in rows),
            nothing=sum(points <= 0 < available for available, points in rows),
        )

    def kind(self, kind: str) -> str:
        """What a kind of unit is called."""
        return self.word(self.programme.unit_kinds[kind])

    def total_text(self, total: int | None) -> str:
        """A total with the decimals the programme declares."""
        return NOTHING if total is None else scaled_text(total, self.programme.rounding.total.decimals)

    def average_text(self, achieved: Achieved) -> str:
        """The mean of the points, rounded as the points of an item are."""
        if not achieved.units:
            return NOTHING
        item = self.programme.rounding.item
        return item.text(Fraction(achieved.points, achieved.units * 10**item.decimals))

    @property
    def span(self) -> tuple[str, str]:
        """First day of the period, and the first day after it."""
        period = self.scorecard.period
        return period.start.day(1).isoformat(), period.end.day(1).isoformat()

    def units_counted(self, count: int) -> str:
        """So many units, in words."""
        return self.say(f"{count}个单位", f"{count:,} unit{'' if count == 1 else 's'}")

    @cached_property
    def corrections(self) -> Corrections:
        """Corrections of the period, by the rule the scores go by: those due before it are of another year."""
        start, end = self.span
        counts: Counter[str] = Counter()
        for row in self.rows("corrections"):
            due, closed = str(row["due_on"]), str(row["closed_on"] or "")
            if due < start:
                continue
            if closed and closed < end:
                counts["on_time" if closed <= due else "late"] += 1
            else:
                counts["overdue" if due < end else "not_due"] += 1
        return Corrections(counts["on_time"], counts["late"], counts["overdue"], counts["not_due"])

    @cached_property
    def short_items(self) -> tuple[tuple[Item, Achieved], ...]:
        """Items that lost points, by the share of points achieved, lowest first; the first few only."""
        found = [(item, self.achieved(item.id, self.bottom)) for item in self.programme.tree.items()]
        short = [(share, item, one) for item, one in found if (share := one.share) is not None and share < 1]
        return tuple((item, one) for _, item, one in sorted(short, key=lambda each: each[0])[:SHORTFALLS])


def percent(share: Fraction | None) -> str:
    """A share with one decimal, halves up.

    >>> percent(Fraction(96, 135)), percent(None)
    ('71.1%', '—')
    """
    return NOTHING if share is None else f"{_SHARE.text(share * 100)}%"


def aligned(head: Sequence[str], texts: int) -> tuple[Align, ...]:
    """The first columns hold text, the others figures."""
    left: list[Align] = ["left"] * texts
    right: list[Align] = ["right"] * (len(head) - texts)
    return (*left, *right)
