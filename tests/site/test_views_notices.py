"""What is public: the bulletin with its figures from the run, its documents, and how to check it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from answerable.exchange import pdf
from answerable.exchange.report import Heading, Paragraph
from answerable.ledger.entry import ROOT_BEFORE
from answerable.site.actions import grades, notices
from answerable.site.models import Entry
from answerable.site.reads.grades import Run, get_run, get_score_table
from answerable.site.reads.ledger import list_entries
from answerable.site.reads.notices import Published, get_notice, list_notices
from answerable.site.reads.programmes import get_programme
from answerable.site.views import notices as notices_page
from answerable.values import Text
from answerable.values.issue import Issue, Refused
from tests.pages import browser, readers, refuses, renders_in_both_languages, who_sees, words
from tests.site.test_views_grades import more_units
from tests.world import YEAR, World

TITLE = Text(zh="关于2025年度考核结果的通报", en="Results of the year 2025")


@pytest.fixture
def run(world: World) -> Run:
    """The year computed and confirmed."""
    number = grades.run(by=world.people.office, year=YEAR).number
    grades.confirm(by=world.people.leading_group, run=number, reason="Looked at on Monday.")
    found = get_run(number)
    assert found
    return found


@pytest.fixture
def notice(world: World, run: Run) -> Published:
    """The bulletin of the year, published."""
    found = get_notice(notices.publish(by=world.people.office, run=run.number, title=TITLE).number)
    assert found
    return found


def board(world: World, language: str = "en") -> HttpResponse:
    """The front page as a stranger gets it."""
    request = RequestFactory().get("/")
    request.user = world.people.stranger
    with translation.override(language):
        return notices_page.board(request)


# -- publishing --------------------------------------------------------------------------------------------------------


def test_the_office_publishes_a_confirmed_run_under_a_title_in_both_languages(world: World, run: Run) -> None:
    client, address = browser(world.people.office), f"/notices/publish/{run.number}/"
    assert address in client.get("/notices/").content.decode()
    assert "Publish the bulletin of 2025?" in words(client.get(address))
    lacking = client.post(address, {"title_zh": "", "title_en": TITLE.en})
    assert lacking.status_code == 200 and list_notices() == ()
    answer = client.post(address, {"title_zh": TITLE.zh, "title_en": TITLE.en})
    (made,) = list_notices()
    assert answer.headers["Location"] == f"/bulletins/{made.number}/" and made.title == TITLE


def test_what_is_not_confirmed_is_not_published(world: World) -> None:
    number = grades.run(by=world.people.office, year=YEAR).number
    client, before = browser(world.people.office), Entry.objects.count()
    assert "waits for the leading group" in words(client.get("/notices/"))
    sent = {"title_zh": TITLE.zh, "title_en": TITLE.en}
    assert refuses(client.post(f"/notices/publish/{number}/", sent), "site.run_not_confirmed")
    assert Entry.objects.count() == before


def test_a_run_is_published_once(world: World, notice: Published) -> None:
    sent = {"title_zh": TITLE.zh, "title_en": TITLE.en}
    answer = browser(world.people.office).post(f"/notices/publish/{notice.run}/", sent)
    assert refuses(answer, "site.notice_published")
    assert browser(world.people.office).get("/notices/publish/2025-R9/").status_code == 404


def test_only_the_office_publishes(world: World, run: Run) -> None:
    assert who_sees(world, "/notices/") == {"office"}
    assert who_sees(world, f"/notices/publish/{run.number}/") == {"office"}
    for name, reader in readers(world).items():
        if name not in ("office", "stranger"):
            sent = {"title_zh": TITLE.zh, "title_en": TITLE.en}
            assert browser(reader).post(f"/notices/publish/{run.number}/", sent).status_code == 403
    assert list_notices() == ()


# -- the board ---------------------------------------------------------------------------------------------------------


def test_before_the_first_bulletin_the_front_page_says_so(world: World) -> None:
    assert "No bulletin is published yet" in words(board(world))
    assert "No bulletin is published yet" in words(browser(world.people.stranger).get("/bulletins/"))


def test_the_front_page_leads_to_the_bulletin_with_its_counts(world: World, notice: Published, run: Run) -> None:
    page = board(world)
    assert f'href="/bulletins/{notice.number}/"' in page.content.decode()
    assert f"{run.units} Units assessed 2 Advanced 1 Qualified 1 Unqualified" in words(page)
    assert "/accounts/login/" in page.content.decode()
    assert TITLE.zh in words(board(world, "zh-hans"))


# -- the bulletin ------------------------------------------------------------------------------------------------------


def test_everyone_reads_the_bulletin_without_signing_in(world: World, notice: Published) -> None:
    for name, reader in readers(world).items():
        for page in ("/bulletins/", f"/bulletins/{notice.number}/"):
            assert browser(reader).get(page).status_code == 200, name


def test_public_and_office_pages_render_in_both_languages(world: World, notice: Published) -> None:
    renders_in_both_languages(world.people.stranger, ["/bulletins/", f"/bulletins/{notice.number}/"])
    renders_in_both_languages(world.people.office, ["/notices/", f"/notices/publish/{notice.run}/"])


def test_the_bulletin_shows_the_counts_and_every_unit_of_its_run(world: World, notice: Published, run: Run) -> None:
    text = words(browser(world.people.stranger).get(f"/bulletins/{notice.number}/"))
    assert TITLE.en in text and "4 Units assessed 2 Advanced 1 Qualified 1 Unqualified" in text
    for row in get_score_table(run).rows:
        place = f" {row.place} of {row.of}" if row.place else ""
        assert re.search(rf"{row.name.en} {row.unit} · \w+ {row.total} {row.grade_title.en}\b.*?{place}", text)


def test_the_text_of_the_page_is_that_of_the_document(world: World, notice: Published, run: Run) -> None:
    page = words(browser(world.people.stranger).get(f"/bulletins/{notice.number}/"))
    report = notices_page._report(notice, run.snapshot_digest, "en")
    # The kinds head the document's lists of units; the page has one list of them, which can be searched.
    kinds = [text.en for text in get_programme(run.programme_digest).unit_kinds.values()]
    said = [str(block.text) for block in report.blocks if isinstance(block, Heading | Paragraph)]
    said = [text for text in said if not text.startswith(tuple(f"{kind} (" for kind in kinds))]
    assert len(said) > 4 and [text for text in said if " ".join(text.split()) not in page] == []
    assert report.title == TITLE.en


def test_the_bulletin_bears_what_it_takes_to_check_it(world: World, notice: Published, run: Run) -> None:
    text = words(browser(world.people.stranger).get(f"/bulletins/{notice.number}/"))
    entry = next(one for one in list_entries(kind="notice.published"))
    for digest in (notice.digest, run.scorecard_digest, run.snapshot_digest, run.programme_digest):
        assert digest in text
    assert str(entry.facts[ROOT_BEFORE]) in text and f"Entries of the ledger before it {entry.index}" in text


def test_the_bulletin_leads_nowhere_a_stranger_may_not_go(world: World, notice: Published) -> None:
    page = browser(world.people.stranger).get(f"/bulletins/{notice.number}/").content.decode()
    inside = [href for href in re.findall(r'href="(/[^"]*)"', page) if not href.startswith(("/bulletins/", "/static/"))]
    assert set(inside) <= {"/", "/accounts/login/"}


@pytest.mark.parametrize("said", ["zh", "en"])
def test_the_bulletin_is_a_word_document_with_every_unit(world: World, notice: Published, said: str) -> None:
    answer = browser(world.people.stranger).get(f"/bulletins/{notice.number}/bulletin.{said}.docx")
    assert answer.headers["Content-Type"].endswith("wordprocessingml.document")
    document = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
    assert TITLE.in_language(said) in document  # type: ignore[arg-type]
    for name in ("东一社区", "纺织企业") if said == "zh" else ("East One Community", "Textile Enterprise"):
        assert name in document
    assert notice.digest in document


def test_the_english_bulletin_is_a_pdf(world: World, notice: Published) -> None:
    answer = browser(world.people.stranger).get(f"/bulletins/{notice.number}/bulletin.en.pdf")
    assert answer.headers["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    assert f"{notice.number}.en.pdf" in answer.headers["Content-Disposition"]


def test_without_a_chinese_font_the_page_names_the_package_and_offers_the_docx(
    world: World, notice: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = Issue("documents.no_chinese_font", facts={"package": pdf.PACKAGE})

    def no_font(*_: Any) -> Sequence[Issue]:
        return (issue,)

    def refused(*_: Any) -> bytes:
        raise Refused([issue])

    monkeypatch.setattr(pdf, "missing_fonts", no_font)
    monkeypatch.setattr(pdf, "write", refused)
    notices_page._file.cache_clear()
    client = browser(world.people.stranger)
    page = client.get(f"/bulletins/{notice.number}/")
    assert pdf.PACKAGE in words(page) and "bulletin.zh.docx" in page.content.decode()
    assert "bulletin.zh.pdf" not in page.content.decode()
    file = client.get(f"/bulletins/{notice.number}/bulletin.zh.pdf")
    assert file.status_code == 503 and pdf.PACKAGE in words(file)
    assert "bulletin.zh.docx" in file.content.decode()


def test_unknown_bulletins_and_documents_are_not_found(world: World, notice: Published) -> None:
    client, mine = browser(world.people.stranger), f"/bulletins/{notice.number}"
    for page in ("/bulletins/2025-N9/", "/bulletins/2025-N9/bulletin.zh.docx", f"{mine}/bulletin.zh.exe"):
        assert client.get(page).status_code == 404
    assert client.get(f"{mine}/bulletin.fr.pdf").status_code == 404


def test_reading_writes_nothing(world: World, notice: Published) -> None:
    before = Entry.objects.count()
    client = browser(world.people.stranger)
    for page in ("", "bulletin.zh.docx", "bulletin.en.pdf"):
        client.get(f"/bulletins/{notice.number}/{page}")
    assert Entry.objects.count() == before


def test_a_bulletin_of_seven_units_costs_as_many_queries_as_one_of_four(world: World, notice: Published) -> None:
    client, counts = browser(world.people.stranger), []
    more_units(world, 3)
    number = grades.run(by=world.people.office, year=YEAR).number
    grades.confirm(by=world.people.leading_group, run=number, reason="Again.")
    later = notices.publish(by=world.people.office, run=number, title=TITLE).number
    for one in (notice.number, later):
        for page in (f"/bulletins/{one}/", "/bulletins/"):
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
