"""The register of units: what a unit is from a day on, until a later row says otherwise; its codes; what changed it."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, one_of, points_to, word
from answerable.site.models.moments import MomentField


class UnitVersion(Fact):
    unit_code = word()
    valid_from = models.DateField()
    name_zh = word(120)
    name_en = word(120)
    kind = word()
    parent_code = word(blank=True)
    peer_group = word(blank=True)
    forms = models.TextField(blank=True)
    opened = models.DateField(null=True)
    closed = models.DateField(null=True)

    class Meta:
        db_table = "answerable_unit_version"
        constraints = (
            key("unit_version", "unit_code", "valid_from"),
            models.CheckConstraint(condition=~models.Q(unit_code=""), name="unit_version_has_code"),
        )

    def __str__(self) -> str:
        return f"{self.unit_code} {self.name_zh}"


class UnitIdentity(Fact):
    """The codes others know a unit by. A further row of the same day is a further turn, and the last one holds."""

    unit_code = word()
    valid_from = models.DateField()
    turn = models.IntegerField()
    division_code = word(blank=True)
    credit_code = word(blank=True)
    contact_post = word(120, blank=True)

    class Meta:
        db_table = "answerable_unit_identity"
        constraints = (
            key("unit_identity", "unit_code", "valid_from", "turn"),
            at_least("unit_identity", "turn", 1),
        )

    def __str__(self) -> str:
        return f"{self.unit_code} {self.credit_code}"


class UnitEvent(Fact):
    """Something that changed the register, or the undoing of such a thing (`undoes` names it)."""

    number = word(unique=True)
    kind = word()
    on_day = models.DateField()
    basis = models.TextField()
    reason = models.TextField()
    undoes = word(blank=True)
    recorded_by = word()
    recorded_at = MomentField()

    class Meta:
        db_table = "answerable_unit_event"
        constraints = (
            one_of(
                "unit_event",
                "kind",
                ("founded", "renamed", "moved", "merged", "split", "dissolved", "reopened", "undone"),
            ),
            models.CheckConstraint(
                condition=models.Q(models.Q(kind="undone"), ~models.Q(undoes=""))
                | models.Q(~models.Q(kind="undone"), undoes=""),
                name="unit_event_undoes_an_event",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="unit_event_has_reason"),
        )

    def __str__(self) -> str:
        return self.number


class UnitEventPart(Fact):
    """A unit an event began with or led to. Shares say how figures are parted where there are several after it."""

    event = points_to("UnitEvent", db_column="event")
    role = word()
    unit_code = word()
    share = models.IntegerField()

    class Meta:
        db_table = "answerable_unit_event_part"
        constraints = (
            key("unit_event_part", "event", "role", "unit_code"),
            one_of("unit_event_part", "role", ("before", "after")),
            at_least("unit_event_part", "share", 1),
        )

    def __str__(self) -> str:
        return f"{self.event_id} {self.role} {self.unit_code}"


class UnitEventState(Fact):
    """A unit as an event leaves it, from the event's day on."""

    event = points_to("UnitEvent", db_column="event")
    unit_code = word()
    name_zh = word(120)
    name_en = word(120)
    kind = word()
    parent_code = word(blank=True)
    peer_group = word(blank=True)
    forms = models.TextField(blank=True)
    opened = models.DateField(null=True)
    closed = models.DateField(null=True)

    class Meta:
        db_table = "answerable_unit_event_state"
        constraints = (key("unit_event_state", "event", "unit_code"),)

    def __str__(self) -> str:
        return f"{self.event_id} {self.unit_code}"
