"""Programmes in force: the very text of each published version."""

from django.db import models

from answerable.site.models.facts import Fact, key, word
from answerable.site.models.moments import MomentField


class ProgrammeVersion(Fact):
    code = word()
    version = word()
    source = models.TextField()
    digest = word(64)
    published_at = MomentField()

    class Meta:
        db_table = "answerable_programme_version"
        constraints = (key("programme_version", "code", "version"),)

    def __str__(self) -> str:
        return f"{self.code} {self.version}"
