"""Shorthands of the formula language, written out in its core before anything else reads them.

A shorthand saves writing and adds no meaning: engines, checks of rights and checks of measures see the core only.

    goalposts(x, low, high)      where x lies between two marks, as a share kept from 0 to 1
    trailing(x, n)               the sum of a row and the n - 1 months before it
    trimmed(mean(x), n)          a mean without the greatest and the least where there are more than n values
    weighted_mean(x, v, y, w)    (v x + w y) / (v + w); absent where any value is
    known_mean(n, x, v, y, w)    the same over the values that are known, of which there must be n
    geometric_mean(x, v, y, w)   x^(v/(v+w)) y^(w/(v+w))
    harmonic_mean(x, v, y, w)    (v + w) / (v/x + w/y)
    power_mean(x, v, y, w, p)    ((v x^p + w y^p) / (v + w))^(1/p)
    min_max(x within g)          x from 0 at the least to 1 at the greatest of its group
    z_score(x within g)          distance from the mean of the group in standard deviations
    percent_rank(x within g)     share of the others of the group that x comes before; ties count as the better place
    borda(x within g)            how many others of the group x comes before
    winsorised(x within g, s)    x, kept between the percentiles s and 1 - s of its group
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce

from answerable.definition.formula import (
    Across,
    AcrossOp,
    Aggregate,
    Binary,
    BinaryOp,
    Call,
    ColumnOf,
    Expression,
    FunctionName,
    Name,
    Number,
    mapped,
    walk,
)

__all__ = ["SHORTHANDS", "written_out"]


def written_out(expression: Expression, keep: Collection[str] = ()) -> Expression:
    """An expression with every shorthand in it written out, but those to keep; one that has none comes back equal.

    >>> from answerable.definition.formula import show
    >>> from answerable.definition.syntax import parse
    >>> show(written_out(parse("goalposts(x, 20, 85)")))
    'least(greatest((x - 20) / (85 - 20), 0), 1)'
    """

    def change(part: Expression) -> Expression | None:
        match part:
            case Across(op) if op in _OF_GROUPS:
                return written_out(_OF_GROUPS[op](part), keep)
            case Call(function, operands) if function in _OF_VALUES and function not in keep:
                return _OF_VALUES[function]([written_out(operand, keep) for operand in operands])
            case _:
                return None

    return mapped(expression, change)


_Operands = Sequence[Expression]
_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


def _joined(op: BinaryOp, parts: _Operands) -> Expression:
    return reduce(lambda left, right: Binary(op, left, right), parts)


# -- of values -----------------------------------------------------------------------------------------------------


def _goalposts(operands: _Operands) -> Expression:
    value, low, high = operands
    share = Binary("/", Binary("-", value, low), Binary("-", high, low))
    return Call("least", (Call("greatest", (share, _ZERO)), _ONE))


def _trailing(operands: _Operands) -> Expression:
    value, months = operands
    before = [Call("previous", (value, Number(Fraction(back)))) for back in range(1, _whole(months))]
    return _joined("+", [value, *before])


def _whole(number: Expression) -> int:
    assert isinstance(number, Number)
    return int(number.value)


def _trimmed(operands: _Operands) -> Expression:
    mean, most = operands
    assert isinstance(mean, Aggregate)
    table = next((part.table for part in walk(mean.of) if isinstance(part, ColumnOf)), "")
    count = Aggregate("count", Name(table), mean.where)
    rest = _joined("-", [replace(mean, op="sum"), replace(mean, op="max"), replace(mean, op="min")])
    without = Binary("/", rest, Binary("-", count, Number(Fraction(2))))
    return Call("if", (Binary(">", count, most), without, mean))


def _weighed(operands: _Operands) -> list[tuple[Expression, Expression]]:
    return list(zip(operands[::2], operands[1::2], strict=True))


def _times(value: Expression, weight: Expression) -> Expression:
    return Binary("*", weight, value)


def _weighted_mean(operands: _Operands) -> Expression:
    pairs = _weighed(operands)
    over = _joined("+", [_times(value, weight) for value, weight in pairs])
    return Binary("/", over, _joined("+", [weight for _, weight in pairs]))


def _known_mean(operands: _Operands) -> Expression:
    least, pairs = operands[0], _weighed(operands[1:])

    def where_known(value: Expression, then: Expression) -> Expression:
        return Call("if", (Call("known", (value,)), then, _ZERO))

    over = _joined("+", [where_known(value, _times(value, weight)) for value, weight in pairs])
    under = _joined("+", [where_known(value, weight) for value, weight in pairs])
    known = _joined("+", [where_known(value, _ONE) for value, _ in pairs])
    # Of too few values nothing is made: a division by nothing is undefined.
    return Binary("/", over, Call("if", (Binary(">=", known, least), under, _ZERO)))


def _geometric_mean(operands: _Operands) -> Expression:
    pairs = _weighed(operands)
    together = _joined("+", [weight for _, weight in pairs])

    def share(weight: Expression) -> Expression:
        plain = [one.value for _, one in pairs if isinstance(one, Number)]
        all_ = sum(plain, Fraction(0))
        if isinstance(weight, Number) and len(plain) == len(pairs) and all_:
            return Number(weight.value / all_)
        return Binary("/", weight, together)

    return _joined("*", [Call("power", (value, share(weight))) for value, weight in pairs])


def _harmonic_mean(operands: _Operands) -> Expression:
    pairs = _weighed(operands)
    over = _joined("+", [weight for _, weight in pairs])
    return Binary("/", over, _joined("+", [Binary("/", weight, value) for value, weight in pairs]))


def _power_mean(operands: _Operands) -> Expression:
    *rest, exponent = operands
    raised = [part for value, weight in _weighed(rest) for part in (Call("power", (value, exponent)), weight)]
    return Call("power", (_weighted_mean(raised), Binary("/", _ONE, exponent)))


# -- of groups -----------------------------------------------------------------------------------------------------


def _asked(across: Across, op: AcrossOp, by: Fraction | None = None) -> Across:
    return Across(op, across.of, across.within, by)


def _min_max(across: Across) -> Expression:
    low, high = _asked(across, "min"), _asked(across, "max")
    return Binary("/", Binary("-", across.of, low), Binary("-", high, low))


def _z_score(across: Across) -> Expression:
    deviation = Call("root", (_asked(across, "variance"), Number(Fraction(2))))
    return Binary("/", Binary("-", across.of, _asked(across, "mean")), deviation)


def _borda(across: Across) -> Expression:
    return Binary("-", _asked(across, "count"), _asked(across, "rank"))


def _percent_rank(across: Across) -> Expression:
    return Binary("/", _borda(across), Binary("-", _asked(across, "count"), _ONE))


def _winsorised(across: Across) -> Expression:
    share = across.by or Fraction(0)
    low, high = _asked(across, "percentile", share), _asked(across, "percentile", 1 - share)
    return Call("least", (Call("greatest", (across.of, low)), high))


_OF_VALUES: Mapping[FunctionName, Callable[[_Operands], Expression]] = {
    "goalposts": _goalposts,
    "trailing": _trailing,
    "trimmed": _trimmed,
    "weighted_mean": _weighted_mean,
    "known_mean": _known_mean,
    "geometric_mean": _geometric_mean,
    "harmonic_mean": _harmonic_mean,
    "power_mean": _power_mean,
}
_OF_GROUPS: Mapping[AcrossOp, Callable[[Across], Expression]] = {
    "min_max": _min_max,
    "z_score": _z_score,
    "borda": _borda,
    "percent_rank": _percent_rank,
    "winsorised": _winsorised,
}
SHORTHANDS: frozenset[str] = frozenset({*_OF_VALUES, *_OF_GROUPS})
"""What a formula may say that the core does not have."""
