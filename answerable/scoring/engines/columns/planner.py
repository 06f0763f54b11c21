"""A programme written out as a plan. The planner belongs to this engine alone: its faults show against the judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from answerable.definition.formula import Aggregate, Binary, Call, ColumnOf, Expression, Name, Negation, walk
from answerable.definition.model import (
    Adjustment,
    GradeAtMost,
    GradeIs,
    Indicator,
    Item,
    NothingFor,
    Part,
    Programme,
    Quota,
    TotalAtMost,
    Veto,
    Warned,
)
from answerable.definition.tables import row_columns
from answerable.scoring.engines.columns.plan import (
    Adjust,
    Aggregated,
    Branch,
    Figure,
    Gather,
    Grading,
    Place,
    Plan,
    Points,
    Seats,
    Total,
    Vetoing,
)
from answerable.values.number import Rounding

__all__ = ["plan_of"]


def plan_of(programme: Programme) -> Plan:
    """Everything an engine of columns has to do for a programme."""
    return Plan(
        programme=programme.id,
        assess=programme.assess,
        figures=tuple(_figure(programme, indicator) for indicator in programme.indicators),
        points=tuple(_points(item) for item in programme.tree.items()),
        branches=tuple(_branches(programme.tree)),
        adjustments=tuple(_adjust(one) for one in programme.adjustments),
        total=_total(programme),
        vetoes=tuple(_vetoing(programme, veto) for veto in programme.vetoes),
        grading=_grading(programme),
        seats=tuple(_seats(programme, quota) for quota in programme.grades.quotas),
        places=tuple(Place(one.id, one.on, one.within, one.ties) for one in programme.ranks),
        rounding=programme.rounding,
    )


def _figure(programme: Programme, indicator: Indicator) -> Figure:
    aggregates = [part for part in walk(indicator.formula) if isinstance(part, Aggregate)]
    names = {aggregate: f"{indicator.id}#{at}" for at, aggregate in enumerate(dict.fromkeys(aggregates))}
    by_table: dict[str, list[Aggregated]] = {}
    for aggregate, name in names.items():
        by_table.setdefault(_table(aggregate), []).append(_aggregated(aggregate, name))
    gathers = tuple(
        _gather(programme, indicator, table, tuple(made), [one for one in names if _table(one) == table])
        for table, made in sorted(by_table.items())
    )
    return Figure(indicator.id, _named(indicator.formula, names), gathers)


def _aggregated(aggregate: Aggregate, name: str) -> Aggregated:
    of = None if isinstance(aggregate.of, Name) else aggregate.of
    return Aggregated(name, aggregate.op, of, aggregate.where)


def _table(aggregate: Aggregate) -> str:
    if isinstance(aggregate.of, Name):
        return aggregate.of.name
    return next(part.table for part in walk(aggregate) if isinstance(part, ColumnOf))


def _gather(
    programme: Programme, indicator: Indicator, table: str, made: tuple[Aggregated, ...], read: list[Aggregate]
) -> Gather:
    columns = row_columns(programme.forms)[table]
    now, before = _read(read)
    earlier = any(isinstance(part, Call) and part.function == "previous" for one in read for part in walk(one))
    return Gather(
        indicator=indicator.id,
        table=table,
        of_form=any(form.id == table for form in programme.forms),
        reads=tuple(dict.fromkeys([*now, *before])),
        now=tuple(name for name in now if columns[name].can_be_absent),
        before=tuple(name for name in before if columns[name].can_be_absent),
        reads_before=earlier,
        missing=indicator.missing.do,
        at_least=indicator.missing.at_least,
        aggregates=made,
    )


def _read(aggregates: list[Aggregate]) -> tuple[list[str], list[str]]:
    """Columns read in the row itself and in the row of the month before."""
    now: dict[str, None] = {}
    before: dict[str, None] = {}
    for aggregate in aggregates:
        for name, earlier in _columns(aggregate, False):
            (before if earlier else now)[name] = None
    return list(now), list(before)


def _columns(expression: Expression, earlier: bool) -> Iterator[tuple[str, bool]]:
    match expression:
        case ColumnOf(_, column):
            yield column, earlier
        case Call("previous", (operand,)):
            yield from _columns(operand, True)
        case Call(_, parts):
            for part in parts:
                yield from _columns(part, earlier)
        case Binary(_, left, right):
            yield from _columns(left, earlier)
            yield from _columns(right, earlier)
        case Negation(_, of):
            yield from _columns(of, earlier)
        case Aggregate(_, of, where):
            yield from _columns(of, earlier)
            if where is not None:
                yield from _columns(where, earlier)


def _named(expression: Expression, names: dict[Aggregate, str]) -> Expression:
    """The formula with each aggregate replaced by the name of its figure."""
    match expression:
        case Aggregate():
            return Name(names[expression])
        case Binary(_, left, right):
            return replace(expression, left=_named(left, names), right=_named(right, names))
        case Negation(_, of):
            return replace(expression, of=_named(of, names))
        case Call(_, operands):
            return replace(expression, operands=tuple(_named(operand, names) for operand in operands))
        case _:
            return expression


def _points(item: Item) -> Points:
    return Points(item.id, item.clause, item.indicator, item.points, item.formula, item.absent)


def _adjust(one: Adjustment) -> Adjust:
    return Adjust(one.id, one.clause, one.indicator, one.each, one.cap, one.base)


def _branches(part: Part) -> Iterator[Branch]:
    for child in part.children:
        if isinstance(child, Part):
            yield from _branches(child)
    yield Branch(part.id, tuple(child.id for child in part.children))


def _total(programme: Programme) -> Total:
    adjustments = tuple(one.id for one in programme.adjustments)
    return Total(programme.tree.id, programme.tree.points, programme.grades.rated_from, adjustments)


def _vetoing(programme: Programme, veto: Veto) -> Vetoing:
    order = programme.grades.order
    made = Vetoing(veto.id, veto.clause, veto.when)
    match veto.effect:
        case GradeAtMost(grade):
            return replace(made, at_most=order.index(grade))
        case GradeIs(grade):
            return replace(made, fixed=order.index(grade))
        case TotalAtMost(total):
            return replace(made, total=total)
        case NothingFor(node):
            return replace(made, node=node)
        case Warned():
            return made


def _grading(programme: Programme) -> Grading:
    grades = programme.grades
    bands = tuple((band.grade, band.start) for band in grades.bands)
    others = tuple((other.kinds, other.starts) for other in grades.other_bands)
    floors = tuple((grades.order.index(one.grade), one.node, one.share) for one in grades.minimums)
    return Grading(grades.on, bands, others, floors)


def _seats(programme: Programme, quota: Quota) -> Seats:
    place = programme.grades.order.index(quota.grade)
    return Seats(place, quota.share, quota.within, Rounding(quota.seats, 0), quota.ties)
