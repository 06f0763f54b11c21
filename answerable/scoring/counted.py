"""What each node of a score brings into the total, so that the parts of a total add up to it.

The shares of a part add up to the part's, those of the tree to what the tree gives before adjustments, rescaled to all
points. What vetoes, the ends of the scale and the rounding of the total do afterwards is nobody's share.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from answerable.definition.model import Part, Programme
from answerable.scoring.engines.reference import UnitScore

__all__ = ["Counted", "counted"]

NONE = Fraction(0)


@dataclass(frozen=True)
class Counted:
    """`points` of the total are this node's; a point of it counts `each`, 1 where nothing is rescaled or limited."""

    points: Fraction
    each: Fraction


def counted(programme: Programme, score: UnitScore) -> dict[str, Counted]:
    """By node of the tree and adjustment; empty where the unit has no total."""
    tree = score.nodes[programme.tree.id]
    if score.total is None or tree.added is None:
        return {}
    each = programme.tree.points / tree.available
    found = {programme.tree.id: Counted(tree.added * each, each)}
    _share_out(score, programme.tree, found)
    for adjustment in programme.adjustments:
        added = score.nodes[adjustment.id].added or NONE
        each = _kept(programme, score, added)
        found[adjustment.id] = Counted(added * each, each)
    return found


def _share_out(score: UnitScore, part: Part, found: dict[str, Counted]) -> None:
    """Give each child its share of its part; a part that a veto emptied or that is exempt has none."""
    whole, own = found[part.id], score.nodes[part.id]
    earned = sum((score.nodes[child.id].added or NONE for child in part.children), NONE)
    available = sum((score.nodes[child.id].available for child in part.children), NONE)
    each = whole.each * own.available / available if available else NONE
    if earned and not own.added:
        each = NONE
    for child in part.children:
        added = score.nodes[child.id].added or NONE
        found[child.id] = Counted(whole.points * added / earned if earned else NONE, each)
        if isinstance(child, Part):
            _share_out(score, child, found)


def _kept(programme: Programme, score: UnitScore, added: Fraction) -> Fraction:
    """How much of an adjustment is kept where all of its side together may not be more than so much."""
    side = [score.nodes[one.id].added or NONE for one in programme.adjustments]
    together = abs(sum((one for one in side if (one > 0) == (added > 0)), NONE))
    most = programme.together.more if added > 0 else programme.together.off
    return Fraction(1) if most is None or together <= most else most / together
