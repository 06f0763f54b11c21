"""A tiny programme and a few rows, so that a spec test can say what it is about and nothing else.

Two forms of fields: `pay` with counts `due` and `paid`, a flag `open`, and `weight` with three decimals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.definition import Programme, read, schemas
from answerable.scoring import Scorecard, score
from answerable.scoring.run import Engine
from answerable.values.number import scaled_text
from answerable.values.period import Period
from answerable.values.table import Table

WORDS = {"zh": "样例", "en": "example"}
FIELDS = {"due": "count", "paid": "count", "open": "flag", "weight": "quantity"}
RATIO = "sum(pay.paid) / sum(pay.due)"
MISSING, NOT_APPLICABLE, SUPPRESSED = "missing", "not_applicable", "suppressed"
Cell = int | str | None
"""A whole number, a reason why there is none, or an empty cell."""


def rounding(mode: str = "half_up", decimals: int = 2) -> dict[str, str]:
    """A named rounding."""
    return {"mode": mode, "decimals": str(decimals)}


def indicator(name: str, formula: str, missing: Any = "unassessable") -> dict[str, Any]:
    """An indicator shown as a number."""
    return {"id": name, "title": WORDS, "formula": formula, "missing": missing, "show": "number"}


def item(
    name: str, rule: Mapping[str, Any], points: str = "10", of: str = "ratio", absent: Any = "zero"
) -> dict[str, Any]:
    """A leaf of the tree of points."""
    node = {"id": name, "title": WORDS, "points": points, "clause": "law#1", "indicator": of}
    return {**node, "rule": rule, "absent": absent}


def form(name: str = "pay", **changed: Mapping[str, Any]) -> dict[str, Any]:
    """The form; `changed` adds keys to fields by name."""
    decimals = {"weight": {"decimals": "3"}}
    fields = [
        {
            "id": field,
            "title": {"zh": f"样例 {name} {field}", "en": f"example {name} {field}"},
            "measure": measure,
            "topic": "process",
            "owner": "office",
            "use": "context",
            **decimals.get(field, {}),
            **changed.get(field, {}),
        }
        for field, measure in FIELDS.items()
    ]
    due = {"day": "5", "months_after": "1"}
    return {"id": name, "title": WORDS, "owner": "office", "clause": "law#1", "due": due, "fields": fields}


def document(**parts: Any) -> dict[str, Any]:
    """A whole programme; any top-level key can be given anew."""
    return {
        "programme": "example",
        "version": "1",
        "title": WORDS,
        "office": WORDS,
        "legal_basis": ["law#1"],
        "in_force": {"from": "2025-01-01", "until": "2026-01-01"},
        "time_zone": "Asia/Shanghai",
        "units": {"kinds": {"village": WORDS, "town": WORDS}, "assess": ["village", "town"]},
        "sources": [{"id": "law", "title": WORDS}],
        "forms": [form()],
        "findings": [{"id": "fault", "title": WORDS, "clause": "law#1", "topic": "process"}],
        "indicators": [indicator("ratio", RATIO)],
        "tree": [item("paid", {"ratio_to_target": "1"})],
        "grades": {"on": "rounded", "rated_from": "1", "bands": bands(good="8", fair="6", poor="0")},
        "rounding": {"indicator": rounding(), "item": rounding(), "total": rounding(), "add": "rounded"},
        **parts,
    }


def bands(**starts: str) -> list[dict[str, Any]]:
    """Grades from the best down, each with where it begins."""
    return [{"grade": grade, "title": WORDS, "from": start} for grade, start in starts.items()]


def unit(code: str, **facts: str) -> dict[str, Any]:
    """A village that files `pay`."""
    return {"unit": code, "name_zh": code, "name_en": code, "kind": "village", "forms": "pay", **facts}


def filed(
    code: str = "a", period: str = "2025-01", version: int = 1, received: str | None = None, **cells: Cell
) -> dict[str, Any]:
    """A return; cells not given are empty."""
    row: dict[str, Any] = {"unit": code, "period": period, "version": version, "received_at": received}
    for name, cell in cells.items():
        row |= {name: None, f"{name}_state": cell} if isinstance(cell, str) else {name: cell}
    return row


@dataclass(frozen=True)
class Card:
    """A scorecard a test can ask in words; figures come as they are written."""

    card: Scorecard

    def _cell(self, table: str, name: str, **key: str) -> Any:
        made = self.card.tables[table]
        (row,) = [row for row in made.rows() if all(row[column] == value for column, value in key.items())]
        decimals, cell = made.schema.column(name).decimals, row[name]
        return scaled_text(int(cell), decimals) if decimals and cell is not None else cell

    def points(self, node: str = "paid", unit: str = "a") -> Any:
        return self._cell("scores", "points", unit=unit, node=node)

    def state(self, node: str = "paid", unit: str = "a") -> Any:
        return self._cell("scores", "state", unit=unit, node=node)

    def available(self, unit: str = "a") -> Any:
        return self._cell("grades", "available", unit=unit)

    def value(self, name: str = "ratio", unit: str = "a") -> Any:
        """An indicator: its rounded value, or why there is none."""
        state = self._cell("indicators", "state", unit=unit, indicator=name)
        return self._cell("indicators", "value", unit=unit, indicator=name) if state == "known" else state

    def total(self, unit: str = "a") -> Any:
        return self._cell("grades", "total", unit=unit)

    def grade(self, unit: str = "a") -> Any:
        return self._cell("grades", "grade", unit=unit)

    def vetoes(self, unit: str = "a") -> Any:
        return self._cell("grades", "vetoes", unit=unit)

    def place(self, unit: str = "a", rank: str = "all") -> Any:
        """The place and how many are ranked."""
        key = {"unit": unit, "rank": rank}
        return self._cell("ranks", "place", **key), self._cell("ranks", "of", **key)

    def units(self) -> list[Any]:
        return list(self.card.grades.columns["unit"])


@dataclass(frozen=True)
class Office:
    """Scores small programmes with one engine."""

    engine: Engine

    def score(
        self,
        returns: Sequence[Mapping[str, Any]] = (),
        registry: Sequence[Mapping[str, Any]] | None = None,
        period: str = "2025-01",
        other: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        **parts: Any,
    ) -> Card:
        """Score returns (and other tables) by `document(**parts)`."""
        programme = read(json.dumps(document(**parts), ensure_ascii=False).encode())
        rows = {"units": registry or [unit("a")], "returns-pay": returns, **(other or {})}
        return Card(score(programme, tables_of(programme, rows), Period.parse(period), self.engine))

    def with_formula(
        self, formula: str, *returns: Mapping[str, Any], missing: Any = "unassessable", **more: Any
    ) -> Any:
        """The value of one formula for unit `a`."""
        ratio = indicator("ratio", formula, missing)
        four = {name: rounding(decimals=4 if name == "indicator" else 2) for name in ("indicator", "item", "total")}
        parts: dict[str, Any] = {"indicators": [ratio], "rounding": {**four, "add": "rounded"}, **more}
        return self.score(returns, **parts).value()

    def points(self, rule: Mapping[str, Any], paid: int, due: int, points: str = "10") -> Any:
        """The points a rule gives for paid / due."""
        return self.score([filed(paid=paid, due=due)], tree=[item("paid", rule, points)]).points()


def tables_of(programme: Programme, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Table]:
    """Rows as the tables of a programme."""
    known = schemas(programme)
    return {name: Table.of_rows(known[name], list(made)) for name, made in rows.items()}
