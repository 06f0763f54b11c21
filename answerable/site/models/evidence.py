"""Files filed as evidence: what they are called, and the digest under which their bytes lie on disk."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, word
from answerable.site.models.moments import MomentField


class Evidence(Fact):
    sha256 = word(64)
    name = word(200)
    size = models.IntegerField()
    media_type = word(100)
    received_at = MomentField()
    filed_by = word()
    about = word(80)

    class Meta:
        db_table = "answerable_evidence"
        constraints = (key("evidence", "sha256", "about"), at_least("evidence", "size", 1))
        indexes = (models.Index(fields=("about",), name="evidence_by_subject"),)

    def __str__(self) -> str:
        return self.name
