"""What a scored thing rests on: from an item, adjustment or veto down its formulas to every column, with the way there.

Anything in a programme that is neither its head, a form, a finding, an indicator nor a source is taken to bear on a
score, so that a new section or a new kind of rule is followed before anybody thinks of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from answerable.definition.document import (
    AdjustmentShape,
    GradeStepShape,
    KeyPath,
    NodeShape,
    ProgrammeDocument,
    VetoShape,
)
from answerable.definition.formula import (
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    children,
    mapped,
    walk,
)
from answerable.definition.rule_document import RuleShape, StepShape
from answerable.definition.shorthand import written_out

__all__ = ["Column", "Root", "leaves", "roots"]

Sign = Literal[-1, 0, 1]
"""Whether more of a part makes more of the whole (1), less of it (-1), or cannot be told (0)."""

_UNSCORED = {
    "programme",
    "version",
    "title",
    "office",
    "legal_basis",
    "in_force",
    "time_zone",
    "units",
    "agreement",
    "sources",
    "forms",
    "findings",
    "panels",
    "matters",
    "targets",
    "indicators",
    "grades",
    "rounding",
}
_NAMES = {"id", "title", "clause", "legal_basis", "at_most", "not_above", "not_below", "children", "reviewed"}
_RISING = {"least", "greatest", "floor", "ceiling", "previous", "otherwise", "root", "ln", "exp"}


@dataclass(frozen=True)
class Leaf:
    """A name or column in an expression: whether only divided by, and which way it pushes."""

    part: Name | ColumnOf
    under: bool
    sign: Sign


@dataclass(frozen=True)
class Column:
    """A column that something scored rests on, through the indicators of `trail`; the last one's formula reads it."""

    table: str
    column: str
    trail: tuple[str, ...]
    under: bool
    sign: Sign


@dataclass
class Root:
    """Something that bears on a score, with all it rests on; `trails` leads to each indicator."""

    path: KeyPath
    id: str
    columns: list[Column] = field(default_factory=list)
    trails: dict[str, tuple[str, ...]] = field(default_factory=dict)


Substance = Callable[[Expression], bool]
"""Whether an expression holds a figure of its own, so that what divides it is a pure denominator."""


def leaves(expression: Expression, substance: Substance, under: bool = False, sign: Sign = 1) -> Iterator[Leaf]:
    """Every name and column of an expression. Inside a condition nothing is a pure denominator."""
    match expression:
        case Name() | ColumnOf():
            yield Leaf(expression, under, sign)
        case Binary("/", left, right):
            yield from leaves(left, substance, under, sign)
            yield from leaves(right, substance, not under and substance(left), _turned(sign))
        case Binary("+" | "*" | "-" as op, left, right):
            yield from leaves(left, substance, under, sign)
            yield from leaves(right, substance, under, _turned(sign) if op == "-" else sign)
        case Negation("-", of):
            yield from leaves(of, substance, under, _turned(sign))
        case Aggregate(op, of, where):
            if op != "count":
                yield from leaves(of, substance, under, sign)
            if where is not None:
                yield from leaves(where, substance, False, 0)
        case Call("if", (condition, *branches)):
            yield from leaves(condition, substance, False, 0)
            for branch in branches:
                yield from leaves(branch, substance, under, sign)
        case Call(function, operands) if function in _RISING or function == "abs":
            for operand in operands:
                yield from leaves(operand, substance, under, 0 if function == "abs" else sign)
        case _:
            for part in children(expression):
                yield from leaves(part, substance, False, 0)


def _turned(sign: Sign) -> Sign:
    turned: dict[Sign, Sign] = {1: -1, 0: 0, -1: 1}
    return turned[sign]


def roots(document: ProgrammeDocument, open_column: Callable[[ColumnOf], bool]) -> list[Root]:
    """Everything that bears on a score, each with the columns it rests on.

    Args:
        open_column: whether a column may be scored by itself; only such a column makes a denominator pure.
    """
    return _Follow(document, open_column).roots()


@dataclass
class _Follow:
    document: ProgrammeDocument
    open_column: Callable[[ColumnOf], bool]
    formulas: dict[str, Expression] = field(init=False)
    solid: set[str] = field(default_factory=set)
    """Indicators that hold a figure which may be scored by itself."""

    def __post_init__(self) -> None:
        self.formulas = {one.id: _followed(written_out(one.formula)) for one in self.document.indicators}
        grows = True
        while grows:
            more = {name for name, formula in self.formulas.items() if self.substance(formula)} - self.solid
            self.solid |= more
            grows = bool(more)

    def substance(self, expression: Expression) -> bool:
        return any(
            self.open_column(part) if isinstance(part, ColumnOf) else isinstance(part, Name) and part.name in self.solid
            for part in walk(expression)
        )

    def roots(self) -> list[Root]:
        found = [self.root(path, node.id, node) for path, node in self.document.scored_nodes()]
        for name in type(self.document).model_fields:
            if name not in {*_UNSCORED, "tree", "adjustments", "adjustments_together", "vetoes"}:
                section = getattr(self.document, name)
                parts = section if isinstance(section, list) else [section]
                found += [self.root((name, at), getattr(one, "id", name), one) for at, one in enumerate(parts)]
        return found

    def root(self, path: KeyPath, called: str, part: object) -> Root:
        root = Root(path, called)
        waiting: deque[tuple[str, bool, Sign, tuple[str, ...]]] = deque()
        for start in self.starts(part):
            if isinstance(start.part, Name):
                waiting.append((start.part.name, start.under, start.sign, (called,)))
            else:
                root.columns.append(Column(start.part.table, start.part.column, (called,), start.under, start.sign))
        seen: set[tuple[str, bool, Sign]] = set()
        while waiting:
            name, under, sign, before = waiting.popleft()
            if name not in self.formulas or (name, under, sign) in seen:
                continue
            seen.add((name, under, sign))
            trail = (*before, name)
            root.trails.setdefault(name, trail)
            for leaf in leaves(self.formulas[name], self.substance, under, sign):
                if isinstance(leaf.part, Name):
                    waiting.append((leaf.part.name, leaf.under, leaf.sign, trail))
                else:
                    root.columns.append(Column(leaf.part.table, leaf.part.column, trail, leaf.under, leaf.sign))
        return root

    def starts(self, part: object) -> Iterator[Leaf]:
        """Indicators a part of the document names, in a rule or beside it, and what its own formulas read."""
        main = getattr(part, "when" if isinstance(part, VetoShape | GradeStepShape) else "indicator", None)
        if isinstance(main, str):
            yield Leaf(Name(main), False, _direction(part))
        for value in _values(part):
            if isinstance(value, str):
                if value in self.formulas and value != main:
                    yield Leaf(Name(value), False, 0)
            else:
                yield from leaves(value, self.substance, False, 0)


def _followed(expression: Expression) -> Expression:
    """With last year's value of an indicator read as the indicator: what may not be scored may not a year later."""

    def change(part: Expression) -> Expression | None:
        return Name(part.column) if isinstance(part, ColumnOf) and part.table == "earlier" else None

    return mapped(expression, change)


def _values(part: object) -> Iterator[Any]:
    """Words and formulas anywhere inside a part of a document."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            if name not in _NAMES:
                yield from _values(getattr(part, name))
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _values(one)
    elif isinstance(part, dict):
        yield from _values(list(part.values()))
    elif isinstance(part, str | Expression):
        yield part


def _direction(part: object) -> Sign:
    """Whether more of the indicator gives more points."""
    match part:
        case AdjustmentShape():
            return 1 if part.each > 0 else -1
        case VetoShape():
            return -1
        case GradeStepShape():
            return 1 if part.by == "up" else -1
        case NodeShape(rule=RuleShape() as rule):
            return _direction_of_rule(rule)
        case _:
            return 0


def _direction_of_rule(rule: RuleShape) -> Sign:
    if rule.full_or_none is not None:
        return {">": 1, ">=": 1, "<": -1, "<=": -1}.get(rule.full_or_none[0], 0)  # type: ignore[return-value]
    if rule.deduct_per_count is not None:
        return -1
    if rule.ratio_to_target is not None:
        return 1
    if rule.linear is not None:
        return 1 if rule.linear.full_at > rule.linear.zero_at else -1
    return _direction_of_bands(rule.bands) if rule.bands else 0


def _direction_of_bands(bands: list[StepShape]) -> Sign:
    """Bands stand from the highest value down."""
    worth = [step.points if step.otherwise is None else step.otherwise for step in bands]
    points = [one for one in worth if one is not None]
    if points == sorted(points, reverse=True):
        return 1
    return -1 if points == sorted(points) else 0
