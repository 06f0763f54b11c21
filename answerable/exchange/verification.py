"""`answerable verify PATH`: the whole examination of an archive, and its report in both languages.

Four questions, in this order: does every entry still hash to its leaf; is every row and file what an entry recorded;
do the draws come out again; do programme and facts give the same scorecard and grades again, by the reference engine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from answerable.definition import Programme, read
from answerable.exchange.archive import Archive, read_archive
from answerable.exchange.snapshot import Rows, recorded_until, rows_recorded, scoring_tables, snapshot_digest
from answerable.integrity.draw import draw, read_frame
from answerable.ledger.entry import Entry
from answerable.ledger.holdings import HOLDINGS, key_text
from answerable.ledger.verify import LIMITS, LedgerReport, opened, verify
from answerable.scoring import Scorecard, score
from answerable.values.canonical import digest
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import scaled_text
from answerable.values.period import Period
from answerable.values.table import Table
from answerable.values.text import Language, Text

__all__ = ["VerifyReport", "evidence_beside", "verify_archive"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class VerifyReport:
    """What was examined and what was found. `runs` and `draws` count what was computed again."""

    path: Path
    ledger: LedgerReport
    runs: int
    draws: int
    issues: tuple[Issue, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.issues

    def lines(self, language: Language) -> list[str]:
        """The report as lines of text: what was examined, what was found, what cannot be found from here."""
        found = [f"  {issue.line_of_text(language)}" for issue in self.issues]
        verdict = _SOUND if self.sound else _UNSOUND
        return [
            *self._examined(language),
            verdict.in_language(language).format(count=len(found)),
            *found,
            _NOT_FOUND_HERE.in_language(language),
            *(f"  - {limit.in_language(language)}" for limit in LIMITS),
        ]

    def _examined(self, language: Language) -> Iterator[str]:
        ledger = self.ledger
        yield _HEAD.in_language(language).format(path=self.path)
        yield _ENTRIES.in_language(language).format(entries=ledger.entries, root=ledger.root)
        for holding in HOLDINGS:
            if count := ledger.rows[holding.name]:
                yield f"  {holding.title.in_language(language)}: {count}"
        files = _NO_FILES if ledger.files is None else _FILES
        yield files.in_language(language).format(files=ledger.files)
        yield _AGAIN.in_language(language).format(runs=self.runs, draws=self.draws)


_HEAD = Text(zh="核验 {path}", en="Verifying {path}")
_ENTRIES = Text(
    zh="存证账本共 {entries} 条，根哈希 {root}；逐行比对：",
    en="{entries} ledger entries, root {root}; rows compared:",
)
_FILES = Text(zh="佐证材料文件：{files} 个", en="Evidence files compared: {files}")
_NO_FILES = Text(
    zh="佐证材料文件：未比对（没有给出材料目录）", en="Evidence files: not compared (no folder of evidence given)"
)
_AGAIN = Text(
    zh="用参照引擎重算评分 {runs} 次，重做抽签 {draws} 次",
    en="Computed again by the reference engine: {runs} score runs; drawn again: {draws} draws",
)
_SOUND = Text(zh="未发现问题：所存内容与当时记录一致。", en="Nothing found: what is stored is what was recorded.")
_UNSOUND = Text(zh="发现 {count} 个问题：", en="Found {count} issues:")
_NOT_FOUND_HERE = Text(zh="仅凭本文件无法发现的情形：", en="What cannot be found from this file alone:")


def verify_archive(path: Path, evidence_folder: Path | None = None) -> VerifyReport:
    """Examine an archive; nothing is written.

    Args:
        path: the SQLite file.
        evidence_folder: where the evidence files lie, each named by its SHA-256; None leaves them unexamined, and
            the report says so.

    Raises:
        Refused: when the file cannot be read at all.
    """
    archive = read_archive(path)
    ledger = verify(archive.entries, archive.rows, partial(_file_hash, evidence_folder) if evidence_folder else None)
    issues = [*archive.issues, *ledger.issues]
    # Tables that have lost a column cannot be computed from; that they have is an issue already.
    whole = all(issue.code != "archive.column_missing" for issue in archive.issues)
    if whole:
        issues += [*_programme_issues(archive), *_draw_issues(archive), *_run_issues(archive)]
    return VerifyReport(
        path,
        ledger,
        runs=len(archive.rows["score_run"]) if whole else 0,
        draws=len(archive.rows["draw"]) if whole else 0,
        issues=tuple(_in_file(path, issue) for issue in issues),
    )


def evidence_beside(path: Path) -> Path | None:
    """The folder of evidence files as the site keeps it beside its database; None where there is none."""
    folder = path.parent / "var" / "evidence"
    return folder if folder.is_dir() else None


def _file_hash(folder: Path, sha256: str) -> str | None:
    file = folder / Path(sha256).name
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _in_file(path: Path, issue: Issue) -> Issue:
    """The issue with the archive's name before its place, unless it has a file of its own."""
    return issue if issue.place.file else replace(issue, place=replace(issue.place, file=path.name))


def _issue(code: str, table: str, row: str, **facts: object) -> Issue:
    return Issue(f"archive.{code}", Place(sheet=table, row=row), {name: str(fact) for name, fact in facts.items()})


def _programme_issues(archive: Archive) -> Iterator[Issue]:
    """A programme's digest is that of its text, published or proposed."""
    for table, names in (("programme_version", ("code", "version")), ("programme_proposal", ("number",))):
        for row in archive.rows[table]:
            now = digest(str(row["source"]).encode())
            if now != row["digest"]:
                key = key_text([str(row[name]) for name in names])
                stored = str(row["digest"])
                yield _issue("programme_changed", f"answerable_{table}", key, key=key, now=now, stored=stored)


def _draw_issues(archive: Archive) -> Iterator[Issue]:
    """Every draw comes out again from its seed, its frame and its sizes."""
    for row in archive.rows["draw"]:
        number = str(row["number"])
        try:
            again = draw(row["seed"], read_frame(row["frame"]), json.loads(row["sizes"]))
            if (list(again.chosen), again.frame_digest) != (json.loads(row["chosen"]), row["frame_digest"]):
                yield _issue("draw_differs", "answerable_draw", number, draw=number, now=", ".join(again.chosen))
        except (Refused, ValueError, TypeError, AttributeError) as wrong:
            yield _issue("draw_refused", "answerable_draw", number, draw=number, **_why(wrong))


def _run_issues(archive: Archive) -> Iterator[Issue]:
    """Every score run comes out again: its snapshot, its scorecard, its grades."""
    entries = opened(archive.entries)
    sources = _sources(archive)
    for row in archive.rows["score_run"]:
        number = str(row["number"])
        if row["programme_digest"] not in sources:
            digest_wanted = row["programme_digest"]
            yield _issue("programme_missing", "answerable_score_run", number, run=number, digest=digest_wanted)
        elif row["entry_index"] not in entries:
            index = row["entry_index"]
            yield _issue("entry_index_ahead", "answerable_score_run", number, run=number, index=index)
        else:
            yield from _one_run(archive, entries.values(), row, sources[row["programme_digest"]])


def _sources(archive: Archive) -> dict[str, str]:
    """The text of each version of a programme, by its digest."""
    return {row["digest"]: str(row["source"]) for row in archive.rows["programme_version"]}


def _one_run(archive: Archive, entries: Collection[Entry], run: Row, source: str) -> Iterator[Issue]:
    number = str(run["number"])
    try:
        programme = read(source.encode())
    except Refused as wrong:
        yield _issue("programme_refused", "answerable_score_run", number, run=number, **_why(wrong))
        return
    try:
        snapshot, card = _again(archive, entries, run, programme)
    except (Refused, ValueError, KeyError, TypeError, AttributeError) as wrong:
        yield _issue("run_refused", "answerable_score_run", number, run=number, **_why(wrong))
        return
    yield from _digest_issues(run, snapshot, card.digest())
    yield from _grade_issues(archive, number, _grades(card))


def _again(archive: Archive, entries: Collection[Entry], run: Row, programme: Programme) -> tuple[str, Scorecard]:
    """The snapshot's digest and the scorecard, computed from the rows recorded until the run's entry."""
    period = Period.parse(run["period"])
    rows = rows_recorded(archive.rows, recorded_until(entries, run["entry_index"]))
    tables = scoring_tables(programme, rows, period, _year_before(archive, entries, rows, run, programme))
    return snapshot_digest(tables), score(programme, tables, period, engine="reference")


def _year_before(
    archive: Archive, entries: Collection[Entry], rows: Rows, run: Row, programme: Programme
) -> Table | None:
    """The indicators of the run last confirmed for the year before, computed again too."""
    runs = {row["number"]: row for row in rows["score_run"] if row["year"] == run["year"] - 1}
    confirmed = [row for row in rows["grade_confirmation"] if row["run"] in runs]
    if not (programme.reads_earlier and confirmed):
        return None
    before = runs[max(confirmed, key=lambda row: (row["confirmed_at"], row["run"]))["run"]]
    then = read(_sources(archive)[before["programme_digest"]].encode())
    return _again(archive, entries, before, then)[1].tables["indicators"]


def _digest_issues(run: Row, snapshot: str, scorecard: str) -> Iterator[Issue]:
    number, table = str(run["number"]), "answerable_score_run"
    if snapshot != run["snapshot_digest"]:
        facts = {"index": run["entry_index"], "now": snapshot, "stored": run["snapshot_digest"]}
        yield _issue("snapshot_differs", table, number, run=number, **facts)
    if scorecard != run["scorecard_digest"]:
        stored = run["scorecard_digest"]
        yield _issue("scorecard_differs", table, number, run=number, now=scorecard, stored=stored)


def _grades(card: Scorecard) -> dict[str, tuple[str, str, str]]:
    """Total as written, grade and vetoes (`;` between) of each unit."""
    decimals = card.grades.schema.column("total").decimals
    return {
        str(row["unit"]): (
            "" if row["total"] is None else scaled_text(int(row["total"]), decimals),
            str(row["grade"] or ""),
            str(row["vetoes"] or ""),
        )
        for row in card.grades.rows()
    }


def _grade_issues(archive: Archive, run: str, computed: Mapping[str, tuple[str, str, str]]) -> Iterator[Issue]:
    stored = {
        str(row["unit_code"]): (str(row["total"]), str(row["grade"]), _vetoes(row["vetoes"]))
        for row in archive.rows["grade"]
        if row["run"] == run
    }
    for unit in sorted({*stored, *computed}):
        if stored.get(unit) != computed.get(unit):
            told = {"stored": _told(stored.get(unit)), "now": _told(computed.get(unit))}
            yield _issue("grade_differs", "answerable_grade", f"{run} / {unit}", run=run, unit=unit, **told)


def _vetoes(stored: object) -> str:
    try:
        return ";".join(json.loads(str(stored)))
    except (ValueError, TypeError):
        return repr(stored)


def _told(grade: tuple[str, str, str] | None) -> str:
    return "-" if grade is None else " ".join(part or "-" for part in grade)


def _why(wrong: Exception) -> dict[str, str]:
    """The first issue of a refusal in both languages, or what Python says, in one line."""
    if isinstance(wrong, Refused):
        first = wrong.issues[0]
        return {"why_zh": first.says("zh").rstrip("。"), "why_en": first.says("en").rstrip(".")}
    told = " ".join(f"{type(wrong).__name__}: {wrong}".split())
    return {"why_zh": told, "why_en": told}
