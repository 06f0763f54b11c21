"""The judge: one unit at a time, in exact fractions, slow and obvious. It also keeps what an explanation needs.

Nothing of it may be shared with the engine of columns: a fault in one must show against the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from answerable.definition.formula import Across, Call, Expression, Name, months_back, walk
from answerable.definition.measures import columns_read, is_irrational, tables_read
from answerable.definition.model import Absent, Indicator, Item, Part, Programme
from answerable.definition.outcomes import (
    Adjustment,
    GradeAtMost,
    GradeIs,
    GradeStep,
    Minimum,
    NothingFor,
    Quota,
    Rank,
    TotalAtMost,
    Veto,
)
from answerable.definition.tables import row_columns
from answerable.scoring.engines.bounds import Span, Undecided
from answerable.scoring.engines.exact import (
    DIGITS,
    EACH,
    Gone,
    Unit,
    compare,
    of_each,
    of_group,
    of_unit,
    seated,
    worst,
)
from answerable.scoring.engines.rows import House, Row, Value
from answerable.scoring.scorecard import NOT_RATED, Scorecard, scorecard_schemas
from answerable.values.number import Rounding
from answerable.values.period import Period
from answerable.values.table import Absence, Cell, Schema, Table, Tables

__all__ = ["Figure", "Figures", "NodeScore", "UnitScore", "facts_of", "regrade", "score", "score_unit", "score_units"]


@dataclass(frozen=True)
class Figure:
    """An indicator of one unit: its exact value or why there is none, the rows it rests on, the rows set aside."""

    indicator: Indicator
    value: Fraction | Gone
    used: tuple[Row, ...]
    left_out: tuple[Row, ...]


@dataclass(frozen=True)
class NodeScore:
    """A node of the tree for one unit. `points` is None where the node is exempt; `added` is what its parent adds."""

    node: Item | Part | Adjustment
    state: str
    available: Fraction
    exact: Fraction | None
    added: Fraction | None


@dataclass
class UnitScore:
    """All of one unit's scores, from figures to grade."""

    unit: str
    kind: str
    figures: dict[str, Figure] = field(default_factory=dict)
    nodes: dict[str, NodeScore] = field(default_factory=dict)
    total: Fraction | None = None
    rounded: Fraction | None = None
    before_veto: str = NOT_RATED
    before_quota: str = NOT_RATED
    grade: str = NOT_RATED
    vetoes: list[Veto] = field(default_factory=list)
    steps: list[GradeStep] = field(default_factory=list)
    given: Mapping[str, Fraction | NodeScore] = field(default_factory=dict)
    """Points of items that are supposed and not computed: what if."""


def score(programme: Programme, tables: Tables, period: Period) -> Scorecard:
    """Score every assessed unit. See `scoring.run.score`."""
    house = House.of(programme, tables, period)
    figures = Figures(house)
    scores = score_units(house, figures)
    places = [place for rank in programme.ranks for place in _ranked(house, rank, scores)]
    cells = {
        "grades": [_grade_cells(programme, one) for one in scores],
        "scores": [cells for one in scores for cells in _node_cells(programme, one)],
        "indicators": [cells for one in scores for cells in _figure_cells(programme, one)],
        "ranks": sorted(places),
    }
    schemas = scorecard_schemas(programme)
    made = {name: _table(schema, cells[name]) for name, schema in schemas.items()}
    return Scorecard(programme.id, programme.digest, period, made)


def score_units(house: House, figures: Figures) -> list[UnitScore]:
    """Score every assessed unit, ranks aside."""
    scores = [score_unit(house, code, figures) for code in house.assessed()]
    for quota in house.programme.grades.quotas:
        _fill(house, quota, scores)
    return scores


def score_unit(
    house: House, code: str, figures: Figures | None = None, given: Mapping[str, Fraction | NodeScore] | None = None
) -> UnitScore:
    """Score one unit, quotas and ranks aside; `given` are points of items to be supposed, or nodes as they were."""
    programme = house.programme
    one = UnitScore(code, house.units[code].kind, given=given or {})
    figures = figures or Figures(house)
    one.figures = {indicator.id: figures.of(code, indicator.id) for indicator in programme.indicators}
    one.vetoes = [veto for veto in programme.vetoes if _holds(one.figures[veto.when].value)]
    tree = _tree(programme, one, programme.tree)
    base = tree.added * programme.tree.points / tree.available if tree.added is not None and tree.available else None
    for adjustment in programme.adjustments:
        one.nodes[adjustment.id] = _adjustment(programme, one, adjustment, base)
    _total(programme, one)
    regrade(programme, one)
    return one


# -- indicators ----------------------------------------------------------------------------------------------------

MOST_DIGITS = 200


class Figures:
    """Indicators by unit, each computed once, when it is first asked for."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ids = {indicator.id for indicator in house.programme.indicators}
        self.known: dict[tuple[str, str], Figure] = {}
        self.facts: dict[str, dict[tuple[str, str], Fraction | str | Gone]] = {}
        self.groups: dict[tuple[str, str, str], dict[str, Fraction]] = {}
        self.answers: dict[tuple[str, Across], Fraction | Gone] = {}
        self.places: dict[tuple[str, Across], Mapping[str, Fraction] | Gone] = {}

    def of(self, code: str, name: str) -> Figure:
        """One indicator of one unit."""
        if (code, name) not in self.known:
            indicator = self.house.programme.indicator(name)
            named = {part.name for part in walk(indicator.core) if isinstance(part, Name)} & self.ids
            values = {other: self.of(code, other).value for other in sorted(named)}
            self.known[code, name] = self._figure(code, indicator, values)
        return self.known[code, name]

    def across(self, code: str, asked: Across) -> Fraction | Gone:
        """What the rounded values of an indicator in the group of a unit give."""
        own = self.of(code, asked.of.name).value
        group = self.house.group(code, asked.within)
        if asked.op in EACH:
            if (group, asked) not in self.places:
                self.places[group, asked] = of_each(asked, self._group(code, asked)) if self._group(code, asked) else {}
            found = self.places[group, asked]
            return own if isinstance(own, Gone) else found if isinstance(found, Gone) else found[code]
        if (group, asked) not in self.answers:
            self.answers[group, asked] = of_group(asked, self._group(code, asked))
        return self.answers[group, asked]

    def _group(self, code: str, asked: Across) -> dict[str, Fraction]:
        """The rounded values of the units of a group that have one."""
        rounding, group = self.house.programme.rounding.indicator, self.house.group(code, asked.within)
        if (group, asked.within, asked.of.name) not in self.groups:
            peers = [peer for peer in self.house.assessed() if self.house.group(peer, asked.within) == group]
            found = {peer: self.of(peer, asked.of.name).value for peer in peers}
            known = {peer: rounding.of(value) for peer, value in found.items() if isinstance(value, Fraction)}
            self.groups[group, asked.within, asked.of.name] = known
        return self.groups[group, asked.within, asked.of.name]

    def _figure(self, code: str, indicator: Indicator, known: dict[str, Fraction | Gone]) -> Figure:
        house = self.house
        rows: dict[str, list[Row]] = {}
        left_out: list[Row] = []
        gone: list[Gone] = []
        for table in sorted(tables_read(indicator.core)):
            whole, set_aside, reason = _whole_rows(house, code, indicator, table)
            rows[table] = whole
            left_out += set_aside
            gone += [reason] if reason else []
        if code not in self.facts:
            self.facts[code] = facts_of(house, code)
        unit = Unit(rows, self.facts[code], known, lambda asked: self.across(code, asked))
        value = worst(gone) if gone else decided(indicator, unit, house.programme.rounding.indicator)
        used = tuple(row for table in sorted(rows) for row in rows[table])
        return Figure(indicator, value, used, tuple(left_out))


def facts_of(house: House, code: str) -> dict[tuple[str, str], Fraction | str | Gone]:
    """What a formula may read of a unit itself."""
    facts: dict[tuple[str, str], Fraction | str | Gone] = {}
    for key, value in house.facts(code).items():
        assert not isinstance(value, bool)
        facts[key] = Gone(value.value) if isinstance(value, Absence) else value
    return facts


def decided(indicator: Indicator, unit: Unit, rounding: Rounding) -> Fraction | Gone:
    """The value of an indicator; one that need not be a fraction is its rounded value, with as many digits as it takes.

    Raises:
        ArithmeticError: where 200 digits do not decide it.
    """
    digits = DIGITS
    while digits <= MOST_DIGITS:
        try:
            value = of_unit(indicator.core, replace(unit, digits=digits))
            if isinstance(value, Span):
                low, high = rounding.of(value.low), rounding.of(value.high)
                if low == high:
                    return low
            else:
                assert isinstance(value, Fraction | Gone)
                return rounding.of(value) if isinstance(value, Fraction) and is_irrational(indicator.core) else value
        except Undecided:
            pass
        digits += digits // 2
    raise ArithmeticError(f"{indicator.id}: {MOST_DIGITS} digits do not decide how it is rounded")


def _whole_rows(house: House, code: str, indicator: Indicator, table: str) -> tuple[list[Row], list[Row], Gone | None]:
    """The rows an indicator may read, those set aside, and why it has no value if so; see `model.Missing`."""
    read = _may_be_absent(house.programme, indicator.core, table)
    whole: list[Row] = []
    set_aside: list[Row] = []
    absences: set[Absence] = set()
    for row in house.rows(table, code):
        if indicator.missing.do == "zero":
            row = _with_zeros(row, read)
        found = {cell for cell in (_cell(row, *one) for one in read) if isinstance(cell, Absence)}
        if not found:
            whole.append(row)
            continue
        set_aside.append(row)
        absences |= {Absence.NOT_APPLICABLE} if Absence.NOT_APPLICABLE in found else found
    return whole, set_aside, _gone(indicator, bool(read), len(whole), absences)


def _gone(indicator: Indicator, can_be_absent: bool, whole: int, absences: set[Absence]) -> Gone | None:
    prevailing: Absent = "not_applicable"
    for absence, reason in ((Absence.SUPPRESSED, "suppressed"), (Absence.MISSING, "missing")):
        if absence in absences:
            prevailing = reason  # type: ignore[assignment]
    if not can_be_absent:
        return None
    if indicator.missing.do == "skip":
        return Gone(prevailing) if whole < indicator.missing.at_least else None
    if absences - {Absence.NOT_APPLICABLE}:
        return Gone(prevailing)
    return Gone("not_applicable") if absences and not whole else None


Cells = tuple[tuple[int, str], ...]
"""Cells a formula reads: how many months back, and the column."""


def _may_be_absent(programme: Programme, formula: Expression, table: str) -> Cells:
    """The cells of a table that can be absent and are read."""
    columns = row_columns(programme.forms)[table]
    every = Counter((0, one.column) for one in columns_read(formula) if one.table == table)
    for part in walk(formula):
        if isinstance(part, Call) and part.function == "previous":
            inside = [one.column for one in columns_read(part) if one.table == table]
            every.subtract((0, name) for name in inside)
            every.update((months_back(part), name) for name in inside)
    return tuple(sorted(cell for cell, times in every.items() if times and columns[cell[1]].can_be_absent))


def _cell(row: Row, back: int, name: str) -> Value:
    return row.before[back][name] if back else row.cells[name]


def _with_zeros(row: Row, read: Cells) -> Row:
    def zeros(cells: Mapping[str, Value], back: int) -> dict[str, Value]:
        none: dict[bool, Value] = {True: False, False: Fraction(0)}
        return {
            name: none[name == "on_time"] if cell is Absence.MISSING and (back, name) in read else cell
            for name, cell in cells.items()
        }

    before = {back: zeros(cells, back) for back, cells in row.before.items()}
    return replace(row, cells=zeros(row.cells, 0), before=before)


# -- the tree of points --------------------------------------------------------------------------------------------


def _tree(programme: Programme, one: UnitScore, node: Part | Item) -> NodeScore:
    made = _item(programme, one, node) if isinstance(node, Item) else _part(programme, one, node)
    if made.added is not None and NothingFor(node.id) in [veto.effect for veto in one.vetoes]:
        made = replace(made, exact=Fraction(0), added=Fraction(0))
    one.nodes[node.id] = made
    return made


def _item(programme: Programme, one: UnitScore, item: Item) -> NodeScore:
    given = one.given.get(item.id)
    if isinstance(given, NodeScore):
        return given
    if given is not None:
        return NodeScore(item, "scored", item.points, given, _added(programme, given))
    value = one.figures[item.indicator].value
    if isinstance(value, Gone):
        return _without(programme, item, value)
    values = {name: figure.value for name, figure in one.figures.items()}
    exact = of_unit(item.formula, Unit({}, {}, values | {"value": value}))
    if isinstance(exact, Gone):
        return _without(programme, item, exact)
    assert isinstance(exact, Fraction)
    return NodeScore(item, "scored", item.points, exact, _added(programme, exact))


def _without(programme: Programme, item: Item, gone: Gone) -> NodeScore:
    """What the programme decided for an item without a value."""
    match item.absent[gone.reason]:
        case "exempt":
            return NodeScore(item, gone.reason, Fraction(0), None, None)
        case "zero":
            return NodeScore(item, gone.reason, item.points, Fraction(0), Fraction(0))
        case "full":
            return NodeScore(item, gone.reason, item.points, item.points, _added(programme, item.points))


def _added(programme: Programme, exact: Fraction) -> Fraction:
    return programme.rounding.item.of(exact) if programme.rounding.add == "rounded" else exact


def _part(programme: Programme, one: UnitScore, part: Part) -> NodeScore:
    children = [_tree(programme, one, child) for child in part.children]
    added = [child.added for child in children if child.added is not None]
    available = sum((child.available for child in children), Fraction(0))
    if len(added) < part.at_least:
        return NodeScore(part, "exempt", Fraction(0), None, None)
    points = sum(added, Fraction(0))
    if part.renormalised and available != part.points:
        points = points * part.points / available
        return NodeScore(part, "scored", part.points, points, _added(programme, points))
    return NodeScore(part, "scored", available, points, points)


def _adjustment(programme: Programme, one: UnitScore, adjustment: Adjustment, base: Fraction | None) -> NodeScore:
    value = one.figures[adjustment.indicator].value
    if isinstance(value, Gone):
        return NodeScore(adjustment, value.reason, Fraction(0), None, None)
    if adjustment.base is not None and (base is None or not compare(*adjustment.base, base)):
        return NodeScore(adjustment, "scored", Fraction(0), Fraction(0), Fraction(0))
    exact = max(-adjustment.cap, min(adjustment.cap, adjustment.each * value))
    return NodeScore(adjustment, "scored", Fraction(0), exact, _added(programme, exact))


def _total(programme: Programme, one: UnitScore) -> None:
    """What was earned, rescaled to all points where items are exempt, adjusted, and kept between 0 and all points."""
    tree, full = one.nodes[programme.tree.id], programme.tree.points
    if tree.available < programme.grades.rated_from or tree.added is None:
        return
    base = tree.added * full / tree.available
    together = base + _adjusted(programme, one)
    most = [veto.effect.total for veto in one.vetoes if isinstance(veto.effect, TotalAtMost)]
    one.total = max(Fraction(0), min([full, together, *most]))
    one.rounded = programme.rounding.total.of(one.total)


def _adjusted(programme: Programme, one: UnitScore) -> Fraction:
    """What all adjustments give and take, each side kept within what it may be in all."""
    found = [one.nodes[adjustment.id].added or Fraction(0) for adjustment in programme.adjustments]
    more = sum((added for added in found if added > 0), Fraction(0))
    off = sum((-added for added in found if added < 0), Fraction(0))
    most = programme.together
    return (more if most.more is None else min(more, most.more)) - (off if most.off is None else min(off, most.off))


def _read(one: UnitScore, on: Literal["rounded", "exact"]) -> Fraction | None:
    return one.rounded if on == "rounded" else one.total


def regrade(programme: Programme, one: UnitScore) -> None:
    """Give a unit the grade of its total, minimums, steps and vetoes, quotas aside."""
    total, order = _read(one, programme.grades.on), programme.grades.order
    effects = [veto.effect for veto in one.vetoes]
    if total is not None:
        reached = next(at for at, start in enumerate(programme.grades.starts(one.kind)) if total >= start)
        short = [order.index(minimum.grade) + 1 for minimum in programme.grades.minimums if _falls_short(one, minimum)]
        one.before_veto = order[_stepped(programme, one, max([reached, *short]))]
        capped = [order.index(effect.grade) for effect in effects if isinstance(effect, GradeAtMost)]
        one.grade = order[max([order.index(one.before_veto), *capped])]
    fixed = [order.index(effect.grade) for effect in effects if isinstance(effect, GradeIs)]
    if fixed:
        one.grade = order[max([*fixed, order.index(one.grade) if one.grade in order else 0])]
    one.before_quota = one.grade


def _stepped(programme: Programme, one: UnitScore, place: int) -> int:
    """The place of a grade, 0 the best, after the steps that hold, one by one."""
    order = programme.grades.order
    for step in programme.grades.steps:
        if _holds(one.figures[step.when].value):
            one.steps.append(step)
            best = order.index(step.not_above) if step.not_above else 0
            worst_ = order.index(step.not_below) if step.not_below else len(order) - 1
            moved = place - 1 if step.by == "up" else place + 1
            # A bound stops a step; it does not move a unit that stands beyond it already.
            place = max(moved, min(place, best)) if step.by == "up" else min(moved, max(place, worst_))
    return place


def _falls_short(one: UnitScore, minimum: Minimum) -> bool:
    node = one.nodes[minimum.node]
    return node.added is not None and node.added < minimum.share * node.available


def _fill(house: House, quota: Quota, scores: Sequence[UnitScore]) -> None:
    """Take a grade from the units of each group that have no seat."""
    order, on = house.programme.grades.order, house.programme.grades.on
    groups: dict[str, list[tuple[Fraction, UnitScore]]] = {}
    for one in scores:
        if (total := _read(one, on)) is not None:
            groups.setdefault(house.group(one.unit, quota.within), []).append((total, one))
    for members in groups.values():
        seats = Rounding(quota.seats, 0).scaled(quota.share * len(members))
        holders = [(total, one) for total, one in members if order.index(one.grade) <= order.index(quota.grade)]
        kept = seated(sorted((total for total, _ in holders), reverse=True), seats, quota.ties)
        for total, one in holders:
            if kept is None or total < kept:
                one.grade = order[order.index(quota.grade) + 1]


def _holds(value: Fraction | Gone) -> bool:
    return isinstance(value, Fraction) and value > 0


# -- ranks ---------------------------------------------------------------------------------------------------------


def _ranked(house: House, rank: Rank, scores: Sequence[UnitScore]) -> list[tuple[Cell, ...]]:
    groups: dict[str, list[tuple[Fraction, UnitScore]]] = {}
    for one in scores:
        total = _read(one, rank.on)
        if total is not None:
            groups.setdefault(house.group(one.unit, rank.within), []).append((total, one))
    places: list[tuple[Cell, ...]] = []
    for group, members in groups.items():
        for total, one in members:
            better = [other for other, _ in members if other > total]
            place = 1 + (len(set(better)) if rank.ties == "dense" else len(better))
            places.append((one.unit, rank.id, group, place, len(members)))
    return places


# -- figures that leave the house ----------------------------------------------------------------------------------


def _scaled(rounding: Rounding, value: Fraction | None) -> int | None:
    return None if value is None else rounding.scaled(value)


def _grade_cells(programme: Programme, one: UnitScore) -> tuple[Cell, ...]:
    stages, tree = programme.rounding, one.nodes[programme.tree.id]
    state = "rated" if one.total is not None else NOT_RATED
    available = stages.item.scaled(tree.available)
    vetoes = ";".join(veto.id for veto in one.vetoes)
    return (one.unit, one.kind, state, available, _scaled(stages.total, one.total), one.grade, vetoes)


def _node_cells(programme: Programme, one: UnitScore) -> list[tuple[Cell, ...]]:
    item = programme.rounding.item
    return [
        (one.unit, name, node.state, item.scaled(node.available), _scaled(item, node.exact))
        for name, node in sorted(one.nodes.items())
    ]


def _figure_cells(programme: Programme, one: UnitScore) -> list[tuple[Cell, ...]]:
    rounding = programme.rounding.indicator
    cells: list[tuple[Cell, ...]] = []
    for name, figure in sorted(one.figures.items()):
        if isinstance(figure.value, Gone):
            cells.append((one.unit, name, figure.value.reason, None))
        else:
            cells.append((one.unit, name, "known", rounding.scaled(figure.value)))
    return cells


def _table(schema: Schema, rows: Sequence[tuple[Cell, ...]]) -> Table:
    header = schema.header
    return Table(schema, {name: [row[at] for row in rows] for at, name in enumerate(header)})
