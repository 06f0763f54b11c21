"""What a formula measures, and the faults of one that measures nothing: names, grains and units of measure.

Counts, money, days and quantities may be multiplied and divided but not added to one another; like divided by like is a
share. A bare number takes the measure of what stands beside it. Yes/no and text are of their own kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from answerable.definition.formula import (
    GROUPS,
    IRRATIONAL,
    OF_UNIT,
    Across,
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
    show,
    walk,
)
from answerable.definition.shorthand import written_out
from answerable.definition.tables import RowColumn
from answerable.values.number import text_of

__all__ = ["Fault", "Kind", "Scope", "columns_read", "exponent_of", "is_irrational", "kind_of", "tables_read"]

Dimensions = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Kind:
    """What an expression is: a quantity of some dimensions (none: a share), a bare number, yes/no, or text."""

    of: str
    dimensions: Dimensions = ()

    def __str__(self) -> str:
        if self.of != "quantity":
            return {"flag": "yes/no", "text": "text", "number": "a bare number"}[self.of]
        if not self.dimensions:
            return "share"
        return "·".join(base if power == 1 else f"{base}^{power}" for base, power in self.dimensions)


FLAG = Kind("flag")
TEXT = Kind("text")
NUMBER = Kind("number")
SHARE = Kind("quantity")
COUNT = Kind("quantity", (("count", 1),))


@dataclass(frozen=True)
class Fault(Exception):
    """Why a formula is unsound: the second half of an issue code, and the facts that fill its words."""

    code: str
    facts: Mapping[str, str]

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.facts.items()))))


@dataclass(frozen=True)
class Scope:
    """What names mean: the columns of each table, and the kind of each indicator already known."""

    tables: Mapping[str, Mapping[str, RowColumn]]
    forms: frozenset[str]
    indicators: Mapping[str, Kind]
    levels: frozenset[str] = frozenset()
    """Kinds of unit: within one of them is below it."""


def tables_read(expression: Expression) -> frozenset[str]:
    """Names of the tables whose columns or rows an expression reads; facts of the unit are no table."""
    read = {part.table for part in walk(expression) if isinstance(part, ColumnOf)}
    for part in walk(expression):
        if isinstance(part, Aggregate) and isinstance(part.of, Name):
            read.add(part.of.name)
    return frozenset(read - OF_UNIT)


def kind_of(expression: Expression, scope: Scope, row_table: str | None = None) -> Kind:
    """The kind of an expression; `row_table` is the table whose rows an aggregate runs over.

    Raises:
        Fault: at the first thing that is unsound.
    """
    return _kind_of(written_out(expression, keep=_OF_THEIR_OWN), scope, row_table)


_OF_THEIR_OWN = frozenset({"goalposts", "trimmed"})
"""Shorthands whose kind is told by what they are: written out, bare numbers stand where their measure is not known."""


def _kind_of(expression: Expression, scope: Scope, row_table: str | None) -> Kind:
    match expression:
        case Number():
            return NUMBER
        case TextLiteral():
            return TEXT
        case Name(name):
            return _name(name, scope, row_table)
        case ColumnOf(table, column):
            return _column(table, column, scope, row_table)
        case Aggregate():
            return _aggregate(expression, scope, row_table)
        case Across():
            return _across(expression, scope, row_table)
        case Negation(op, of):
            return _negation(op, _kind_of(of, scope, row_table), expression)
        case Call():
            return _call(expression, scope, row_table)
        case Binary():
            return _binary(expression, scope, row_table)


def _fault(code: str, **facts: str) -> Fault:
    return Fault(code, facts)


def _name(name: str, scope: Scope, row_table: str | None) -> Kind:
    if name in scope.indicators:
        if row_table:
            raise _fault("indicator_in_rows", name=name, table=row_table)
        return scope.indicators[name]
    if name in scope.tables:
        raise _fault("table_outside_count", name=name)
    raise _fault("unknown_name", name=name, known=_some(scope.indicators))


def _column(table: str, column: str, scope: Scope, row_table: str | None) -> Kind:
    if table == "earlier" and not row_table:
        # Last year's value of an indicator is of the same kind; its name is looked up as that of the indicator.
        return _name(column, scope, None)
    if table not in scope.tables:
        raise _fault("unknown_name", name=f"{table}.{column}", known=_some(scope.tables))
    if column not in scope.tables[table]:
        raise _fault("unknown_name", name=f"{table}.{column}", known=_some(scope.tables[table]))
    if table in OF_UNIT:
        if row_table:
            raise _fault("other_table", name=f"{table}.{column}", table=row_table)
    elif row_table is None:
        raise _fault("column_outside_aggregate", name=f"{table}.{column}")
    elif table != row_table:
        raise _fault("other_table", name=f"{table}.{column}", table=row_table)
    return _of_measure(scope.tables[table][column].measure)


def _of_measure(measure: str) -> Kind:
    if measure in ("flag", "text", "number"):
        return Kind(measure)
    return SHARE if measure == "share" else Kind("quantity", ((measure, 1),))


def _some(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)[:12]) or "-"


def _aggregate(aggregate: Aggregate, scope: Scope, row_table: str | None) -> Kind:
    text = show(aggregate)
    if row_table:
        raise _fault("nested_aggregate", formula=text)
    read = tables_read(aggregate)
    if len(read) != 1:
        raise _fault("one_table_each", formula=text, tables=", ".join(sorted(read)) or "-")
    (table,) = read
    if table not in scope.tables:
        raise _fault("unknown_name", name=table, known=_some(scope.tables))
    if aggregate.where is not None and _kind_of(aggregate.where, scope, table) != FLAG:
        raise _fault("not_yes_no", formula=show(aggregate.where))
    if isinstance(aggregate.of, Name):
        if aggregate.op != "count":
            raise _fault("table_outside_count", name=aggregate.of.name)
        return COUNT
    kind = _kind_of(aggregate.of, scope, table)
    if aggregate.op == "count":
        raise _fault("count_of_value", formula=text, table=table)
    if kind == FLAG and aggregate.op == "sum":
        return COUNT
    if kind.of != "quantity":
        raise _fault("not_a_quantity", formula=show(aggregate.of), kind=str(kind))
    return kind


def _across(across: Across, scope: Scope, row_table: str | None) -> Kind:
    kind = _name(across.of.name, scope, row_table)
    if across.within not in (*GROUPS, *scope.levels):
        raise _fault("unknown_group", group=across.within, known=", ".join((*GROUPS, *sorted(scope.levels))))
    if kind.of not in ("quantity", "number"):
        raise _fault("not_a_quantity", formula=show(across), kind=str(kind))
    if across.op in ("count", "rank"):
        return COUNT
    if across.op == "apportion":
        return NUMBER
    return _product(kind, kind, 1) if across.op == "variance" else kind


def _negation(op: str, kind: Kind, expression: Expression) -> Kind:
    if (op == "not") != (kind == FLAG):
        raise _fault("not_yes_no" if op == "not" else "not_a_quantity", formula=show(expression), kind=str(kind))
    if kind == TEXT:
        raise _fault("not_a_quantity", formula=show(expression), kind=str(kind))
    return kind


def _call(call: Call, scope: Scope, row_table: str | None) -> Kind:
    if row_table and (call.function in IRRATIONAL or call.function in ("known", "otherwise", *_OF_THEIR_OWN)):
        raise _fault("not_in_rows", formula=show(call), function=call.function)
    if call.function in IRRATIONAL:
        return _irrational(call, scope)
    if call.function == "known":
        _kind_of(call.operands[0], scope, None)
        return FLAG
    if call.function == "previous" and row_table not in scope.forms:
        raise _fault("previous_outside_form", formula=show(call))
    if call.function == "previous" and any(part != call and _is_previous(part) for part in walk(call)):
        raise _fault("nested_previous", formula=show(call))
    read = call.operands[:1] if call.function in ("previous", "trimmed") else call.operands
    kinds = [_kind_of(operand, scope, row_table) for operand in read]
    if call.function == "if":
        if kinds[0] != FLAG:
            raise _fault("not_yes_no", formula=show(call.operands[0]))
        kinds = kinds[1:]
    joined = kinds[0]
    for kind in kinds[1:]:
        joined = _joined(joined, kind, call)
    if call.function == "goalposts" and joined.of in ("quantity", "number"):
        return SHARE
    if call.function not in ("previous", "if", "otherwise") and joined.of not in ("quantity", "number"):
        raise _fault("not_a_quantity", formula=show(call), kind=str(joined))
    return joined


def _irrational(call: Call, scope: Scope) -> Kind:
    """Roots divide dimensions, powers multiply them; a logarithm is a share, and only a share can be an exponent."""
    kind = _kind_of(call.operands[0], scope, None)
    if kind.of not in ("quantity", "number") or (call.function == "exp" and kind not in (SHARE, NUMBER)):
        raise _fault("not_a_quantity", formula=show(call.operands[0]), kind=str(kind))
    if call.function in ("ln", "exp"):
        return SHARE
    exponent = _literal(call.operands[1])
    if exponent is None or (call.function == "root" and (exponent.denominator != 1 or not 2 <= exponent <= 12)):
        raise _fault("exponent_not_literal", formula=show(call))
    if call.function == "power" and (abs(exponent) > 12 or exponent.denominator > 1000):
        raise _fault("exponent_not_literal", formula=show(call))
    factor = 1 / exponent if call.function == "root" else exponent
    if any((factor * power).denominator != 1 for _, power in kind.dimensions):
        raise _fault("measures_differ", formula=show(call), left=str(kind), right=text_of(exponent))
    dimensions = tuple((base, int(factor * power)) for base, power in kind.dimensions)
    return Kind(kind.of, dimensions)


def _literal(expression: Expression) -> Fraction | None:
    if isinstance(expression, Negation) and expression.op == "-" and isinstance(expression.of, Number):
        return -expression.of.value
    if isinstance(expression, Binary) and expression.op == "/":
        over, under = _literal(expression.left), _literal(expression.right)
        return over / under if over is not None and under else None
    return expression.value if isinstance(expression, Number) else None


def _is_previous(part: Expression) -> bool:
    return isinstance(part, Call) and part.function == "previous"


def _binary(binary: Binary, scope: Scope, row_table: str | None) -> Kind:
    left = _kind_of(binary.left, scope, row_table)
    right = _kind_of(binary.right, scope, row_table)
    if binary.op in ("and", "or"):
        for side, kind in ((binary.left, left), (binary.right, right)):
            if kind != FLAG:
                raise _fault("not_yes_no", formula=show(side))
        return FLAG
    if binary.op in ("==", "!=") and left == right and left.of in ("text", "flag"):
        _known_words(binary, scope)
        return FLAG
    for side, kind in ((binary.left, left), (binary.right, right)):
        if kind.of not in ("quantity", "number"):
            raise _fault("not_a_quantity", formula=show(side), kind=str(kind))
    if binary.op in ("*", "/"):
        if binary.op == "/" and row_table:
            raise _fault("division_in_rows", formula=show(binary))
        if binary.op == "/" and isinstance(binary.right, Number) and binary.right.value == 0:
            raise _fault("division_by_nothing", formula=show(binary))
        return _product(left, right, -1 if binary.op == "/" else 1)
    joined = _joined(left, right, binary)
    return joined if binary.op in ("+", "-") else FLAG


def _known_words(binary: Binary, scope: Scope) -> None:
    """A column is compared with words only that can stand in it."""
    for column, word in ((binary.left, binary.right), (binary.right, binary.left)):
        if isinstance(column, ColumnOf) and isinstance(word, TextLiteral):
            words = scope.tables[column.table][column.column].words
            if words is not None and word.value not in words:
                raise _fault("unknown_word", formula=show(binary), word=word.value, known=", ".join(words[:12]) or "-")


def _joined(left: Kind, right: Kind, expression: Expression) -> Kind:
    if left == right or (right == NUMBER and left.of == "quantity"):
        return left
    if left == NUMBER and right.of == "quantity":
        return right
    raise _fault("measures_differ", formula=show(expression), left=str(left), right=str(right))


def _product(left: Kind, right: Kind, sign: int) -> Kind:
    if left == NUMBER and right == NUMBER:
        return NUMBER
    powers = dict(left.dimensions)
    for base, power in right.dimensions:
        powers[base] = powers.get(base, 0) + sign * power
    return Kind("quantity", tuple(sorted((base, power) for base, power in powers.items() if power)))


def exponent_of(call: Call) -> Fraction:
    """The literal exponent of a `root` or `power`, checked before by `kind_of`; of `root` it is one over its degree."""
    exponent = _literal(call.operands[1])
    assert exponent is not None
    return 1 / exponent if call.function == "root" else exponent


def is_irrational(expression: Expression) -> bool:
    """Whether a formula has a value that need not be a fraction."""
    return any(isinstance(part, Call) and part.function in IRRATIONAL for part in walk(expression))


def columns_read(expression: Expression) -> Iterator[ColumnOf]:
    """Every column an expression reads, repeats included, left to right."""
    for part in walk(expression):
        if isinstance(part, ColumnOf):
            yield part
