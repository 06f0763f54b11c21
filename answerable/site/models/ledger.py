"""The ledger: every entry ever made, in order. The one door of `actions` appends to it, and nothing else does."""

from django.db import models

from answerable.site.models.moments import MomentField


class Entry(models.Model):
    """One entry. `body` is canonical JSON; `leaf_hash` commits to it together with `salt`."""

    idx = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=40)
    body = models.TextField()
    salt = models.CharField(max_length=64)
    leaf_hash = models.CharField(max_length=64)
    received_at = MomentField()

    class Meta:
        db_table = "answerable_entry"
        constraints = (models.CheckConstraint(condition=models.Q(idx__gte=0), name="entry_idx_at_least_0"),)
        indexes = (models.Index(fields=("kind",), name="entry_by_kind"),)

    def __str__(self) -> str:
        return f"{self.idx} {self.kind}"
