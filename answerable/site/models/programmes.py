"""Programmes: the very text of each published version, of each proposal of one, and what became of the proposal."""

from django.db import models

from answerable.site.models.facts import Fact, key, one_of, points_to, word
from answerable.site.models.moments import MomentField


class ProgrammeVersion(Fact):
    code = word()
    version = word()
    source = models.TextField()
    digest = word(64)
    published_at = MomentField()

    class Meta:
        db_table = "answerable_programme_version"
        constraints = (key("programme_version", "code", "version"),)

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class ProgrammeProposal(Fact):
    """A version one person of the office proposes, word for word as uploaded; `reason` is what it is for."""

    number = word(unique=True)
    code = word()
    version = word()
    source = models.TextField()
    digest = word(64)
    reason = models.TextField(blank=True)
    proposed_by = word()
    proposed_at = MomentField()

    class Meta:
        db_table = "answerable_programme_proposal"

    def __str__(self) -> str:
        return self.number


class ProgrammeDecision(Fact):
    """What became of a proposal, once and for all."""

    proposal = points_to("ProgrammeProposal", db_column="proposal")
    decision = word()
    reason = models.TextField(blank=True)
    decided_by = word()
    decided_at = MomentField()

    class Meta:
        db_table = "answerable_programme_decision"
        constraints = (
            key("programme_decision", "proposal"),
            one_of("programme_decision", "decision", ("published", "refused", "withdrawn")),
            models.CheckConstraint(
                condition=models.Q(decision="withdrawn") | ~models.Q(reason=""), name="programme_decision_has_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.decision}"
