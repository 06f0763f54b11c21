"""What is held as fact: every append-only table, its columns and the digest of a row.

Declared once and without a database, so that the site's models can be held to it and `verify` can read a raw SQLite
file by it. Three rules make a row checkable by anyone:

* A row's digest covers *every* column of its table, the integer `id` included. There is no column that could be
  changed unseen; a column not declared here is itself an issue.
* Rows point to each other by natural key (`finding` holds the finding's number), never by `id`, so the file can be read
  without joins and a person can follow it with the eye.
* A row is named to people by its natural key, and so it is in the ledger entry that recorded it.

A column holds text, an integer or NULL, the same characters on every database, and the digest covers just these:

========= ==========================================================================
type      in the database and in the digest
========= ==========================================================================
text      text, never NULL, empty when there is nothing
integer   integer, NULL (null) only where a column says so
flag      0 or 1
date      text `2025-04-03`, NULL (null) only where a column says so
time      text `2025-04-03T02:11:09Z`: UTC, whole seconds
json      canonical JSON, as a text
reference text: the key of the row referred to, NULL (null) only where a column says so
========= ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from answerable.values.canonical import canonical_json, digest
from answerable.values.text import Text

__all__ = ["HOLDINGS", "Cell", "Column", "ColumnType", "Holding", "canonical_cell", "canonical_row", "holding_named"]
__all__ += ["canonical_time", "key_text", "row_digest", "row_key"]

ColumnType = Literal["text", "integer", "flag", "date", "time", "json", "reference"]
Cell = str | int | None
"""A value in canonical form, as the digest sees it."""

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True)
class Column:
    """One column. `nullable` columns may be absent; `refers` names the holding whose one-column key stands here."""

    name: str
    type: ColumnType
    nullable: bool = False
    refers: str = ""


@dataclass(frozen=True)
class Holding:
    """One append-only table: its name, what people call it, the natural key of a row, its columns besides `id`."""

    name: str
    title: Text
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return f"answerable_{self.name}"

    @property
    def header(self) -> tuple[str, ...]:
        """Every column's name in order, `id` first: exactly the columns of the table in the database."""
        return ("id", *(column.name for column in self.columns))


def canonical_time(value: datetime | str) -> str:
    """A moment as it is stored and hashed: UTC, whole seconds; parts of a second are cut off.

    Raises:
        ValueError: for a datetime without a zone, or a text in any other form than the one returned.

    >>> canonical_time(datetime(2025, 4, 3, 2, 11, 9, tzinfo=UTC))
    '2025-04-03T02:11:09Z'
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"a time needs its zone: {value}")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not _TIME.fullmatch(value):
        raise ValueError(f"not a time: {value}")
    datetime.fromisoformat(value)
    return value


def canonical_cell(column: Column, value: object) -> Cell:
    """One value in canonical form, whether it comes from Python (date, datetime, bool) or from raw SQLite.

    Raises:
        ValueError: when the value cannot stand in that column.
    """
    if value is None:
        if column.nullable:
            return None
        raise ValueError(f"{column.name} may not be empty")
    cell = _FORMS[column.type](value)
    if cell is None:
        raise ValueError(f"{column.name} holds no {column.type}: {value!r}")
    return cell


def canonical_row(holding: Holding, row: Mapping[str, Any]) -> dict[str, Cell]:
    """The row with every declared column, `id` included, in canonical form; other names in `row` are not looked at.

    Raises:
        ValueError: when a value cannot stand in its column.
        KeyError: when a column is absent.
    """
    cells: dict[str, Cell] = {"id": canonical_cell(_ID, row["id"])}
    for column in holding.columns:
        cells[column.name] = canonical_cell(column, row[column.name])
    return cells


def row_digest(holding: Holding, row: Mapping[str, Any]) -> str:
    """Digest of the canonical JSON of `{"holding": name, "row": {column: cell, ...}}`, as lower-case hex SHA-256."""
    return digest(canonical_json({"holding": holding.name, "row": canonical_row(holding, row)}))


def row_key(holding: Holding, row: Mapping[str, Any]) -> list[Cell]:
    """The natural key in canonical form, in the order of `holding.key`; this is what a ledger entry holds."""
    cells = canonical_row(holding, row)
    return [cells[name] for name in holding.key]


def key_text(key: list[Cell]) -> str:
    """A key as people read it.

    >>> key_text(["0101", "monthly", "2025-03", 1])
    '0101 / monthly / 2025-03 / 1'
    """
    return " / ".join("-" if cell is None or cell == "" else str(cell) for cell in key)


def holding_named(name: str) -> Holding:
    """The holding of that name; KeyError if there is none."""
    return _BY_NAME[name]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: object) -> int | None:
    return int(value) if isinstance(value, int) and value in (0, 1) else None


def _date(value: object) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return date.fromisoformat(value).isoformat()
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None


def _time(value: object) -> str | None:
    return canonical_time(value) if isinstance(value, str | datetime) else None


_FORMS = {
    "text": _text,
    "json": _text,
    "reference": _text,
    "integer": _integer,
    "flag": _flag,
    "date": _date,
    "time": _time,
}
_ID = Column("id", "integer")


def _held(name: str, zh: str, en: str, key: str, columns: str) -> Holding:
    """A holding from a short text: `name:type`, `?` after a type that may be empty, `>holding` for a reference."""
    return Holding(name, Text(zh=zh, en=en), tuple(key.split()), tuple(_column(part) for part in columns.split()))


def _column(part: str) -> Column:
    name, _, kind = part.partition(":")
    kind = kind or "text"
    nullable, kind = kind.endswith("?"), kind.removesuffix("?")
    if kind.startswith(">"):
        return Column(name, "reference", nullable, kind[1:])
    if kind not in _FORMS:
        raise ValueError(f"no such type of column: {part}")
    return Column(name, kind, nullable)  # type: ignore[arg-type]


HOLDINGS: tuple[Holding, ...] = (
    _held(
        "programme_version", "考核方案版本", "programme version", "code version",
        "code version source digest published_at:time",
    ),
    _held(
        "unit_version", "单位登记", "unit registration", "unit_code valid_from",
        "unit_code valid_from:date name_zh name_en kind parent_code peer_group forms opened:date? closed:date?",
    ),
    _held(
        "appointment", "任职", "appointment", "post unit_code username from_day until_day",
        "post unit_code username from_day:date until_day:date?",
    ),
    _held(
        "agreement_version", "责任书", "agreement", "number",
        "number unit_code year:integer version:integer programme_digest text:json issued_at:time",
    ),
    _held(
        "agreement_signature", "责任书签署", "signature of an agreement", "agreement side",
        "agreement:>agreement_version side signed_by signed_at:time",
    ),
    _held(
        "return_version", "月报表", "monthly return", "unit_code form period version",
        "unit_code form period version:integer values:json received_at:time filed_by reason",
    ),
    _held(
        "evidence", "佐证材料", "evidence file", "sha256 about",
        "sha256 name size:integer media_type received_at:time filed_by about",
    ),
    _held(
        "draw", "核查抽签", "draw of visits", "number",
        "number year:integer round:integer seed frame frame_digest sizes:json chosen:json drawn_at:time",
    ),
    _held(
        "visit", "现场核查", "visit", "number",
        "number unit_code year:integer draw:>draw? reason inspector planned_on:date",
    ),
    _held("visit_record", "核查记录", "record of a visit", "visit", "visit:>visit visited_on:date recorded_by remark"),
    _held(
        "recount", "复核数", "recount", "visit form period field",
        "visit:>visit form period field reported:integer recounted:integer recorded_by",
    ),
    _held(
        "finding", "发现问题", "finding", "number",
        "number visit:>visit? unit_code kind occurrences:integer fact raised_by raised_at:time",
    ),
    _held(
        "finding_answer", "对问题的答复", "answer to a finding", "finding",
        "finding:>finding answer words answered_by answered_at:time",
    ),
    _held(
        "finding_decision", "问题认定", "decision on a finding", "finding turn",
        "finding:>finding turn:integer status reason decided_by decided_at:time",
    ),
    _held(
        "correction", "整改", "correction", "number",
        "number finding:>finding? unit_code problem due_on:date opened_by opened_at:time",
    ),
    _held(
        "correction_step", "整改进展", "step of a correction", "correction turn",
        "correction:>correction turn:integer step words evidence taken_by taken_at:time",
    ),
    _held(
        "score_run", "评分", "score run", "number",
        "number year:integer period entry_index:integer programme_digest snapshot_digest scorecard_digest run_by "
        "run_at:time",
    ),
    _held("grade", "等次", "grade", "run unit_code", "run:>score_run unit_code total grade vetoes:json"),
    _held(
        "grade_confirmation", "等次审定", "confirmation of grades", "run",
        "run:>score_run confirmed_by confirmed_at:time reason",
    ),
    _held(
        "notice", "通报", "notice", "number",
        "number kind year:integer run:>score_run title_zh title_en published_by published_at:time digest",
    ),
    _held(
        "programme_proposal", "考核方案送审稿", "proposal of a programme", "number",
        "number code version source digest reason proposed_by proposed_at:time",
    ),
    _held(
        "programme_decision", "送审稿处理", "decision on a proposal", "proposal",
        "proposal:>programme_proposal decision reason decided_by decided_at:time",
    ),
    _held(
        "unit_identity", "单位代码登记", "codes of a unit", "unit_code valid_from turn",
        "unit_code valid_from:date turn:integer division_code credit_code contact_post",
    ),
    _held(
        "unit_event", "单位变动", "change of units", "number",
        "number kind on_day:date basis reason undoes recorded_by recorded_at:time",
    ),
    _held(
        "unit_event_part", "变动所涉单位", "unit in a change", "event role unit_code",
        "event:>unit_event role unit_code share:integer",
    ),
    _held(
        "unit_event_state", "变动后的单位登记", "unit after a change", "event unit_code",
        "event:>unit_event unit_code name_zh name_en kind parent_code peer_group forms opened:date? closed:date?",
    ),
)  # fmt: skip
"""Every fact table; a reference names an earlier one. `turn` counts the rows about one finding or correction from 1."""

_BY_NAME = {holding.name: holding for holding in HOLDINGS}
