"""The rows formulas read, as SQL: the newest returns, rows nobody filed, events of the period.

The same rows as `columns.rows` makes of frames; nothing of one is used by the other but what is *known* of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from answerable.definition.model import Form, Programme
from answerable.definition.tables import CALENDAR, FIXED, returns_schema, row_columns
from answerable.scoring.engines.columns.known import NOT_APPLICABLE, SUPPRESSED, Known, of_each_month
from answerable.scoring.engines.columns.plan import months_before
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.sql.dialect import Session
from answerable.scoring.engines.sql.sources import asked, source
from answerable.values.period import Month
from answerable.values.table import Tables

__all__ = ["Rows", "events", "expected", "filed", "only_answered"]

_STATES = {NOT_APPLICABLE: "not_applicable", SUPPRESSED: "suppressed"}


@dataclass(frozen=True)
class Rows(Known):
    """Rows by unit, as what stands after FROM. columns: all of them but `unit` and `period`."""

    source: str
    columns: tuple[str, ...]


# -- returns -------------------------------------------------------------------------------------------------------


def filed(
    session: Session, programme: Programme, tables: Tables, form: Form, wanted: Sequence[str], months: list[Month]
) -> Rows:
    """The newest return of each unit and month: `unit`, `period` and the columns wanted."""
    named, dialect = session.dialect.name, session.dialect
    columns = [name for name in wanted if name not in ("filed", *CALENDAR)]
    fields = [name for name in columns if name != "on_time"]
    numbers = [name for name in fields if form.field(name).measure != "flag"]
    names = ["unit", "period", "version", "received_at", *fields, *(f"{name}_state" for name in fields)]
    read = source(session, tables.get(f"returns-{form.id}"), returns_schema(form), names)
    raw = f"(SELECT * FROM {read} t WHERE period IN {dialect.list([str(month) for month in months])})"
    states = {
        f"{name}{mark}": f"{named(name)} IS NULL AND {named(f'{name}_state')} = {dialect.words(state)}"
        for name in fields
        for mark, state in _STATES.items()
    }
    questions = {"later": "version IS NULL OR version <> 1", "unreceived": "received_at IS NULL OR received_at = ''"}
    questions |= states | {name: f"{named(name)} IS NULL" for name in fields}
    facts = asked(session, raw, numbers, questions)
    stated = {name for name in fields for mark in _STATES if name + mark in facts.some}
    nullable = {name for name in fields if name in facts.some and form.field(name).blank != "zero"} | stated
    received = "received_at"
    if "later" in facts.some:
        raw, received = _newest(session, raw), dialect.own("received")
    cells = [cell for name in fields for cell in _cell(session, form, name, states if name in stated else {})]
    if "on_time" in columns:
        cells.append(f"{_punctual(session, programme, form, received, months)} AS on_time")
        nullable |= {"on_time"} if "unreceived" in facts.some else set()
    marks = [name + mark for name in fields if name in stated for mark in _STATES]
    return Rows(
        f"(SELECT {', '.join(['unit', 'period', *cells, 'TRUE AS filed'])} FROM {raw} t)",
        (*fields, *marks, *(["on_time"] if "on_time" in columns else []), "filed"),
        bounds=facts.bounds,
        flags=frozenset([*columns, "filed"]) - frozenset(numbers),
        nullable=frozenset(nullable),
        stated=frozenset(stated),
        decimals={name: form.field(name).decimals for name in numbers},
        height=facts.height,
        each=len(months),
        filed_only=True,
    )


def _newest(session: Session, raw: str) -> str:
    """Only the newest version of each month, with the time of receipt of the first."""
    version, own = "COALESCE(version, 0)", session.dialect.own
    of_month = "OVER (PARTITION BY unit, period"
    newest = f"MAX({version}) {of_month}) AS {own('newest')}"
    first = f"FIRST_VALUE(received_at) {of_month} ORDER BY {version}) AS {own('received')}"
    return f"(SELECT * FROM (SELECT *, {newest}, {first} FROM {raw} v) v WHERE {version} = {own('newest')})"


def _cell(session: Session, form: Form, name: str, states: Mapping[str, str]) -> Iterator[str]:
    """A field and, where it can be absent for a reason, the reasons."""
    field, named = form.field(name), session.dialect.name
    value = named(name)
    reasons = [states[name + mark] for mark in _STATES] if states else []
    if field.blank == "zero":
        value = f"COALESCE({value}, CAST(0 AS BIGINT))"
        if reasons:
            value = f"CASE WHEN {' OR '.join(f'({one})' for one in reasons)} THEN NULL ELSE {value} END"
    if field.measure == "flag":
        value = f"({value} <> 0)"
    yield f"{value} AS {named(name)}"
    for mark, holds in zip(_STATES, reasons, strict=False):
        yield f"COALESCE({holds}, FALSE) AS {named(name + mark)}"


def _punctual(session: Session, programme: Programme, form: Form, received: str, months: Sequence[Month]) -> str:
    """Received before the first moment at which the return is late; absent where that is not known."""
    words = session.dialect.words
    late = " ".join(f"WHEN {words(str(one))} THEN {words(programme.due_instant(form, one))}" for one in months)
    return f"(NULLIF({received}, '') < CASE period {late} END)"


def expected(
    session: Session, registry: Registry, form: Form, filed: Rows, months: list[Month], back: Sequence[int]
) -> Rows:
    """One row per unit and month for which the unit must file, filed or not, with months before it beside it."""
    named, words, offsets = session.dialect.name, session.dialect.words, [0, *back]
    units = session.hand(registry.answering(form.id).filter(pl.col("first") < pl.col("after")))
    stands = [
        f"SELECT CAST({at} AS BIGINT) AS place, CAST({one.month} AS BIGINT) AS month, "
        f"CAST({(one.month + 2) // 3} AS BIGINT) AS quarter, "
        + ", ".join(f"{words(str(one.plus(-offset)))} AS p{offset}" for offset in offsets)
        for at, one in enumerate(months)
    ]
    first, after = named("first"), named("after")
    grid = f"(SELECT unit, m.* FROM {units} u CROSS JOIN ({' UNION ALL '.join(stands)}) m"
    grid += f" WHERE place >= {first} AND place < {after})"
    joined = " ".join(
        f"LEFT JOIN {filed.source} f{offset} ON f{offset}.unit = g.unit AND f{offset}.period = g.p{offset}"
        for offset in offsets
    )
    cells = [
        f"{_unfiled(f'f{offset}', named(name), name)} AS {named(months_before(offset, name))}"
        for offset in offsets
        for name in filed.columns
    ]
    columns = tuple(months_before(offset, name) for offset in offsets for name in filed.columns)
    return Rows(
        f"(SELECT {', '.join(['g.unit AS unit', *CALENDAR, *cells])} FROM {grid} g {joined})",
        (*CALENDAR, *columns),
        **of_each_month(filed, registry.units.height, len(months), offsets),
    )


def _unfiled(row: str, named: str, name: str) -> str:
    """A column of a row that nobody may have filed: not filed, not on time, no reason but that it is missing."""
    column = f"{row}.{named}"
    if name == "on_time":
        return f"CASE WHEN {row}.filed THEN {column} ELSE FALSE END"
    if name == "filed" or name.endswith((NOT_APPLICABLE, SUPPRESSED)):
        return f"COALESCE({column}, FALSE)"
    return column


def only_answered(session: Session, registry: Registry, form: Form, rows: Rows, months: list[Month]) -> Rows:
    """Without the returns of months for which the unit need not file."""
    answering, some = registry.answering(form.id), pl.col("first") < pl.col("after")
    rows = replace(rows, outside=answering.filter(~some).select("unit"))
    partly = answering.filter(some & ((pl.col("first") > 0) | (pl.col("after") < len(months))))
    if not partly.height:
        return rows
    name, words = session.dialect.name, session.dialect.words
    place = " ".join(f"WHEN {words(str(one))} THEN {at}" for at, one in enumerate(months))
    answers = f"CASE r.period {place} END >= c.{name('first')} AND CASE r.period {place} END < c.{name('after')}"
    closed = f"SELECT 1 FROM {session.hand(partly)} c WHERE c.unit = r.unit AND NOT ({answers})"
    return replace(rows, source=f"(SELECT * FROM {rows.source} r WHERE NOT EXISTS ({closed}))")


# -- events --------------------------------------------------------------------------------------------------------


def events(session: Session, programme: Programme, tables: Tables, registry: Registry, table: str) -> Rows:
    """The rows of a table of events that belong to the period, with what formulas read of them."""
    schema, named, words = FIXED[table], session.dialect.name, session.dialect.words
    read = source(session, tables.get(table), schema, [column.name for column in schema.columns])
    nothing = {column.name: "CAST(0 AS BIGINT)" if column.type == "integer" else "''" for column in schema.columns}
    filled = ", ".join(f"COALESCE({named(name)}, {none}) AS {named(name)}" for name, none in nothing.items())
    start, end = (words(one.day(1).isoformat()) for one in (registry.period.start, registry.period.end))
    derived, kept = _of_events(session, programme, registry, table, start, end)
    more = "".join(f", {expression} AS {named(name)}" for name, expression in derived.items())
    columns = row_columns(())[table]
    numbers = [name for name, one in columns.items() if one.measure not in ("text", "flag")]
    # What happened when is asked before anything is made of it: the best level is that of the period.
    inside = f"(SELECT * FROM (SELECT {filled} FROM {read} t) t WHERE {kept})"
    made = f"(SELECT {', '.join(['unit', *map(named, columns)])} FROM (SELECT *{more} FROM {inside} t) t)"
    facts = asked(session, made, numbers, {})
    return Rows(
        made,
        tuple(columns),
        bounds=facts.bounds,
        flags=frozenset(name for name, one in columns.items() if one.measure == "flag"),
        texts=frozenset(name for name, one in columns.items() if one.measure == "text"),
        decimals={name: columns[name].decimals for name in numbers},
        height=facts.height,
        each=facts.height,
    )


def _of_events(
    session: Session, programme: Programme, registry: Registry, table: str, start: str, end: str
) -> tuple[dict[str, str], str]:
    """Columns made of others, and the condition under which a row belongs to the period."""
    dialect = session.dialect
    happened = "{0} >= {1} AND {0} < {2}"
    match table:
        case "agreements":
            signed, last = (
                "unit_signed_on <> '' AND office_signed_on <> ''",
                programme.sign_by_day(registry.period.start.year),
            )
            in_time = f" AND unit_signed_on <= {dialect.words(last)} AND office_signed_on <= {dialect.words(last)}"
            return {"signed": f"({signed})", "signed_on_time": f"({signed}{in_time if last else ''})"}, "TRUE"
        case "visits":
            return {}, happened.format("visited_on", start, end)
        case "recounts":
            months = [text for month in registry.period for text in (str(month), str(month).replace("-", ""))]
            return {}, f"period IN {dialect.list(months)}"
        case "findings":
            return {}, happened.format("found_on", start, end)
        case "ratings":
            return {}, happened.format("given_on", start, end)
        case "matters":
            return {"highest": _highest(session, programme)}, happened.format("decided_on", start, end)
        case "corrections":
            closed = f"closed_on <> '' AND closed_on < {end}"
            derived = {"due": f"(due_on < {end})", "closed": f"({closed})"}
            return {**derived, "closed_on_time": f"({closed} AND closed_on <= due_on)"}, f"due_on >= {start}"
        case _:
            raise KeyError(table)


def _highest(session: Session, programme: Programme) -> str:
    """Whether a row has the best level of its matter."""
    words = session.dialect.words
    levels = [(one.id, level.id, at) for one in programme.matters for at, level in enumerate(one.levels)]
    known = " ".join(f"WHEN kind = {words(kind)} AND level = {words(level)} THEN {at}" for kind, level, at in levels)
    place = f"CASE {known} END" if known else "CAST(NULL AS BIGINT)"
    return f"({place} = MIN({place}) OVER (PARTITION BY unit, kind, matter))"
