"""What is published: the bulletin of a confirmed run."""

from django.db import models

from answerable.site.models.facts import Fact, key, one_of, points_to, word
from answerable.site.models.moments import MomentField


class Notice(Fact):
    number = word(unique=True)
    kind = word()
    year = models.IntegerField()
    run = points_to("ScoreRun", db_column="run")
    title_zh = word(200)
    title_en = word(200)
    published_by = word()
    published_at = MomentField()
    digest = word(64)

    class Meta:
        db_table = "answerable_notice"
        constraints = (key("notice", "kind", "run"), one_of("notice", "kind", ("bulletin",)))

    def __str__(self) -> str:
        return self.title_zh
