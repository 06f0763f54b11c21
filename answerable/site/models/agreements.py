"""The yearly agreement with each unit, its text as made from the programme, and the two signatures."""

from django.db import models

from answerable.site.models.facts import Fact, at_least, key, one_of, points_to, word
from answerable.site.models.moments import MomentField


class AgreementVersion(Fact):
    number = word(unique=True)
    unit_code = word()
    year = models.IntegerField()
    version = models.IntegerField()
    programme_digest = word(64)
    text = models.TextField()
    issued_at = MomentField()

    class Meta:
        db_table = "answerable_agreement_version"
        constraints = (
            key("agreement_version", "unit_code", "year", "version"),
            at_least("agreement_version", "version", 1),
        )

    def __str__(self) -> str:
        return self.number


class AgreementSignature(Fact):
    agreement = points_to("AgreementVersion", db_column="agreement")
    side = word()
    signed_by = word()
    signed_at = MomentField()

    class Meta:
        db_table = "answerable_agreement_signature"
        constraints = (
            key("agreement_signature", "agreement", "side"),
            one_of("agreement_signature", "side", ("unit", "office")),
        )

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.side}"
