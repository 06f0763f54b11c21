"""Proposing a version of the programme as pages: its faults by line, what it changes, and the two persons it takes."""

from __future__ import annotations

import random
import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.site.actions import grades, people, programmes
from answerable.site.actions.programmes import LARGEST_BYTES
from answerable.site.models import Entry, Person, ProgrammeProposal
from answerable.site.reads.programmes import get_in_force, list_programmes
from answerable.site.reads.proposals import get_proposal, get_source_proposed, list_proposals
from answerable.site.views.proposals import numbered
from answerable.values.issue import Issue, Place
from tests.pages import LANGUAGES, browser, readers, refuses, renders_in_both_languages, who_sees, words
from tests.unit.exchange.district import PROGRAMME as TINY
from tests.world import PROGRAMME, World, publish

SOURCE = PROGRAMME.read_text("utf-8")
NEW = "/programmes/proposals/new/"
ALL = "/programmes/proposals/"
WHY = "Compared with the decision of the meeting."


def changed(version: str = "2026.1") -> str:
    """The next version: another target, another title, other days."""
    swaps = {
        'version: "2025.1"': f'version: "{version}"',
        "{from: 2025-01-01, until: 2027-01-01}": "{from: 2026-01-01, until: 2028-01-01}",
        "indicator: done_share, rule: {ratio_to_target: 95%}": "indicator: done_share, rule: {ratio_to_target: 98%}",
        "en: Health education}": "en: Health education sessions}",
    }
    source = SOURCE
    for old, new in swaps.items():
        assert old in source, old
        source = source.replace(old, new)
    return source


def proposed(world: World) -> str:
    return programmes.propose(by=world.people.office, source=changed().encode(), reason="A higher target.").number


def page_of(number: str) -> str:
    return f"/programmes/proposals/{number}/"


def upload(client: Client, content: bytes, name: str = "programme.yaml", **more: str) -> Any:
    return client.post(NEW, {"paper": SimpleUploadedFile(name, content), **more})


def act(client: Client, number: str, do: str, reason: str = "") -> Any:
    return client.post(page_of(number), {"do": do, "reason": reason})


# -- who may -----------------------------------------------------------------------------------------------------------


def test_the_office_and_the_leading_group_read_proposals_and_the_office_alone_makes_them(world: World) -> None:
    number = proposed(world)
    for address in (ALL, page_of(number), f"{page_of(number)}sheet/", f"{page_of(number)}programme.yaml"):
        assert who_sees(world, address) == {"office", "leading_group"}, address
    assert who_sees(world, NEW) == {"office"}


def test_everyone_who_is_signed_in_reads_the_file_of_a_published_version_and_what_it_changed(world: World) -> None:
    publish(changed(), world.people.office, world.people.second_office)
    digest = list_programmes()[0].digest
    everyone = set(readers(world)) - {"stranger"}
    assert who_sees(world, f"/programmes/{digest}/programme.yaml") == everyone
    assert who_sees(world, f"/programmes/{digest}/changes/") == everyone


def test_nobody_else_acts_on_a_proposal(world: World) -> None:
    number, before = proposed(world), Entry.objects.count()
    for reader in (world.people.leading_group, world.people.leader, world.people.without_post):
        for do in ("publish", "refuse", "withdraw"):
            assert act(browser(reader), number, do, WHY).status_code == 403
        assert upload(browser(reader), changed("2026.2").encode()).status_code == 403
    assert Entry.objects.count() == before


def test_the_pages_are_pages_in_both_languages(world: World) -> None:
    number = proposed(world)
    digest = list_programmes()[0].digest
    pages = [NEW, ALL, page_of(number), f"{page_of(number)}sheet/", "/programmes/", f"/programmes/?version={digest}"]
    renders_in_both_languages(world.people.second_office, [*pages, "/"])
    renders_in_both_languages(world.people.office, pages)
    act(browser(world.people.second_office), number, "publish", WHY)
    digest = list_programmes()[0].digest
    renders_in_both_languages(world.people.office, [*pages, f"/programmes/{digest}/changes/"])


def test_what_is_not_there_is_not_found(world: World) -> None:
    client = browser(world.people.office)
    first = list_programmes()[0].digest
    for address in (
        *(f"{page_of('2026-P9')}{rest}" for rest in ("", "sheet/", "programme.yaml")),
        f"/programmes/{'0' * 64}/changes/",
        f"/programmes/{'0' * 64}/programme.yaml",
        f"/programmes/{first}/changes/",  # the first version changed nothing
    ):
        assert client.get(address).status_code == 404, address


# -- uploading ---------------------------------------------------------------------------------------------------------


def test_a_sound_file_becomes_a_proposal_and_its_bytes_come_back_as_they_were(world: World) -> None:
    client, content = browser(world.people.office), changed().replace("\n", "\r\n").encode()
    answer = upload(client, content, reason="A higher target.")
    assert answer.headers["Location"] == page_of("2026-P1")
    assert "Another person of the office now reads it." in words(client.get(page_of("2026-P1")))
    handed = client.get(f"{page_of('2026-P1')}programme.yaml")
    assert handed.content == content
    assert handed.headers["Content-Type"] == "application/yaml; charset=utf-8"
    assert handed.headers["Content-Disposition"] == 'attachment; filename="family_services-2026.1-2026-P1.yaml"'
    assert get_in_force(2026) == get_in_force(2025), "a proposal is not in force"


def test_a_text_may_be_pasted_and_keeps_plain_line_ends(world: World) -> None:
    sent = changed().replace("\n", "\r\n")
    assert browser(world.people.office).post(NEW, {"text": sent}).headers["Location"] == page_of("2026-P1")
    assert get_source_proposed("2026-P1") == changed()


def test_every_fault_is_told_with_its_line_and_nothing_is_proposed_or_lost(world: World) -> None:
    broken = SOURCE.replace("kinds:", "sorts:", 1).replace("severity: hard", "severity: cruel", 1)
    lines = [at for at, line in enumerate(broken.split("\n"), 1) if "sorts:" in line or "cruel" in line]
    answer = upload(browser(world.people.office), broken.encode(), reason="To be kept.")
    html, text = answer.content.decode(), words(answer)
    assert answer.status_code == 200 and "nothing was proposed" in text
    for line in lines:
        assert f'<a href="#line-{line}">Line {line}</a>' in html
        assert f'<li value="{line}" id="line-{line}" class="bad">' in html
    assert "To be kept." in text and "severity: cruel" in text
    area = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', html, re.S)
    assert (
        area
        and area[1]
        .replace("&quot;", '"')
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
        == broken
    )
    assert list_proposals(open_only=True) == ()


@pytest.mark.parametrize(("language", "said"), [("en", "points is missing"), ("zh-hans", "缺少 points")])
def test_faults_are_told_in_the_language_of_the_reader(world: World, language: str, said: str) -> None:
    broken = TINY.replace("    points: 70\n", "").encode()
    assert said in words(upload(browser(world.people.office, language), broken))


def test_mended_in_the_page_it_is_proposed_without_the_file(world: World) -> None:
    client = browser(world.people.office)
    assert "nothing was proposed" in words(upload(client, changed().replace("kinds:", "sorts:", 1).encode()))
    assert client.post(NEW, {"text": changed(), "reason": ""}).status_code == 302


def test_the_numbered_source_has_every_line_once_and_folds_what_is_far_from_a_fault() -> None:
    text = "\n".join(f"line {at}" for at in range(1, 41))
    runs = numbered(text, [Issue("programme.repeated_key", Place(line=20), {"key": "line"})])
    assert [(run.lines[0].number, run.lines[-1].number, run.folded) for run in runs] == [
        (1, 17, True),
        (18, 22, False),
        (23, 40, True),
    ]
    assert [line.text for run in runs for line in run.lines] == text.split("\n")
    (whole,) = numbered(text)
    assert whole.folded and len(whole.lines) == 40


def test_words_of_a_file_are_escaped_wherever_they_are_shown(world: World) -> None:
    evil = "<script>alert(1)</script></textarea>"
    answer = upload(browser(world.people.office), f"programme: {evil}\nversion: {evil}\n".encode(), reason=evil)
    assert evil not in answer.content.decode() and "&lt;script&gt;" in answer.content.decode()
    titled = changed().replace("en: Health education sessions}", 'en: "<script>alert(1)</script>"}')
    number = programmes.propose(by=world.people.office, source=titled.encode(), reason=evil).number
    for address in (page_of(number), f"{page_of(number)}sheet/", ALL):
        assert "<script>alert" not in browser(world.people.office).get(address).content.decode()


def test_no_file_too_large_a_file_and_a_version_that_is_published_are_refused_with_their_codes(world: World) -> None:
    client = browser(world.people.office)
    assert refuses(client.post(NEW, {"reason": "x"}), "site.programme_empty")
    assert refuses(upload(client, b""), "site.programme_empty")
    assert refuses(upload(client, b"#" * (LARGEST_BYTES + 1)), "site.programme_too_large")
    assert refuses(upload(client, SOURCE.encode()), "site.programme_published")
    assert refuses(upload(client, b"\xff\xfe"), "programme.not_yaml")


def test_a_second_proposal_waits_until_the_first_is_decided(world: World) -> None:
    proposed(world)
    answer = upload(browser(world.people.second_office), changed("2026.2").encode())
    assert refuses(answer, "site.proposal_open") and "2026-P1" in words(answer)


def mutated(source: bytes, seed: int) -> bytes:
    """A file that somebody's editor, hand or disk has spoilt."""
    chance = random.Random(seed)
    bits = [
        b"\x00",
        b"\xff",
        b"\t",
        b"[[[",
        b"{",
        b"}",
        b"'",
        b"*x",
        b"&x",
        b": ",
        b"1e99999",
        b"9999-12-31",
        b"((",
        b"-",
    ]
    for _ in range(chance.randint(1, 3)):
        lines = source.split(b"\n")
        at = chance.randrange(len(lines))
        spot = chance.randint(0, len(lines[at]))
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                lines = lines[: at + 1]
            case 3:
                lines[at] = b"  " + lines[at]
            case _:
                lines[at] = lines[at][:spot] + chance.choice(bits) + lines[at][spot + chance.randint(0, 3) :]
        source = b"\n".join(lines)
    return source


def test_no_spoilt_file_ever_gives_anything_but_an_answer(world: World) -> None:
    clients = [browser(world.people.office, language) for language in LANGUAGES]
    answers = []
    for seed in range(50):
        content = mutated((SOURCE if seed % 5 == 0 else TINY).encode(), seed)
        answer = upload(clients[seed % 2], content)
        answers.append(answer.status_code)
        if answer.status_code == 302:
            assert clients[seed % 2].get(answer.headers["Location"]).status_code == 200
            number = answer.headers["Location"].split("/")[-2]
            programmes.withdraw(by=world.people.office, proposal=number)
        else:
            assert answer.status_code == 200 and "<code>" in answer.content.decode(), seed
    assert answers.count(200) > 40


# -- what it changes ---------------------------------------------------------------------------------------------------


def test_the_second_person_reads_what_changes_and_what_bears_on_scores_stands_first(world: World) -> None:
    text = words(browser(world.people.second_office).get(page_of(proposed(world))))
    heavy, light = text.index("bears on scores"), text.index("bear on no score")
    assert heavy < text.index("the target of 95%") < text.index("the target of 98%") < light
    assert light < text.index("Health education sessions", light)
    assert "What it changes against version 2025.1" in text and "A higher target." in text


def test_the_page_says_from_which_year_on_it_takes_the_place_of_which_version(world: World) -> None:
    text = words(browser(world.people.second_office).get(page_of(proposed(world))))
    assert "from 1 Jan 2026, before 1 Jan 2028" in text
    assert "2026 version 2025.1 0 0" in text and "2027 nothing: no version covers it 0 0" in text
    assert "Agreements of these years have been issued already" not in text


def test_agreements_and_scores_of_its_years_are_told(world: World) -> None:
    grades.run(by=world.people.office, year=2025)
    source = SOURCE.replace('version: "2025.1"', 'version: "2025.2"')
    number = programmes.propose(by=world.people.office, source=source.encode()).number
    text = words(browser(world.people.second_office).get(page_of(number)))
    assert "2025 version 2025.1 4 1" in text
    assert "Agreements of these years have been issued already" in text
    assert "Scores of these years have been computed already" in text


def test_a_version_that_covers_no_whole_year_is_told_to_assess_nobody(world: World) -> None:
    source = changed().replace("until: 2028-01-01", "until: 2026-12-01")
    number = programmes.propose(by=world.people.office, source=source.encode()).number
    assert "It covers no whole year" in words(browser(world.people.second_office).get(page_of(number)))


def test_a_first_version_has_nothing_to_be_compared_with(world: World) -> None:
    source = changed().replace("programme: family_services", "programme: other_services")
    source = source.replace("from: 2026-01-01", "from: 2027-01-01")
    number = programmes.propose(by=world.people.office, source=source.encode()).number
    assert "There is nothing to compare it with" in words(browser(world.people.second_office).get(page_of(number)))


def test_a_file_that_says_the_same_is_said_to_change_nothing_but_its_version(world: World) -> None:
    source = "# another remark\n" + SOURCE.replace('version: "2025.1"', 'version: "2025.2"')
    number = programmes.propose(by=world.people.office, source=source.encode()).number
    text = words(browser(world.people.second_office).get(page_of(number)))
    assert "1 change bears on no score" in text and "on scores" not in text


def test_a_proposal_is_read_as_a_score_sheet_that_says_it_is_not_in_force(world: World) -> None:
    number = proposed(world)
    sheet = f"{page_of(number)}sheet/"
    text = words(browser(world.people.leading_group).get(sheet))
    assert "This version is not in force" in text and "Health education sessions" in text
    programmes.publish(by=world.people.second_office, proposal=number, reason=WHY)
    assert "This version is not in force" not in words(browser(world.people.leading_group).get(sheet))


def test_a_decided_proposal_goes_on_being_compared_with_what_was_in_force_then(world: World) -> None:
    number = proposed(world)
    programmes.refuse_(by=world.people.second_office, proposal=number, reason=WHY)
    publish(changed("2026.2"), world.people.office, world.people.second_office)
    text = words(browser(world.people.office).get(page_of(number)))
    assert "What it changes against version 2025.1" in text and "the target of 98%" in text


def test_everyone_reads_what_a_published_version_changed(world: World) -> None:
    publish(changed(), world.people.office, world.people.second_office)
    client = browser(world.people.leader)
    sheet = client.get(f"/programmes/?version={list_programmes()[0].digest}").content.decode()
    address = re.search(r'href="(/programmes/[0-9a-f]{64}/changes/)"', sheet)
    assert address
    text = words(client.get(address[1]))
    assert "Version 2026.1: what it changed" in text and "the target of 98%" in text
    first = client.get(f"/programmes/?version={list_programmes()[1].digest}").content.decode()
    assert "/changes/" not in first


def test_a_stored_proposal_that_can_no_longer_be_read_is_shown_with_its_faults(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = proposed(world)
    monkeypatch.setattr("answerable.site.reads.proposals.get_source_proposed", lambda _: "programme: [")
    client = browser(world.people.second_office)
    assert "programme.not_yaml" in words(client.get(page_of(number)))
    assert client.get(f"{page_of(number)}sheet/").status_code == 302


# -- two persons -------------------------------------------------------------------------------------------------------


def buttons(answer: Any) -> set[str]:
    return set(re.findall(r'name="do" value="(\w+)"', answer.content.decode()))


def test_each_is_offered_what_each_may_do(world: World) -> None:
    number, people_here = proposed(world), world.people
    offered = {
        name: buttons(browser(person).get(page_of(number)))
        for name, person in (
            ("proposer", people_here.office),
            ("second", people_here.second_office),
            ("group", people_here.leading_group),
        )
    }
    assert offered == {"proposer": {"withdraw"}, "second": {"publish", "refuse"}, "group": set()}
    text = words(browser(people_here.office).get(page_of(number)))
    assert "Another person of the office has to publish this" in text


def test_the_second_person_publishes_with_a_reason_and_it_is_in_force(world: World) -> None:
    number, client = proposed(world), browser(world.people.second_office)
    assert refuses(act(client, number, "publish", " "), "site.reason_missing")
    assert act(client, number, "publish", WHY).headers["Location"] == page_of(number)
    text = words(client.get(page_of(number)))
    assert "The version is in force." in text and WHY in text and "Published by" in text
    in_force = get_in_force(2026)
    assert in_force and in_force.version == "2026.1"
    assert buttons(client.get(page_of(number))) == set()


def test_the_proposer_is_refused_even_if_the_request_is_made_by_hand(world: World) -> None:
    number, client = proposed(world), browser(world.people.office)
    for do in ("publish", "refuse"):
        assert refuses(act(client, number, do, WHY), "site.own_proposal")
    assert refuses(act(browser(world.people.second_office), number, "withdraw"), "site.proposal_of_other")
    found = get_proposal(number)
    assert found and found.is_open
    assert act(client, number, "burn").status_code == 403


def test_the_second_person_refuses_with_a_reason_that_stays_to_be_read(world: World) -> None:
    number, client = proposed(world), browser(world.people.second_office)
    assert refuses(act(client, number, "refuse"), "site.reason_missing")
    act(client, number, "refuse", "The meeting decided 97 %.")
    assert "The meeting decided 97 %." in words(browser(world.people.office).get(page_of(number)))
    assert "The meeting decided 97 %." in words(browser(world.people.office).get(ALL))


def test_the_proposer_withdraws(world: World) -> None:
    number, client = proposed(world), browser(world.people.office)
    assert act(client, number, "withdraw").status_code == 302
    assert "Withdrawn by" in words(client.get(page_of(number)))
    assert ProgrammeProposal.objects.filter(number=number).exists()


def test_whoever_comes_second_is_told_who_was_first(world: World) -> None:
    number = proposed(world)
    people.open_account(by=world.people.office, username="office-3", display_name="Office Three", password=None)
    people.appoint(by=world.people.office, username="office-3", post="office", from_day=date(2025, 1, 1))
    late = browser(Person.objects.get(username="office-3"))
    assert "publish" in buttons(late.get(page_of(number)))
    act(browser(world.people.second_office), number, "publish", WHY)
    answer = act(late, number, "publish", WHY)
    assert refuses(answer, "site.proposal_published") and "by Office-2" in words(answer)


# -- lists and the work list -------------------------------------------------------------------------------------------


def test_the_page_of_the_programme_lists_versions_and_what_is_proposed(world: World) -> None:
    publish(SOURCE.replace('version: "2025.1"', 'version: "2025.2"'), world.people.office, world.people.second_office)
    later = changed("2027.1").replace("from: 2026-01-01", "from: 2027-01-01")
    publish(later, world.people.office, world.people.second_office)
    number = proposed(world)
    office, leader = (words(browser(one).get("/programmes/")) for one in (world.people.office, world.people.leader))
    for text in (office, leader):
        assert "2027.1" in text and "in force later" in text and "no longer in force" in text
    assert number in office and "waits for a second person" in office and number not in leader
    assert "Propose a new version" in office and "Propose a new version" not in leader


def test_a_proposal_waits_on_the_work_list_of_everyone_of_the_office_but_the_proposer(world: World) -> None:
    number = proposed(world)
    line = f"Read the proposed programme {number} and decide"
    seen = {name for name, reader in readers(world).items() if line in words(browser(reader).get("/"))}
    assert seen == set()
    assert line in words(browser(world.people.second_office).get("/"))
    programmes.publish(by=world.people.second_office, proposal=number, reason=WHY)
    assert line not in words(browser(world.people.second_office).get("/"))


def test_more_proposals_cost_no_further_query(world: World) -> None:
    client = browser(world.people.second_office)
    number = proposed(world)
    pages = (ALL, "/programmes/", page_of(number), "/")
    counts = []
    for more in (0, 3):
        for at in range(more):
            source = changed(f"{at}").replace("programme: family_services", f"programme: other_{at}")
            source = source.replace("from: 2026-01-01, until: 2028", f"from: {2030 + at}-01-01, until: {2031 + at}")
            programmes.propose(by=world.people.office, source=source.encode())
        taken = []
        for address in pages:
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            taken.append(len(asked))
        counts.append(taken)
    assert counts[0] == counts[1]
