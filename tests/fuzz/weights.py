"""A slow and obvious judge of other weights: one unit at a time, in fractions, from what a scorecard prints.

It follows the judge of scores step by step, and shares nothing with the arrays that do the same for thousands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from answerable.definition import Programme, read
from answerable.definition.model import Item, Part
from answerable.definition.outcomes import GradeAtMost, GradeIs, NothingFor, TotalAtMost
from answerable.scoring import Scorecard
from answerable.scoring.engines import reference
from answerable.values.number import Rounding
from answerable.values.table import Cell
from tests.fuzz.generated import Case, Seeded, case

Weights = Mapping[str, Fraction]
Points = tuple[Fraction, Fraction] | None
"""What was earned of a node and what was available, or None where it is exempt."""


def richer(seed: int) -> tuple[Case, Scorecard]:
    """A random programme with parts that keep their points, steps, limits together and every ranking; its scorecard."""
    random, made = Random(seed), case(Seeded(seed))
    source = json.loads(made.source)
    names = [indicator["id"] for indicator in source["indicators"]]
    worded = {"title": {"zh": "名", "en": "name"}, "clause": "law#8"}
    source["ranks"] = [
        {"id": f"w_{within}", "title": worded["title"], "on": random.choice(["rounded", "exact"]), "within": within,
         "ties": random.choice(["min", "dense"])}
        for within in ("kind", "peer_group", "parent", "town")
    ]  # fmt: skip
    for node in source["tree"]:
        if "children" in node:
            node |= {"renormalise": "within"} if random.random() < 0.4 else {}
            node |= {"at_least": "2"} if random.random() < 0.3 and len(node["children"]) > 1 else {}
        for one in (node, *node.get("children", [])):
            if "absent" in one and random.random() < 0.6:
                one["absent"] = dict.fromkeys(one["absent"], "exempt")
    source["grades"]["rated_from"] = "0.5"
    source["grades"]["steps"] = [step(random, at, names, source) for at in range(random.randint(0, 2))]
    if source["vetoes"] and len(source["tree"]) > 1 and random.random() < 0.6:
        effects = {"at_most", "grade", "total_at_most", "nothing_for", "warning"}
        source["vetoes"][0] = {key: cell for key, cell in source["vetoes"][0].items() if key not in effects}
        source["vetoes"][0]["nothing_for"] = source["tree"][-1]["id"]
    if source["adjustments"] and random.random() < 0.5:
        source["adjustments_together"] = {random.choice(["more", "off"]): "0.7"}
    text = json.dumps(source)
    programme = read(text.encode())
    made = Case(text, programme, made.tables, made.period)
    return made, reference.score(programme, made.tables, made.period)


def step(random: Random, at: int, names: list[str], source: dict[str, Any]) -> dict[str, Any]:
    by, grades = random.choice(["up", "down"]), [band["grade"] for band in source["grades"]["bands"]]
    bound = {f"not_{'above' if by == 'up' else 'below'}": random.choice(grades)} if random.random() < 0.5 else {}
    worded = {"title": {"zh": "名", "en": "name"}, "clause": "law#8", "when": random.choice(names)}
    return {"id": f"s{at}", **worded, "order": str(at + 1), "by": by, **bound}


@dataclass
class One:
    """A rated unit as a scorecard prints it."""

    unit: str
    kind: str
    vetoes: Sequence[str]
    printed: Fraction
    points: dict[str, Fraction | None]
    figures: dict[str, Fraction | None]
    groups: dict[str, str]
    raw: Fraction = Fraction(0)
    rounded: Fraction = Fraction(0)
    exact: Fraction = Fraction(0)
    kept: Fraction = Fraction(0)
    grade: str = ""
    places: dict[str, int] = field(default_factory=dict)


class Slow:
    """A scorecard judged anew under weights."""

    def __init__(self, programme: Programme, card: Scorecard) -> None:
        self.programme = programme
        rows: dict[str, dict[str, Any]] = {
            str(row["unit"]): row for row in card.grades.rows() if row["state"] == "rated"
        }
        item, indicator = programme.rounding.item, programme.rounding.indicator
        points = _by_unit(card, "scores", "node", "points", item)
        figures = _by_unit(card, "indicators", "indicator", "value", indicator)
        groups: dict[str, dict[str, str]] = {unit: {"kind": str(row["kind"])} for unit, row in rows.items()}
        within = {rank.id: rank.within for rank in programme.ranks}
        for place in card.tables["ranks"].rows():
            groups[str(place["unit"])][within[str(place["rank"])]] = str(place["group"])
        total = 10**programme.rounding.total.decimals
        self.ones = [
            One(unit, str(row["kind"]), [name for name in str(row["vetoes"] or "").split(";") if name],
                Fraction(int(row["total"]), total), points[unit], figures[unit], groups[unit])
            for unit, row in rows.items()
        ]  # fmt: skip
        for one in self.ones:
            self._total(one, {}, set())
            one.kept = one.printed - one.rounded

    def judge(self, weights: Weights, without: Sequence[str] = ()) -> list[One]:
        """All units that have anything left, with totals, grades and places."""
        there = [one for one in self.ones if self._total(one, weights, set(without))]
        for one in there:
            one.grade = self._grade(one, weights, set(without))
        for quota in self.programme.grades.quotas:
            self._fill(quota, there)
        for rank in self.programme.ranks:
            for one in there:
                peers = [other for other in there if other.groups[rank.within] == one.groups[rank.within]]
                better = [total for other in peers if (total := _read(other, rank.on)) > _read(one, rank.on)]
                one.places[rank.id] = 1 + (len(set(better)) if rank.ties == "dense" else len(better))
        return there

    def points(self, one: One, node: Item | Part, weights: Weights, without: set[str]) -> Points:
        """A node: an item keeps its share of its points, whatever these are."""
        if node.id in without:
            return None
        if isinstance(node, Item):
            printed = one.points[node.id]
            found = (
                None
                if printed is None
                else (printed * self._worth(node, weights) / node.points, self._worth(node, weights))
            )
        else:
            found = self._part(one, node, weights, without)
        if found and NothingFor(node.id) in self._effects(one):
            return Fraction(0), found[1]
        return found

    def _part(self, one: One, part: Part, weights: Weights, without: set[str]) -> Points:
        found = [self.points(one, child, weights, without) for child in part.children]
        children = [child for child in found if child is not None]
        if len(children) < part.at_least:
            return None
        earned, available = (sum((child[at] for child in children), Fraction(0)) for at in (0, 1))
        worth = self._worth(part, weights)
        if part.renormalised and available != worth:
            return self.programme.rounding.item.of(earned * worth / available), worth
        return earned, available

    def _worth(self, node: Item | Part, weights: Weights) -> Fraction:
        if isinstance(node, Item):
            return node.points * weights.get(node.id, 1)
        return sum((self._worth(child, weights) for child in node.children), Fraction(0))

    def _effects(self, one: One) -> list[Any]:
        return [veto.effect for veto in self.programme.vetoes if veto.id in one.vetoes]

    def _total(self, one: One, weights: Weights, without: set[str]) -> bool:
        found, full = self.points(one, self.programme.tree, weights, without), self.programme.tree.points
        if found is None:
            return False
        adjusted = [one.points[adjustment.id] or Fraction(0) for adjustment in self.programme.adjustments]
        more, off = sum(a for a in adjusted if a > 0), sum(-a for a in adjusted if a < 0)
        most = self.programme.together
        more, off = min(more, more if most.more is None else most.more), min(off, off if most.off is None else most.off)
        one.raw = found[0] * full / found[1] + more - off
        cap = min([full, *(effect.total for effect in self._effects(one) if isinstance(effect, TotalAtMost))])
        rounding = self.programme.rounding.total
        kept = max(Fraction(0), min(one.raw, cap))
        one.exact = max(Fraction(0), min(kept + one.kept, cap))
        one.rounded = max(Fraction(0), min(rounding.of(kept) + one.kept, rounding.of(cap)))
        return True

    def _grade(self, one: One, weights: Weights, without: set[str]) -> str:
        grades, order = self.programme.grades, list(self.programme.grades.order)
        total = _read(one, grades.on)
        place = next(at for at, start in enumerate(grades.starts(one.kind)) if total >= start)
        for minimum in grades.minimums:
            node = next(node for node in self.programme.tree.nodes() if node.id == minimum.node)
            found = self.points(one, node, weights, without)
            if found and found[0] < minimum.share * found[1]:
                place = max(place, order.index(minimum.grade) + 1)
        for step in grades.steps:
            value = one.figures[step.when]
            if value is not None and value > 0:
                wanted = place + (-1 if step.by == "up" else 1)
                if step.by == "up" and wanted >= (order.index(step.not_above) if step.not_above else 0):
                    place = wanted
                if step.by == "down" and wanted <= (order.index(step.not_below) if step.not_below else len(order) - 1):
                    place = wanted
        floors = [order.index(e.grade) for e in self._effects(one) if isinstance(e, GradeAtMost | GradeIs)]
        return order[max([place, *floors])]

    def _fill(self, quota: Any, ones: Sequence[One]) -> None:
        order, on = list(self.programme.grades.order), self.programme.grades.on
        for group in {one.groups[quota.within] for one in ones}:
            members = [one for one in ones if one.groups[quota.within] == group]
            seats = Rounding(quota.seats, 0).scaled(quota.share * len(members))
            holders = [one for one in members if order.index(one.grade) <= order.index(quota.grade)]
            seated: list[One] = []
            for total in sorted({_read(one, on) for one in holders}, reverse=True):
                alike = [one for one in holders if _read(one, on) == total]
                room = len(seated) < seats if quota.ties == "in" else len(seated) + len(alike) <= seats
                if not room:
                    break
                seated += alike
            for one in holders:
                if one not in seated:
                    one.grade = order[order.index(quota.grade) + 1]


def _read(one: One, on: str) -> Fraction:
    return one.rounded if on == "rounded" else one.exact


def _by_unit(
    card: Scorecard, table: str, name: str, value: str, rounding: Rounding
) -> dict[str, dict[str, Fraction | None]]:
    found: dict[str, dict[str, Fraction | None]] = {}
    for row in card.tables[table].rows():
        cell: Cell = row[value]
        number = None if cell is None else Fraction(int(cell), 10**rounding.decimals)
        found.setdefault(str(row["unit"]), {})[str(row[name])] = number
    return found
