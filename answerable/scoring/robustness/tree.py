"""The tree of points of many units under many weights at once, as the judge adds it up for one.

Rows are draws, columns units. A factor of each item, in thousandths, multiplies its points and what was earned of
them. The items that are simply added up are one product of matrices; only a part that keeps its points while some of
them are exempt is computed by itself, since it divides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from answerable.definition.model import Item, Part, Programme
from answerable.scoring.robustness.exact import Kind, kind_for, rounded
from answerable.scoring.robustness.figures import Array, Bools, Figures

__all__ = ["ONE", "Tree"]

ONE = 1000
"""The factor that leaves the points of an item as they are."""
ALL = slice(None)


@dataclass(frozen=True)
class Branch:
    """A part whose points are needed: the items it adds up itself, and the parts below that divide first.

    earned, counted: own items × units, 0 where a part in between is exempt or a veto leaves nothing of it. keeps,
    gives: per divided part and unit, whether what is available of it and what it earned reaches this branch.
    """

    part: Part
    own: Sequence[int]
    all: Sequence[int]
    earned: Array
    counted: Array
    divided: Sequence[Branch]
    keeps: Bools
    gives: Bools
    present: Bools
    emptied: Bools


class Tree:
    """The tree of points of all units.

    Args:
        without: ids of nodes that are exempt for everyone. most: the greatest factor there will be, in thousandths.
    """

    def __init__(self, figures: Figures, without: Sequence[str] = (), most: int = ONE) -> None:
        self.figures, self.without, self.most = figures, set(without), most
        self.programme: Programme = figures.programme
        self.index = {item.id: at for at, item in enumerate(figures.items)}
        self.sizes = [int(np.abs(row).max()) if row.size else 0 for row in figures.points]
        self.present: dict[str, Bools] = {}
        self._see(self.programme.tree)
        self.kind: Kind = kind_for(max(self._largest(part) for part in self.needed))
        self.root = self._branch(self.programme.tree)
        self.minimums = {part.id: self._branch(part) for part in self.needed[1:]}

    @cached_property
    def needed(self) -> list[Part]:
        """The whole tree, and each part a grade asks a minimum of."""
        named = {minimum.node for minimum in self.programme.grades.minimums}
        parts = [node for node in self.programme.tree.nodes() if isinstance(node, Part)]
        return [self.programme.tree, *(part for part in parts[1:] if part.id in named)]

    def points(self, factors: Array, branch: Branch, at: slice = ALL) -> tuple[Array, Array]:
        """What units earned of a branch and what was available, under each draw.

        Args:
            factors: draws × items, in thousandths.

        Returns:
            Earned, in thousandths of the last decimal of items; available, in thousandths of the unit of points.
        """
        factors = factors.astype(self.kind)
        worth = factors * np.array(self.figures.worth, self.kind)
        earned = factors[:, branch.own] @ branch.earned[:, at]
        available = worth[:, branch.own] @ branch.counted[:, at]
        for one, below in enumerate(branch.divided):
            more, of = self.points(factors, below, at)
            earned = earned + more * branch.gives[one, at]
            available = available + of * branch.keeps[one, at]
        if branch.part.renormalised:
            earned, available = self._kept(earned, available, worth[:, branch.all].sum(axis=1, keepdims=True))
        there, gives = branch.present[at], branch.present[at] & ~branch.emptied[at]
        return earned if gives.all() else earned * gives, available if there.all() else available * there

    def _kept(self, earned: Array, available: Array, own: Array) -> tuple[Array, Array]:
        """A part that keeps its points: what is missing is shared by the others, rounded as an item is."""
        mode = self.programme.rounding.item.mode
        whole = rounded(mode, earned * own, np.where(available == 0, 1, available) * ONE) * ONE
        return np.where(available == own, earned, whole), np.broadcast_to(own, available.shape)

    def simply_added(self) -> tuple[Bools, Bools]:
        """Items × units: whose points are added up as they are, and which of these a veto leaves.

        Not those of a part that keeps its points while some of them are exempt: there a weight moves all others.
        """
        counted = np.zeros(self.figures.assessed.shape, np.bool_)
        given = counted.copy()
        everyone = np.ones(len(self.figures.units), np.bool_)
        self._add_simply(self.programme.tree, everyone, everyone, counted, given)
        return counted, given

    def _add_simply(self, node: Part | Item, counts: Bools, gives: Bools, counted: Bools, given: Bools) -> None:
        counts, gives = counts & self.present[node.id], gives & ~self.figures.emptied(node.id)
        if isinstance(node, Item):
            counted[self.index[node.id]], given[self.index[node.id]] = counts, gives
            return
        if node.renormalised:
            whole = [self.index[item.id] for item in node.items()]
            as_it_is = np.full((1, len(self.figures.items)), ONE, np.int64)
            plain = self._branch(replace(node, renormalised=False))
            available = self.points(as_it_is, plain)[1][0]
            counts = counts & (available == ONE * sum(self.figures.worth[at] for at in whole)).astype(np.bool_)
        for child in node.children:
            self._add_simply(child, counts, gives, counted, given)

    # -- what is exempt, and what adds up to what ------------------------------------------------------------------

    def _see(self, node: Part | Item) -> Bools:
        """Whether a node is assessed, by unit: a part needs so many assessed children."""
        if isinstance(node, Item):
            there = self.figures.assessed[self.index[node.id]]
        else:
            there = sum(self._see(child).astype(np.int64) for child in node.children) >= node.at_least
        self.present[node.id] = there & (node.id not in self.without)
        return self.present[node.id]

    def _branch(self, part: Part) -> Branch:
        units = len(self.figures.units)
        everyone = np.ones(units, np.bool_)
        reached = list(self._reached(part, everyone, everyone))
        own = [(self.index[node.id], keeps, gives) for node, keeps, gives in reached if isinstance(node, Item)]
        parts = [(node, keeps, gives) for node, keeps, gives in reached if isinstance(node, Part)]
        at, size = [one for one, _, _ in own], (len(own), units)
        counted = np.array([keeps for _, keeps, _ in own], np.bool_).reshape(size)
        given = np.array([gives for _, _, gives in own], np.bool_).reshape(size)
        return Branch(
            part,
            at,
            [self.index[item.id] for item in part.items()],
            (self.figures.points[at] * given).astype(self.kind),
            counted.astype(self.kind),
            [self._branch(node) for node, _, _ in parts],
            np.array([keeps for _, keeps, _ in parts], np.bool_).reshape(len(parts), units),
            np.array([gives for _, _, gives in parts], np.bool_).reshape(len(parts), units),
            self.present[part.id],
            self.figures.emptied(part.id),
        )

    def _reached(self, part: Part, keeps: Bools, gives: Bools) -> Iterator[tuple[Part | Item, Bools, Bools]]:
        """The items and dividing parts below a part, with the units for which they count in it and give points."""
        for child in part.children:
            if isinstance(child, Item):
                there = keeps & self.present[child.id]
                yield child, there, gives & there & ~self.figures.emptied(child.id)
            elif child.renormalised:
                yield child, keeps, gives
            else:
                there = keeps & self.present[child.id]
                yield from self._reached(child, there, gives & there & ~self.figures.emptied(child.id))

    # -- how large numbers grow ------------------------------------------------------------------------------------

    def _largest(self, part: Part) -> int:
        """The greatest size of a number on the way to the points of a part."""
        return max([self.bound(part)[2], *(self.bound(one)[2] for one in _renormalised(part))])

    def bound(self, part: Part) -> tuple[int, int, int]:
        """What is earned and available of a part at most, and the greatest number on the way."""
        worth = self.figures.worth
        earned = sum(self.sizes[at] for at in (self.index[item.id] for item in _plain(part))) * self.most
        earned += sum(self.bound(one)[0] for one in _divided(part))
        own = sum(worth[self.index[item.id]] for item in part.items()) * self.most
        if not part.renormalised:
            return earned, own, max(earned, own)
        least = min(worth) * max(2 * ONE - self.most, 1)
        return earned * own // least + ONE, own, 2 * earned * own + own * ONE


def _plain(part: Part) -> Iterator[Item]:
    for child in part.children:
        if isinstance(child, Item):
            yield child
        elif not child.renormalised:
            yield from _plain(child)


def _divided(part: Part) -> Iterator[Part]:
    for child in part.children:
        if isinstance(child, Part):
            yield from [child] if child.renormalised else _divided(child)


def _renormalised(part: Part) -> Iterator[Part]:
    return (node for node in part.nodes() if isinstance(node, Part) and node.renormalised)
