"""`verify` on a SQLite file: each stored value changed by hand is found and named; what is no archive is refused."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from answerable.exchange.archive import read_archive
from answerable.exchange.verification import VerifyReport, evidence_beside, verify_archive
from answerable.ledger.entry import ENTRY_COLUMNS
from answerable.ledger.holdings import HOLDINGS, Column, Holding, holding_named
from answerable.values.issue import Refused
from tests.unit.exchange.district import PROGRAMME, SCAN_SHA256, before_proposals, district, go_on, stored


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("district"))[0]


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Iterator[Path]:
    copied = tmp_path / "copied"
    shutil.copytree(made.parent, copied)
    yield copied / made.name


def tamper(path: Path, sql: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(sql, parameters).rowcount != 0
        connection.commit()


def codes(report: VerifyReport) -> list[str]:
    return [issue.code for issue in report.issues]


def test_an_untouched_archive_is_sound_and_the_report_says_what_was_done(archive: Path) -> None:
    report = verify_archive(archive, evidence_beside(archive))
    assert report.issues == () and report.sound
    assert (report.ledger.files, report.runs, report.draws) == (1, 1, 1)
    assert all(count > 0 for count in report.ledger.rows.values())
    english, chinese = "\n".join(report.lines("en")), "\n".join(report.lines("zh"))
    assert f"root {report.ledger.root}" in english and "monthly return: 20" in english
    assert "Nothing found" in english and "A history rewritten whole" in english
    assert "未发现问题" in chinese and "月报表: 20" in chinese and "仅凭本文件无法发现" in chinese


def test_verifying_writes_nothing(archive: Path) -> None:
    before = archive.read_bytes(), sorted(archive.parent.iterdir())
    verify_archive(archive)
    assert (archive.read_bytes(), sorted(archive.parent.iterdir())) == before


CHANGED = {
    "text": "? || 'x'",
    "json": "? || ' '",
    "reference": "coalesce(?, '') || 'x'",
    "integer": "? + 1",
    "date": "coalesce(date(?, '+1 day'), '2025-01-01')",
    "time": "replace(?, '20', '21')",
}


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_a_change_of_any_stored_value_is_found_and_its_table_named(holding: Holding, archive: Path) -> None:
    for column in (Column("id", "integer"), *holding.columns):
        changed = CHANGED[column.type].replace("?", f'"{column.name}"')
        with closing(sqlite3.connect(archive)) as connection:
            (held,) = connection.execute(f'SELECT "{column.name}" FROM {holding.table} ORDER BY id DESC').fetchone()
            last = f"(SELECT max(id) FROM {holding.table})"
            connection.execute(f'UPDATE {holding.table} SET "{column.name}" = {changed} WHERE id = {last}')
            connection.commit()
            report = verify_archive(archive)
            rows = [issue for issue in report.issues if issue.code.startswith("ledger.row")]
            assert {issue.place.sheet for issue in rows} == {holding.table}, (column.name, report.lines("en"))
            assert all(holding.title.en in issue.says("en") for issue in rows)
            assert all(issue.place.file == archive.name for issue in report.issues)
            connection.execute(f'UPDATE {holding.table} SET "{column.name}" = ? WHERE id = {last}', (held,))
            connection.commit()
    assert verify_archive(archive).sound


@pytest.mark.parametrize("column", ENTRY_COLUMNS)
def test_a_change_of_any_column_of_the_ledger_is_found(column: str, archive: Path) -> None:
    tamper(archive, f"UPDATE answerable_entry SET {column} = {column} || '1' WHERE idx = 7")
    report = verify_archive(archive)
    assert report.issues[0].place.sheet == "answerable_entry" and report.issues[0].place.row in ("7", "71")


@pytest.mark.parametrize("column", ["kind", "body", "salt", "leaf_hash", "received_at"])
def test_an_emptied_column_of_the_ledger_is_found(column: str, archive: Path) -> None:
    tamper(archive, f"UPDATE answerable_entry SET {column} = NULL WHERE idx = 7")
    assert not verify_archive(archive).sound


def test_bytes_that_are_no_text_are_a_changed_row(archive: Path) -> None:
    tamper(archive, "UPDATE answerable_notice SET title_zh = CAST(x'ff41' AS TEXT)")
    assert codes(verify_archive(archive)) == ["ledger.row_changed"]


def test_a_removed_row_and_a_removed_entry_are_found(archive: Path) -> None:
    tamper(archive, "DELETE FROM answerable_grade_confirmation")
    assert codes(verify_archive(archive)) == ["ledger.row_missing"]
    tamper(archive, "DELETE FROM answerable_entry WHERE kind = 'grade.confirmed'")
    assert codes(verify_archive(archive)) == ["ledger.entry_missing"]


def test_a_changed_evidence_file_is_found_and_a_missing_one_too(archive: Path) -> None:
    folder = evidence_beside(archive)
    assert folder is not None
    (folder / SCAN_SHA256).write_bytes(b"another page")
    assert codes(verify_archive(archive, folder)) == ["ledger.file_changed"]
    (folder / SCAN_SHA256).unlink()
    report = verify_archive(archive, folder)
    assert codes(report) == ["ledger.file_missing"] and "page.pdf" in report.issues[0].says("zh")


def test_without_a_folder_the_report_says_that_files_were_not_compared(archive: Path) -> None:
    report = verify_archive(archive)
    assert "not compared" in "\n".join(report.lines("en")) and "未比对" in "\n".join(report.lines("zh"))
    assert evidence_beside(archive.parent / "var" / "x.sqlite3") is None


def test_a_changed_return_changes_the_recomputed_snapshot_and_scorecard_too(archive: Path) -> None:
    values = '{"due":{"state":"","value":1000},"paid":{"state":"","value":1}}'
    tamper(archive, 'UPDATE answerable_return_version SET "values" = ? WHERE unit_code = ?', values, "0101")
    found = codes(verify_archive(archive))
    assert found.count("ledger.row_changed") == 12
    assert found[12:] == ["archive.snapshot_differs", "archive.scorecard_differs", "archive.grade_differs"]


def test_a_changed_grade_is_found_twice_by_its_digest_and_by_computing_it_again(archive: Path) -> None:
    tamper(archive, "UPDATE answerable_grade SET grade = 'good', total = '99.00' WHERE unit_code = '0102'")
    report = verify_archive(archive)
    assert codes(report) == ["ledger.row_changed", "archive.grade_differs"]
    assert "0102" in report.issues[1].says("en") and "99.00 good" in report.issues[1].says("en")


@pytest.mark.parametrize("vetoes", ["nonsense", "7", '["a",1]'])
def test_a_veto_that_is_no_list_is_a_grade_that_differs(vetoes: str, archive: Path) -> None:
    tamper(archive, "UPDATE answerable_grade SET vetoes = ? WHERE unit_code = '0102'", vetoes)
    assert codes(verify_archive(archive)) == ["ledger.row_changed", "archive.grade_differs"]


def test_a_removed_grade_differs_from_the_computed_one(archive: Path) -> None:
    tamper(archive, "DELETE FROM answerable_grade WHERE unit_code = '0102'")
    assert codes(verify_archive(archive)) == ["ledger.row_missing", "archive.grade_differs"]


def test_a_changed_programme_is_found_and_its_scores_come_out_otherwise(archive: Path) -> None:
    easier = PROGRAMME.replace("{each: 5, floor: 0}", "{each: 4, floor: 0}")
    tamper(archive, "UPDATE answerable_programme_version SET source = ?", easier)
    found = codes(verify_archive(archive))
    assert found[:2] == ["ledger.row_changed", "archive.programme_changed"]
    assert "archive.scorecard_differs" in found


def test_a_changed_text_of_a_proposal_is_found_though_nothing_is_scored_by_it(archive: Path) -> None:
    tamper(archive, "UPDATE answerable_programme_proposal SET source = source || '# a word'")
    assert codes(verify_archive(archive)) == ["ledger.row_changed", "archive.programme_changed"]


def test_a_file_made_before_there_were_proposals_is_read(tmp_path: Path) -> None:
    earlier = before_proposals().write(tmp_path / "earlier.sqlite3")
    with closing(sqlite3.connect(earlier)) as connection:
        later = "programme_proposal programme_decision unit_identity unit_event unit_event_part unit_event_state"
        for name in later.split():
            connection.execute(f"DROP TABLE answerable_{name}")
        connection.commit()
    assert verify_archive(earlier).sound


def test_a_year_that_reads_the_year_before_is_computed_again_with_it(tmp_path: Path) -> None:
    book = district()
    go_on(book)
    path = book.write(tmp_path / "two.sqlite3")
    report = verify_archive(path)
    assert (report.runs, [code for code in codes(report) if code != "archive.evidence_not_compared"]) == (2, [])
    tamper(path, "UPDATE answerable_grade_confirmation SET confirmed_at = '2027-01-01T00:00:00Z'")
    assert "ledger.row_changed" in codes(verify_archive(path))
    tamper(path, "DELETE FROM answerable_grade_confirmation")
    facts = [(issue.code, issue.facts.get("run")) for issue in verify_archive(path).issues]
    assert ("archive.snapshot_differs", "R-2") in facts
    assert ("archive.snapshot_differs", "R-1") not in facts


def test_a_table_of_proposals_that_was_dropped_is_found_by_the_entries_that_name_its_rows(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("DROP TABLE answerable_programme_decision")
        connection.commit()
    assert codes(verify_archive(archive)) == ["ledger.row_missing"]


def test_a_programme_that_is_gone_or_no_programme_leaves_the_run_unproven(archive: Path) -> None:
    tamper(archive, "UPDATE answerable_programme_version SET source = 'nonsense'")
    assert codes(verify_archive(archive))[-1] == "archive.programme_refused"
    tamper(archive, "UPDATE answerable_programme_version SET digest = 'x'")
    assert codes(verify_archive(archive))[-1] == "archive.programme_missing"


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE answerable_score_run SET entry_index = 9999", "archive.entry_index_ahead"),
        ("UPDATE answerable_score_run SET entry_index = entry_index - 9", "archive.snapshot_differs"),
        ("UPDATE answerable_score_run SET period = 'never'", "archive.run_refused"),
        ("UPDATE answerable_score_run SET period = '2019'", "archive.run_refused"),
        ("UPDATE answerable_score_run SET snapshot_digest = 'x'", "archive.snapshot_differs"),
        ("UPDATE answerable_score_run SET scorecard_digest = 'x'", "archive.scorecard_differs"),
        ("UPDATE answerable_score_run SET number = 'R-2'", "archive.grade_differs"),
        ("UPDATE answerable_unit_version SET opened = 'never'", "archive.run_refused"),
        ("UPDATE answerable_return_version SET \"values\" = '[]'", "archive.run_refused"),
        ("UPDATE answerable_return_version SET \"values\" = 'x'", "archive.run_refused"),
        ("UPDATE answerable_recount SET reported = 'many'", "archive.run_refused"),
        ("UPDATE answerable_draw SET seed = '6'", "archive.draw_differs"),
        ("UPDATE answerable_draw SET chosen = '[]'", "archive.draw_differs"),
        ("UPDATE answerable_draw SET frame_digest = 'x'", "archive.draw_differs"),
        ("UPDATE answerable_draw SET frame = 'x'", "archive.draw_refused"),
        ("UPDATE answerable_draw SET sizes = '[]'", "archive.draw_refused"),
        ("UPDATE answerable_draw SET sizes = '{\"town\":9}'", "archive.draw_refused"),
        ("UPDATE answerable_draw SET sizes = 'x'", "archive.draw_refused"),
        ("ALTER TABLE answerable_notice ADD COLUMN secret text", "archive.column_unknown"),
        ("ALTER TABLE answerable_grade DROP COLUMN vetoes", "archive.column_missing"),
    ],
)
def test_what_was_computed_is_computed_again_and_differences_are_told(sql: str, code: str, archive: Path) -> None:
    tamper(archive, sql)
    report = verify_archive(archive)
    assert code in codes(report)
    assert all(report.lines("zh")) and "\n".join(report.lines("en")).count(f"[{code}]") >= 1


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read_archive(path)
    (issue,) = refused.value.issues
    assert issue.line_of_text("zh")
    return issue.code


def test_what_is_no_archive_is_refused_with_its_reason(archive: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.sqlite3") == "file.not_found"
    assert refusal(tmp_path) == "file.not_found"
    (tmp_path / "text.sqlite3").write_text("this is a letter, not a database. " * 40, "utf-8")
    assert refusal(tmp_path / "text.sqlite3") == "archive.not_database"
    (tmp_path / "empty.sqlite3").touch()
    assert refusal(tmp_path / "empty.sqlite3") == "archive.not_ours"
    with closing(sqlite3.connect(tmp_path / "other.sqlite3")) as connection:
        connection.execute("CREATE TABLE other (x)")
    assert refusal(tmp_path / "other.sqlite3") == "archive.not_ours"
    tamper(archive, "ALTER TABLE answerable_entry RENAME COLUMN salt TO pepper")
    assert refusal(archive) == "archive.not_ours"


def test_a_damaged_file_is_refused(archive: Path) -> None:
    raw = bytearray(archive.read_bytes())
    for at in range(4096, len(raw), 97):
        raw[at] ^= 0xFF
    archive.write_bytes(raw)
    assert refusal(archive) == "archive.damaged"


def test_a_file_with_a_write_ahead_log_is_read_with_what_the_log_holds(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE answerable_notice SET year = 1999")
        connection.commit()
        assert archive.with_name(f"{archive.name}-wal").stat().st_size > 0
        assert codes(verify_archive(archive)) == ["ledger.row_changed"]


def test_a_name_with_marks_of_an_address_is_a_name(archive: Path) -> None:
    odd = archive.with_name("a b?mode=rw#%20.sqlite3")
    archive.rename(odd)
    assert verify_archive(odd).sound


def test_rows_keep_the_columns_the_file_has(archive: Path) -> None:
    held = read_archive(archive)
    for holding in HOLDINGS:
        assert tuple(held.rows[holding.name][0]) == holding.header
    assert held.rows["recount"][0]["recounted"] == 700
    assert holding_named("visit").table == "answerable_visit"


def test_a_file_in_a_folder_that_cannot_be_written_is_read_as_it_is(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def as_in_such_a_folder(address: str, uri: bool) -> sqlite3.Connection:
        if "immutable=1" not in address:
            raise sqlite3.OperationalError("unable to open database file")
        return connect(address, uri=uri)

    monkeypatch.setattr(sqlite3, "connect", as_in_such_a_folder)
    assert verify_archive(archive).sound
    # With a log beside it the file alone is not the whole: better refused than half read.
    archive.with_name(f"{archive.name}-wal").touch()
    assert refusal(archive) == "archive.damaged"
