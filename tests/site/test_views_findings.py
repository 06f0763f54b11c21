"""Findings as pages: the unit speaks first, the office decides with a reason, and everyone sees only what is theirs."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site import clock
from answerable.site.actions import findings
from answerable.site.models import Entry
from answerable.site.reads.corrections import get_correction_of
from answerable.site.reads.findings import FindingRaised, get_finding
from answerable.site.reads.programmes import get_in_force
from answerable.site.views.findings import items_counting, vetoes_by
from tests.pages import browser, readers, refuses, renders_in_both_languages, who_sees, words
from tests.world import YEAR, World


def raised(world: World, unit: str = "C01", kind: str = "benefit_withheld") -> str:
    """A finding of today, raised by the second office: the first may decide it."""
    by = world.people.second_office
    return findings.raise_(by=by, unit=unit, year=YEAR, kind=kind, occurrences=1, fact="Paid a month late.").number


def known(number: str) -> FindingRaised:
    found = get_finding(number)
    assert found
    return found


def address(number: str) -> str:
    return f"/findings/{number}/"


def test_each_sees_in_the_list_what_is_theirs(world: World) -> None:
    ours, theirs = world["finding C01"], world["finding C02"]
    seen = {}
    for name, reader in readers(world).items():
        answer = browser(reader).get("/findings/")
        text = answer.content.decode() if answer.status_code == 200 else ""
        seen[name] = {number for number in (ours, theirs) if address(number) in text}
    assert seen == {
        "office": {ours, theirs},
        "leading_group": {ours, theirs},
        "inspector": {ours},
        "other inspector": {theirs},
        "specialist": {ours},
        "leader": {ours},
        "other leader": set(),
        "without post": set(),
        "stranger": set(),
    }


def test_a_finding_opens_to_its_unit_its_inspector_and_the_district(world: World) -> None:
    number = world["finding C01"]
    assert who_sees(world, address(number)) == {"office", "leading_group", "inspector", "specialist", "leader"}


def test_findings_are_pages_in_both_languages(world: World) -> None:
    number = raised(world)
    pages = ["/findings/", "/findings/new/", address(number), address(world["finding C02"])]
    renders_in_both_languages(world.people.office, pages)


def test_the_list_is_searched_by_unit_state_and_kind(world: World) -> None:
    client, ours, theirs = browser(world.people.office), world["finding C01"], world["finding C02"]
    by_name = client.get("/findings/", {"unit": "East Two"}).content.decode()
    assert address(theirs) in by_name and address(ours) not in by_name
    assert "No findings here" in words(client.get("/findings/", {"state": "withdrawn"}))
    assert address(ours) in client.get("/findings/", {"kind": "board_outdated", "year": str(YEAR)}).content.decode()


def test_a_finding_shows_its_fact_its_clause_and_the_item_it_takes_points_from(world: World) -> None:
    text = words(browser(world.people.leader).get(address(world["finding C01"])))
    assert "Two columns of the notice board are from May." in text
    assert "Henan Population and Family Planning Regulations, article 11" in text
    assert "Notice board sound 3 points, less 1.5 for each, never below 0." in text


def test_every_kind_of_finding_counts_somewhere_the_page_can_name(world: World) -> None:
    programme = get_in_force(YEAR)
    assert programme
    counted = {kind.id for kind in programme.finding_kinds if items_counting(programme, kind.id)}
    assert {"benefit_withheld", "board_outdated", "board_personal"} <= counted
    assert [veto.id for veto in vetoes_by(programme, "rights_violation")] == ["rights"]
    assert vetoes_by(programme, "board_outdated") == []


def test_a_finding_that_is_a_veto_says_so(world: World) -> None:
    number = raised(world, kind="rights_violation")
    text = words(browser(world.people.leader).get(address(number)))
    assert "This kind of finding is a veto" in text and "“Unqualified”" in text


def test_the_leader_confirms_the_fact_and_the_page_says_so(world: World) -> None:
    number = raised(world)
    answer = browser(world.people.leader).post(address(number), {"do": "answer", "answer": "confirmed", "words": ""})
    assert answer.status_code == 302 and answer.headers["Location"] == address(number)
    assert known(number).status == "answered"
    assert "accepted by the unit" in words(browser(world.people.leader).get(address(number)))


def test_an_objection_without_words_is_refused_on_the_page_and_leaves_nothing(world: World) -> None:
    number, before = raised(world), Entry.objects.count()
    answer = browser(world.people.leader).post(address(number), {"do": "answer", "answer": "objected", "words": " "})
    assert refuses(answer, "site.objection_without_words")
    assert Entry.objects.count() == before and known(number).answer is None


def test_the_specialist_reads_but_does_not_answer(world: World) -> None:
    number = raised(world)
    client = browser(world.people.specialist)
    assert "Send the answer" not in words(client.get(address(number)))
    assert client.post(address(number), {"do": "answer", "answer": "confirmed"}).status_code == 403
    assert known(number).answer is None


def test_the_office_decides_only_after_the_unit_was_heard(world: World) -> None:
    number, client = raised(world), browser(world.people.office)
    assert "Decide so" not in words(client.get(address(number)))
    early = client.post(address(number), {"do": "decide", "status": "confirmed", "reason": "Seen."})
    assert refuses(early, "site.finding_not_answered")
    findings.answer(by=world.people.leader, finding=number, answer="objected", words="It was paid.")
    assert "Decide so" in words(client.get(address(number)))


def test_a_decision_needs_a_reason_and_is_not_for_who_raised_it(world: World) -> None:
    number = raised(world)
    findings.answer(by=world.people.leader, finding=number, answer="objected", words="It was paid.")
    sent = {"do": "decide", "status": "withdrawn", "reason": "The bank shows it."}
    assert refuses(browser(world.people.second_office).post(address(number), sent), "site.own_finding")
    office = browser(world.people.office)
    assert refuses(office.post(address(number), {**sent, "reason": ""}), "site.reason_missing")
    assert office.post(address(number), sent).status_code == 302
    assert known(number).status == "withdrawn"


def test_ten_days_of_silence_and_the_office_may_decide(world: World) -> None:
    number = raised(world)
    with clock.at(datetime(2026, 2, 5, 9)):
        assert "Decide so" in words(browser(world.people.office).get(address(number)))


def test_a_decided_finding_is_decided_again_only_on_purpose(world: World) -> None:
    client, number = browser(world.people.office), world["finding C01"]
    assert "Decide so" not in words(client.get(address(number)))
    assert "Decide so" in words(client.get(address(number), {"again": "1"}))


def test_the_office_asks_for_a_correction_by_a_day_to_come(world: World) -> None:
    number, client = raised(world), browser(world.people.office)
    findings.answer(by=world.people.leader, finding=number, answer="confirmed")
    findings.decide(by=world.people.office, finding=number, status="confirmed", reason="So it is.")
    past = client.post(address(number), {"do": "correct", "problem": "Pay it.", "due_on": "2026-01-20"})
    assert refuses(past, "site.day_past")
    assert get_correction_of(number) is None
    sent = {"do": "correct", "problem": "Pay it.", "due_on": "2026-02-20"}
    assert client.post(address(number), sent).status_code == 302
    correction = get_correction_of(number)
    assert correction and correction.due_on.isoformat() == "2026-02-20"
    assert f"/corrections/{correction.number}/" in client.get(address(number)).content.decode()


def test_what_is_not_open_to_a_reader_is_forbidden(world: World) -> None:
    number = raised(world)
    for name, reader in readers(world).items():
        if name in ("office", "leader", "stranger"):
            continue
        for do in ("answer", "decide", "correct", ""):
            assert browser(reader).post(address(number), {"do": do}).status_code == 403, (name, do)


def test_the_office_raises_a_finding_and_is_told_what_it_lacks(world: World) -> None:
    client = browser(world.people.office)
    sent = {"unit": "C02", "kind": "contact_not_made", "occurrences": "0", "fact": ""}
    lacking = client.post("/findings/new/", sent)
    assert refuses(lacking, "site.finding_occurrences", "site.finding_without_fact")
    answer = client.post("/findings/new/", {**sent, "occurrences": "2", "fact": "Two calls were not made."})
    assert answer.status_code == 302
    assert known(answer.headers["Location"].split("/")[2]).occurrences == 2


def test_an_inspector_adds_a_finding_to_his_own_visit_only(world: World) -> None:
    page = f"/findings/new/?visit={world['visit C01']}"
    sent = {"unit": "C01", "kind": "place_closed", "occurrences": "1", "fact": "The room was locked at ten."}
    assert browser(world.people.second_inspector).post(page, sent).status_code == 403
    answer = browser(world.people.inspector).post(page, sent)
    assert known(answer.headers["Location"].split("/")[2]).visit == world["visit C01"]
    assert browser(world.people.inspector).get("/findings/new/").status_code == 403


def test_an_unknown_finding_is_not_found(world: World) -> None:
    assert browser(world.people.office).get(address("2025-F99")).status_code == 404


def test_six_findings_cost_as_many_queries_as_three(world: World) -> None:
    client, counts = browser(world.people.office), []
    for _ in range(2):
        for _turn in range(3):
            raised(world)
        client.get("/findings/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/findings/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
