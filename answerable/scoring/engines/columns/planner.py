"""A programme written out as a plan. The planner belongs to this engine alone: its faults show against the judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from answerable.definition.formula import (
    Aggregate,
    Call,
    ColumnOf,
    Expression,
    Name,
    children,
    mapped,
    months_back,
    walk,
)
from answerable.definition.model import (
    Indicator,
    Item,
    Part,
    Programme,
)
from answerable.definition.outcomes import (
    Adjustment,
    GradeAtMost,
    GradeIs,
    GradeStep,
    NothingFor,
    Quota,
    TotalAtMost,
    Veto,
    Warned,
)
from answerable.definition.tables import CALENDAR, row_columns
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
    Stated,
    Stepping,
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
        stated=tuple(_stated(programme)),
        figures=tuple(_figure(programme, indicator) for indicator in programme.indicators),
        points=tuple(_points(item) for item in programme.tree.items()),
        branches=tuple(_branches(programme.tree)),
        adjustments=tuple(_adjust(one) for one in programme.adjustments),
        total=_total(programme),
        vetoes=tuple(_vetoing(programme, veto) for veto in programme.vetoes),
        grading=_grading(programme),
        steppings=tuple(_stepping(programme, step) for step in programme.grades.steps),
        seats=tuple(_seats(programme, quota) for quota in programme.grades.quotas),
        places=tuple(Place(one.id, one.on, one.within, one.ties) for one in programme.ranks),
        rounding=programme.rounding,
    )


def _figure(programme: Programme, indicator: Indicator) -> Figure:
    aggregates = [part for part in walk(indicator.core) if isinstance(part, Aggregate)]
    names = {aggregate: f"{indicator.id}#{at}" for at, aggregate in enumerate(dict.fromkeys(aggregates))}
    by_table: dict[str, list[Aggregated]] = {}
    for aggregate, name in names.items():
        by_table.setdefault(_table(aggregate), []).append(_aggregated(aggregate, name))
    gathers = tuple(
        _gather(programme, indicator, table, tuple(made), [one for one in names if _table(one) == table])
        for table, made in sorted(by_table.items())
    )
    return Figure(indicator.id, _named(indicator.core, names), gathers)


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
    cells = list(dict.fromkeys(cell for one in read for cell in _columns(one, 0)))
    names = list(dict.fromkeys(name for _, name in cells))
    parts = [part for one in read for part in walk(one)]
    earlier = {months_back(part) for part in parts if isinstance(part, Call) and part.function == "previous"}
    return Gather(
        indicator=indicator.id,
        table=table,
        of_form=any(form.id == table for form in programme.forms),
        reads=tuple(names),
        absent=tuple((back, name) for back, name in cells if columns[name].can_be_absent),
        back=tuple(sorted(earlier)),
        by_month=any(name in CALENDAR for name in names),
        missing=indicator.missing.do,
        at_least=indicator.missing.at_least,
        aggregates=made,
    )


def _columns(expression: Expression, back: int) -> Iterator[tuple[int, str]]:
    """Cells an expression reads: how many months before the row, and the column."""
    match expression:
        case ColumnOf(_, column):
            yield back, column
        case Call("previous", (operand, *_)):
            yield from _columns(operand, months_back(expression))
        case _:
            for part in children(expression):
                yield from _columns(part, back)


def _named(expression: Expression, names: dict[Aggregate, str]) -> Expression:
    """The formula with each aggregate replaced by the name of its figure."""
    return mapped(expression, lambda part: Name(names[part]) if isinstance(part, Aggregate) else None)


def _points(item: Item) -> Points:
    return Points(item.id, item.clause, item.indicator, item.points, item.formula, item.absent)


def _adjust(one: Adjustment) -> Adjust:
    return Adjust(one.id, one.clause, one.indicator, one.each, one.cap, one.base)


def _branches(part: Part) -> Iterator[Branch]:
    for child in part.children:
        if isinstance(child, Part):
            yield from _branches(child)
    yield Branch(part.id, tuple(child.id for child in part.children), part.points, part.renormalised, part.at_least)


def _total(programme: Programme) -> Total:
    adjustments = tuple(one.id for one in programme.adjustments)
    tree, together = programme.tree, programme.together
    return Total(tree.id, tree.points, programme.grades.rated_from, adjustments, together.more, together.off)


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


def _stepping(programme: Programme, step: GradeStep) -> Stepping:
    order, up = programme.grades.order, step.by == "up"
    named = step.not_above if up else step.not_below
    bound = order.index(named) if named else 0 if up else len(order) - 1
    return Stepping(step.id, step.clause, step.when, up, bound)


def _stated(programme: Programme) -> Iterator[Stated]:
    """Every target and every figure of the year before that a formula reads."""
    parts = (part for indicator in programme.indicators for part in walk(indicator.core))
    for name in sorted({(part.table, part.column) for part in parts if isinstance(part, ColumnOf)}):
        match name:
            case "earlier", indicator:
                yield Stated("earlier", "earlier", "indicator", indicator, 1, lambda year, kind: None)
            case "target", target:
                usual = next(one.usual_in for one in programme.targets if one.id == target)
                yield Stated("targets", "target", "target", target, 0, usual)


def _seats(programme: Programme, quota: Quota) -> Seats:
    place = programme.grades.order.index(quota.grade)
    return Seats(place, quota.share, quota.within, Rounding(quota.seats, 0), quota.ties)
