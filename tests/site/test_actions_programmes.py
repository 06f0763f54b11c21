"""A version of a programme comes into force by two persons: what each may do, and what stays of what was proposed."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from answerable.definition import read
from answerable.site import clock
from answerable.site.actions import people, programmes
from answerable.site.actions.programmes import LARGEST_BYTES
from answerable.site.models import Entry, Person, ProgrammeDecision, ProgrammeProposal, ProgrammeVersion
from answerable.site.reads.posts import Asker
from answerable.site.reads.programmes import get_in_force, list_programmes, list_years, standing_of
from answerable.site.reads.proposals import get_proposal, get_source_proposed, list_proposals, list_years_affected
from answerable.values.canonical import digest
from answerable.values.issue import Refused
from tests.door import beneath_the_guard, refused
from tests.world import PROGRAMME, World, publish

SOURCE = PROGRAMME.read_text("utf-8")
WHY = "Read and compared with the version in force."


def version(name: str, first: str = "2025-01-01", until: str = "2027-01-01") -> bytes:
    """The programme as another version, in force from a day until a day."""
    source = SOURCE.replace('version: "2025.1"', f'version: "{name}"')
    return source.replace("{from: 2025-01-01, until: 2027-01-01}", f"{{from: {first}, until: {until}}}").encode()


def other_programme(first: str, until: str) -> bytes:
    """A programme of another name."""
    return version("1", first, until).replace(b"programme: family_services", b"programme: other_services")


def proposed(world: World, name: str = "2025.2") -> str:
    return programmes.propose(by=world.people.office, source=version(name), reason="The new target.").number


def last_entry() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(Entry.objects.order_by("-idx")[0].body)
    return body


# -- proposing ---------------------------------------------------------------------------------------------------------


def test_the_bytes_of_a_proposal_are_kept_as_they_came(world: World) -> None:
    source = "\N{BYTE ORDER MARK}".encode() + version("2025.2").replace(b"\n", b"\r\n")
    number = programmes.propose(by=world.people.office, source=source).number
    assert number == "2026-P1"
    assert get_source_proposed(number).encode() == source
    found = get_proposal(number)
    assert found and found.digest == digest(source) and found.is_open


def test_the_entry_says_who_proposed_what_and_why(world: World) -> None:
    number = proposed(world)
    entry = last_entry()
    assert (entry["kind"], entry["by"], entry["post"]) == ("programme.proposed", "office", "office")
    assert entry["reason"] == "The new target." and entry["facts"] == {"programme_digest": digest(version("2025.2"))}
    assert [(row["table"], row["key"]) for row in entry["rows"]] == [("answerable_programme_proposal", [number])]


def test_what_is_proposed_is_not_in_force(world: World) -> None:
    proposed(world)
    in_force = get_in_force(2025)
    assert in_force and in_force.version == "2025.1" and len(list_programmes()) == 1


def test_a_programme_with_a_fault_is_refused_with_its_line_and_nothing_is_proposed(world: World) -> None:
    broken = SOURCE.replace("kinds:", "sorts:").replace("severity: hard", "severity: cruel")
    with pytest.raises(Refused) as caught:
        programmes.propose(by=world.people.office, source=broken.encode())
    assert all(issue.code.startswith("programme.") and issue.place.line for issue in caught.value.issues)
    assert list_proposals(open_only=True) == ()


def test_a_file_that_is_empty_too_large_or_no_text_is_refused(world: World) -> None:
    office = world.people.office
    with refused("site.programme_empty"):
        programmes.propose(by=office, source=b" \n")
    with refused("site.programme_too_large"):
        programmes.propose(by=office, source=b"#" * (LARGEST_BYTES + 1))
    with refused("programme.not_yaml"):
        programmes.propose(by=office, source=b"\xff\xfe\x00")


def test_names_longer_than_their_columns_are_refused(world: World) -> None:
    with refused("site.programme_name_long"):
        programmes.propose(by=world.people.office, source=version("2" * 41))


def test_a_version_is_published_once(world: World) -> None:
    with refused("site.programme_published"):
        programmes.propose(by=world.people.office, source=SOURCE.encode())


def test_two_programmes_are_not_in_force_at_one_time_and_one_may_begin_where_the_other_ends(world: World) -> None:
    office = world.people.office
    for first, until in (("2025-01-01", "2027-01-01"), ("2026-12-31", "2028-01-01"), ("2024-01-01", "2025-01-02")):
        with refused("site.programme_overlaps"):
            programmes.propose(by=office, source=other_programme(first, until))
    programmes.propose(by=office, source=other_programme("2027-01-01", "2029-01-01"))


def test_of_one_programme_one_proposal_is_open_at_a_time(world: World) -> None:
    first = proposed(world)
    with refused("site.proposal_open"):
        programmes.propose(by=world.people.second_office, source=version("2025.3"))
    programmes.propose(by=world.people.second_office, source=other_programme("2027-01-01", "2029-01-01"))
    programmes.withdraw(by=world.people.office, proposal=first)
    assert proposed(world, "2025.3") == "2026-P3"


# -- publishing --------------------------------------------------------------------------------------------------------


def test_another_person_publishes_and_from_then_on_it_is_in_force(world: World) -> None:
    number = proposed(world)
    receipt = programmes.publish(by=world.people.second_office, proposal=number, reason=WHY)
    assert receipt.number == "family_services 2025.2"
    in_force = get_in_force(2025)
    assert in_force and in_force.version == "2025.2"
    assert [one.version for one in list_programmes()] == ["2025.2", "2025.1"]
    assert list_years() == (2026, 2025)
    assert get_in_force(2027) is None
    assert ProgrammeVersion.objects.get(version="2025.2").source == get_source_proposed(number)


def test_the_entry_of_a_publication_names_the_proposal_and_holds_both_rows(world: World) -> None:
    number = proposed(world)
    programmes.publish(by=world.people.second_office, proposal=number, reason=f" {WHY} ")
    entry = last_entry()
    assert (entry["kind"], entry["by"], entry["reason"]) == ("programme.published", "office-2", WHY)
    assert entry["facts"] == {"programme_digest": digest(version("2025.2")), "proposal": number}
    assert [row["table"] for row in entry["rows"]] == [
        "answerable_programme_version",
        "answerable_programme_decision",
    ]
    found = get_proposal(number)
    assert found and found.decision and (found.decision.name, found.decision.by) == ("published", "office-2")


def test_nobody_publishes_or_refuses_a_proposal_of_his_own(world: World) -> None:
    number = proposed(world)
    for act in (programmes.publish, programmes.refuse_):
        with refused("site.own_proposal"):
            act(by=world.people.office, proposal=number, reason=WHY)
    found = get_proposal(number)
    assert found and found.is_open and len(list_programmes()) == 1


def test_nobody_but_the_office_proposes_publishes_refuses_or_withdraws(world: World) -> None:
    number, people_here = proposed(world), world.people
    others: list[Asker] = [people_here.leader, people_here.specialist, people_here.inspector]
    for person in (*others, people_here.leading_group, people_here.without_post, people_here.stranger):
        with pytest.raises(PermissionDenied):
            programmes.propose(by=person, source=version("2025.3"))
        for act in (programmes.publish, programmes.refuse_, programmes.withdraw):
            with pytest.raises(PermissionDenied):
                act(by=person, proposal=number, reason=WHY)


def test_publishing_and_refusing_need_a_reason(world: World) -> None:
    number = proposed(world)
    for act in (programmes.publish, programmes.refuse_):
        with refused("site.reason_missing"):
            act(by=world.people.second_office, proposal=number, reason="  ")


def test_the_second_of_two_who_decide_at_once_is_told_who_was_first(world: World) -> None:
    number = proposed(world)
    people.open_account(by=world.people.office, username="office-3", display_name="Office Three", password=None)
    people.appoint(by=world.people.office, username="office-3", post="office", from_day=date(2025, 1, 1))
    third = Person.objects.get(username="office-3")
    programmes.publish(by=world.people.second_office, proposal=number, reason=WHY)
    with refused("site.proposal_published"):
        programmes.publish(by=third, proposal=number, reason=WHY)
    with pytest.raises(Refused, match="by Office-2"):
        programmes.refuse_(by=third, proposal=number, reason=WHY)
    with refused("site.proposal_published"):
        programmes.withdraw(by=world.people.office, proposal=number)


def test_the_database_itself_takes_one_decision_of_a_proposal_and_no_publication_without_a_reason(world: World) -> None:
    number = proposed(world)
    programmes.refuse_(by=world.people.second_office, proposal=number, reason=WHY)
    decided = {"decided_by": "office-2", "decided_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic(), beneath_the_guard():
        ProgrammeDecision.objects.create(proposal_id=number, decision="published", reason=WHY, **decided)
    other = proposed(world)
    for name, reason in (("published", ""), ("refused", ""), ("lost", WHY)):
        with pytest.raises(IntegrityError), transaction.atomic(), beneath_the_guard():
            ProgrammeDecision.objects.create(proposal_id=other, decision=name, reason=reason, **decided)


def test_what_was_published_meanwhile_is_looked_at_again_when_the_second_person_publishes(world: World) -> None:
    office, second = world.people.office, world.people.second_office
    ours = programmes.propose(by=office, source=version("2027.1", "2027-01-01", "2028-01-01")).number
    other = programmes.propose(by=office, source=other_programme("2027-01-01", "2029-01-01")).number
    programmes.publish(by=second, proposal=other, reason=WHY)
    with refused("site.programme_overlaps"):
        programmes.publish(by=second, proposal=ours, reason=WHY)


# -- what is not published ---------------------------------------------------------------------------------------------


def test_a_refused_proposal_is_kept_with_its_reason_and_may_be_proposed_anew(world: World) -> None:
    number = proposed(world)
    programmes.refuse_(by=world.people.second_office, proposal=number, reason="The cap is missing.")
    assert last_entry()["kind"] == "programme.refused"
    found = get_proposal(number)
    assert found and found.decision and found.decision.reason == "The cap is missing."
    assert ProgrammeProposal.objects.get(number=number).source.encode() == version("2025.2")
    publish(version("2025.2").decode(), world.people.office, world.people.second_office)
    assert [one.version for one in list_programmes()] == ["2025.2", "2025.1"]


def test_a_proposal_is_withdrawn_by_its_proposer_alone_and_needs_no_reason(world: World) -> None:
    number = proposed(world)
    with refused("site.proposal_of_other"):
        programmes.withdraw(by=world.people.second_office, proposal=number)
    programmes.withdraw(by=world.people.office, proposal=number)
    assert last_entry()["kind"] == "programme.withdrawn"
    with refused("site.proposal_withdrawn"):
        programmes.publish(by=world.people.second_office, proposal=number, reason=WHY)
    assert list_proposals(open_only=True) == () and len(list_proposals()) == 2


def test_a_proposal_nobody_knows_is_refused(world: World) -> None:
    for act in (programmes.publish, programmes.refuse_, programmes.withdraw):
        with refused("site.unknown_proposal"):
            act(by=world.people.office, proposal="2026-P9", reason=WHY)


# -- years -------------------------------------------------------------------------------------------------------------


def test_a_programme_may_be_in_force_until_the_end_of_time(world: World) -> None:
    publish(version("2026.1", "2026-01-01", "9999-12-31").decode(), world.people.office, world.people.second_office)
    years = list_years()
    assert years[-2:] == (2026, 2025) and years[0] == 2076
    in_force = get_in_force(9998)
    assert in_force and in_force.version == "2026.1"


def test_years_that_fare_alike_are_one_line_of_what_a_version_changes(world: World) -> None:
    programme = read(version("2026.1", until="2031-01-01"))
    lines = [(one.first, one.last, one.replaces, one.agreements) for one in list_years_affected(programme)]
    assert lines == [(2025, 2025, "2025.1", 4), (2026, 2026, "2025.1", 0), (2027, 2030, "", 0)]


def test_a_version_is_in_force_to_come_or_no_longer(world: World) -> None:
    office, second = world.people.office, world.people.second_office
    publish(version("2025.2").decode(), office, second)
    publish(version("2027.1", "2027-01-01", "2028-01-01").decode(), office, second)
    known = list_programmes()
    assert {one.version: standing_of(one, known) for one in known} == {
        "2027.1": "to_come",
        "2025.2": "in_force",
        "2025.1": "earlier",
    }
    with clock.at(datetime(2027, 3, 1, 9)):
        assert {one.version: standing_of(one, known) for one in known}["2027.1"] == "in_force"
