"""A version of a programme comes into force by two persons of the office: one proposes it, another publishes it.

Until then it is a proposal, which its proposer may withdraw and anyone else of the office may refuse. What was proposed
is kept word for word, whatever became of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from answerable.definition import Programme, read
from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import ProgrammeDecision, ProgrammeProposal, ProgrammeVersion
from answerable.site.reads.numbers import next_number
from answerable.site.reads.posts import Asker, get_holder
from answerable.site.reads.programmes import list_programmes
from answerable.site.reads.proposals import DecisionName, Proposal, get_proposal, get_source_proposed, list_proposals
from answerable.values.issue import Issue, Refused

LARGEST_BYTES = 1024 * 1024
LONGEST_NAME = 40
_DECIDED = {
    "published": "site.proposal_published",
    "refused": "site.proposal_refused",
    "withdrawn": "site.proposal_withdrawn",
}


@action(permission="programmes.propose", kind="programme.proposed")
def propose(*, by: Asker, source: bytes, reason: str = "") -> Done:
    """Propose the bytes of a programme file, after every check the file itself must pass. One at a time is open."""
    refuse(
        Issue("site.programme_empty") if not source.strip() else None,
        Issue("site.programme_too_large") if len(source) > LARGEST_BYTES else None,
    )
    programme = read(source)
    refuse(*_name_issues(programme), *_collisions(programme), *_open_issues(programme))
    row = add(
        ProgrammeProposal,
        number=next_number(ProgrammeProposal, clock.today().year, "P"),
        code=programme.id,
        version=programme.version,
        source=source.decode(),
        digest=programme.digest,
        reason=reason.strip(),
        proposed_by=get_holder(by).username,
        proposed_at=clock.now(),
    )
    return Done((row,), facts={"programme_digest": programme.digest}, number=row.number)


@action(permission="programmes.publish", kind="programme.published")
def publish(*, by: Asker, proposal: str, reason: str) -> Done:
    """Publish what another person proposed: from now on the version is in force for the years it covers whole."""
    found = _open(proposal)
    refuse(_own_issue(found, by))
    source = get_source_proposed(proposal)
    programme = read(source.encode())
    refuse(*_collisions(programme))
    row = add(
        ProgrammeVersion,
        code=programme.id,
        version=programme.version,
        source=source,
        digest=programme.digest,
        published_at=clock.now(),
    )
    decided = _decide(found, "published", by, reason)
    facts = {"programme_digest": programme.digest, "proposal": proposal}
    return Done((row, decided), facts=facts, number=f"{programme.id} {programme.version}")


@action(permission="programmes.publish", kind="programme.refused")
def refuse_(*, by: Asker, proposal: str, reason: str) -> Done:
    """Refuse what another person proposed, with the reason; the proposal is kept."""
    found = _open(proposal)
    refuse(_own_issue(found, by))
    return Done((_decide(found, "refused", by, reason),), number=proposal)


@action(permission="programmes.propose", kind="programme.withdrawn")
def withdraw(*, by: Asker, proposal: str, reason: str = "") -> Done:
    """Withdraw one's own proposal; it is kept."""
    found = _open(proposal)
    other = {"number": proposal, "by": found.proposed_by_name}
    refuse(Issue("site.proposal_of_other", facts=other) if found.proposed_by != get_holder(by).username else None)
    return Done((_decide(found, "withdrawn", by, reason),), number=proposal)


def _decide(found: Proposal, decision: DecisionName, by: Asker, reason: str) -> ProgrammeDecision:
    return add(
        ProgrammeDecision,
        proposal_id=found.number,
        decision=decision,
        reason=reason.strip(),
        decided_by=get_holder(by).username,
        decided_at=clock.now(),
    )


def _open(number: str) -> Proposal:
    """A proposal that still waits; two persons who decide at once come here one after the other."""
    found = get_proposal(number)
    if found is None:
        raise Refused([Issue("site.unknown_proposal", facts={"number": number})])
    if found.decision:
        facts = {"number": number, "by": found.decision.by_name}
        raise Refused([Issue(_DECIDED[found.decision.name], facts=facts)])
    return found


def _own_issue(found: Proposal, by: Asker) -> Issue | None:
    own = found.proposed_by == get_holder(by).username
    return Issue("site.own_proposal", facts={"number": found.number}) if own else None


def _name_issues(programme: Programme) -> Iterator[Issue]:
    """Names must fit the columns that hold them."""
    for name in (programme.id, programme.version):
        if len(name) > LONGEST_NAME:
            yield Issue("site.programme_name_long", facts={"name": name, "most": str(LONGEST_NAME)})


def _collisions(programme: Programme) -> Iterator[Issue]:
    """A version is published once, and no two programmes are in force at one time."""
    for known in list_programmes():
        if (known.code, known.version) == (programme.id, programme.version):
            facts = {"programme": programme.id, "version": programme.version}
            yield Issue("site.programme_published", facts=facts)
        overlaps = known.valid_from < programme.valid_until and programme.valid_from < known.valid_until
        if overlaps and known.code != programme.id:
            yield Issue("site.programme_overlaps", facts={"programme": programme.id, "other": known.code})


def _open_issues(programme: Programme) -> Iterator[Issue]:
    """The second person compares with what is in force: two open proposals would be compared with each other."""
    for one in list_proposals(open_only=True):
        if one.code == programme.id:
            yield Issue("site.proposal_open", facts={"programme": programme.id, "number": one.number})
