"""Who may do what: every permission and every post, in two tables, and the rule about whose things.

A post is held by a person by appointment (a dated fact). A permission of a unit's post reaches that unit only; an
inspector's reaches only visits assigned to him; the others reach all. What the public sees needs no permission.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PERMISSIONS", "POSTS", "Holder", "Permission", "Post", "PostHeld", "Subject", "UnitPost"]

Post = Literal["office", "specialist", "leader", "inspector", "leading_group"]
UnitPost: tuple[Post, ...] = ("specialist", "leader")

Permission = Literal[
    "programmes.publish",
    "units.register",
    "people.appoint",
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

PERMISSIONS: dict[Permission, str] = {
    "programmes.publish": "put a version of a programme into force",
    "units.register": "enter units in the register, and change them from a day on",
    "people.appoint": "say who holds which post from which day",
    "agreements.issue": "issue a unit's agreement of the year, made from the programme",
    "agreements.sign_for_office": "sign an agreement for the office",
    "agreements.sign_for_unit": "sign an agreement for the unit",
    "agreements.read": "read an agreement",
    "returns.file": "keep a draft of a return, submit it, revise it",
    "returns.read": "read returns and who is silent",
    "evidence.file": "file evidence with a correction",
    "evidence.read": "open filed evidence",
    "visits.draw": "draw the units to be visited, by a seed said beforehand",
    "visits.assign": "say which inspector makes a visit",
    "visits.record": "record what a visit found and the recounts",
    "visits.read": "read visits and recounts",
    "findings.raise": "raise a finding",
    "findings.answer": "confirm or object to a finding for the unit",
    "findings.decide": "confirm or withdraw a finding after the unit's answer",
    "findings.read": "read findings",
    "corrections.open": "ask a unit to put a problem right by a day",
    "corrections.submit": "say that a problem has been put right",
    "corrections.decide": "close a correction or send it back",
    "corrections.read": "read corrections",
    "grades.run": "compute scores and grades from the facts as of an entry",
    "grades.confirm": "confirm computed grades",
    "grades.read": "read scores and what stands behind them",
    "notices.publish": "publish the bulletin of confirmed grades",
    "ledger.read": "read the ledger",
}

_OF_A_UNIT: frozenset[Permission] = frozenset(
    {"agreements.read", "returns.read", "evidence.read", "visits.read", "findings.read", "corrections.read"}
    | {"grades.read"}
)

POSTS: dict[Post, frozenset[Permission]] = {
    "office": frozenset(
        {
            "programmes.publish",
            "units.register",
            "people.appoint",
            "agreements.issue",
            "agreements.sign_for_office",
            "visits.draw",
            "visits.assign",
            "findings.raise",
            "findings.decide",
            "corrections.open",
            "corrections.decide",
            "grades.run",
            "notices.publish",
            "ledger.read",
        }
    )
    | _OF_A_UNIT,
    "specialist": frozenset({"returns.file", "evidence.file", "corrections.submit"}) | _OF_A_UNIT,
    "leader": frozenset({"agreements.sign_for_unit", "findings.answer", "corrections.submit", "evidence.file"})
    | _OF_A_UNIT,
    "inspector": frozenset(
        {"visits.record", "visits.read", "findings.raise", "findings.read", "returns.read", "corrections.read"}
        | {"evidence.read"}
    ),
    "leading_group": frozenset({"grades.confirm", "ledger.read"}) | _OF_A_UNIT,
}
"""What each post may do. A stranger holds no post and may do none of it: public pages ask for no permission."""


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

    def may(self, permission: Permission, subject: Subject | None = None) -> bool:
        """Whether any post held gives this permission for this subject."""
        return any(
            permission in POSTS[held.post] and self._reaches(held, subject or Subject()) for held in self.posts
        )

    def holds(self, post: Post) -> bool:
        """Whether this person holds the post, for whichever unit."""
        return any(held.post == post for held in self.posts)

    @property
    def units(self) -> tuple[str, ...]:
        """The units this person holds a post of."""
        return tuple(dict.fromkeys(held.unit for held in self.posts if held.unit))

    def _reaches(self, held: PostHeld, subject: Subject) -> bool:
        if held.post in UnitPost:
            return bool(subject.unit) and held.unit == subject.unit
        if held.post == "inspector":
            return subject.inspector == self.username
        return True
