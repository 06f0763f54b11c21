"""Corrections (整改): a problem to be put right by a day, and the steps until someone else closes it."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, one_of, points_to, word
from answerable.site.models.moments import MomentField


class Correction(Fact):
    number = word(unique=True)
    finding = points_to("Finding", db_column="finding", null=True)
    unit_code = word()
    problem = models.TextField()
    due_on = models.DateField()
    opened_by = word()
    opened_at = MomentField()

    class Meta:
        db_table = "answerable_correction"
        constraints = (models.CheckConstraint(condition=~models.Q(problem=""), name="correction_states_a_problem"),)
        indexes = (models.Index(fields=("unit_code",), name="correction_by_unit"),)

    def __str__(self) -> str:
        return self.number


class CorrectionStep(Fact):
    """One step. `evidence` lists the digests of the files filed with it, parted by `;`."""

    correction = points_to("Correction", db_column="correction")
    turn = models.IntegerField()
    step = word()
    words = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    taken_by = word()
    taken_at = MomentField()

    class Meta:
        db_table = "answerable_correction_step"
        constraints = (
            key("correction_step", "correction", "turn"),
            at_least("correction_step", "turn", 1),
            one_of("correction_step", "step", ("submitted", "sent_back", "closed")),
            models.UniqueConstraint(
                fields=("correction",), condition=models.Q(step="closed"), name="correction_step_closed_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.correction_id} {self.step}"
