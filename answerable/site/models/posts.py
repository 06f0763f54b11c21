"""Who holds which post, from which day until which."""

from django.db import models
from django.db.models import F, Q

from answerable.site.models.facts import Fact, one_of, word

POSTS = ("office", "specialist", "leader", "inspector", "leading_group")
UNIT_POSTS = ("specialist", "leader")


class Appointment(Fact):
    post = word()
    unit_code = word(blank=True)
    username = word()
    from_day = models.DateField()
    until_day = models.DateField(null=True)

    class Meta:
        db_table = "answerable_appointment"
        constraints = (
            models.UniqueConstraint(
                fields=("post", "unit_code", "username", "from_day", "until_day"),
                name="appointment_key",
            ),
            models.UniqueConstraint(
                fields=("post", "unit_code", "username", "from_day"),
                condition=Q(until_day__isnull=True),
                name="appointment_key_open",
            ),
            one_of("appointment", "post", POSTS),
            models.CheckConstraint(
                condition=Q(until_day__isnull=True) | Q(until_day__gte=F("from_day")), name="appointment_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(post__in=UNIT_POSTS) & ~Q(unit_code="") | ~Q(post__in=UNIT_POSTS) & Q(unit_code=""),
                name="appointment_unit_where_due",
            ),
        )
        indexes = (models.Index(fields=("username",), name="appointment_by_person"),)

    def __str__(self) -> str:
        return f"{self.username}: {self.post} {self.unit_code}"
