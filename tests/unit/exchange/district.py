"""A district of two units with one small year, recorded entry by entry: every kind of row at least once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from answerable.definition import Programme, read
from answerable.exchange.snapshot import recorded_until, rows_recorded, scoring_tables, snapshot_digest
from answerable.integrity.draw import FrameUnit, draw
from answerable.ledger.verify import opened
from answerable.scoring import Scorecard, score
from answerable.values.canonical import canonical_json, digest
from answerable.values.number import scaled_text
from answerable.values.period import Period
from answerable.values.table import Table
from tests.unit.ledger.book import Book

PROGRAMME = """\
programme: tiny
version: "1"
title: {zh: 小方案, en: Tiny}
office: {zh: 项目办公室, en: Programme office}
legal_basis: [law#7]
in_force: {from: 2025-01-01, until: 2026-01-01}
time_zone: Asia/Shanghai
units:
  kinds: {unit: {zh: 单位, en: Unit}}
  assess: [unit]
agreement: {sign_by: 01-31}
sources:
  - {id: law, title: {zh: 法, en: Law}}
forms:
  - id: monthly
    title: {zh: 月报表, en: Monthly return}
    owner: office
    clause: law#1
    due: {day: 5, months_after: 1}
    fields:
      - {id: due, title: {zh: 应发, en: Due}, measure: money, topic: benefit_payment, owner: unit, use: scored}
      - {id: paid, title: {zh: 实发, en: Paid}, measure: money, topic: benefit_payment, owner: unit, use: scored}
findings:
  - {id: stale_board, title: {zh: 公开栏未更新, en: Stale board}, clause: law#2, topic: openness}
indicators:
  - id: paid_share
    title: {zh: 发放率, en: Share paid}
    formula: sum(monthly.paid) / sum(monthly.due)
    missing: {do: skip, at_least: 1}
    show: percent
  - id: stale
    title: {zh: 未更新次数, en: Times stale}
    formula: sum(findings.occurrences where findings.kind == "stale_board" and findings.status == "confirmed")
    missing: unassessable
    show: number
tree:
  - id: full
    title: {zh: 足额, en: In full}
    points: 70
    clause: law#3
    indicator: paid_share
    rule: {ratio_to_target: 95%}
    absent: zero
  - id: open
    title: {zh: 公开, en: Open}
    points: 30
    clause: law#3
    indicator: stale
    rule: {deduct_per_count: {each: 5, floor: 0}}
    absent: exempt
grades:
  on: rounded
  rated_from: 60
  bands:
    - {grade: good, title: {zh: 好, en: Good}, from: 90}
    - {grade: bad, title: {zh: 差, en: Bad}, from: 0, below: 90}
rounding:
  indicator: {mode: half_up, decimals: 4}
  item: {mode: half_up, decimals: 2}
  total: {mode: half_up, decimals: 2}
  add: rounded
"""
YEAR = Period.of_year(2025)
SCAN = b"a scanned page"
SCAN_SHA256 = hashlib.sha256(SCAN).hexdigest()


def text_of(value: Any) -> str:
    return canonical_json(value).decode()


def district() -> Book:
    """The whole small year, up to its notice."""
    book = Book()
    begin(book)
    propose(book)
    reorganise(book)
    file_returns(book)
    inspect(book)
    correct(book)
    conclude(book)
    return book


def before_proposals() -> Book:
    """The beginning of a year as it was recorded when a programme was published by one person."""
    book = Book()
    begin(book)
    return book


def begin(book: Book) -> None:
    source = digest(PROGRAMME.encode())
    programme = {"code": "tiny", "version": "1", "source": PROGRAMME, "digest": source}
    book.record("programme.published", [("programme_version", {**programme, "published_at": "2025-01-01T00:00:00Z"})])
    known = {"valid_from": "2025-01-01", "kind": "unit", "parent_code": "", "peer_group": "town", "forms": "monthly"}
    for code in ("0101", "0102"):
        unit = {"unit_code": code, "name_zh": f"单位{code}", "name_en": f"Unit {code}", "opened": "2020-01-01"}
        book.record("unit.registered", [("unit_version", {**known, **unit, "closed": None})])
        post = {"post": "specialist", "unit_code": code, "username": f"s.{code}", "from_day": "2025-01-01"}
        book.record("person.appointed", [("appointment", {**post, "until_day": None})])
        number = f"A-{code}"
        agreed = {"number": number, "unit_code": code, "year": 2025, "version": 1, "programme_digest": source}
        issued = {"text": '{"points":100}', "issued_at": "2025-01-02T00:00:00Z"}
        book.record("agreement.issued", [("agreement_version", {**agreed, **issued})])
        for side in ("unit", "office"):
            # Half past midnight of the 10th in Shanghai.
            signed = {"agreement": number, "side": side, "signed_by": "x.1", "signed_at": "2025-01-09T16:30:00Z"}
            book.record("agreement.signed", [("agreement_signature", signed)])


def propose(book: Book) -> None:
    """A second version, proposed by one and refused by another."""
    text = PROGRAMME.replace('version: "1"', 'version: "2"')
    row = {"number": "2025-P1", "code": "tiny", "version": "2", "source": text, "digest": digest(text.encode())}
    by = {"proposed_by": "o.1", "proposed_at": "2025-01-01T00:01:00Z"}
    book.record("programme.proposed", [("programme_proposal", {**row, "reason": "clearer", **by})])
    decided = {"proposal": "2025-P1", "decision": "refused", "reason": "not clearer", "decided_by": "o.2"}
    at = {"decided_at": "2025-01-01T00:02:00Z"}
    book.record("programme.refused", [("programme_decision", {**decided, **at})])


def reorganise(book: Book) -> None:
    """A unit has its codes, is renamed, and the name is taken back."""
    codes = {"division_code": "110101001001", "credit_code": "91110000600037341L", "contact_post": "office"}
    known = {"unit_code": "0101", "valid_from": "2025-01-01", "turn": 1}
    book.record("unit.identified", [("unit_identity", {**known, **codes})])
    event = {"number": "2025-U1", "kind": "renamed", "on_day": "2025-06-01", "basis": "letter 7", "undoes": ""}
    by = {"reason": "asked for", "recorded_by": "o.1", "recorded_at": "2025-01-03T00:00:00Z"}
    parts = [
        ("unit_event_part", {"event": "2025-U1", "role": role, "unit_code": "0101", "share": 1})
        for role in ("before", "after")
    ]
    named = {"name_zh": "新名", "name_en": "New name", "kind": "unit", "parent_code": "", "peer_group": "town"}
    state = {"event": "2025-U1", "unit_code": "0101", "forms": "monthly", "opened": "2020-01-01", "closed": None}
    book.record("unit.changed", [("unit_event", {**event, **by}), *parts, ("unit_event_state", {**named, **state})])
    undoing = {**event, "number": "2025-U2", "kind": "undone", "undoes": "2025-U1"}
    book.record("unit.changed", [("unit_event", {**undoing, **by})])


def returned(unit: str, month: int, version: int, paid: int | None, state: str = "") -> tuple[str, dict[str, Any]]:
    values = {"due": {"value": 1000, "state": ""}, "paid": {"value": paid, "state": state}}
    head = {"unit_code": unit, "form": "monthly", "period": f"2025-{month:02d}", "version": version}
    tail = {"received_at": f"2025-{month:02d}-28T03:00:00Z", "filed_by": f"s.{unit}"}
    return "return_version", {**head, "values": text_of(values), **tail, "reason": "" if version == 1 else "again"}


def file_returns(book: Book) -> None:
    for month in range(1, 13):
        book.record("return.submitted", [returned("0101", month, 1, 1000)])
    for month in range(1, 7):
        book.record("return.submitted", [returned("0102", month, 1, 800)])
    book.record("return.submitted", [returned("0102", 7, 1, None, "missing")])
    book.record("return.revised", [returned("0102", 1, 2, 0)])


def inspect(book: Book) -> None:
    frame = [FrameUnit("0101", "town"), FrameUnit("0102", "town", 2)]
    drawn = draw("271828", frame, {"town": 1})
    row = {"number": "D-1", "year": 2025, "round": 1, "seed": drawn.seed, "frame": drawn.frame}
    more = {"frame_digest": drawn.frame_digest, "sizes": text_of(drawn.sizes), "chosen": text_of(list(drawn.chosen))}
    visits: list[dict[str, Any]] = [
        {"number": "V-1", "unit_code": drawn.chosen[0], "draw": "D-1", "reason": "drawn", "planned_on": "2025-07-01"},
        {"number": "V-2", "unit_code": "0102", "draw": None, "reason": "complaint", "planned_on": "2025-08-01"},
        {"number": "V-3", "unit_code": "0102", "draw": None, "reason": "follow_up", "planned_on": "2025-12-31"},
    ]
    rows = [("visit", {**visit, "year": 2025, "inspector": "i.1"}) for visit in visits]
    book.record("visit.drawn", [("draw", {**row, **more, "drawn_at": "2025-06-01T00:00:00Z"}), rows[0]])
    for visit in rows[1:]:
        book.record("visit.assigned", [visit])
    record = {"visit": "V-2", "visited_on": "2025-12-31", "recorded_by": "i.1", "remark": ""}
    counted = {"visit": "V-2", "form": "monthly", "period": "2025-02", "field": "paid", "reported": 800}
    recount = {**counted, "recounted": 700, "recorded_by": "i.1"}
    book.record("visit.recorded", [("visit_record", record), ("recount", recount)])


def finding(number: str, visit: str | None, occurrences: int) -> tuple[str, dict[str, Any]]:
    told = {"number": number, "visit": visit, "unit_code": "0102", "kind": "stale_board", "occurrences": occurrences}
    return "finding", {**told, "fact": "last changed in May", "raised_by": "i.1", "raised_at": "2026-01-02T00:00:00Z"}


def decision(number: str, turn: int, status: str) -> tuple[str, dict[str, Any]]:
    told = {"finding": number, "turn": turn, "status": status, "reason": "seen", "decided_by": "o.1"}
    return "finding_decision", {**told, "decided_at": "2026-01-05T00:00:00Z"}


def inspect_findings(book: Book) -> None:
    for raised in (finding("F-1", "V-2", 2), finding("F-2", "V-2", 3), finding("F-3", None, 1)):
        book.record("finding.raised", [raised])
    answer = {"finding": "F-1", "answer": "confirmed", "words": "", "answered_by": "s.0102"}
    book.record("finding.answered", [("finding_answer", {**answer, "answered_at": "2026-01-03T00:00:00Z"})])
    for decided in (decision("F-1", 1, "confirmed"), decision("F-2", 1, "confirmed"), decision("F-2", 2, "withdrawn")):
        book.record("finding.decided", [decided])


def correct(book: Book) -> None:
    inspect_findings(book)
    told = {"number": "C-1", "finding": "F-1", "unit_code": "0102", "problem": "board", "due_on": "2026-01-20"}
    by = {"opened_by": "o.1", "opened_at": "2026-01-05T00:00:00Z"}
    book.record("correction.opened", [("correction", {**told, **by})])
    filed = {"sha256": SCAN_SHA256, "name": "page.pdf", "size": len(SCAN), "media_type": "application/pdf"}
    about = {"received_at": "2026-01-06T00:00:00Z", "filed_by": "s.0102", "about": "correction/C-1"}
    book.record("evidence.filed", [("evidence", {**filed, **about})], files=[(SCAN_SHA256, "page.pdf")])
    for turn, step in enumerate(("submitted", "sent_back", "submitted", "closed"), 1):
        taken = {"correction": "C-1", "turn": turn, "step": step, "words": "", "evidence": SCAN_SHA256}
        # The last step is taken at 01:00 of the 11th in Shanghai.
        at = {"taken_by": "s.0102", "taken_at": f"2026-01-{6 + turn:02d}T17:00:00Z"}
        book.record(f"correction.{step}", [("correction_step", {**taken, **at})])  # type: ignore[arg-type]


def compute(book: Book, number: str, programme: Programme, earlier: Table | None = None) -> Scorecard:
    """A score run as of the last entry, with its grades."""
    last, year = len(book.entries) - 1, programme.valid_from.year
    rows = rows_recorded(book.rows, recorded_until(opened(book.entries).values(), last))
    tables = scoring_tables(programme, rows, Period.of_year(year), earlier)
    card = score(programme, tables, Period.of_year(year), engine="reference")
    run = {"number": number, "year": year, "period": str(year), "entry_index": last}
    digests = {"snapshot_digest": snapshot_digest(tables), "scorecard_digest": card.digest()}
    by = {"programme_digest": programme.digest, "run_by": "o.1", "run_at": f"{year + 1}-01-12T00:00:00Z"}
    graded = [
        ("grade", {
            "run": number, "unit_code": row["unit"], "total": scaled_text(int(row["total"] or 0), 2),
            "grade": row["grade"], "vetoes": text_of(str(row["vetoes"] or "").split(";") if row["vetoes"] else []),
        })
        for row in card.grades.rows()
    ]  # fmt: skip
    book.record("score.run", [("score_run", {**run, **digests, **by}), *graded])
    return card


def conclude(book: Book) -> None:
    card = compute(book, "R-1", read(PROGRAMME.encode()))
    confirmed = {"run": "R-1", "confirmed_by": "l.1", "confirmed_at": "2026-01-13T00:00:00Z", "reason": "met"}
    book.record("grade.confirmed", [("grade_confirmation", confirmed)])
    notice = {
        "number": "N-1",
        "kind": "bulletin",
        "year": 2025,
        "run": "R-1",
        "title_zh": "通报",
        "title_en": "Bulletin",
    }
    published = {"published_by": "l.1", "published_at": "2026-01-14T00:00:00Z", "digest": card.digest()}
    book.record("notice.published", [("notice", {**notice, **published})])


def stored(folder: Path) -> tuple[Path, Path]:
    """The district as a SQLite file with its evidence folder beside it."""
    evidence = folder / "var" / "evidence"
    evidence.mkdir(parents=True)
    (evidence / SCAN_SHA256).write_bytes(SCAN)
    return district().write(folder / "answerable.sqlite3"), evidence


NEXT = (
    PROGRAMME.replace('version: "1"', 'version: "2026"')
    .replace("{from: 2025-01-01, until: 2026-01-01}", "{from: 2026-01-01, until: 2027-01-01}")
    .replace("missing: {do: skip, at_least: 1}", "missing: zero")
    .replace('== "confirmed")', '== "confirmed") + otherwise(earlier.paid_share, 0) * count(findings)')
)
"""The programme of the next year, which reads a figure of the year before."""


def go_on(book: Book) -> None:
    """The next year, scored with the figures confirmed for the year before."""
    source = digest(NEXT.encode())
    row = {"code": "tiny", "version": "2026", "source": NEXT, "digest": source, "published_at": "2026-01-20T00:00:00Z"}
    book.record("programme.published", [("programme_version", row)])
    programme = read(PROGRAMME.encode())
    rows = rows_recorded(book.rows, recorded_until(opened(book.entries).values(), len(book.entries) - 1))
    then = score(programme, scoring_tables(programme, rows, YEAR), YEAR)
    compute(book, "R-2", read(NEXT.encode()), then.tables["indicators"])
