"""The rows formulas read, as frames of Polars: the newest returns, rows nobody filed, events of the period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from answerable.definition.model import Form, Programme
from answerable.definition.tables import CALENDAR, FIXED, returns_schema, row_columns
from answerable.scoring.engines.columns.known import NOT_APPLICABLE, SUPPRESSED, Known, of_each_month
from answerable.scoring.engines.columns.plan import months_before
from answerable.scoring.engines.columns.reading import Facts, any_of, any_row, facts_of, frame_of
from answerable.scoring.engines.columns.registry import Registry
from answerable.values.period import Month
from answerable.values.table import Tables

__all__ = ["Rows", "events", "expected", "filed", "only_answered"]

_FEW = 50
"""Units up to which each is asked for alone."""


@dataclass(frozen=True)
class Rows(Known):
    """Rows by unit, as a frame of Polars."""

    frame: pl.LazyFrame

    def of(self, units: pl.DataFrame) -> Rows:
        """The rows of some units only, found where they are stored: a join would have all rows read."""
        unit, codes = pl.col("unit"), units["unit"]
        # Where none of a few units can stand, Polars skips more if each is named alone.
        few = 0 < codes.len() <= _FEW
        here = any_of([unit == code for code in codes]) if few else unit.is_in(codes.implode())
        return replace(self, frame=self.frame.filter(here))


def filed(programme: Programme, tables: Tables, form: Form, wanted: Iterable[str], months: list[Month]) -> Rows:
    """The newest return of each unit and month: `unit`, `period` and the columns wanted."""
    columns = [name for name in wanted if name not in ("filed", *CALENDAR)]
    fields = [name for name in columns if name != "on_time"]
    schema, table = returns_schema(form), tables.get(f"returns-{form.id}")
    state = [f"{name}_state" for name in fields]
    numbers = [name for name in fields if form.field(name).measure != "flag"]
    raw = frame_of(table, schema, ["unit", "period", "version", "received_at", *fields, *state])
    raw, facts = _known(raw, numbers, fields, [str(month) for month in months])
    absent = frozenset(fields if facts.absent else ())
    # Where any cell has such a reason each column is taken to have one: to look at every state would cost too much.
    reasons = [_states(name, "not_applicable", "suppressed") for name in sorted(absent)]
    stated = absent if any_row(raw, reasons) else frozenset()
    frame = _newest(raw, "on_time" in columns) if "later" in facts.holds else raw
    if "on_time" in columns:
        frame = _punctual(programme, form, frame, months)
    nullable = {name for name in absent if not _blank_is_zero(form, name)} | stated
    if "on_time" in columns and "unreceived" in facts.holds:
        nullable.add("on_time")
    cells = [expression for name in fields for expression in _cell(form, name, name in absent, name in stated)]
    punctual = ["on_time"] if "on_time" in columns else []
    return Rows(
        frame.select("unit", "period", *punctual, *cells, pl.lit(True).alias("filed")),
        bounds=facts.bounds,
        flags=frozenset([*columns, "filed"]) - frozenset(numbers),
        nullable=frozenset(nullable),
        stated=frozenset(stated),
        decimals={name: form.field(name).decimals for name in numbers},
        height=raw.select(pl.len()).collect(engine="streaming").item(),
        each=len(months),
        filed_only=True,
    )


def _known(
    raw: pl.LazyFrame, numbers: Sequence[str], fields: Sequence[str], months: Sequence[str]
) -> tuple[pl.LazyFrame, Facts]:
    """The rows of these months, and what is known of them."""
    period, received = pl.col("period"), pl.col("received_at")
    flags = [name for name in fields if name not in numbers]
    asked = {
        "outside": period.is_null() | (period < months[0]) | (period > months[-1]),
        "later": pl.col("version").is_null() | (pl.col("version") != 1),
        "unreceived": received.is_null() | (received == ""),
    }
    facts = facts_of(raw, numbers, flags, asked)
    if "outside" in facts.holds:
        raw = raw.filter(period.is_in(months))
        facts = facts_of(raw, numbers, flags, asked)
    return raw, facts


def _states(name: str, *states: str) -> pl.Expr:
    among = reduce(or_, (pl.col(f"{name}_state") == state for state in states))
    return pl.col(name).is_null() & among.fill_null(False)


def _newest(raw: pl.LazyFrame, punctual: bool) -> pl.LazyFrame:
    """Only the newest version of each month; where punctuality is read, with the time of receipt of the first."""
    key, version = ["unit", "period"], pl.col("version").fill_null(0)
    several = raw.filter(version != 1).select(key).unique()
    read = [*key, version, *(["received_at"] if punctual else [])]
    versions = raw.select(read).join(several, on=key, how="semi").collect(engine="streaming")
    older = versions.filter(pl.col("version") < pl.col("version").max().over(key))
    newest = _without(raw.with_columns(version), older.select(*key, "version"))
    if not punctual:
        return newest
    first = versions.group_by(key).agg(first=pl.col("received_at").sort_by("version").first(), revised=pl.lit(True))
    received = pl.when("revised").then("first").otherwise("received_at")
    return newest.join(first.lazy(), on=key, how="left").with_columns(received.alias("received_at"))


def _without(frame: pl.LazyFrame, rows: pl.DataFrame) -> pl.LazyFrame:
    """The rows that are not among a few, told by columns never absent: a join would copy all columns."""
    # No code, month or version has a line break in it.
    key = pl.concat_str([pl.col(name).cast(pl.String) for name in rows.columns], separator="\n")
    return frame.filter(~key.is_in(rows.select(key).to_series().implode()))


def _punctual(programme: Programme, form: Form, frame: pl.LazyFrame, months: list[Month]) -> pl.LazyFrame:
    """`on_time`: received before the first moment at which the return is late; absent where that is not known."""
    late = pl.col("period").replace_strict(
        [str(month) for month in months],
        [programme.due_instant(form, month) for month in months],
        default=None,
        return_dtype=pl.String,
    )
    received = pl.when(pl.col("received_at") != "").then("received_at")
    return frame.with_columns(on_time=received < late)


def _blank_is_zero(form: Form, name: str) -> bool:
    return form.field(name).blank == "zero"


def _cell(form: Form, name: str, absent: bool, stated: bool) -> list[pl.Expr]:
    """A field and, where it can be absent for a reason, the reasons."""
    field, value = form.field(name), pl.col(name)
    marks = [
        _states(name, state).alias(name + mark)
        for state, mark in (("not_applicable", NOT_APPLICABLE), ("suppressed", SUPPRESSED))
        if stated
    ]
    if absent and _blank_is_zero(form, name):
        value = value.fill_null(0)
        if stated:
            value = pl.when(_states(name, "not_applicable", "suppressed")).then(None).otherwise(value)
    if field.measure == "flag":
        value = value != 0
    return [value.alias(name), *marks]


def expected(registry: Registry, form: Form, filed: Rows, months: Sequence[Month], back: Sequence[int]) -> Rows:
    """One row per unit and month for which the unit must file, filed or not, with months before it beside it.

    `filed` are the returns filed in any of the months read. back: how many months before a row are read.
    """
    stands: dict[str, list[Any]] = {"at": list(range(len(months))), "month": [one.month for one in months]}
    stands["quarter"] = [(one.month + 2) // 3 for one in months]
    offsets = [0, *back]
    for offset in offsets:
        stands[months_before(offset, "period")] = [str(one.plus(-offset)) for one in months]
    units = registry.answering(form.id).filter(pl.col("first") < pl.col("after")).lazy()
    grid = units.join(pl.LazyFrame(stands), how="cross")
    frame = grid.filter((pl.col("at") >= pl.col("first")) & (pl.col("at") < pl.col("after")))
    columns = [name for name in filed.frame.collect_schema().names() if name not in ("unit", "period")]
    for offset in offsets:
        then = filed.frame.rename({name: months_before(offset, name) for name in [*columns, "period"]})
        frame = frame.join(then, on=["unit", months_before(offset, "period")], how="left")
    marks = [(offset, name) for offset in offsets for name in columns]
    made = frame.select("unit", *CALENDAR, *(_unfiled(offset, name) for offset, name in marks))
    return Rows(made, **of_each_month(filed, registry.units.height, len(months), offsets))


def _unfiled(back: int, name: str) -> pl.Expr:
    """A column of a row that nobody may have filed: not filed, not on time, no reason but that it is missing."""
    marked = months_before(back, name)
    column, is_filed = pl.col(marked), pl.col(months_before(back, "filed")).fill_null(False)
    if name == "on_time":
        return pl.when(is_filed).then(column).otherwise(False).alias(marked)
    if name == "filed" or name.endswith((NOT_APPLICABLE, SUPPRESSED)):
        return column.fill_null(False).alias(marked)
    return column


def only_answered(registry: Registry, form: Form, rows: Rows, months: list[Month]) -> Rows:
    """Without the returns of months for which the unit need not file."""
    answering, some = registry.answering(form.id), pl.col("first") < pl.col("after")
    rows = replace(rows, outside=answering.filter(~some).select("unit"))
    partly = answering.filter(some & ((pl.col("first") > 0) | (pl.col("after") < len(months))))
    if not partly.height:
        return rows
    at = pl.DataFrame({"at": range(len(months)), "period": [str(month) for month in months]})
    closed = partly.join(at, how="cross").filter((pl.col("at") < pl.col("first")) | (pl.col("at") >= pl.col("after")))
    return replace(rows, frame=_without(rows.frame, closed.select("unit", "period")))


# -- events --------------------------------------------------------------------------------------------------------


def events(programme: Programme, tables: Tables, registry: Registry, table: str) -> Rows:
    """The rows of a table of events that belong to the period, with what formulas read of them."""
    schema = FIXED[table]
    raw = frame_of(tables.get(table), schema, [column.name for column in schema.columns])
    raw = raw.with_columns(pl.col(pl.String).fill_null(""), pl.col(pl.Int64, pl.Int128).fill_null(0))
    start = registry.period.start.day(1).isoformat()
    end = registry.period.end.day(1).isoformat()
    match table:
        case "agreements":
            frame = raw.with_columns(_signed(programme.sign_by_day(registry.period.start.year)))
        case "visits":
            frame = raw.filter(_happened("visited_on", start, end))
        case "recounts":
            months = [text for month in registry.period for text in (str(month), str(month).replace("-", ""))]
            frame = raw.filter(pl.col("period").is_in(months))
        case "findings":
            frame = raw.filter(_happened("found_on", start, end))
        case "ratings":
            frame = raw.filter(_happened("given_on", start, end))
        case "matters":
            frame = _highest(programme, raw.filter(_happened("decided_on", start, end)))
        case "corrections":
            frame = raw.filter(pl.col("due_on") >= start).with_columns(_closing(end))
        case _:
            raise KeyError(table)
    columns = row_columns(())[table]
    numbers = [name for name, one in columns.items() if one.measure not in ("text", "flag")]
    made = frame.select("unit", *columns).collect()
    held = made.lazy()
    return Rows(
        held,
        bounds=facts_of(held, numbers).bounds,
        flags=frozenset(name for name, one in columns.items() if one.measure == "flag"),
        texts=frozenset(name for name, one in columns.items() if one.measure == "text"),
        decimals={name: columns[name].decimals for name in numbers},
        height=made.height,
        each=made.height,
    )


def _highest(programme: Programme, frame: pl.LazyFrame) -> pl.LazyFrame:
    """With `highest` on the row of each matter that has the best level of any."""
    levels = [(one.id, level.id, at) for one in programme.matters for at, level in enumerate(one.levels)]
    order = pl.LazyFrame(levels, schema={"kind": pl.String, "level": pl.String, "place": pl.Int64}, orient="row")
    best = pl.col("place").min().over("unit", "kind", "matter")
    return frame.join(order, on=["kind", "level"], how="left").with_columns(highest=pl.col("place") == best)


def _happened(name: str, start: str, end: str) -> pl.Expr:
    return (pl.col(name) >= start) & (pl.col(name) < end)


def _signed(last: str) -> list[pl.Expr]:
    days = (pl.col("unit_signed_on"), pl.col("office_signed_on"))
    signed = (days[0] != "") & (days[1] != "")
    in_time = pl.lit(True) if not last else (days[0] <= last) & (days[1] <= last)
    return [signed.alias("signed"), (signed & in_time).alias("signed_on_time")]


def _closing(end: str) -> list[pl.Expr]:
    closed = (pl.col("closed_on") != "") & (pl.col("closed_on") < end)
    return [
        (pl.col("due_on") < end).alias("due"),
        closed.alias("closed"),
        (closed & (pl.col("closed_on") <= pl.col("due_on"))).alias("closed_on_time"),
    ]
