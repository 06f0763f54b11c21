"""Monthly returns, each version as filed, and drafts, which are not facts and may be changed."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, word
from answerable.site.models.moments import MomentField


class ReturnVersion(Fact):
    """One filed version. `values` is canonical JSON: field to {"state", "value"}."""

    unit_code = word()
    form = word()
    period = word(7)
    version = models.IntegerField()
    values = models.TextField()
    received_at = MomentField()
    filed_by = word()
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "answerable_return_version"
        constraints = (
            key("return_version", "unit_code", "form", "period", "version"),
            at_least("return_version", "version", 1),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(reason=""), name="return_version_revised_for_a_reason"
            ),
        )
        indexes = (models.Index(fields=("form", "period"), name="return_version_by_month"),)

    def __str__(self) -> str:
        return f"{self.unit_code} {self.form} {self.period} v{self.version}"


class ReturnDraft(models.Model):
    """What a specialist has typed and not yet submitted: nobody else's business, so no fact."""

    unit_code = word()
    form = word()
    period = word(7)
    values = models.TextField()
    saved_by = word()
    saved_at = MomentField()

    class Meta:
        db_table = "answerable_return_draft"
        constraints = (key("return_draft", "unit_code", "form", "period"),)

    def __str__(self) -> str:
        return f"{self.unit_code} {self.form} {self.period}"
