"""The formula language: a small total grammar, no loops, no randomness, no clock.

A formula has three grains. Inside an aggregate (`sum(...)`, `count(... where ...)`) names are columns and there is one
value per row of a table; outside there is one value per unit; `within` looks across the units of a group at the rounded
values of one indicator. Text in, a frozen tree out; names and measures are checked in `measures.py`, meaning is given
by the engines.

    expression  = conjunction {"or" conjunction}
    conjunction = negation {"and" negation}
    negation    = "not" negation | comparison
    comparison  = sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum]
    sum         = product {("+" | "-") product}
    product     = sign {("*" | "/") sign}
    sign        = "-" sign | atom
    atom        = number | percent | "text" | name | table "." column | "(" expression ")"
                | aggregate "(" expression ["where" expression] ")" | across "(" name "within" group ")"
                | function "(" expression {"," expression} ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from answerable.values.number import parse_fraction, text_of

__all__ = [
    "ACROSS",
    "AGGREGATES",
    "FUNCTIONS",
    "GROUPS",
    "IRRATIONAL",
    "Across",
    "AcrossOp",
    "Aggregate",
    "Binary",
    "Call",
    "ColumnOf",
    "Expression",
    "FormulaError",
    "Group",
    "Name",
    "Negation",
    "Number",
    "TextLiteral",
    "children",
    "parse",
    "show",
    "walk",
    "written_out",
]

BinaryOp = Literal["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "and", "or"]
AggregateOp = Literal["sum", "count", "mean", "min", "max"]
AcrossOp = Literal["sum", "count", "mean", "min", "max", "median", "variance", "rank"]
Group = Literal["kind", "peer_group", "parent"]
FunctionName = Literal[
    "least",
    "greatest",
    "if",
    "previous",
    "abs",
    "floor",
    "ceiling",
    "known",
    "otherwise",
    "goalposts",
    "root",
    "power",
    "ln",
    "exp",
]

ACROSS: tuple[AcrossOp, ...] = ("sum", "count", "mean", "min", "max", "median", "variance", "rank")
"""What can be asked across units: `variance` is that of the whole group, `rank` 1 the greatest value, ties sharing."""
GROUPS: tuple[Group, ...] = ("kind", "peer_group", "parent")
"""Assessed units of one kind: all of them, those of one peer group, those directly below one unit."""
AGGREGATES: tuple[AggregateOp, ...] = ("sum", "count", "mean", "min", "max")
FUNCTIONS: dict[FunctionName, tuple[int, int]] = {
    "least": (2, 9),
    "greatest": (2, 9),
    "if": (3, 3),
    "previous": (1, 1),
    "abs": (1, 1),
    "floor": (1, 1),
    "ceiling": (1, 1),
    "known": (1, 1),
    "otherwise": (2, 2),
    "goalposts": (3, 3),
    "root": (2, 2),
    "power": (2, 2),
    "ln": (1, 1),
    "exp": (1, 1),
}
"""Functions with the fewest and the most operands each takes."""
IRRATIONAL: frozenset[FunctionName] = frozenset({"root", "power", "ln", "exp"})
"""Functions whose value need not be a fraction: an indicator that uses one *is* its rounded value."""


class FormulaError(ValueError):
    """Text that is no formula: what is wrong and at which character, counted from 1."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(f"{what} (character {at})")
        self.what = what
        self.at = at


@dataclass(frozen=True)
class Number:
    """An exact literal; `90%` is 9/10."""

    value: Fraction


@dataclass(frozen=True)
class TextLiteral:
    """A word in quotes, to compare a text column with."""

    value: str


@dataclass(frozen=True)
class Name:
    """Outside an aggregate: the value of another indicator."""

    name: str


@dataclass(frozen=True)
class ColumnOf:
    """A column of a table, one value per row; of the table `unit`, one value per unit."""

    table: str
    column: str


@dataclass(frozen=True)
class Aggregate:
    """One value per unit from the rows of a table; `of` is a table's name for `count`, else a row expression."""

    op: AggregateOp
    of: Expression
    where: Expression | None


@dataclass(frozen=True)
class Across:
    """One value per unit from the rounded values of an indicator over the units of its group that have one."""

    op: AcrossOp
    of: Name
    within: Group


@dataclass(frozen=True)
class Binary:
    """Two operands joined by an operator."""

    op: BinaryOp
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Negation:
    """`-x` or `not x`."""

    op: Literal["-", "not"]
    of: Expression


@dataclass(frozen=True)
class Call:
    """A function of one grain."""

    function: FunctionName
    operands: tuple[Expression, ...]


Expression = Number | TextLiteral | Name | ColumnOf | Aggregate | Across | Binary | Negation | Call

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?%?)|(?P<name>[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?)"
    r"|(?P<text>\"[^\"\n]*\")|(?P<op>==|!=|<=|>=|[-+*/<>(),]))"
)
_LEVELS: tuple[tuple[str, ...], ...] = (("+", "-"), ("*", "/"))
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_DEEPEST = 40


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Expression:
    """Read a formula.

    Raises:
        FormulaError: with the character where reading stopped.

    >>> show(parse("sum(pay.paid)/sum(pay.due)"))
    'sum(pay.paid) / sum(pay.due)'
    """
    reader = _Reader(_tokens(text), len(text))
    expression = reader.expression()
    reader.end()
    return expression


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if not found:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise FormulaError(f"unexpected {text[start]!r}", start + 1)
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found[kind], found.start(kind) + 1))
        position = found.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.last = _Token("end", "", length + 1)

    def peek(self) -> _Token:
        return self.tokens[self.position] if self.position < len(self.tokens) else self.last

    def take(self, *texts: str) -> str | None:
        """The next token's text, consumed, if it is one of these."""
        token = self.peek()
        if token.kind in ("op", "name") and token.text in texts:
            self.position += 1
            return token.text
        return None

    def expect(self, text: str) -> None:
        if self.take(text) is None:
            raise FormulaError(f"expected {text!r}", self.peek().at)

    def end(self) -> None:
        if self.peek().kind != "end":
            raise FormulaError(f"unexpected {self.peek().text!r}", self.peek().at)

    def expression(self) -> Expression:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FormulaError(f"nested deeper than {_DEEPEST}", self.peek().at)
        left = self.conjunction()
        while self.take("or"):
            left = Binary("or", left, self.conjunction())
        self.depth -= 1
        return left

    def conjunction(self) -> Expression:
        left = self.negation()
        while self.take("and"):
            left = Binary("and", left, self.negation())
        return left

    def negation(self) -> Expression:
        return self.negated("not", self.comparison)

    def comparison(self) -> Expression:
        left = self.chain(0)
        op = self.take(*_COMPARISONS)
        return Binary(op, left, self.chain(0)) if op else left  # type: ignore[arg-type]

    def chain(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self.sign()
        left = self.chain(level + 1)
        while op := self.take(*_LEVELS[level]):
            left = Binary(op, left, self.chain(level + 1))  # type: ignore[arg-type]
        return left

    def sign(self) -> Expression:
        return self.negated("-", self.atom)

    def negated(self, op: Literal["-", "not"], inside: Callable[[], Expression]) -> Expression:
        times = 0
        while self.take(op):
            times += 1
        if times > _DEEPEST:
            raise FormulaError(f"nested deeper than {_DEEPEST}", self.peek().at)
        expression = inside()
        for _ in range(times):
            expression = Negation(op, expression)
        return expression

    def atom(self) -> Expression:
        token = self.peek()
        if self.take("("):
            inside = self.expression()
            self.expect(")")
            return inside
        self.position += 1
        if token.kind == "number":
            return Number(parse_fraction(token.text))
        if token.kind == "text":
            return TextLiteral(token.text[1:-1])
        if token.kind == "name" and token.text not in ("and", "or", "not", "where", "within"):
            return self.named(token)
        raise FormulaError(f"unexpected {token.text!r}" if token.text else "the formula ends too soon", token.at)

    def named(self, token: _Token) -> Expression:
        if self.take("("):
            return self.call(token)
        if "." in token.text:
            table, _, column = token.text.partition(".")
            return ColumnOf(table, column)
        return Name(token.text)

    def call(self, token: _Token) -> Expression:
        operands = [self.expression()]
        if token.text in ACROSS and self.take("within"):
            return self.across(token, operands[0])
        if token.text in AGGREGATES and len(operands) == 1:
            where = self.expression() if self.take("where") else None
            if self.take(")"):
                return Aggregate(token.text, operands[0], where)
        while self.take(","):
            operands.append(self.expression())
        self.expect(")")
        if token.text not in FUNCTIONS:
            raise FormulaError(f"there is no function {token.text!r}", token.at)
        fewest, most = FUNCTIONS[token.text]
        if not fewest <= len(operands) <= most:
            raise FormulaError(f"{token.text} takes {fewest} to {most} operands, not {len(operands)}", token.at)
        return Call(token.text, tuple(operands))

    def across(self, token: _Token, of: Expression) -> Expression:
        group = self.take(*GROUPS)
        if group is None:
            raise FormulaError(f"`within` is followed by one of {', '.join(GROUPS)}", self.peek().at)
        if not isinstance(of, Name):
            raise FormulaError(f"{token.text} within a group takes the id of an indicator", token.at)
        self.expect(")")
        return Across(token.text, of, group)  # type: ignore[arg-type]


def written_out(call: Call) -> Expression:
    """`goalposts(x, low, high)` in the core: where x lies between two marks, as a share kept from 0 to 1.

    >>> show(written_out(Call("goalposts", (Name("x"), Number(Fraction(20)), Number(Fraction(85))))))
    'least(greatest((x - 20) / (85 - 20), 0), 1)'
    """
    value, low, high = call.operands
    share = Binary("/", Binary("-", value, low), Binary("-", high, low))
    return Call("least", (Call("greatest", (share, Number(Fraction(0)))), Number(Fraction(1))))


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of an expression, left to right."""
    match expression:
        case Aggregate(_, of, where):
            return (of,) if where is None else (of, where)
        case Across(_, of, _):
            return (of,)
        case Binary(_, left, right):
            return (left, right)
        case Negation(_, of):
            return (of,)
        case Call(_, operands):
            return operands
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, outermost first."""
    yield expression
    for part in children(expression):
        yield from walk(part)


_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6}


Leaf = Callable[[Expression], str | None]


def show(expression: Expression, leaf: Leaf = lambda _: None) -> str:
    """The formula as text, with only the parentheses it needs; `parse` reads it back to the same tree.

    Args:
        leaf: gives the text of a part to be shown in another way (its value, say), or None to show it as it is.
    """
    if (text := leaf(expression)) is not None:
        return text
    match expression:
        case Number(value):
            shown = text_of(value)
            return f"({shown})" if "/" in shown else shown
        case TextLiteral(value):
            return f'"{value}"'
        case Name(name):
            return name
        case ColumnOf(table, column):
            return f"{table}.{column}"
        case Aggregate(op, of, where):
            tail = "" if where is None else f" where {show(where, leaf)}"
            return f"{op}({show(of, leaf)}{tail})"
        case Across(op, of, within):
            return f"{op}({of.name} within {within})"
        case Call(function, operands):
            return f"{function}({', '.join(show(operand, leaf) for operand in operands)})"
        case Negation(op, of):
            word = "-" if op == "-" else "not "
            return word + _inside(of, 7 if op == "-" else 3, leaf)
        case Binary(op, left, right):
            own = _BINDING.get(op, 4)
            return f"{_inside(left, own + (own == 4), leaf)} {op} {_inside(right, own + 1, leaf)}"


def _inside(expression: Expression, least: int, leaf: Leaf) -> str:
    own = 9
    if isinstance(expression, Binary):
        own = _BINDING.get(expression.op, 4)
    elif isinstance(expression, Negation):
        own = 7 if expression.op == "-" else 3
    return f"({show(expression, leaf)})" if own < least else show(expression, leaf)
