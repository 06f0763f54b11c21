"""Text -> the tree of a formula, or what is wrong with it and where.

expression  = conjunction {"or" conjunction}
conjunction = negation {"and" negation}
negation    = "not" negation | comparison
comparison  = sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum]
sum         = product {("+" | "-") product}
product     = sign {("*" | "/") sign}
sign        = "-" sign | atom
atom        = number | percent | "text" | name | table "." column | "(" expression ")"
| aggregate "(" expression ["where" expression] ")" | across "(" name "within" group ["," number] ")"
| function "(" expression {"," expression} ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from answerable.definition.formula import (
    ACROSS,
    AGGREGATES,
    BY,
    FUNCTIONS,
    GROUPS,
    MOST_MONTHS,
    Across,
    Aggregate,
    Arity,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
)
from answerable.values.number import parse_fraction

__all__ = ["FormulaError", "parse"]


class FormulaError(ValueError):
    """Text that is no formula: what is wrong and at which character, counted from 1."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(f"{what} (character {at})")
        self.what = what
        self.at = at


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

    >>> parse("paid / due")
    Binary(op='/', left=Name(name='paid'), right=Name(name='due'))
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
        arity = FUNCTIONS.get(token.text)  # type: ignore[call-overload]
        if arity is None:
            raise FormulaError(f"there is no function {token.text!r}", token.at)
        if why := _unfit(arity, operands):
            raise FormulaError(f"{token.text} takes {why}", token.at)
        if token.text == "trimmed" and not (isinstance(operands[0], Aggregate) and operands[0].op == "mean"):
            raise FormulaError("trimmed takes a mean over rows: trimmed(mean(...), 5)", token.at)
        return Call(token.text, tuple(operands))  # type: ignore[arg-type]

    def across(self, token: _Token, of: Expression) -> Expression:
        group = self.peek()
        if group.kind != "name" or "." in group.text:
            raise FormulaError(f"`within` is followed by one of {', '.join(GROUPS)}, or a kind of unit", group.at)
        self.take(group.text)
        if not isinstance(of, Name):
            raise FormulaError(f"{token.text} within a group takes the id of an indicator", token.at)
        by = self.by(token)
        self.expect(")")
        return Across(token.text, of, group.text, by)  # type: ignore[arg-type]

    def by(self, token: _Token) -> Fraction | None:
        """The number a question across units takes, where it takes one."""
        asked = BY.get(token.text)  # type: ignore[call-overload]
        if asked is None:
            return None
        number = self.atom() if self.take(",") else None
        value = number.value if isinstance(number, Number) else None
        most = {"percentile": Fraction(1), "winsorised": Fraction(1, 2)}.get(token.text)
        if value is None or (value > most if most is not None else value.denominator != 1):
            raise FormulaError(f"{token.text} takes, after the group, {asked}", token.at)
        return value


def _unfit(arity: Arity, operands: Sequence[Expression]) -> str:
    """What a function takes, if it is not what it was given."""
    given = len(operands)
    if not arity.fewest <= given <= arity.most:
        return f"{arity.fewest} to {arity.most} operands, not {given}"
    if arity.pairs and (given - arity.fewest) % 2:
        return "a weight after each value"
    if arity.number is not None and arity.number < given:
        number = operands[arity.number]
        value = number.value if isinstance(number, Number) else Fraction(0)
        if value.denominator != 1 or not arity.least <= value <= MOST_MONTHS:
            return f"a whole number from {arity.least} to {MOST_MONTHS} as operand {arity.number + 1}"
    return ""
