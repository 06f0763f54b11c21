"""Grades with seats and places: exact numbers put in order across units, ties being ties.

A total is num / den with dens that differ between units, so it is ordered by its first thirty decimals as one whole
number: two different fractions whose denominators are at most 10**15 differ before that. Where a total is only known as
a span, or its denominator is larger, units that lie too close are ordered by their exact totals.

All units come before any of them has a place, whether they stand in one sheet or in many: what a sheet gives of its
units for it is their `Standing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Literal

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
from answerable.scoring.engines.columns.plan import Place, Plan, Seats
from answerable.scoring.engines.columns.quantities import Quantity
from answerable.scoring.engines.columns.registry import Registry, grouped_by

__all__ = ["Field", "Order", "Standing", "joined", "keys", "placed", "refined", "seated", "standing"]

Whole = pl.Series | Sequence[int]


@dataclass(frozen=True)
class Order:
    """What orders the units of a sheet: each total times `scale` lies from `first` up to before `last` and one.

    unsure: rows for which that may not be enough; `exact` then gives the totals of some rows.
    """

    scale: int
    first: Whole
    last: Whole
    unsure: frozenset[int]
    exact: Callable[[Sequence[int]], list[Fraction]]


@dataclass(frozen=True)
class Standing:
    """The units of a sheet before seats and places: rated, grade, and what groups them; and their orders."""

    frame: pl.DataFrame
    orders: Mapping[str, Order]


def standing(marking: Marking, registry: Registry) -> Standing:
    """What the units of a marked sheet bring to the others."""
    sheet, plan = marking.sheet, marking.plan
    steps: tuple[Place | Seats, ...] = (*plan.places, *plan.seats)
    wanted = [rank.on for rank in plan.places] + [plan.grading.on] * bool(plan.seats)
    groups = dict.fromkeys(name for step in steps for name in keys(step))
    rated, grade = sheet.flags(sheet["t.rated"]), pl.Series(sheet.whole(sheet["t.grade"]), dtype=pl.Int64)
    frame = registry.assessed.select(*groups, rated=rated, grade=grade)
    return Standing(frame, {on: _order(marking, on) for on in dict.fromkeys(wanted)})


def keys(step: Place | Seats) -> list[str]:
    """The columns of a unit that tell its group."""
    return ["kind"] if step.within == "kind" else ["kind", grouped_by(step.within)]


@dataclass(frozen=True)
class Field:
    """All units before seats and places, one row each: rated, grade, what groups them, and for each order `order:ON`.

    scales: what the numbers of an order are totals times of; absent where they only say who comes before whom here.
    """

    frame: pl.DataFrame
    scales: Mapping[str, int]


def joined(standings: Sequence[Standing]) -> Field:
    """The units of all sheets, in the order of their standings."""
    frame = pl.concat([one.frame for one in standings])
    scales: dict[str, int] = {}
    for on in standings[0].orders if standings else ():
        order, scale = _in_order([one.orders[on] for one in standings], frame["rated"])
        frame = frame.with_columns(order.alias(f"order:{on}"))
        scales |= {on: scale} if scale else {}
    return Field(frame, scales)


def refined(field: Field) -> Field:
    """The field with exact orders as thirty decimals, which can be compared with those of units that are not in it."""
    coarse = {on: scale for on, scale in field.scales.items() if on == "exact" and scale <= FINE}
    orders = [_refined(field.frame[f"order:{on}"], scale).alias(f"order:{on}") for on, scale in coarse.items()]
    return Field(field.frame.with_columns(orders), {**field.scales, **dict.fromkeys(coarse, FINE * FINE)})


def placed(plan: Plan, frame: pl.DataFrame) -> pl.DataFrame:
    """Seats and places across all units of a field, one row per unit.

    Returns:
        grade: the place of its grade, seats taken away; for each ranking `ID.place` and `ID.of`, null where not rated.
    """
    columns = {"grade": seated(plan, frame)}
    for rank in plan.places:
        columns |= _places(rank, frame)
    return pl.DataFrame(columns)


def _places(rank: Place, frame: pl.DataFrame) -> dict[str, pl.Series]:
    rated = frame.with_columns(order=pl.when("rated").then(f"order:{rank.on}"))
    place = pl.col("order").rank(rank.ties, descending=True).over(keys(rank)).cast(pl.Int64)
    of = pl.when("rated").then(pl.col("rated").sum().over(keys(rank)).cast(pl.Int64))
    made = rated.select(place.alias(f"{rank.id}.place"), of.alias(f"{rank.id}.of"))
    return {one.name: one for one in made.get_columns()}


def seated(plan: Plan, frame: pl.DataFrame) -> pl.Series:
    """The place of each unit's grade, after the quotas have taken it from those without a seat."""
    grades = frame["grade"]
    for quota in plan.seats:
        order = pl.col(f"order:{plan.grading.on}")
        rows = frame.with_columns(grade=grades, order=order).with_row_index("row").filter("rated")
        holders = rows.with_columns(seats=_seats(quota)).filter(pl.col("grade") <= quota.place)
        grades = grades.scatter(holders.filter(~_kept(quota))["row"], quota.place + 1)
    return grades


def _seats(quota: Seats) -> pl.Expr:
    """How many units of its group have a seat."""
    rated = pl.len().over(keys(quota))
    return rated.map_elements(lambda count: quota.rounding.scaled(quota.share * count), return_dtype=pl.Int64)


def _kept(quota: Seats) -> pl.Expr:
    """Whether a holder has a seat: of equals at the last one all do, or none."""
    ties: Literal["min", "max"] = "min" if quota.ties == "in" else "max"
    return pl.col("order").rank(ties, descending=True).over(keys(quota)) <= pl.col("seats")


# -- the order of totals -------------------------------------------------------------------------------------------


def _order(marking: Marking, on: str) -> Order:
    sheet, span = marking.sheet, marking.spans["t"]
    if on == "rounded":
        return _known(marking, 10**marking.plan.rounding.total.decimals, sheet["t.points"])
    if span.exact and span.low.den.known:
        return _known(marking, span.low.den.low, span.low.num)
    names = ("t.first", "t.first" if span.exact else "t.last")
    ends = dict(zip(names, (span.low, span.high), strict=True))
    for name, end in ends.items():
        _put_decimals(marking, name, end)
    # A number of no more than thirty decimals is known to the last, and so is one whose denominator is small.
    whole = reduce(both, (equal(sheet[f"{name}.over"], number(0)) for name in ends))
    small = reduce(both, (negation(less(number(FINE), end.den)) for end in ends.values()))
    sure = both(either(whole, small), equal(sheet[names[0]], sheet[names[1]]))
    rows = frozenset(sheet.rows_where(both(sheet["t.rated"], negation(sure))))
    first, last = (sheet.whole(sheet[name]) for name in names)

    def exact(rows: Sequence[int]) -> list[Fraction]:
        with sheet.at_hand():
            return marking.exact_totals(rows)

    return Order(FINE * FINE, first, last, rows, exact)


def _known(marking: Marking, scale: int, term: Term) -> Order:
    cells = marking.sheet.whole(term)
    return Order(scale, cells, cells, frozenset(), lambda rows: [Fraction(int(cells[row]), scale) for row in rows])


def _put_decimals(marking: Marking, name: str, value: Quantity) -> None:
    """Put the first thirty decimals, as a whole number rounded down, and what is over; fifteen and fifteen.

    Each step is put before the next, so that the numbers on the way are known to be no larger than they are.
    """
    sheet, fine = marking.sheet, number(FINE)
    moved = multiply(value.num, fine)
    sheet.put({f"{name}.half": floor_divide(moved, value.den)})
    half = sheet[f"{name}.half"]
    sheet.put({f"{name}.rest": subtract(moved, multiply(half, value.den))})
    moved = multiply(sheet[f"{name}.rest"], fine)
    sheet.put({f"{name}.more": floor_divide(moved, value.den)})
    more = sheet[f"{name}.more"]
    sheet.put({name: add(multiply(half, fine), more), f"{name}.over": subtract(moved, multiply(more, value.den))})


def _in_order(orders: Sequence[Order], rated: pl.Series) -> tuple[pl.Series, int]:
    """Whole numbers in the order of the totals of all units, equal exactly where the totals are; and what they are.

    They are the totals times the scale given, or with 0 only in the order of the totals.
    """
    columns = [one.first for one in orders if isinstance(one.first, pl.Series)]
    scales = {one.scale for one in orders}
    coarse = any(scale > FINE and scale != FINE * FINE for scale in scales)
    if len(columns) < len(orders) or any(one.unsure for one in orders) or (len(scales) > 1 and coarse):
        return _sorted_out(orders, rated), 0
    if len(scales) > 1:
        columns = [_refined(cells, one.scale) for one, cells in zip(orders, columns, strict=True)]
    kind = pl.Int128 if any(one.dtype == pl.Int128 for one in columns) else pl.Int64
    whole = orders[0].scale if len(scales) == 1 else FINE * FINE
    return pl.concat([one.cast(kind) for one in columns]), whole


def _refined(cells: pl.Series, scale: int) -> pl.Series:
    """Whole numbers times a scale as the thirty decimals they begin with."""
    if scale == FINE * FINE:
        return cells
    den, fine = pl.lit(scale, dtype=pl.Int128), pl.lit(FINE, dtype=pl.Int128)
    moved = pl.lit(cells.cast(pl.Int128)) * fine
    first = moved // den
    return pl.select(first * fine + (moved - first * den) * fine // den).to_series()


def _sorted_out(orders: Sequence[Order], rated: pl.Series) -> pl.Series:
    """Where some totals are only known to lie between two numbers: those near another one by their exact values."""
    ends = [cell for one in orders for cell in _ends(one)]
    clusters = list(_clusters(sorted(rated.arg_true().to_list(), key=lambda row: ends[row][0]), ends))
    asked = [
        row for cluster in clusters if len(cluster) > 1 and any(ends[row][2] for row in cluster) for row in cluster
    ]
    exact: dict[int, int | Fraction] = dict(_exact(orders, asked))
    places = [0] * len(ends)
    counted = 0
    for cluster in clusters:
        values = {row: exact.get(row, ends[row][0]) for row in cluster}
        found = {value: place for place, value in enumerate(sorted(set(values.values())), counted)}
        for row, value in values.items():
            places[row] = found[value]
        counted += len(found)
    return pl.Series(places, dtype=pl.Int64)


def _ends(order: Order) -> Iterator[tuple[int, int, bool]]:
    """Of each row the thirty decimals it begins at and ends before, and whether it may lie anywhere between."""
    coarse = order.scale > FINE and order.scale != FINE * FINE
    for row, (first, last) in enumerate(zip(order.first, order.last, strict=True)):
        low, high = (int(cell) * FINE * FINE // order.scale for cell in (first, last))
        yield low, high + 1, coarse or row in order.unsure


def _exact(orders: Sequence[Order], rows: Sequence[int]) -> Iterator[tuple[int, Fraction]]:
    """The exact totals of some rows, sheet after sheet."""
    begins = 0
    for order in orders:
        ends = begins + len(order.first)
        here = [row for row in rows if begins <= row < ends]
        yield from zip(here, order.exact([row - begins for row in here]) if here else (), strict=True)
        begins = ends


def _clusters(rows: Sequence[int], ends: Sequence[tuple[int, int, bool]]) -> Iterator[list[int]]:
    """Rows in order of their lower ends, cut wherever all the ends before lie below."""
    cluster: list[int] = []
    reached = 0
    for row in rows:
        low, high, _ = ends[row]
        if cluster and low > reached:
            yield cluster
            cluster = []
        reached = max(reached, high) if cluster else high
        cluster.append(row)
    if cluster:
        yield cluster
