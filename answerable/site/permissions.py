"""Who may do what: every permission and every post, in two tables, and the rule about whose things.

A post is held by a person by appointment (a dated fact). A permission of a unit's post reaches that unit only; an
inspector's reaches only visits assigned to him; the others reach all. What the public sees needs no permission.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PERMISSIONS", "UNIT_POSTS", "Holder", "Permission", "Post", "PostHeld", "Rule", "Subject"]

Post = Literal["office", "specialist", "leader", "inspector", "leading_group"]
UNIT_POSTS: tuple[Post, ...] = ("specialist", "leader")

Permission = Literal[
    "programmes.propose",
    "programmes.publish",
    "trials.read",
    "proposals.read",
    "units.register",
    "units.read",
    "people.appoint",
    "posts.read",
    "agreements.issue",
    "agreements.sign_for_office",
    "agreements.sign_for_unit",
    "agreements.read",
    "returns.file",
    "returns.read",
    "evidence.file",
    "evidence.read",
    "visits.draw",
    "visits.assign",
    "visits.record",
    "visits.read",
    "findings.raise",
    "findings.answer",
    "findings.decide",
    "findings.read",
    "corrections.open",
    "corrections.submit",
    "corrections.decide",
    "corrections.read",
    "grades.run",
    "grades.confirm",
    "grades.read",
    "notices.publish",
    "ledger.read",
]


@dataclass(frozen=True)
class Rule:
    """What a permission lets one do, and the posts that have it."""

    what: str
    posts: tuple[Post, ...]


PERMISSIONS: dict[Permission, Rule] = {
    "programmes.propose": Rule("propose a version of a programme, and withdraw it", ("office",)),
    "programmes.publish": Rule("publish or refuse a version of a programme another person proposed", ("office",)),
    "trials.read": Rule(
        "try a change to a programme on the district's figures, and see who would move", ("office", "leading_group")
    ),
    "proposals.read": Rule("read proposed versions and what they change", ("office", "leading_group")),
    "units.register": Rule("enter units in the register, and change them from a day on", ("office",)),
    "units.read": Rule("read the register of units", ("office", "specialist", "leader", "inspector", "leading_group")),
    "people.appoint": Rule("say who holds which post from which day", ("office",)),
    "posts.read": Rule(
        "read who holds and held the posts of units", ("office", "specialist", "leader", "leading_group")
    ),
    "agreements.issue": Rule("issue a unit's agreement of the year, made from the programme", ("office",)),
    "agreements.sign_for_office": Rule("sign an agreement for the office", ("office",)),
    "agreements.sign_for_unit": Rule("sign an agreement for the unit", ("leader",)),
    "agreements.read": Rule("read an agreement", ("office", "specialist", "leader", "leading_group")),
    "returns.file": Rule("keep a draft of a return, submit it, revise it", ("specialist",)),
    "returns.read": Rule(
        "read returns and see who is silent", ("office", "specialist", "leader", "inspector", "leading_group")
    ),
    "evidence.file": Rule("file evidence with a correction", ("specialist", "leader")),
    "evidence.read": Rule("open filed evidence", ("office", "specialist", "leader", "inspector", "leading_group")),
    "visits.draw": Rule("draw the units to be visited, by a seed said beforehand", ("office",)),
    "visits.assign": Rule("say which inspector makes a visit", ("office",)),
    "visits.record": Rule("record what a visit found, and the recounts", ("inspector",)),
    "visits.read": Rule("read visits and recounts", ("office", "specialist", "leader", "inspector", "leading_group")),
    "findings.raise": Rule("raise a finding", ("office", "inspector")),
    "findings.answer": Rule("confirm or object to a finding for the unit", ("leader",)),
    "findings.decide": Rule("confirm or withdraw a finding after the unit's answer", ("office",)),
    "findings.read": Rule("read findings", ("office", "specialist", "leader", "inspector", "leading_group")),
    "corrections.open": Rule("ask a unit to put a problem right by a day", ("office",)),
    "corrections.submit": Rule("say that a problem has been put right", ("specialist", "leader")),
    "corrections.decide": Rule("close a correction or send it back", ("office",)),
    "corrections.read": Rule("read corrections", ("office", "specialist", "leader", "inspector", "leading_group")),
    "grades.run": Rule("compute scores and grades from the facts as of an entry", ("office",)),
    "grades.confirm": Rule("confirm computed grades", ("leading_group",)),
    "grades.read": Rule("read scores and what stands behind them", ("office", "specialist", "leader", "leading_group")),
    "notices.publish": Rule("publish the bulletin of confirmed grades", ("office",)),
    "ledger.read": Rule("read the ledger", ("office", "leading_group")),
}
"""The whole table. A stranger holds no post and may do none of it: public pages ask for no permission."""


@dataclass(frozen=True)
class PostHeld:
    """One post a person holds today; `unit` is empty for posts of the district."""

    post: Post
    unit: str = ""


@dataclass(frozen=True)
class Subject:
    """What a permission is asked for: a unit, and the inspector of the visit concerned. Empty: the district."""

    unit: str = ""
    inspector: str = ""


@dataclass(frozen=True)
class Holder:
    """A person with the posts held today: the one who asks."""

    username: str = ""
    display_name: str = ""
    posts: tuple[PostHeld, ...] = ()

    def acting(self, permission: Permission, subject: Subject) -> PostHeld | None:
        """The post that gives this permission for this subject; None where no post held does."""
        posts = PERMISSIONS[permission].posts
        return next((held for held in self.posts if held.post in posts and self._reaches(held, subject)), None)

    def may(self, permission: Permission, subject: Subject | None = None) -> bool:
        """Whether any post held gives this permission for this subject."""
        return self.acting(permission, subject or Subject()) is not None

    def holds(self, post: Post) -> bool:
        """Whether this person holds the post, for whichever unit."""
        return any(held.post == post for held in self.posts)

    @property
    def units(self) -> tuple[str, ...]:
        """The units this person holds a post of."""
        return tuple(dict.fromkeys(held.unit for held in self.posts if held.unit))

    def _reaches(self, held: PostHeld, subject: Subject) -> bool:
        if held.post in UNIT_POSTS:
            return bool(subject.unit) and held.unit == subject.unit
        if held.post == "inspector":
            return subject.inspector == self.username
        return True
