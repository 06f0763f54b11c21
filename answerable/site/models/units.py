"""The register of units: what a unit is from a day on, until a later row says otherwise."""

from django.db import models

from answerable.site.models.facts import Fact, key, word


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
