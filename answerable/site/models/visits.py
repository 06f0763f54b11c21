"""Visits to units: the draw anyone can repeat, the visit assigned, what was seen, and the recounts."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, one_of, points_to, word
from answerable.site.models.moments import MomentField

REASONS = ("drawn", "follow_up", "complaint")


class Draw(Fact):
    number = word(unique=True)
    year = models.IntegerField()
    round = models.IntegerField()
    seed = word(120)
    frame = models.TextField()
    frame_digest = word(64)
    sizes = models.TextField()
    chosen = models.TextField()
    drawn_at = MomentField()

    class Meta:
        db_table = "answerable_draw"
        constraints = (key("draw", "year", "round"), at_least("draw", "round", 1))

    def __str__(self) -> str:
        return self.number


class Visit(Fact):
    """A visit to be made by one inspector: drawn by lot, or for a stated reason."""

    number = word(unique=True)
    unit_code = word()
    year = models.IntegerField()
    draw = points_to("Draw", db_column="draw", null=True)
    reason = word()
    inspector = word()
    planned_on = models.DateField()

    class Meta:
        db_table = "answerable_visit"
        constraints = (
            key("visit", "draw", "unit_code"),
            one_of("visit", "reason", REASONS),
            models.CheckConstraint(
                condition=models.Q(draw__isnull=False, reason="drawn")
                | models.Q(draw__isnull=True) & ~models.Q(reason="drawn"),
                name="visit_drawn_has_draw",
            ),
        )
        indexes = (models.Index(fields=("inspector",), name="visit_by_inspector"),)

    def __str__(self) -> str:
        return self.number


class VisitRecord(Fact):
    visit = points_to("Visit", db_column="visit")
    visited_on = models.DateField()
    recorded_by = word()
    remark = models.TextField(blank=True)

    class Meta:
        db_table = "answerable_visit_record"
        constraints = (key("visit_record", "visit"),)

    def __str__(self) -> str:
        return self.visit_id


class Recount(Fact):
    """One figure counted again from the unit's own books; `reported` is what the return said."""

    visit = points_to("Visit", db_column="visit")
    form = word()
    period = word(7)
    field = word()
    reported = models.BigIntegerField()
    recounted = models.BigIntegerField()
    recorded_by = word()

    class Meta:
        db_table = "answerable_recount"
        constraints = (key("recount", "visit", "form", "period", "field"),)

    def __str__(self) -> str:
        return f"{self.visit_id} {self.form} {self.period} {self.field}"
