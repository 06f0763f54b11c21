"""Scores as computed from a snapshot, grades, and their confirmation by the leading group."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, points_to, word
from answerable.site.models.moments import MomentField


class ScoreRun(Fact):
    """One computation: which facts (as of which entry), which programme, which result, by digest."""

    number = word(unique=True)
    year = models.IntegerField()
    period = word(20)
    entry_index = models.IntegerField()
    programme_digest = word(64)
    snapshot_digest = word(64)
    scorecard_digest = word(64)
    run_by = word()
    run_at = MomentField()

    class Meta:
        db_table = "answerable_score_run"
        constraints = (at_least("score_run", "entry_index", 0),)

    def __str__(self) -> str:
        return self.number


class Grade(Fact):
    """One unit's total and grade. `total` is a decimal as written, empty where the unit is not rated."""

    run = points_to("ScoreRun", db_column="run")
    unit_code = word()
    total = word(20, blank=True)
    grade = word()
    vetoes = models.TextField()

    class Meta:
        db_table = "answerable_grade"
        constraints = (key("grade", "run", "unit_code"),)

    def __str__(self) -> str:
        return f"{self.unit_code} {self.grade}"


class GradeConfirmation(Fact):
    run = points_to("ScoreRun", db_column="run")
    confirmed_by = word()
    confirmed_at = MomentField()
    reason = models.TextField()

    class Meta:
        db_table = "answerable_grade_confirmation"
        constraints = (
            key("grade_confirmation", "run"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="grade_confirmation_has_reason"),
        )

    def __str__(self) -> str:
        return self.run_id


class ScoreCache(models.Model):
    """A scorecard kept so that pages need not compute it again. No fact: it may be thrown away at any time."""

    run = word(unique=True)
    scorecard = models.TextField()

    class Meta:
        db_table = "answerable_score_cache"

    def __str__(self) -> str:
        return self.run
