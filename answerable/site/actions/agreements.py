"""Issue the yearly agreement to a unit, made from the programme, and sign it on both sides."""

from __future__ import annotations

from typing import Literal

from answerable.exchange.agreement import agreement_text
from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import AgreementSignature, AgreementVersion
from answerable.site.permissions import Permission, Subject
from answerable.site.reads.agreements import Agreement, get_agreement, get_agreement_of
from answerable.site.reads.posts import Asker, get_holder
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import get_unit
from answerable.values.canonical import canonical_json
from answerable.values.issue import Issue, Refused

Side = Literal["unit", "office"]


@action(permission="agreements.issue", kind="agreement.issued")
def issue(*, by: Asker, unit: str, year: int) -> Done:
    """Issue the agreement of a year to a unit. A second one, after the programme changed, is a new version."""
    programme, registered = get_in_force(year), get_unit(unit)
    refuse(
        Issue("site.no_programme", facts={"year": str(year)}) if programme is None else None,
        Issue("site.unknown_unit", facts={"unit": unit}) if registered is None else None,
    )
    assert programme and registered
    if registered.kind not in programme.assess:
        refuse(Issue("site.unit_not_assessed", facts={"unit": unit, "kind": registered.kind}))
    before = get_agreement_of(unit, year)
    if before and before.programme_digest == programme.digest:
        refuse(Issue("site.agreement_issued", facts={"number": before.number}))
    version = before.version + 1 if before else 1
    row = add(
        AgreementVersion,
        number=f"{year}-{unit}-{version}",
        unit_code=unit,
        year=year,
        version=version,
        programme_digest=programme.digest,
        text=canonical_json(agreement_text(programme, registered, year)).decode(),
        issued_at=clock.now(),
    )
    return Done((row,), number=row.number)


def _permission_of_side(*, side: Side, **_: object) -> Permission:
    return "agreements.sign_for_unit" if side == "unit" else "agreements.sign_for_office"


def _unit_of(*, agreement: str, **_: object) -> Subject:
    return Subject(unit=_known(agreement).unit)


@action(permission=_permission_of_side, kind="agreement.signed", about=_unit_of)
def sign(*, by: Asker, agreement: str, side: Side) -> Done:
    """Sign an agreement for one side. Nobody signs for both."""
    found = _known(agreement)
    in_force = get_agreement_of(found.unit, found.year)
    facts = {"number": agreement}
    username = get_holder(by).username
    others = [one.username for one in found.signatures.values() if one.side != side]
    refuse(
        Issue("site.agreement_superseded", facts=facts) if in_force and in_force.number != agreement else None,
        Issue("site.agreement_signed", facts=facts) if side in found.signatures else None,
        Issue("site.same_person") if username in others else None,
    )
    row = add(AgreementSignature, agreement_id=agreement, side=side, signed_by=username, signed_at=clock.now())
    return Done((row,), number=agreement)


def _known(number: str) -> Agreement:
    found = get_agreement(number)
    if found is None:
        raise Refused([Issue("site.unknown_agreement", facts={"number": number})])
    return found
