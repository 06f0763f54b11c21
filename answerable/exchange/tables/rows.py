"""What must hold between rows and between tables: keys, units and their tree, the names a programme knows.

And, for a table that stays on disk, what its cells must hold: it is looked at in passes, never held whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from answerable.definition import Programme
from answerable.definition.tables import STATUSES
from answerable.exchange.tables.cells import LINE, MOST_DIGITS, PATTERNS, STATES, limited, place
from answerable.values.issue import Issue
from answerable.values.number import text_of
from answerable.values.table import Schema

__all__ = ["Rows"]


@dataclass
class Rows:
    """What must hold between rows: keys, units, and the names the programme knows."""

    name: str
    """The files of the table; empty where there is none."""
    schema: Schema
    frame: pl.DataFrame | pl.LazyFrame
    programme: Programme
    units: pl.DataFrame | None

    def issues(self) -> list[Issue]:
        """Every issue of this table."""
        if not self.name:
            return []
        found = self.repeated()
        if isinstance(self.frame, pl.LazyFrame):
            found += self.of_stored()
        if self.units is not None and self.schema.name != "units":
            found += self.unknown("unit", self.units["unit"].to_list(), "unknown_unit")
        match self.schema.name:
            case "units":
                found += self.of_units()
            case "recounts":
                found += self.unknown("form", [form.id for form in self.programme.forms], "unknown_form")
                found += self.of_other_forms()
            case "findings":
                kinds = [kind.id for kind in self.programme.finding_kinds]
                found += self.unknown("kind", kinds, "unknown_finding_kind")
                found += self.unknown("status", STATUSES, "unknown_status")
            case "ratings":
                found += self.unknown("panel", [panel.id for panel in self.programme.panels], "unknown_panel")
                found += self.of_scores()
            case "matters":
                found += self.unknown("kind", [kind.id for kind in self.programme.matters], "unknown_matter_kind")
                found += self.of_levels()
            case "targets":
                found += self.unknown("target", [target.id for target in self.programme.targets], "unknown_target")
            case "earlier":
                ids = [indicator.id for indicator in self.programme.indicators]
                found += self.unknown("indicator", ids, "unknown_indicator")
        return found

    def rows(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """The rows a question finds, few as a rule."""
        return frame.collect(engine="streaming")

    @property
    def lazy(self) -> pl.LazyFrame:
        """The table with the line or row each stands on."""
        lazy = self.frame.lazy()
        return lazy if isinstance(self.frame, pl.DataFrame) else lazy.with_row_index(LINE, offset=1)

    def say(self, code: str, frame: pl.LazyFrame, column: str, **facts: str) -> list[Issue]:
        """An issue for each row of a frame, at one of its columns."""
        rows = self.rows(frame.select(LINE, column))
        made = (
            Issue(f"tables.{code}", place(self.name, line, column), _facts(column, value, facts))
            for line, value in rows.iter_rows()
        )
        return list(limited(self.name, made, rows.height))

    def of_stored(self) -> list[Issue]:
        """What the cells of a table that stays on disk must hold: one look at all, a second at what is wrong."""
        wrong = dict(self.wrong_cells())
        counts = self.lazy.select(
            [expression.fill_null(False).sum().alias(str(at)) for at, expression in enumerate(wrong.values())]
        )
        told = self.rows(counts).row(0)
        return [
            issue
            for (name, code), count in zip(wrong, told, strict=True)
            if count
            for issue in self.say(code, self.lazy.filter(wrong[name, code]), name, most=str(MOST_DIGITS))
        ]

    def wrong_cells(self) -> Iterator[tuple[tuple[str, str], pl.Expr]]:
        """By column and code, where a typed cell is not what its column holds."""
        held = self.lazy.collect_schema()
        for column in self.schema.columns:
            cell, state = pl.col(column.name), f"{column.name}_state"
            if column.required:
                yield (column.name, "empty_cell"), cell.is_null() | (cell.cast(pl.String) == "")
            if column.type in PATTERNS:
                code, pattern = PATTERNS[column.type]
                yield (column.name, code), (cell != "") & ~cell.str.contains(pattern)
            if column.type == "integer":
                yield (column.name, "number_too_large"), ~cell.is_between(1 - 10**MOST_DIGITS, 10**MOST_DIGITS - 1)
            if column.type == "flag":
                yield (column.name, "not_a_flag"), ~cell.is_in([0, 1])
            if state in held:
                yield (state, "unknown_state"), ~pl.col(state).is_in(["", *STATES])
                yield (column.name, "value_and_state"), cell.is_not_null() & (pl.col(state) != "")

    def of_other_forms(self) -> list[Issue]:
        """Recounts of a field the form does not have."""
        fields = {form.id: [one.id for one in form.fields] for form in self.programme.forms}
        found = []
        for form, known in fields.items():
            strange = self.lazy.filter((pl.col("form") == form) & ~pl.col("field").is_in(known))
            found += self.say("unknown_field", strange, "field", known=", ".join(known[:12]))
        return found

    def of_scores(self) -> list[Issue]:
        """Scores below 0 or above what a panel may give."""
        found = []
        for panel in self.programme.panels:
            scaled = pl.col("score").cast(pl.Int64)
            beyond = (pl.col("panel") == panel.id) & ((scaled < 0) | (scaled > int(panel.most * 100)))
            found += self.say("score_out_of_range", self.lazy.filter(beyond), "score", most=text_of(panel.most))
        return found

    def of_levels(self) -> list[Issue]:
        """Levels a kind of matter does not have."""
        found = []
        for kind in self.programme.matters:
            known = [level.id for level in kind.levels]
            strange = self.lazy.filter((pl.col("kind") == kind.id) & ~pl.col("level").is_in(known))
            found += self.say("unknown_level", strange, "level", known=", ".join(known[:12]))
        return found

    def repeated(self) -> list[Issue]:
        """The same key twice: a return filed twice under one version, a unit entered twice."""
        keys = list(self.schema.key)
        groups = (
            self.lazy.drop_nulls(keys)
            .group_by(keys)
            .agg(pl.len(), pl.col(LINE).max(), pl.col(LINE).min().alias("first"))
        )
        again = self.rows(groups.filter(pl.col("len") > 1))
        made = (
            Issue(
                "tables.repeated_row",
                place(self.name, row[LINE]),
                {"key": ", ".join(f"{key} {row[key]}" for key in keys), "first": str(row["first"])},
            )
            for row in again.sort(LINE).iter_rows(named=True)
        )
        return list(limited(self.name, made, again.height))

    def unknown(self, column: str, known: Iterable[str], code: str) -> list[Issue]:
        """Cells that are none of the known names."""
        names = list(known)
        if not self.rows(self.lazy.select(pl.col(column).unique()).filter(~pl.col(column).is_in(names))).height:
            return []
        some = ", ".join(sorted(names)[:12]) or "-"
        return self.say(code, self.lazy.filter(~pl.col(column).is_in(names)), column, known=some)

    def of_units(self) -> list[Issue]:
        """Kinds, the tree, dates and duties of units."""
        lazy = self.lazy
        parents = dict(self.rows(lazy.select("unit", "parent")).iter_rows())
        found = self.unknown("kind", self.programme.unit_kinds, "unknown_unit_kind")
        orphan = lazy.filter(pl.col("parent").is_not_null() & ~pl.col("parent").is_in(list(parents)))
        found += self.say("no_such_parent", orphan, "parent")
        found += self.say("circle_of_parents", lazy.filter(pl.col("unit").is_in(_circles(parents))), "unit")
        found += self.say("closed_before_opened", lazy.filter(pl.col("closed") < pl.col("opened")), "closed")
        forms = [form.id for form in self.programme.forms]
        each = lazy.select(LINE, "kind", pl.col("forms").str.split(";").alias("forms")).explode("forms")
        strange = each.filter((pl.col("forms") != "") & ~pl.col("forms").is_in(forms))
        found += self.say("unknown_form", strange, "forms", known=", ".join(forms))
        for form in [form for form in self.programme.forms if form.filed_by]:
            others = each.filter((pl.col("forms") == form.id) & ~pl.col("kind").is_in(form.filed_by))
            found += self.say("form_of_other_kinds", others, "forms", kinds=", ".join(form.filed_by))
        return found


def _circles(parents: Mapping[str, str | None]) -> list[str]:
    """Units that stand above themselves. Each is passed once, however many units there are."""
    passed: set[str] = set()
    found: list[str] = []
    for unit in parents:
        way: dict[str, int] = {}
        above = unit
        while above in parents and above not in passed and above not in way:
            way[above] = len(way)
            above = parents[above] or ""
        if above in way:
            found += list(way)[way[above] :]
        passed.update(way)
    return found


def _facts(column: str, value: object, more: Mapping[str, str]) -> dict[str, str]:
    return {"column": column, "value": "" if value is None else str(value), **more}
