"""Corrections as pages: the unit shows what it did, somebody else closes it, and evidence goes to whom it concerns."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site import clock
from answerable.site.actions import corrections, evidence, findings
from answerable.site.models import CorrectionStep, Entry, Evidence
from answerable.site.reads.corrections import CorrectionAsked, get_correction
from answerable.values.canonical import digest
from tests.pages import browser, readers, refuses, renders_in_both_languages, who_sees, words
from tests.pictures import picture
from tests.world import PDF, YEAR, World

PNG = picture()


def opened(world: World, unit: str = "C01", day: date = date(2026, 2, 20)) -> str:
    """A correction asked for today, on no finding."""
    return corrections.open_(
        by=world.people.office, unit=unit, year=YEAR, problem="Renew the board.", due_on=day
    ).number


def address(number: str) -> str:
    return f"/corrections/{number}/"


def known(number: str) -> CorrectionAsked:
    found = get_correction(number)
    assert found
    return found


def paper(name: str = "board.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def submitted(world: World, number: str, *papers: SimpleUploadedFile, said: str = "All columns are renewed.") -> Any:
    asked = {"do": "submit", "words": said, "papers": list(papers)}
    return browser(world.people.specialist).post(address(number), asked)


# -- who sees what -----------------------------------------------------------------------------------------------------


def test_each_sees_in_the_list_what_is_theirs(world: World) -> None:
    ours, theirs = world["correction C01"], world["correction C02"]
    seen = {}
    for name, reader in readers(world).items():
        answer = browser(reader).get("/corrections/")
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


def test_a_correction_and_its_evidence_open_to_the_same_people(world: World) -> None:
    number = world["correction C01"]
    sha256 = known(number).files[0].sha256
    concerned = {"office", "leading_group", "inspector", "specialist", "leader"}
    assert who_sees(world, address(number)) == concerned
    assert who_sees(world, f"/evidence/{sha256}") == concerned


def test_corrections_are_pages_in_both_languages(world: World) -> None:
    pages = [
        "/corrections/",
        address(world["correction C01"]),
        address(world["correction C02"]),
        address(opened(world)),
    ]
    renders_in_both_languages(world.people.office, pages)
    renders_in_both_languages(world.people.specialist, [pages[0], pages[1], pages[3]])
    assert browser(world.people.office).get(address("2025-C99")).status_code == 404


# -- the list ----------------------------------------------------------------------------------------------------------


def test_what_is_overdue_comes_first(world: World) -> None:
    late, early = opened(world, day=date(2026, 1, 25)), opened(world, "D01", date(2026, 1, 30))
    with clock.at(datetime(2026, 1, 28, 9)):
        answer = browser(world.people.office).get("/corrections/")
    order = re.findall(r'<th scope="row"><a href="/corrections/([^/]+)/">', answer.content.decode())
    assert order == [late, early, world["correction C02"], world["correction C01"]]


def test_the_list_is_searched_by_unit_state_and_year(world: World) -> None:
    client, ours, theirs = browser(world.people.office), world["correction C01"], world["correction C02"]
    for query, found in (
        ({"unit": "East Two"}, {theirs}),
        ({"state": "closed"}, {ours}),
        ({"year": "2025"}, {ours, theirs}),
        ({"year": "2026"}, set()),
    ):
        text = client.get("/corrections/", query).content.decode()
        assert {number for number in (ours, theirs) if address(number) in text} == found, query


def test_an_empty_list_says_where_corrections_come_from(world: World) -> None:
    text = words(browser(world.people.of_unit("E01", "leader")).get("/corrections/"))
    assert "Nothing has to be put right" in text


def test_the_list_takes_as_many_queries_for_more_corrections(world: World) -> None:
    client, counts = browser(world.people.office), []
    for _turn in range(2):
        for unit in ("C01", "C02", "D01"):
            evidence.attach(
                by=world.people.of_unit(unit, "leader"), correction=opened(world, unit), name="a.pdf", content=PDF
            )
        client.get("/corrections/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/corrections/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- the unit ----------------------------------------------------------------------------------------------------------


def test_a_unit_submits_with_words_and_several_files(world: World) -> None:
    number = opened(world)
    answer = submitted(world, number, paper(), paper("after.png", PNG))
    assert answer.status_code == 302 and answer.headers["Location"] == address(number)
    found = known(number)
    assert found.state == "submitted" and found.steps[0].words == "All columns are renewed."
    assert {file.name for file in found.files} == {"board.pdf", "after.png"}
    assert set(found.steps[0].evidence) == {digest(PDF), digest(PNG)}
    text = browser(world.people.leader).get(address(number)).content.decode()
    assert f'href="/evidence/{digest(PDF)}">board.pdf' in text


def test_without_words_nothing_is_filed_and_without_evidence_nothing_is_submitted(world: World) -> None:
    number = opened(world)
    assert refuses(submitted(world, number, paper(), said=" "), "site.correction_without_words")
    assert not known(number).files
    assert refuses(submitted(world, number), "site.correction_without_evidence")
    assert known(number).state == "open"


def test_a_file_that_may_not_be_filed_is_told_at_its_field(world: World) -> None:
    number = opened(world)
    answer = submitted(world, number, paper(), paper("residents.xlsx", b"PK\x03\x04"))
    assert refuses(answer, "site.file_type")
    text = answer.content.decode()
    assert 'id="submit_papers_error"' in text and "All columns are renewed." in text
    assert "Filed, and not part of a submission yet" in text and "board.pdf" in text
    assert known(number).state == "open"
    assert submitted(world, number).status_code == 302, "the file filed before is evidence enough"


def test_the_largest_file_is_said_beforehand_and_kept_to(world: World) -> None:
    number = opened(world)
    assert "5 files of 5 MB" in words(browser(world.people.specialist).get(address(number)))
    assert refuses(submitted(world, number, paper(content=PDF + b"0" * 5 * 1024 * 1024)), "site.file_too_large")
    assert not Evidence.objects.filter(about__endswith=number).exists()


def test_only_the_unit_submits_and_only_while_it_is_its_turn(world: World) -> None:
    number = opened(world)
    for name, reader in readers(world).items():
        if name not in ("specialist", "leader"):
            answer = browser(reader).post(address(number), {"do": "submit", "words": "Done.", "papers": paper()})
            assert answer.status_code == (302 if name == "stranger" else 403), name
    assert not known(number).files
    submitted(world, number, paper())
    again = submitted(world, number, paper("more.png", PNG))
    assert refuses(again, "site.correction_not_open", "site.correction_without_evidence")
    assert len(known(number).files) == 1


def test_looking_writes_nothing(world: World) -> None:
    number, before = opened(world), Entry.objects.count() + 1
    opened(world)
    for reader in (world.people.office, world.people.specialist):
        browser(reader).get(address(number))
        browser(reader).get("/corrections/")
    assert Entry.objects.count() == before


# -- the one who confirms ----------------------------------------------------------------------------------------------


def test_the_office_closes_or_sends_back_with_a_reason(world: World) -> None:
    number = opened(world)
    client = browser(world.people.office)
    submitted(world, number, paper())
    assert refuses(client.post(address(number), {"do": "send_back", "reason": " "}), "site.reason_missing")
    client.post(address(number), {"do": "send_back", "reason": "One column is missing."})
    assert known(number).state == "sent_back"
    text = words(browser(world.people.specialist).get(address(number)))
    assert "One column is missing." in text and "Submit the correction" in text
    submitted(world, number, paper("after.png", PNG), said="Now it is there.")
    client.post(address(number), {"do": "close", "words": "Seen."})
    assert known(number).state == "closed"
    assert "Seen." in words(client.get(address(number)))


def test_closing_what_is_not_submitted_is_refused_with_its_code(world: World) -> None:
    number = opened(world)
    client = browser(world.people.office)
    assert "Confirm and close" not in words(client.get(address(number)))
    assert refuses(client.post(address(number), {"do": "close"}), "site.correction_not_submitted")


def test_whoever_found_the_fault_is_told_that_somebody_else_closes_it(world: World) -> None:
    """The office raises a finding itself: then another of the office judges its repair."""
    raised = findings.raise_(
        by=world.people.office, unit="C01", year=YEAR, kind="board_outdated", occurrences=1, fact="Board of May."
    ).number
    findings.answer(by=world.people.leader, finding=raised, answer="confirmed", words="")
    findings.decide(by=world.people.second_office, finding=raised, status="confirmed", reason="Seen.")
    number = corrections.open_(
        by=world.people.second_office, unit="C01", year=YEAR, problem="Renew.", due_on=date(2026, 2, 20), finding=raised
    ).number
    submitted(world, number, paper())
    text = words(browser(world.people.office).get(address(number)))
    assert "Someone else has to confirm this" in text and "Confirm and close" not in text
    assert refuses(browser(world.people.office).post(address(number), {"do": "close"}), "site.own_finding")
    assert "Confirm and close" in words(browser(world.people.second_office).get(address(number)))


def test_units_inspectors_and_the_leading_group_close_nothing(world: World) -> None:
    number = world["correction C02"]
    before = CorrectionStep.objects.count()
    for name, reader in readers(world).items():
        if name != "office":
            for asked in ({"do": "close"}, {"do": "send_back", "reason": "No."}, {"do": "else"}, {}):
                answer = browser(reader).post(address(number), asked)
                assert answer.status_code == (302 if name == "stranger" else 403), (name, asked)
    assert CorrectionStep.objects.count() == before


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_evidence_is_handed_out_as_a_file_and_never_shown(world: World) -> None:
    found = known(world["correction C01"]).files[0]
    answer = browser(world.people.leader).get(f"/evidence/{found.sha256}")
    assert answer.content == PDF + b"C01"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="board.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_name_in_chinese_is_kept(world: World) -> None:
    number = opened(world)
    submitted(world, number, paper("整改 报告.pdf"))
    answer = browser(world.people.office).get(f"/evidence/{digest(PDF)}")
    assert "filename*=utf-8''%E6%95%B4%E6%94%B9%20" in answer.headers["Content-Disposition"]


def test_one_file_filed_by_two_units_opens_to_both_and_to_no_third(world: World) -> None:
    for unit in ("C01", "C02"):
        person = world.people.of_unit(unit, "specialist")
        evidence.attach(by=person, correction=opened(world, unit), name=f"{unit}.pdf", content=PDF)
    for unit in ("C01", "C02"):
        answer = browser(world.people.of_unit(unit, "leader")).get(f"/evidence/{digest(PDF)}")
        assert f"{unit}.pdf" in answer.headers["Content-Disposition"]
    assert browser(world.people.of_unit("D01", "leader")).get(f"/evidence/{digest(PDF)}").status_code == 403


def test_a_file_filed_again_elsewhere_is_noticed_and_not_refused(world: World) -> None:
    first, second, third = opened(world), opened(world), opened(world, "C02")
    submitted(world, first, paper("before.png", PNG))
    assert "also filed" not in words(browser(world.people.office).get(address(first)))
    submitted(world, second, paper("after.png", PNG))
    person = world.people.of_unit("C02", "specialist")
    evidence.attach(by=person, correction=third, name="ours.png", content=PNG)
    office, unit, other = (browser(one) for one in (world.people.office, world.people.specialist, person))
    assert f"the same file was also filed with {second} · {third}" in words(office.get(address(first)))
    assert f"the same file was also filed with {first}" in words(unit.get(address(second)))
    assert third not in words(unit.get(address(second))), "what another unit filed it with is not told"
    assert "the same file was also filed elsewhere" in words(other.get(address(third)))


def test_a_file_that_was_changed_or_is_gone_is_not_handed_out(world: World, evidence_folder: Path) -> None:
    sha256, client = known(world["correction C01"]).files[0].sha256, browser(world.people.office)
    kept = (evidence_folder / sha256).read_bytes()
    try:
        (evidence_folder / sha256).write_bytes(kept + b" ")
        assert client.get(f"/evidence/{sha256}").status_code == 503
        (evidence_folder / sha256).unlink()
        answer = client.get(f"/evidence/{sha256}")
        assert answer.status_code == 503 and "This file cannot be handed out" in words(answer)
    finally:
        (evidence_folder / sha256).write_bytes(kept)
    assert client.get(f"/evidence/{'0' * 64}").status_code == 404
