"""Every state a page can show: a shape, a tone and a word, so that none is told by colour alone.

Shapes: check, full, half, ring, up (attention), cross, dash. Tones: good, wait, bad, calm, quiet.
Both are classes of face.css.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["STATES", "State"]


@dataclass(frozen=True)
class State:
    """How one state looks and what it is called."""

    shape: str
    tone: str
    word: Promise
    short: Promise | None = None

    @property
    def brief(self) -> Promise:
        """The word that fits into one month of a grid."""
        return self.short or self.word


STATES: dict[str, State] = {
    # a cell without a value
    "missing": State("cross", "bad", _("missing")),
    "not_applicable": State("dash", "quiet", _("not applicable")),
    "suppressed": State("dash", "quiet", _("withheld")),
    "not_assessable": State("dash", "quiet", _("not assessable")),
    # a monthly return
    "not_due": State("dash", "quiet", _("not due yet")),
    "due": State("ring", "wait", _("due")),
    "draft": State("half", "wait", _("draft")),
    "filed": State("check", "good", _("filed")),
    "on_time": State("check", "good", _("on time")),
    "late": State("up", "wait", _("late")),
    "revised": State("full", "calm", _("revised")),
    "not_filed": State("cross", "bad", _("not filed"), _("none")),
    "overdue": State("up", "bad", _("overdue")),
    # a post
    "held": State("check", "good", _("held")),
    "vacant": State("cross", "bad", _("vacant")),
    # an agreement
    "not_issued": State("dash", "quiet", _("not issued")),
    "issued": State("ring", "wait", _("issued, not signed")),
    "half_signed": State("half", "wait", _("signed by one side")),
    "signed": State("check", "good", _("signed by both sides")),
    # a visit, a finding, a correction
    "drawn": State("ring", "wait", _("drawn")),
    "assigned": State("half", "calm", _("assigned")),
    "recorded": State("check", "good", _("recorded")),
    "proposed": State("ring", "wait", _("proposed")),
    "objected": State("half", "wait", _("objected to")),
    "confirmed": State("full", "bad", _("confirmed")),
    "withdrawn": State("dash", "quiet", _("withdrawn")),
    "open": State("ring", "wait", _("open")),
    "submitted": State("half", "calm", _("submitted")),
    "sent_back": State("up", "bad", _("sent back")),
    "closed": State("check", "good", _("closed")),
    # a unit
    "unit_open": State("check", "good", _("in operation")),
    "unit_later": State("ring", "quiet", _("not open yet")),
    "unit_closed": State("dash", "quiet", _("dissolved")),
    # a version of a programme, a proposal of one, a line of what it changes
    "in_force": State("full", "good", _("in force")),
    "to_come": State("ring", "calm", _("in force later")),
    "earlier": State("dash", "quiet", _("no longer in force")),
    "awaiting": State("half", "wait", _("waits for a second person")),
    "refused": State("cross", "bad", _("refused")),
    "weighty": State("up", "wait", _("bears on scores")),
    "light": State("dash", "quiet", _("bears on no score")),
    # a line of a score, a run of scores
    "all_points": State("check", "good", _("all points")),
    "some_points": State("half", "calm", _("some points")),
    "no_points": State("cross", "bad", _("no points")),
    "computed": State("half", "wait", _("computed, not confirmed")),
    "published": State("check", "good", _("published")),
    "done": State("check", "good", _("done")),
    "now": State("half", "wait", _("in hand")),
    "later": State("ring", "quiet", _("still to come")),
}
