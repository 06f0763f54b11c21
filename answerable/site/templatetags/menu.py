"""The left menu: groups of pages in the order people think, each shown to the posts that use it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from answerable.site.permissions import PERMISSIONS, Holder, Permission
from answerable.site.reads.posts import get_holder

__all__ = ["MENU", "POSTS", "Entry", "Group", "holder_of"]

POSTS = {
    "office": _("Programme office"),
    "specialist": _("Specialist"),
    "leader": _("Responsible leader"),
    "inspector": _("Inspector"),
    "leading_group": _("Leading group"),
}


def holder_of(request: HttpRequest) -> Holder:
    """Whoever asks, with the posts held today: read once for each request."""
    known = getattr(request, "holder", None)
    if known is None:
        known = get_holder(request.user)
        request.holder = known  # type: ignore[attr-defined]
    return known


@dataclass(frozen=True)
class Entry:
    """One page of the menu: the name of its address, and the permission whose posts use it (none: everyone)."""

    address: str
    words: Promise
    permission: Permission | None = None

    def is_for(self, holder: Holder) -> bool:
        """Whether any post held has a use for the page."""
        return self.permission is None or any(holder.holds(post) for post in PERMISSIONS[self.permission].posts)


@dataclass(frozen=True)
class Group:
    """Pages that belong together."""

    words: Promise
    entries: tuple[Entry, ...]


MENU: tuple[Group, ...] = (
    Group(_("My work"), (Entry("home", _("Home")),)),
    Group(
        _("Promised and reported"),
        (
            Entry("units_index", _("Register of units"), "units.read"),
            Entry("posts_index", _("Posts of units"), "posts.read"),
            Entry("agreements_index", _("Agreements"), "agreements.read"),
            Entry("returns_index", _("Returns"), "returns.read"),
        ),
    ),
    Group(
        _("Inspection"),
        (
            Entry("visits_index", _("Visits"), "visits.read"),
            Entry("findings_index", _("Findings"), "findings.read"),
            Entry("corrections_index", _("Corrections"), "corrections.read"),
        ),
    ),
    Group(
        _("Results"),
        (
            Entry("grades_index", _("Scores and grades"), "grades.read"),
            Entry("trials_index", _("Try a change"), "trials.read"),
            Entry("notices_index", _("Publish"), "notices.publish"),
            Entry("notices_bulletins", _("Bulletins")),
        ),
    ),
    Group(
        _("What it stands on"),
        (
            Entry("programmes_index", _("Programme")),
            Entry("ledger_index", _("Ledger"), "ledger.read"),
        ),
    ),
)
