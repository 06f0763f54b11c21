"""Every kind of tampering is found, and the message names what was touched."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from answerable.ledger.entry import StoredEntry, entry_bytes, read_body, seal
from answerable.ledger.holdings import HOLDINGS
from answerable.ledger.tree import leaf_hash, root_of
from answerable.ledger.verify import LIMITS, LedgerReport, opened, verify
from answerable.values.issue import Issue
from tests.unit.ledger.book import Book, small_book


def examined(book: Book) -> LedgerReport:
    return verify(book.entries, book.rows)


def codes(report: LedgerReport) -> list[str]:
    return [issue.code.removeprefix("ledger.") for issue in report.issues]


def only(report: LedgerReport, code: str) -> Issue:
    assert codes(report) == [code]
    return report.issues[0]


def change(book: Book, place: int, **columns: Any) -> None:
    book.entries[place] = dataclasses.replace(book.entries[place], **columns)


def test_an_untouched_ledger_has_no_issue_and_says_its_root() -> None:
    book = small_book()
    report = examined(book)
    assert report.issues == ()
    assert (report.entries, report.rows["return_version"], report.rows["grade"]) == (3, 2, 0)
    assert report.files is None
    assert report.root == root_of(bytes.fromhex(entry.leaf_hash) for entry in book.entries).hex()


def test_an_empty_ledger_is_sound() -> None:
    assert examined(Book()).issues == ()


@pytest.mark.parametrize("column", [name for h in HOLDINGS if h.name == "return_version" for name in h.header])
def test_a_change_of_any_column_of_a_return_is_found_and_named(column: str) -> None:
    book = small_book()
    row = book.rows["return_version"][1]
    row[column] = row[column] + 1 if isinstance(row[column], int) else row[column] + "0"
    report = examined(book)
    text = "\n".join(issue.line_of_text("en") for issue in report.issues)
    assert "answerable_return_version" in text and "monthly return" in text and "0101 / monthly / 2025-01 / 2" in text
    # What names the row was changed: then the old name is missing and the new one was never recorded.
    key = ("unit_code", "form", "period", "version")
    assert codes(report) == (["row_unrecorded", "row_missing"] if column in key else ["row_changed"])


def test_a_changed_row_says_which_entry_recorded_it_and_when() -> None:
    book = small_book()
    book.rows["return_version"][0]["values"] = '{"paid":{"state":"","value":1}}'
    issue = only(examined(book), "row_changed")
    assert issue.facts["idx"] == "1" and issue.facts["at"] == "2025-01-01T00:01:00Z"
    assert "月报表 0101 / monthly / 2025-01 / 1" in issue.says("zh")


@pytest.mark.parametrize("wrong", [None, b"\x00", 1.5])
def test_a_cell_of_a_type_that_cannot_be_is_a_changed_row(wrong: object) -> None:
    book = small_book()
    book.rows["return_version"][0]["received_at"] = wrong
    only(examined(book), "row_changed")


def test_a_key_of_a_type_that_cannot_be_is_shown_and_does_not_stop_the_rest() -> None:
    book = small_book()
    book.rows["return_version"][0]["unit_code"] = b"0101"
    report = examined(book)
    assert codes(report) == ["row_unrecorded", "row_missing"]
    assert "b'0101'" in report.issues[0].says("en")


def test_a_row_that_lost_a_column_is_a_changed_row() -> None:
    book = small_book()
    del book.rows["unit_version"][0]["kind"]
    only(examined(book), "row_changed")


def test_a_removed_row_is_found() -> None:
    book = small_book()
    del book.rows["return_version"][0]
    assert only(examined(book), "row_missing").place.row == "0101 / monthly / 2025-01 / 1"


def test_a_row_put_there_past_the_ledger_is_found() -> None:
    book = small_book()
    book.rows["return_version"].append({**book.rows["return_version"][1], "id": 3, "version": 3})
    assert only(examined(book), "row_unrecorded").place.row == "0101 / monthly / 2025-01 / 3"


def test_the_same_row_twice_is_found() -> None:
    book = small_book()
    book.rows["return_version"].append(dict(book.rows["return_version"][1]))
    only(examined(book), "row_unrecorded")


def test_a_row_recorded_by_two_entries_is_found() -> None:
    book = small_book()
    again = dataclasses.replace(read_body(book.entries[1].body), idx=3, at="2025-01-01T00:03:00Z")
    book.entries.append(seal(again, bytes(32)))
    issue = only(examined(book), "row_recorded_twice")
    assert (issue.facts["first"], issue.facts["idx"]) == ("1", "3")


@pytest.mark.parametrize(
    ("column", "tamper", "found"),
    [
        ("body", lambda body: body.replace("as decided", "as denied"), ["leaf_changed"]),
        ("body", lambda body: body.replace("office.1", "office.2"), ["leaf_changed"]),
        ("salt", lambda salt: "00" + salt[2:], ["leaf_changed"]),
        ("salt", lambda salt: salt.upper(), ["leaf_changed"]),
        ("salt", lambda _: "not hex", ["leaf_changed"]),
        ("leaf_hash", lambda leaf: "00" + leaf[2:], ["leaf_changed"]),
        ("leaf_hash", lambda _: "not hex", ["leaf_changed"]),
        ("leaf_hash", lambda _: "", ["leaf_changed"]),
        ("kind", lambda _: "return.submitted", ["column_differs"]),
        ("kind", lambda _: "nonsense", ["column_differs"]),
        ("received_at", lambda _: "2025-01-01T00:01:59Z", ["column_differs"]),
        ("received_at", lambda _: "2024-01-01T00:00:00Z", ["column_differs", "time_backwards"]),
        ("idx", lambda _: 4, ["column_differs", "entry_missing"]),
        ("idx", lambda _: 10**9, ["column_differs", "entry_missing"]),
    ],
)
def test_a_change_of_any_column_of_an_entry_is_found(
    column: str, tamper: Callable[[str], object], found: list[str]
) -> None:
    book = small_book()
    change(book, 2, **{column: tamper(getattr(book.entries[2], column))})
    report = examined(book)
    assert codes(report) == found
    assert all(issue.place.sheet == "answerable_entry" for issue in report.issues)
    assert report.issues[0].place.row in ("2", "4", str(10**9))


def test_an_index_below_nought_is_found() -> None:
    book = small_book()
    change(book, 2, idx=-1)
    assert codes(examined(book)) == ["column_differs", "entry_repeated", "time_backwards"]


def test_a_body_that_is_no_entry_takes_its_rows_proof_with_it() -> None:
    book = small_book()
    change(book, 2, body="{}")
    assert codes(examined(book)) == ["leaf_changed", "body_unreadable", "row_unrecorded"]


def test_an_erased_body_is_named_and_leaves_the_root_as_it_was() -> None:
    book = small_book()
    before = examined(book).root
    change(book, 2, body="", salt="")
    report = examined(book)
    assert codes(report) == ["entry_erased", "row_unrecorded"]
    assert report.root == before


def test_a_removed_entry_leaves_a_gap_and_rows_without_proof() -> None:
    book = small_book()
    del book.entries[1]
    report = examined(book)
    assert codes(report) == ["entry_missing", "row_unrecorded"]
    assert (report.issues[0].facts["idx"], report.issues[0].facts["last"]) == ("1", "1")


def test_two_entries_changed_places_are_found() -> None:
    book = small_book()
    one, two = book.entries[1], book.entries[2]
    book.entries[1:] = [dataclasses.replace(two, idx=1), dataclasses.replace(one, idx=2)]
    assert codes(examined(book)) == ["column_differs", "column_differs", "time_backwards"]


def test_an_entry_inserted_twice_is_found() -> None:
    book = small_book()
    book.entries.append(book.entries[2])
    assert codes(examined(book)) == ["entry_repeated", "row_recorded_twice"]


def test_an_entry_of_an_unknown_kind_is_found_even_if_well_hashed() -> None:
    book = small_book()
    forged = rehash(book.entries[2], "return.revised", "return.erased")
    book.entries[2] = dataclasses.replace(forged, kind="return.erased")
    only(examined(book), "kind_unknown")


def test_a_row_of_an_unknown_table_is_found() -> None:
    book = small_book()
    book.entries[0] = rehash(book.entries[0], "answerable_unit_version", "answerable_unit_verse")
    assert codes(examined(book)) == ["table_unknown", "row_unrecorded"]


def rehash(entry: StoredEntry, old: str, new: str) -> StoredEntry:
    """What a forger who knows the rules would do: change the body and hash it anew."""
    assert old in entry.body
    body = entry.body.replace(old, new)
    salt = bytes.fromhex(entry.salt)
    return dataclasses.replace(entry, body=body, leaf_hash=leaf_hash(entry_bytes(body, salt)).hex())


def test_a_root_held_by_a_later_entry_finds_what_was_hashed_anew() -> None:
    book = small_book()
    root = examined(book).root
    book.record("score.run", facts={"root_before": root})
    assert examined(book).issues == ()
    book.entries[0] = rehash(book.entries[0], "office.1", "office.2")
    assert only(examined(book), "root_differs").facts["idx"] == "3"


def test_without_such_a_root_a_rewriting_is_not_found_and_the_report_says_so() -> None:
    book = small_book()
    book.entries[0] = rehash(book.entries[0], "office.1", "office.2")
    assert examined(book).issues == ()
    assert "rewritten whole" in LIMITS[0].en and "newest entries cut off" in LIMITS[1].en


def test_time_that_runs_backwards_is_found() -> None:
    book = small_book()
    book.record("score.run", at="2024-12-31T00:00:00Z")
    assert only(examined(book), "time_backwards").facts["before"] == "2025-01-01T00:02:00Z"


def evidence_book() -> tuple[Book, str]:
    sha256 = "ab" * 32
    row = {"sha256": sha256, "name": "scan.pdf", "size": 3, "media_type": "application/pdf", "filed_by": "s.1"}
    book = small_book()
    more = {"received_at": "2025-01-01T00:03:00Z", "about": "correction/1"}
    book.record("evidence.filed", [("evidence", {**row, **more})], files=[(sha256, "scan.pdf")])
    return book, sha256


@pytest.mark.parametrize(("now", "found"), [("ab" * 32, []), ("cd" * 32, ["file_changed"]), (None, ["file_missing"])])
def test_a_changed_or_missing_evidence_file_is_found(now: str | None, found: list[str]) -> None:
    book, sha256 = evidence_book()
    asked = []

    def file_hash(name: str) -> str | None:
        asked.append(name)
        return now

    report = verify(book.entries, book.rows, file_hash)
    assert codes(report) == found
    assert asked == [sha256] and report.files == 1
    assert all("scan.pdf" in issue.says("en") for issue in report.issues)


def test_a_file_named_only_by_its_row_is_looked_for_too() -> None:
    book, sha256 = evidence_book()
    entry = dataclasses.replace(read_body(book.entries[3].body), files=())
    book.entries[3] = seal(entry, bytes(32))
    report = verify(book.entries, book.rows, lambda _: None)
    assert only(report, "file_missing").facts["sha256"] == sha256


def test_opened_gives_the_readable_entries_by_index() -> None:
    book = small_book()
    change(book, 1, body="{}")
    assert sorted(opened(book.entries)) == [0, 2]
