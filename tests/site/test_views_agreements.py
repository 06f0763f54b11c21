"""Agreements as pages: issued one by one or all at once, read as they will be printed, signed by the right side."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.exchange import pdf
from answerable.site import clock
from answerable.site.actions import agreements, people, units
from answerable.site.models import AgreementSignature, AgreementVersion, Entry
from answerable.site.reads.agreements import get_agreement, get_agreement_of
from answerable.site.views import signing
from answerable.values import Issue, Text
from tests.pages import browser, readers, refuses, renders_in_both_languages, who_sees, words
from tests.world import FORM, PROGRAMME, YEAR, World, publish

LIST = f"/agreements/?year={YEAR}"


def signatures(number: str) -> set[str]:
    found = get_agreement(number)
    assert found
    return set(found.signatures)


def more_units(world: World, *codes: str) -> None:
    """Communities of a later day, each with its agreement."""
    entered = [
        units.UnitEntered(code, Text(zh=f"社区{code}", en=f"Community {code}"), "community", [FORM]) for code in codes
    ]
    units.register(by=world.people.office, units=entered, valid_from=date(2026, 1, 15))
    for code in codes:
        agreements.issue(by=world.people.office, unit=code, year=YEAR)


# -- who sees what -----------------------------------------------------------------------------------------------------


def test_the_district_sees_every_agreement_and_a_unit_its_own(world: World) -> None:
    numbers = {world[f"agreement {code}"] for code in ("C01", "C02", "D01", "E01")}
    seen = {}
    for name, reader in readers(world).items():
        answer = browser(reader).get(LIST)
        text = answer.content.decode() if answer.status_code == 200 else ""
        seen[name] = {number for number in numbers if f"/agreements/{number}/" in text}
    nothing: set[str] = set()
    assert seen == {
        "office": numbers,
        "leading_group": numbers,
        "inspector": nothing,
        "other inspector": nothing,
        "specialist": {world["agreement C01"]},
        "leader": {world["agreement C01"]},
        "other leader": {world["agreement D01"]},
        "without post": nothing,
        "stranger": nothing,
    }


def test_an_agreement_opens_to_its_unit_and_the_district(world: World) -> None:
    number = world["agreement C01"]
    for address in (f"/agreements/{number}/", f"/agreements/{number}.docx"):
        assert who_sees(world, address) == {"office", "leading_group", "specialist", "leader"}


def test_only_the_office_is_asked_whether_to_issue_and_to_sign_for_many(world: World) -> None:
    assert who_sees(world, "/agreements/issue/?year=2026") == {"office"}
    agreements.sign(by=world.people.of_unit("E01", "leader"), agreement=world["agreement E01"], side="unit")
    assert who_sees(world, f"/agreements/sign/?year={YEAR}") == {"office"}


def test_agreements_are_pages_in_both_languages(world: World) -> None:
    number = world["agreement E01"]
    agreements.sign(by=world.people.of_unit("E01", "leader"), agreement=number, side="unit")
    pages = [
        "/agreements/",
        LIST,
        f"/agreements/{number}/",
        f"/agreements/{number}/sign/",
        f"/agreements/sign/?year={YEAR}",
        "/agreements/issue/?year=2026",
        "/agreements/issue/?year=2026&unit=C01",
    ]
    renders_in_both_languages(world.people.office, pages)
    renders_in_both_languages(world.people.leader, ["/agreements/", LIST, f"/agreements/{world['agreement C01']}/"])


def test_what_is_not_there_is_not_found(world: World) -> None:
    client = browser(world.people.office)
    absent = ["/agreements/2025-X99-1/", "/agreements/2025-X99-1.pdf", f"/agreements/{world['agreement C01']}.xls"]
    for address in [*absent, "/agreements/issue/?unit=X99"]:
        assert client.get(address).status_code == 404, address


# -- the list ----------------------------------------------------------------------------------------------------------


def test_the_list_tells_who_still_has_to_sign(world: World) -> None:
    agreements.sign(by=world.people.of_unit("E01", "leader"), agreement=world["agreement E01"], side="unit")
    answer = browser(world.people.office).get(LIST)
    assert "Sign the one its unit signed" in words(answer)
    chips = re.findall(r"</i>([^<]+)</span>", answer.content.decode())
    assert sorted(chips) == ["signed by both sides"] * 3 + ["signed by the unit"]


def test_the_list_is_searched_by_name_and_state(world: World) -> None:
    client = browser(world.people.office)
    for query, found in (("unit=east", {"C01", "C02"}), ("unit=纺织", {"E01"}), ("state=issued", {"E01"})):
        text = client.get(f"{LIST}&{query}").content.decode()
        assert {code for code in ("C01", "C02", "D01", "E01") if world[f"agreement {code}"] in text} == found
    assert "No agreement fits this search" in words(client.get(f"{LIST}&state=not_issued"))


def test_a_year_without_a_programme_says_what_comes_first(world: World) -> None:
    assert "No programme covers this year" in words(browser(world.people.office).get("/agreements/?year=2031"))


def test_the_list_takes_as_many_queries_for_three_units_more(world: World) -> None:
    client, counts = browser(world.people.office), []
    for codes in ((), ("N01", "N02", "N03")):
        more_units(world, *codes) if codes else None
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- issuing -----------------------------------------------------------------------------------------------------------


def test_asking_writes_nothing_and_saying_yes_issues_every_missing_agreement(world: World) -> None:
    client, before = browser(world.people.office), Entry.objects.count()
    asked = words(client.get("/agreements/issue/?year=2026"))
    assert "Issue the agreement of 2026 to 4 units?" in asked and "East One Community" in asked
    assert Entry.objects.count() == before
    answer = client.post("/agreements/issue/?year=2026")
    assert answer.status_code == 302 and answer.headers["Location"] == "/agreements/?year=2026"
    assert AgreementVersion.objects.filter(year=2026).count() == 4
    assert "4 agreements are issued." in words(client.get(answer.headers["Location"]))
    assert client.get("/agreements/issue/?year=2026").status_code == 302


def test_one_agreement_is_issued_to_one_unit(world: World) -> None:
    answer = browser(world.people.office).post("/agreements/issue/?year=2026&unit=C02")
    assert answer.headers["Location"] == "/agreements/2026-C02-1/"
    assert [row.unit_code for row in AgreementVersion.objects.filter(year=2026)] == ["C02"]


def test_issuing_twice_is_refused_with_its_code(world: World) -> None:
    answer = browser(world.people.office).post(f"/agreements/issue/?year={YEAR}&unit=C01")
    assert refuses(answer, "site.agreement_issued")


def test_after_the_programme_changed_the_agreement_offers_to_be_issued_anew(world: World) -> None:
    source = PROGRAMME.read_text("utf-8").replace('version: "2025.1"', 'version: "2025.2"')
    publish(source, world.people.office, world.people.second_office)
    client, old = browser(world.people.office), world["agreement C01"]
    assert "The programme has changed since" in words(client.get(f"/agreements/{old}/"))
    asked = words(client.get(f"/agreements/issue/?year={YEAR}&unit=C01"))
    assert f"It takes the place of {old}" in asked
    new = client.post(f"/agreements/issue/?year={YEAR}&unit=C01").headers["Location"]
    assert new == "/agreements/2025-C01-2/"
    text = words(client.get(f"/agreements/{old}/"))
    assert "Replaced by a later one" in text and "Sign for the office" not in text


def test_nobody_else_issues(world: World) -> None:
    for name, reader in readers(world).items():
        if name != "office":
            answer = browser(reader).post("/agreements/issue/?year=2026")
            assert answer.status_code == (302 if name == "stranger" else 403)
    assert not AgreementVersion.objects.filter(year=2026).exists()


# -- signing -----------------------------------------------------------------------------------------------------------


def test_each_side_signs_after_being_asked(world: World) -> None:
    number, leader = world["agreement E01"], browser(world.people.of_unit("E01", "leader"))
    assert "Sign for the unit" in words(leader.get(f"/agreements/{number}/"))
    assert "Sign this agreement for the unit?" in words(leader.get(f"/agreements/{number}/sign/"))
    assert signatures(number) == set()
    assert leader.post(f"/agreements/{number}/sign/").headers["Location"] == f"/agreements/{number}/"
    assert signatures(number) == {"unit"}
    browser(world.people.office).post(f"/agreements/{number}/sign/")
    assert signatures(number) == {"unit", "office"}
    assert "Sign for" not in words(leader.get(f"/agreements/{number}/"))


def test_nobody_signs_for_another_unit_or_without_the_post(world: World) -> None:
    number = world["agreement E01"]
    for reader in (world.people.leader, world.people.of_unit("E01", "specialist"), world.people.leading_group):
        assert browser(reader).post(f"/agreements/{number}/sign/").status_code == 403
    assert browser(world.people.stranger).post(f"/agreements/{number}/sign/").status_code == 302
    assert signatures(number) == set()


def test_signing_twice_is_refused_with_its_code(world: World) -> None:
    answer = browser(world.people.leader).post(f"/agreements/{world['agreement C01']}/sign/")
    assert refuses(answer, "site.agreement_signed")


def test_the_office_signs_all_that_units_have_signed_and_no_other(world: World) -> None:
    more_units(world, "N01")
    agreements.sign(by=world.people.of_unit("E01", "leader"), agreement=world["agreement E01"], side="unit")
    client = browser(world.people.office)
    assert "Sign one agreement for the office?" in words(client.get(f"/agreements/sign/?year={YEAR}"))
    client.post(f"/agreements/sign/?year={YEAR}")
    assert signatures(world["agreement E01"]) == {"unit", "office"}
    assert signatures("2025-N01-1") == set()


def test_what_the_door_refuses_is_told_and_the_others_are_signed(world: World) -> None:
    """Whoever signed for the unit does not sign for the office as well, but signs for the other units."""
    more_units(world, "N01")
    for code in ("E01", "N01"):
        username = "office" if code == "E01" else "leader-c02"
        people.appoint(by=world.people.office, username=username, post="leader", unit=code, from_day=date(2026, 1, 16))
    agreements.sign(by=world.people.office, agreement=world["agreement E01"], side="unit")
    agreements.sign(by=world.people.of_unit("C02", "leader"), agreement="2025-N01-1", side="unit")
    client = browser(world.people.office)
    text = words(client.post(f"/agreements/sign/?year={YEAR}", follow=True))
    assert "[site.same_person]" in text and "One signed." in text
    assert signatures(world["agreement E01"]) == {"unit"}
    assert signatures("2025-N01-1") == {"unit", "office"}


# -- the text and the documents ----------------------------------------------------------------------------------------


def test_the_page_says_the_duties_their_clauses_and_the_calendar(world: World) -> None:
    text = words(browser(world.people.leader).get(f"/agreements/{world['agreement C01']}/"))
    for said in ("Duties and targets", "Calendar of returns", "5 February 2025", "Vetoes", "signed"):
        assert said in text
    assert "Population and Family Planning Law, article 15" in text


def test_an_agreement_is_taken_away_as_docx_in_either_language(world: World) -> None:
    client, number = browser(world.people.leader), world["agreement C01"]
    found = {}
    for said in ("zh", "en"):
        answer = client.get(f"/agreements/{number}.docx?lang={said}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}.{said}.docx"'
        found[said] = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
    assert "东一社区" in found["zh"] and "East One Community" in found["en"]


def test_the_document_bears_a_signature_as_soon_as_it_is_given(world: World) -> None:
    number, leader = world["agreement E01"], world.people.of_unit("E01", "leader")
    before = browser(leader).get(f"/agreements/{number}.docx").content
    with clock.at(datetime(2026, 1, 20, 15)):
        agreements.sign(by=leader, agreement=number, side="unit")
    assert browser(leader).get(f"/agreements/{number}.docx").content != before
    assert AgreementSignature.objects.filter(agreement__number=number).count() == 1


def test_without_a_chinese_font_the_page_names_the_package_and_offers_the_docx(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = (Issue("documents.no_chinese_font", facts={"package": pdf.PACKAGE}),)
    monkeypatch.setattr(pdf, "missing_fonts", lambda report, fonts=None: missing)
    signing._file.cache_clear()
    client, number = browser(world.people.leader), world["agreement C01"]
    assert f"/agreements/{number}.pdf" not in client.get(f"/agreements/{number}/").content.decode()
    answer = client.get(f"/agreements/{number}.pdf?lang=zh")
    assert answer.status_code == 503
    text = answer.content.decode()
    assert pdf.PACKAGE in text and f"/agreements/{number}.docx?lang=zh" in text


def test_the_agreement_in_force_is_found_by_its_year(world: World) -> None:
    found = get_agreement_of("C01", YEAR)
    assert found and found.number == world["agreement C01"]
