"""What a score run gives: tables of rounded figures, and the digest anyone can compute again.

Figures are scaled integers with the decimals their schema states; nothing here is a float. Two engines that agree
give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from answerable.definition.model import Programme
from answerable.values.canonical import canonical_json, digest
from answerable.values.number import scaled_text
from answerable.values.period import Period
from answerable.values.table import Cell, Column, Schema, Table

__all__ = ["NOT_RATED", "Scorecard", "Share", "card", "scorecard_schemas"]

NOT_RATED = "not_rated"
"""The grade of a unit of which too few points could be assessed."""

FORMAT = "answerable-scorecard/1"


def scorecard_schemas(programme: Programme) -> dict[str, Schema]:
    """The tables of a scorecard by name, with the decimals the programme declares."""
    stages = programme.rounding
    item, total = stages.item.decimals, stages.total.decimals
    return {
        "grades": Schema(
            "grades",
            ("unit",),
            (
                Column("unit", "text"),
                Column("kind", "text"),
                Column("state", "text"),
                Column("available", "integer", item),
                Column("total", "integer", total),
                Column("grade", "text"),
                Column("vetoes", "text"),
            ),
        ),
        "scores": Schema(
            "scores",
            ("unit", "node"),
            (
                Column("unit", "text"),
                Column("node", "text"),
                Column("state", "text"),
                Column("available", "integer", item),
                Column("points", "integer", item),
            ),
        ),
        "indicators": Schema(
            "indicators",
            ("unit", "indicator"),
            (
                Column("unit", "text"),
                Column("indicator", "text"),
                Column("state", "text"),
                Column("value", "integer", stages.indicator.decimals),
            ),
        ),
        "ranks": Schema(
            "ranks",
            ("unit", "rank"),
            (
                Column("unit", "text"),
                Column("rank", "text"),
                Column("group", "text"),
                Column("place", "integer"),
                Column("of", "integer"),
            ),
        ),
    }


@dataclass(frozen=True)
class Share:
    """How many nodes (an indicator, item, part, adjustment or total of one unit) were computed one by one, exactly."""

    sent: int
    of: int


@dataclass(frozen=True)
class Scorecard:
    """The result of scoring one programme for one period.

    grades: one row per assessed unit, ordered by unit code. scores: one row per unit and node of the tree of points,
    adjustments after it; `state` is `scored` or why the indicator has no value; points are empty where the node is
    exempt. indicators: one row per unit and indicator. ranks: one row per rated unit and ranking.
    """

    programme: str
    programme_digest: str
    period: Period
    tables: dict[str, Table]
    share: Callable[[], Share] | None = field(default=None, compare=False, repr=False)
    """How much of it the engine of columns computed one by one: known once all tables were read."""

    @property
    def grades(self) -> Table:
        """One row per unit."""
        return self.tables["grades"]

    def places(self, ranks: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Place and size of the group of each ranked unit, by the first of these rankings that has it."""
        found: dict[str, tuple[int, int]] = {}
        for row in sorted(self.tables["ranks"].rows(), key=lambda row: ranks.index(str(row["rank"]))):
            place, of = row["place"], row["of"]
            if isinstance(place, int) and isinstance(of, int):
                found.setdefault(str(row["unit"]), (place, of))
        return found

    def counts(self) -> dict[tuple[str, str], int]:
        """How many units of each kind have each grade."""
        columns = self.grades.columns
        return Counter((str(kind), str(grade)) for kind, grade in zip(columns["kind"], columns["grade"], strict=True))

    def document(self) -> dict[str, Any]:
        """The scorecard as canonical JSON would have it: digests of its tables, counts of grades, no table itself."""
        digests = {name: digest(written(table)) for name, table in self.tables.items()}
        return card(self.programme, self.programme_digest, self.period, self.counts(), digests)

    def digest(self) -> str:
        """Digest of the canonical JSON of `document`, and through it of every rounded figure."""
        return digest(canonical_json(self.document()))


def card(
    programme: str,
    programme_digest: str,
    period: Period,
    counts: Mapping[tuple[str, str], int],
    digests: Mapping[str, str],
) -> dict[str, Any]:
    """What a scorecard says of itself, however its tables are kept.

    Args:
        counts: how many units of each kind have each grade. digests: of the canonical CSV of each table.
    """
    grades = Counter[str]()
    for (_, grade), count in counts.items():
        grades[grade] += count
    return {
        "format": FORMAT,
        "programme": programme,
        "programme_digest": programme_digest,
        "period": str(period),
        "units": grades.total(),
        "grades": dict(grades),
        "tables": dict(sorted(digests.items())),
    }


def written(table: Table) -> bytes:
    """The table as canonical CSV with its decimals written out, as `answerable score` leaves it on disk."""
    decimals = {column.name: column.decimals for column in table.schema.columns if column.decimals}
    columns = {
        name: [_written(cell, decimals[name]) for cell in cells] if name in decimals else cells
        for name, cells in table.columns.items()
    }
    return Table(table.schema, columns).canonical()


def _written(cell: Cell, decimals: int) -> str | None:
    return scaled_text(int(cell), decimals) if cell is not None else None
