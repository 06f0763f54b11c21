"""Leave one out: what would change if an item or a part were exempt for everyone.

Whether a unit is rated stays as it was, as long as anything of it is left to assess. Units of which nothing is left
are counted, and the others are compared among themselves. A node nobody was assessed on has no effect; that is said,
and is not the same as moving nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from answerable.definition.model import Part, Programme
from answerable.scoring.robustness.drawing import Base, base_of
from answerable.scoring.robustness.figures import Array, Bools
from answerable.scoring.robustness.totals import Outcome, Totals
from answerable.scoring.robustness.tree import ONE, Tree
from answerable.scoring.scorecard import Scorecard
from answerable.values.table import Cell, Column, Schema, Table

__all__ = ["State", "without"]

State = Literal["compared", "no_effect", "nothing_left"]
"""compared; no_effect: nobody was assessed on it; nothing_left: it is all that anybody was assessed on."""


def without(programme: Programme, scorecard: Scorecard) -> Table:
    """One row per item and part, in the order of the tree, each left out by itself.

    assessed: units assessed on it. nothing_left: units that were assessed on nothing else. grades: units whose grade
    changes. total, total_unit: the largest change of a total, without it less with it, and whose it is. For each
    ranking `moved_*` units change place, `most_*` is the largest change (above 0: further down) and `unit_*` whose it
    is. All but the first three are empty unless the state is `compared`; of equal changes the first unit is named.

    Raises:
        Refused: as `figures_of`.
    """
    base = base_of(programme, scorecard)
    reached = dict(_reached(base.totals.tree, programme.tree, np.ones(len(base.figures.units), np.bool_)))
    rows = [_row(base, node.id, reached[node.id]) for node in list(programme.tree.nodes())[1:]]
    decimals = programme.rounding.total.decimals
    texts = {"node", "state", "total_unit", *(f"unit_{rank.id}" for rank in programme.ranks)}
    names = [
        *("node", "state", "assessed", "nothing_left", "grades", "total", "total_unit"),
        *(f"{what}_{rank.id}" for rank in programme.ranks for what in ("moved", "most", "unit")),
    ]
    columns = (
        Column(name, "text" if name in texts else "integer", decimals if name == "total" else 0) for name in names
    )
    cells = {name: [row.get(name) for row in rows] for name in names}
    return Table(Schema("without", ("node",), tuple(columns)), cells)


def _reached(tree: Tree, part: Part, above: Bools) -> Iterator[tuple[str, Bools]]:
    """Per node the units it counts for: it and every part above it are assessed."""
    for child in part.children:
        there = above & tree.present[child.id]
        yield child.id, there
        if isinstance(child, Part):
            yield from _reached(tree, child, there)


def _row(base: Base, node: str, reached: Bools) -> dict[str, Cell]:
    assessed = int(reached.sum())
    if not assessed:
        return {"node": node, "state": "no_effect", "assessed": 0, "nothing_left": 0}
    left: Bools = Tree(base.figures, [node]).present[base.figures.programme.tree.id]
    told: dict[str, Cell] = {"node": node, "assessed": assessed, "nothing_left": int((~left).sum())}
    if not left.any():
        return {**told, "state": "nothing_left"}
    before, after = _both(base, node, left)
    units = [unit for unit, there in zip(base.figures.units, left.tolist(), strict=True) if there]
    told |= {"state": "compared", "grades": int((before.grades != after.grades).sum())}
    _, told["total"], told["total_unit"] = _largest(after.totals["rounded"] - before.totals["rounded"], units)
    for name in before.places:
        change = after.places[name] - before.places[name]
        told[f"moved_{name}"], told[f"most_{name}"], told[f"unit_{name}"] = _largest(change, units)
    return told


def _both(base: Base, node: str, left: Bools) -> tuple[Outcome, Outcome]:
    """What the units of which anything is left have with a node and without it."""
    figures, kept = base.figures, base.totals.kept
    as_it_is = np.full((1, len(figures.items)), ONE, np.int64)
    before = base.outcome
    if not left.all():
        figures, kept = figures.only(left), kept[left]
        before = Totals(Tree(figures), kept).outcome(as_it_is)
    return before, Totals(Tree(figures, [node]), kept).outcome(as_it_is)


def _largest(change: Array, units: list[str]) -> tuple[int, int | None, str | None]:
    """How many units a change is not 0 for, the largest, and the first unit it is that of."""
    at = int(np.argmax(np.abs(change[0])))
    most = int(change[0, at])
    return int((change != 0).sum()), most, units[at] if most else None
