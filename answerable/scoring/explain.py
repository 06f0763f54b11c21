"""From a score back to its clauses, formulas and rows, in both languages: why, and what would change the grade.

The judge computes it afresh from the same inputs, so an old score explained again gives the same bytes. The document is
versioned JSON; `explain_words` writes it for a reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from answerable.definition.formula import Across, Aggregate, Call, ColumnOf, Expression, Name, months_back, show, walk
from answerable.definition.limits import part_in_words, step_in_words
from answerable.definition.measures import columns_read
from answerable.definition.model import Item, Part, Programme
from answerable.definition.outcomes import (
    Adjustment,
    Minimum,
    Warned,
)
from answerable.definition.wording import word
from answerable.scoring.counted import Counted, counted
from answerable.scoring.engines.bounds import Span
from answerable.scoring.engines.exact import Gone, Unit, of_unit
from answerable.scoring.engines.reference import (
    Figure,
    Figures,
    NodeScore,
    UnitScore,
    facts_of,
    score_unit,
    score_units,
)
from answerable.scoring.engines.rows import House, Row, Value
from answerable.scoring.reach import Enough, Reach
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import text_of
from answerable.values.period import Period
from answerable.values.table import Absence, Tables
from answerable.values.text import Text

__all__ = ["ABSENT_WORDS", "FORMAT", "Explainer", "Explanation", "explain"]

FORMAT = "answerable-explanation/1"

ABSENT_WORDS = {
    **{state: word("absence", state) for state in ("missing", "suppressed", "not_applicable", "undefined")},
    "exempt": Text(zh="不参评", en="exempt"),
}
FATE_WORDS = {
    "zero": Text(zh="按规定记0分", en="which the programme counts as no points"),
    "full": Text(zh="按规定得满分", en="which the programme counts as all points"),
    "exempt": Text(zh="按规定不参评，其余分值折算", en="so the item is exempt and the other points are rescaled"),
}


@dataclass(frozen=True)
class Explanation:
    """One unit's score taken apart. `document` holds only dict, list, str, int, bool and None."""

    document: dict[str, Any]

    def node(self, name: str) -> dict[str, Any]:
        """The part, item or adjustment of that id.

        Raises:
            Refused: where there is none.
        """
        nodes = {node["id"]: node for node in _flat(self.document)}
        if name not in nodes:
            facts = {"node": name, "known": ", ".join(nodes)}
            raise Refused([Issue("scoring.unknown_node", Place(), facts)])
        return nodes[name]


class Explainer:
    """Explains units of one programme, tables and period; the tables are indexed once."""

    def __init__(self, programme: Programme, tables: Tables, period: Period) -> None:
        self.programme = programme
        self.period = period
        self.house = House.of(programme, tables, period)
        self.figures = Figures(self.house)
        self.all: dict[str, UnitScore] = {}

    def of(self, unit: str) -> Explanation:
        """Explain one unit.

        Raises:
            Refused: where the unit is not assessed in the period.
        """
        if unit not in self.house.assessed():
            raise Refused([Issue("scoring.unknown_unit", Place(), {"unit": unit})])
        score = self._scored(unit)
        shares, reach = counted(self.programme, score), Reach(self.house, self.figures, score)
        return Explanation(_Writer(self.programme, self.period, score, self.figures, shares, reach).document())

    def _scored(self, unit: str) -> UnitScore:
        """One unit's score; where a quota decides, all must be scored before any has its grade."""
        if not self.programme.grades.quotas:
            return score_unit(self.house, unit, self.figures)
        if not self.all:
            self.all = {one.unit: one for one in score_units(self.house, self.figures)}
        return self.all[unit]


def explain(programme: Programme, tables: Tables, period: Period, unit: str) -> Explanation:
    """Explain one unit's score; an `Explainer` is faster for several."""
    return Explainer(programme, tables, period).of(unit)


def _flat(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield document["tree"]
    waiting = list(document["tree"]["children"])
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting = node.get("children", []) + waiting
    yield from document["adjustments"]


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


@dataclass
class _Writer:
    programme: Programme
    period: Period
    score: UnitScore
    figures: Figures
    shares: dict[str, Counted]
    reach: Reach

    def document(self) -> dict[str, Any]:
        programme, score = self.programme, self.score
        stages = programme.rounding
        tree = score.nodes[programme.tree.id]
        return {
            "format": FORMAT,
            "programme": programme.id,
            "programme_version": programme.version,
            "programme_digest": programme.digest,
            "period": str(self.period),
            "unit": score.unit,
            "kind": score.kind,
            "total": None if score.total is None else stages.total.text(score.total),
            "of": text_of(programme.tree.points),
            "assessable": text_of(tree.available),
            "rescaled": score.total is not None and tree.available != programme.tree.points,
            "grade": score.grade,
            "grade_title": _both(programme.grades.title(score.grade)),
            "grade_before_veto": score.before_veto,
            "grade_before_quota": score.before_quota,
            "next_grade": self.next_grade(),
            "margin": self.margin(),
            "vetoes": [
                {
                    "id": veto.id,
                    "title": _both(veto.title),
                    "clause": veto.clause,
                    "legal_basis": veto.legal_basis,
                    "effect": _both(programme.effect(veto)),
                    "indicator": self.figure(score.figures[veto.when]),
                }
                for veto in score.vetoes
            ],
            "steps": [
                {
                    "id": step.id,
                    "title": _both(step.title),
                    "clause": step.clause,
                    "says": _both(step_in_words(programme, step)),
                    "indicator": self.figure(score.figures[step.when]),
                }
                for step in score.steps
            ],
            "tree": self.node(programme.tree),
            "adjustments": [self.adjustment(one) for one in programme.adjustments],
        }

    # -- what would change the grade -------------------------------------------------------------------------------

    def next_grade(self) -> dict[str, Any] | None:
        if self.reach.better is None:
            return None
        (band, short), grades = self.reach.better, self.programme.grades
        return {
            "grade": band.grade,
            "title": _both(band.title),
            "from": text_of(
                self.programme.grades.starts(self.score.kind)[self.programme.grades.order.index(band.grade)]
            ),
            "short_by": text_of(short, most_decimals=12),
            "veto_stands": any(not isinstance(veto.effect, Warned) for veto in self.score.vetoes),
            "minimums": [self.minimum(one) for one in grades.minimums if one.grade == band.grade],
            "quota": self.quota_in_next(),
            "enough": [
                {"id": item.id, "value": self.programme.rounding.indicator.text(found.value)}
                for item in self.programme.tree.items()
                if (found := self.enough[item.id])
            ],
        }

    def quota_in_next(self) -> bool:
        """Whether places in the next grade are limited."""
        better = self.reach.better
        return better is not None and any(quota.grade == better[0].grade for quota in self.programme.grades.quotas)

    def margin(self) -> dict[str, Any] | None:
        """How many points the unit may lose and keep its grade, as long as every minimum is met and no quota bites."""
        margin, grades = self.reach.margin(), self.programme.grades
        if margin is None:
            return None
        held = grades.order.index(self.score.grade)
        return {
            "points": text_of(margin.points, most_decimals=12),
            "down_to": text_of(margin.start, most_decimals=12),
            "minimums": any(grades.order.index(one.grade) >= held for one in grades.minimums),
            "quota": any(grades.order.index(one.grade) >= held for one in grades.quotas),
        }

    def minimum(self, minimum: Minimum) -> dict[str, Any]:
        """What the next grade asks of one part or item, and what it has."""
        score = self.score.nodes[minimum.node]
        return {
            "title": _both(score.node.title),
            "at_least": text_of(minimum.share * score.available),
            "points": self.points(score.added),
            "met": score.added is None or score.added >= minimum.share * score.available,
        }

    @cached_property
    def enough(self) -> dict[str, Enough | None]:
        """By item, the value of its indicator that would be enough for the next grade."""
        return {item.id: self.reach.enough(item) for item in self.programme.tree.items()}

    def enough_of(self, item: Item) -> dict[str, Any] | None:
        """The value that would be enough, and the points and the total the unit would have with it."""
        found, stages = self.enough[item.id], self.programme.rounding
        if found is None:
            return None
        points, total = stages.item.text(found.points), stages.total.text(found.total)
        value, quota = stages.indicator.text(found.value), self.quota_in_next()
        return {"value": value, "points": points, "total": total, "quota": quota}

    # -- nodes -----------------------------------------------------------------------------------------------------

    def node(self, node: Part | Item) -> dict[str, Any]:
        score = self.score.nodes[node.id]
        said = {
            "id": node.id,
            "title": _both(node.title),
            "state": score.state,
            "points": self.points(score.exact),
            "of": text_of(node.points),
            "counts": self.counts(node.id),
        }
        if isinstance(node, Part):
            return said | {"note": self.note(node), "children": [self.node(child) for child in node.children]}
        return said | self.item(node, score)

    def note(self, part: Part) -> dict[str, str] | None:
        """What the part did with items left out, where it did anything."""
        left_out = any(self.score.nodes[child.id].added is None for child in part.children)
        return _both(part_in_words(part)) if left_out and (part.renormalised or part.at_least > 1) else None

    def points(self, exact: Fraction | None) -> str | None:
        return None if exact is None else self.programme.rounding.item.text(exact)

    def counts(self, name: str) -> dict[str, str] | None:
        """What a node brings into the total, and what a point of it counts there; None where there is no total."""
        share = self.shares.get(name)
        return None if share is None else {"points": _exact(share.points), "each": _exact(share.each)}

    def item(self, item: Item, score: NodeScore) -> dict[str, Any]:
        figure = self.score.figures[item.indicator]
        open_points = score.available - score.added if score.added is not None else Fraction(0)
        return {
            "clause": item.clause,
            "rule": _both(item.rule.in_words(item.points, figure.indicator.percent)),
            "formula": show(item.formula),
            "formula_with_values": self.item_with_value(item, figure),
            "result": self.points(score.exact),
            "decision": self.decision(item, score),
            "indicator": self.with_others(item, self.figure(figure)),
            "open_points": self.points(open_points),
            "reaches_next_grade": score.added is not None and self.reach.alone(item),
            "enough": self.enough_of(item),
        }

    def with_others(self, item: Item, said: dict[str, Any]) -> dict[str, Any]:
        """An item's indicator, with the rows behind the other indicators its rule reads."""
        others = self.inner(item.formula)
        return said | {of: said[of] + [row for row in others[of] if row not in said[of]] for of in ("rows", "left_out")}

    def item_with_value(self, item: Item, figure: Figure) -> str | None:
        if isinstance(figure.value, Gone):
            return None
        values = {name: one.value for name, one in self.score.figures.items()} | {"value": figure.value}

        def leaf(part: Expression) -> str | None:
            if not isinstance(part, Name):
                return None
            value = values[part.name]
            return value.reason if isinstance(value, Gone) else _inline(value)

        return show(item.formula, leaf)

    def decision(self, item: Item, score: NodeScore) -> dict[str, str] | None:
        """What the programme says of an item that has no value."""
        if score.state == "scored":
            return None
        reason = next(reason for reason in item.absent if reason == score.state)
        why, fate = ABSENT_WORDS[reason], FATE_WORDS[item.absent[reason]]
        return {"zh": f"该指标{why.zh}，{fate.zh}。", "en": f"The indicator is {why.en}, {fate.en}."}

    def adjustment(self, adjustment: Adjustment) -> dict[str, Any]:
        score = self.score.nodes[adjustment.id]
        return {
            "id": adjustment.id,
            "title": _both(adjustment.title),
            "clause": adjustment.clause,
            "state": score.state,
            "points": self.points(score.exact),
            "counts": self.counts(adjustment.id),
            "rule": _both(adjustment.in_words()),
            "indicator": self.figure(self.score.figures[adjustment.indicator]),
        }

    # -- indicators and rows ---------------------------------------------------------------------------------------

    def figure(self, figure: Figure) -> dict[str, Any]:
        indicator = figure.indicator
        read = {(column.table, column.column) for column in columns_read(indicator.core)}
        before = {
            (column.table, months_back(part), column.column)
            for part in walk(indicator.core)
            if isinstance(part, Call) and part.function == "previous"
            for column in columns_read(part)
        }
        known = figure.value if isinstance(figure.value, Fraction) else None
        inner = self.inner(indicator.core)
        return {
            "id": indicator.id,
            "title": _both(indicator.title),
            "percent": indicator.percent,
            "formula": show(indicator.formula),
            "formula_with_values": self.with_values(indicator.core, figure),
            "state": figure.value.reason if isinstance(figure.value, Gone) else "known",
            "value": None if known is None else self.programme.rounding.indicator.text(known),
            "exact": None if known is None else _exact(known),
            "rows": [_row(row, read, before) for row in figure.used] + inner["rows"],
            "left_out": [_row(row, read, before) for row in figure.left_out] + inner["left_out"],
        }

    def inner(self, formula: Expression) -> dict[str, list[dict[str, Any]]]:
        """The rows behind the indicators a formula names, so that no figure ends in another figure."""
        names = dict.fromkeys(part.name for part in walk(formula) if isinstance(part, Name))
        figures = [self.figure(self.score.figures[name]) for name in names if name in self.score.figures]
        return {of: [row for figure in figures for row in figure[of]] for of in ("rows", "left_out")}

    def with_values(self, formula: Expression, figure: Figure) -> str:
        rows: dict[str, list[Row]] = {}
        for row in figure.used:
            rows.setdefault(row.table, []).append(row)
        figures = {name: one.value for name, one in self.score.figures.items()}
        unit = Unit(
            _Rows(rows),
            facts_of(self.figures.house, self.score.unit),
            figures,
            lambda asked: self.figures.across(self.score.unit, asked),
        )

        def leaf(part: Expression) -> str | None:
            if not isinstance(part, Aggregate | Name | Across | ColumnOf):
                return None
            value = of_unit(part, unit)
            assert not isinstance(value, Span)
            if isinstance(value, str):
                return f'"{value}"'
            return value.reason if isinstance(value, Gone) else _inline(value)

        return show(formula, leaf)


class _Rows(dict[str, list[Row]]):
    def __missing__(self, table: str) -> list[Row]:
        return []


def _row(row: Row, read: set[tuple[str, str]], before: set[tuple[str, int, str]]) -> dict[str, Any]:
    cells = {name: _shown(cell) for name, cell in row.cells.items() if (row.table, name) in read}
    earlier = {
        f"previous({name})" if back == 1 else f"previous({name}, {back})": _shown(row.before[back][name])
        for table, back, name in sorted(before)
        if table == row.table
    }
    month = "" if row.month is None else str(row.month)
    return {"table": row.table, "unit": row.unit, "key": row.key, "month": month, "cells": cells | earlier}


def _exact(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _inline(value: Value) -> str:
    """A value within a formula: a fraction keeps its own parentheses."""
    shown = _shown(value)
    return f"({shown})" if "/" in shown else shown


def _shown(value: Value) -> str:
    if isinstance(value, Absence):
        return value.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return text_of(value) if isinstance(value, Fraction) else value
