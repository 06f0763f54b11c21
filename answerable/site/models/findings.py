"""Findings: what an inspector raised, what the unit answered, what was decided."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, one_of, points_to, word
from answerable.site.models.moments import MomentField


class Finding(Fact):
    number = word(unique=True)
    visit = points_to("Visit", db_column="visit", null=True)
    unit_code = word()
    kind = word(60)
    occurrences = models.IntegerField()
    fact = models.TextField()
    raised_by = word()
    raised_at = MomentField()

    class Meta:
        db_table = "answerable_finding"
        constraints = (
            at_least("finding", "occurrences", 1),
            models.CheckConstraint(condition=~models.Q(fact=""), name="finding_states_a_fact"),
        )
        indexes = (models.Index(fields=("unit_code",), name="finding_by_unit"),)

    def __str__(self) -> str:
        return self.number


class FindingAnswer(Fact):
    """The unit answers once: it confirms the fact, or objects and says why."""

    finding = points_to("Finding", db_column="finding")
    answer = word()
    words = models.TextField(blank=True)
    answered_by = word()
    answered_at = MomentField()

    class Meta:
        db_table = "answerable_finding_answer"
        constraints = (
            key("finding_answer", "finding"),
            one_of("finding_answer", "answer", ("confirmed", "objected")),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} {self.answer}"


class FindingDecision(Fact):
    """What became of a finding. The decision of the last turn holds."""

    finding = points_to("Finding", db_column="finding")
    turn = models.IntegerField()
    status = word()
    reason = models.TextField()
    decided_by = word()
    decided_at = MomentField()

    class Meta:
        db_table = "answerable_finding_decision"
        constraints = (
            key("finding_decision", "finding", "turn"),
            at_least("finding_decision", "turn", 1),
            one_of("finding_decision", "status", ("confirmed", "withdrawn")),
            models.CheckConstraint(condition=~models.Q(reason=""), name="finding_decision_has_reason"),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} {self.status}"
