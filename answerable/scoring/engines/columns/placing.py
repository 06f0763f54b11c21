"""Places: exact numbers put in order across units, ties being ties.

A total is num / den with dens that differ between units, so it is ordered by its first thirty decimals as one whole
number: two different fractions whose denominators are at most 10**15 differ before that. Where a total is only known as
a span, or its denominator is larger, units that lie too close are ordered by their exact totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import polars as pl

from answerable.scoring.engines.columns.marking import FINE, Marking
from answerable.scoring.engines.columns.operations import (
    Term,
    add,
    both,
    either,
    equal,
    floor_divide,
    less,
    multiply,
    negation,
    number,
    subtract,
)
from answerable.scoring.engines.columns.plan import Place, Seats
from answerable.scoring.engines.columns.quantities import Quantity
from answerable.scoring.engines.columns.registry import Registry

__all__ = ["places", "seated"]

_COLUMNS = {"row": pl.Int64, "rank": pl.String, "group": pl.String, "place": pl.Int64, "of": pl.Int64}


def places(marking: Marking, registry: Registry) -> pl.DataFrame:
    """row, rank, group, place, of: one row per rated unit and ranking, ranking by ranking in order of unit."""
    ranks = marking.plan.places
    if not ranks:
        return pl.DataFrame(schema=_COLUMNS)
    orders = {on: _order(marking, on) for on in dict.fromkeys(rank.on for rank in ranks)}
    made = []
    rated = marking.sheet.flags(marking.sheet["t.rated"])
    for rank in ranks:
        frame = pl.DataFrame(
            {"order": orders[rank.on], "rated": rated, "group": registry.assessed.select(_group(rank)).to_series()}
        )
        rows = frame.with_row_index("row").filter("rated")
        made.append(rows.select(pl.col("row").cast(pl.Int64), pl.lit(rank.id).alias("rank"), "group", *_placed(rank)))
    return pl.concat(made)


def seated(marking: Marking, registry: Registry) -> list[int]:
    """The place of each unit's grade, after the quotas have taken it from those without a seat."""
    sheet = marking.sheet
    grades = [int(str(place)) for place in sheet.cells(sheet["t.grade"])]
    if not marking.plan.seats or not grades:
        return grades
    totals = _order(marking, marking.plan.grading.on).to_list()
    rated = sheet.flags(sheet["t.rated"]).arg_true().to_list()
    for quota in marking.plan.seats:
        names = registry.assessed.select(_group(quota)).to_series().to_list()
        groups: dict[str, list[int]] = {}
        for row in rated:
            groups.setdefault(names[row], []).append(row)
        for rows in groups.values():
            _take_seats(quota, rows, totals, grades)
    return grades


def _take_seats(quota: Seats, rows: Sequence[int], totals: Sequence[int], grades: list[int]) -> None:
    """Put the units of one group that hold a grade and have no seat one grade lower."""
    seats = quota.rounding.scaled(quota.share * len(rows))
    holders = sorted((row for row in rows if grades[row] <= quota.place), key=lambda row: -totals[row])
    kept = holders[:seats]
    if len(holders) > seats > 0:
        edge = totals[kept[-1]]
        if quota.ties == "in":
            kept = [row for row in holders if totals[row] >= edge]
        elif totals[holders[seats]] == edge:
            kept = [row for row in holders if totals[row] > edge]
    for row in set(holders) - set(kept):
        grades[row] = quota.place + 1


def _group(rank: Place | Seats) -> pl.Expr:
    if rank.within == "kind":
        return pl.col("kind").alias("group")
    return (pl.col("kind") + ":" + pl.col(rank.within)).alias("group")


def _placed(rank: Place) -> list[pl.Expr]:
    place = pl.col("order").rank(rank.ties, descending=True).over("group").cast(pl.Int64)
    return [place.alias("place"), pl.len().over("group").cast(pl.Int64).alias("of")]


def _order(marking: Marking, on: str) -> pl.Series:
    """Whole numbers in the order of the totals, equal exactly where the totals are."""
    sheet, span = marking.sheet, marking.spans["t"]
    if on == "rounded":
        return _series(marking, sheet["t.points"])
    if span.exact and span.low.den.known:
        return _series(marking, span.low.num)
    sheet.put({"t.first": _decimals(span.low), "t.last": span.low.num if span.exact else _decimals(span.high)})
    unsure = less(number(FINE), span.low.den) if span.exact else negation(equal(sheet["t.first"], sheet["t.last"]))
    if not span.exact:
        unsure = either(unsure, either(less(number(FINE), span.low.den), less(number(FINE), span.high.den)))
    rows = set(sheet.rows_where(both(sheet["t.rated"], unsure)))
    if not rows:
        return _series(marking, sheet["t.first"])
    last = sheet["t.first"] if span.exact else sheet["t.last"]
    return _sorted_out(marking, rows, sheet.cells(sheet["t.first"]), sheet.cells(last))


def _series(marking: Marking, term: Term) -> pl.Series:
    sheet = marking.sheet
    if not term.known and term.name not in sheet.beyond:
        return sheet.frame[term.name]
    cells = [int(str(cell)) for cell in sheet.cells(term)]
    places = {value: place for place, value in enumerate(sorted(set(cells)))}
    return pl.Series([places[cell] for cell in cells], dtype=pl.Int64)


def _decimals(value: Quantity) -> Term:
    """The first thirty decimals, as a whole number rounded down."""
    fine = number(FINE)
    moved = multiply(value.num, fine)
    first = floor_divide(moved, value.den)
    rest = subtract(moved, multiply(first, value.den))
    return add(multiply(first, fine), floor_divide(multiply(rest, fine), value.den))


def _sorted_out(marking: Marking, unsure: set[int], first: Sequence[object], last: Sequence[object]) -> pl.Series:
    """Order numbers where some rows are only known to lie between two: those near another one by their exact totals."""
    low, high = [int(str(one)) for one in first], [int(str(one)) + 1 for one in last]
    rated = set(marking.sheet.rows_where(marking.sheet["t.rated"]))
    placed = [0] * len(low)
    counted = 0
    for cluster in _clusters(sorted(rated, key=low.__getitem__), low, high):
        exact: Mapping[int, int | Fraction] = {row: low[row] for row in cluster}
        if len(cluster) > 1 and unsure & set(cluster):
            marking.undecided |= {("t", row) for row in cluster}
            exact = {row: marking.exact_total(row) for row in cluster}
        places = {value: place for place, value in enumerate(sorted(set(exact.values())), counted)}
        for row in cluster:
            placed[row] = places[exact[row]]
        counted += len(places)
    return pl.Series(placed, dtype=pl.Int64)


def _clusters(rows: Sequence[int], low: Sequence[int], high: Sequence[int]) -> Iterator[list[int]]:
    """Rows in order of their lower ends, cut wherever all the ends before lie below."""
    cluster: list[int] = []
    reached = 0
    for row in rows:
        if cluster and low[row] > reached:
            yield cluster
            cluster = []
        reached = max(reached, high[row]) if cluster else high[row]
        cluster.append(row)
    if cluster:
        yield cluster
