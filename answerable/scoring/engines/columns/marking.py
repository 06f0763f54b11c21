"""From indicators to grades: every step of a plan put into a sheet of exact columns, one row per assessed unit.

Points that add up exactly can have any denominators, so their sums are kept as a *span*: two fixed-point numbers the
sum lies between. A rounding, a grade or a place is taken from a span only where both ends agree; else the exact sum
decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce

from answerable.definition.formula import Expression, Name
from answerable.scoring.engines.columns.figuring import Figuring
from answerable.scoring.engines.columns.operations import (
    FALSE,
    TRUE,
    Term,
    add,
    both,
    choose,
    either,
    equal,
    floor_divide,
    greatest,
    leaves,
    less,
    multiply,
    negation,
    number,
    text,
    words,
)
from answerable.scoring.engines.columns.plan import Adjust, Branch, Plan, Points, Stepping
from answerable.scoring.engines.columns.quantities import (
    CODES,
    Quantity,
    Value,
    chosen,
    compared,
    divided,
    exactly,
    larger,
    lower,
    plus,
    reaches,
    rounded,
    smaller,
    times,
)
from answerable.scoring.engines.columns.sheet import Sheet

__all__ = ["FINE", "Marking"]

FINE = 10**15
"""The fixed point of spans."""
_NOTHING = exactly(Fraction(0))


@dataclass(frozen=True)
class Span:
    """Two quantities a number lies between, both included; where they are one object, it is that number."""

    low: Quantity
    high: Quantity

    @property
    def exact(self) -> bool:
        """Whether both ends are the number itself."""
        return self.low is self.high


def _point(value: Quantity) -> Span:
    return Span(value, value)


def _each_end(of: Callable[..., Quantity], *spans: Span) -> Span:
    """A growing function of numbers, of their spans."""
    low = of(*(span.low for span in spans))
    return _point(low) if all(span.exact for span in spans) else Span(low, of(*(span.high for span in spans)))


class Marking(Figuring):
    """Puts the rest of a plan into a sheet, step by step.

    Columns: `n:ID.points`, `.exempt`, `.gone` of nodes, `v:ID.holds` of vetoes, `t.…` of the total.
    """

    def __init__(self, plan: Plan, sheet: Sheet) -> None:
        super().__init__(plan, sheet)
        self.spans: dict[str, Span] = {}
        self.available: dict[str, Quantity] = {}
        self.exempt: dict[str, Term] = {}
        self.gone: dict[str, Term] = {}
        self.undecided: set[tuple[str, int]] = set()

    # -- the tree of points ----------------------------------------------------------------------------------------

    def tree(self) -> None:
        """Items, adjustments, parts: points as shown, and what each adds."""
        put: dict[str, Term] = {}
        for veto in self.plan.vetoes:
            value = self.figure(veto.figure)
            put[f"v:{veto.id}.holds"] = both(equal(value.gone, number(0)), less(number(0), value.num))
        self.sheet.put(put)
        self._marked({one.id: chosen(self._emptied(one.id), _NOTHING, self._item(one)) for one in self.plan.points})
        waiting = list(self.plan.branches)
        while waiting:
            ready = [one for one in waiting if all(child in self.spans for child in one.children)]
            self._branches(ready)
            waiting = [one for one in waiting if one not in ready]
        self._marked({one.id: self._adjustment(one) for one in self.plan.adjustments})

    def _marked(self, exact: Mapping[str, Quantity]) -> None:
        """Put the points of items or adjustments, as shown and as they add."""
        stages = self.plan.rounding
        put: dict[str, Term] = {}
        for name, value in exact.items():
            put |= {f"n:{name}.exempt": self.exempt[name], f"n:{name}.points": rounded(value, stages.item)}
            put |= {f"n:{name}.gone": self.gone[name]}
            if stages.add == "exact":
                put |= {f"n:{name}.num": value.num, f"n:{name}.den": value.den}
        self.sheet.put(put)
        self._spans(list(exact))

    def _emptied(self, name: str) -> Term:
        """Whether a veto leaves a node without points."""
        held = (self.sheet[f"v:{veto.id}.holds"] for veto in self.plan.vetoes if veto.node == name)
        return reduce(either, held, FALSE)

    def _item(self, item: Points) -> Quantity:
        value = self.figure(item.figure)

        def leaf(expression: Expression) -> Value | None:
            if not isinstance(expression, Name):
                return None
            return Quantity(value.num, value.den) if expression.name == "value" else self.figure(expression.name)

        points = lower(item.formula, leaf)
        assert isinstance(points, Quantity)
        gone = choose(less(number(0), value.gone), value.gone, points.gone)
        self.gone[item.id] = gone
        points = Quantity(points.num, points.den)
        for reason, fate in item.fates.items():
            full = exactly(item.points) if fate == "full" else _NOTHING
            points = chosen(equal(gone, number(CODES[reason])), full, points)
        exempting = [CODES[reason] for reason, fate in item.fates.items() if fate == "exempt"]
        self.exempt[item.id] = _one_of(gone, exempting)
        self.available[item.id] = chosen(self.exempt[item.id], _NOTHING, exactly(item.points))
        return points

    def _adjustment(self, one: Adjust) -> Quantity:
        value = self.figure(one.figure)
        points = times(exactly(one.each), Quantity(value.num, value.den))
        capped = larger(exactly(-one.cap), smaller(exactly(one.cap), points))
        self.gone[one.id] = value.gone
        self.exempt[one.id] = less(number(0), value.gone)
        if one.base is not None:
            capped = chosen(self._base_allows(one.id, *one.base), capped, _NOTHING)
        return chosen(self.exempt[one.id], _NOTHING, capped)

    def _base_allows(self, name: str, op: str, threshold: Fraction) -> Term:
        """Whether what the tree gives, of all points, meets a threshold; where all is exempt it does not."""
        tree = self.plan.total.tree

        def read(value: Quantity) -> Term:
            return choose(compared(op, value, exactly(threshold)), number(1), number(0))

        base = _each_end(lambda value: self._rescaled(value, self.available[tree]), self.spans[tree])
        assessed = negation(self.exempt[tree])
        self._settle(f"b:{name}.allows", base, read, self._exact_base, assessed)
        return both(assessed, equal(self.sheet[f"b:{name}.allows"], number(1)))

    def _spans(self, names: Sequence[str]) -> None:
        stages = self.plan.rounding
        if stages.add == "rounded":
            scale = number(10**stages.item.decimals)
            self.spans |= {name: _point(Quantity(self.sheet[f"n:{name}.points"], scale)) for name in names}
            return
        put: dict[str, Term] = {}
        for name in names:
            moved = times(Quantity(self.sheet[f"n:{name}.num"], self.sheet[f"n:{name}.den"]), exactly(Fraction(FINE)))
            low = floor_divide(moved.num, moved.den)
            put[f"n:{name}.low"] = low
            rest = less(multiply(low, moved.den), moved.num)
            put[f"n:{name}.high"] = add(low, choose(rest, number(1), number(0)))
        self.sheet.put(put)
        for name in names:
            ends = [Quantity(self.sheet[f"n:{name}.{end}"], number(FINE)) for end in ("low", "high")]
            self.spans[name] = Span(*ends) if ends[0].num is not ends[1].num else _point(ends[0])

    def _branches(self, branches: Sequence[Branch]) -> None:
        """Parts whose children are all there."""
        item = self.plan.rounding.item
        spans: dict[str, Span] = {}
        available: dict[str, Quantity] = {}
        put: dict[str, Term] = {}
        for branch in branches:
            name, children = branch.id, branch.children
            together = reduce(partial(_each_end, plus), (self.spans[child] for child in children))
            available[name] = reduce(plus, (self.available[child] for child in children))
            put[f"n:{name}.exempt"] = exempt = self._too_few(branch)
            if branch.at_least > 1:
                available[name] = chosen(exempt, _NOTHING, available[name])
                together = _each_end(partial(chosen, exempt, _NOTHING), together)
            if branch.renormalised:
                together = self._renormalised(branch, together, available[name], exempt)
                available[name] = chosen(exempt, _NOTHING, exactly(branch.points))
            spans[name] = _each_end(partial(chosen, self._emptied(name), _NOTHING), together)
            put[f"n:{name}.available"] = rounded(available[name], item)
            put[f"n:{name}.low"], put[f"n:{name}.high"] = spans[name].low.num, spans[name].high.num
            put[f"n:{name}.sum"] = available[name].num
        self.sheet.put(put)
        for name, span in spans.items():
            low = Quantity(self.sheet[f"n:{name}.low"], span.low.den)
            high = low if span.exact else Quantity(self.sheet[f"n:{name}.high"], span.high.den)
            self.exempt[name] = self.sheet[f"n:{name}.exempt"]
            self.spans[name] = Span(low, high)
            self.available[name] = Quantity(self.sheet[f"n:{name}.sum"], available[name].den)
            read = partial(rounded, rounding=item)
            self._settle(f"n:{name}.points", self.spans[name], read, self.exact_node(name))

    def _too_few(self, branch: Branch) -> Term:
        """Whether a part has fewer assessable children than it must have."""
        exempt = [self.exempt[child] for child in branch.children]
        if branch.at_least == 1:
            return reduce(both, exempt)
        assessable = reduce(add, (choose(one, number(0), number(1)) for one in exempt))
        return less(assessable, number(branch.at_least))

    def _renormalised(self, branch: Branch, span: Span, available: Quantity, exempt: Term) -> Span:
        """What was earned, of all points of the part; printed and added as an item is."""

        def whole(value: Quantity) -> Quantity:
            moved = divided(times(value, exactly(branch.points)), available)
            return chosen(exempt, _NOTHING, Quantity(moved.num, moved.den))

        name, item = branch.id, self.plan.rounding.item
        if self.plan.rounding.add == "rounded":
            # Children add as printed, so the span is a point.
            self.sheet.put({f"n:{name}.whole": rounded(whole(span.low), item)})
            return _point(Quantity(self.sheet[f"n:{name}.whole"], number(10**item.decimals)))
        low, high = (times(whole(end), exactly(Fraction(FINE))) for end in (span.low, span.high))
        down, up = floor_divide(low.num, low.den), floor_divide(high.num, high.den)
        rest = less(multiply(up, high.den), high.num)
        self.sheet.put({f"n:{name}.down": down, f"n:{name}.up": add(up, choose(rest, number(1), number(0)))})
        return Span(*(Quantity(self.sheet[f"n:{name}.{end}"], number(FINE)) for end in ("down", "up")))

    def _settle(
        self,
        name: str,
        span: Span,
        read: Callable[[Quantity], Term],
        exact: Callable[[int], Fraction],
        where: Term = TRUE,
    ) -> None:
        """Put what is read of a span: where both ends say the same it is that, else what the exact number says."""
        self.sheet.put({name: read(span.low)})
        if span.exact:
            return
        self.sheet.put({f"{name}>": read(span.high)})
        rows = self.sheet.rows_where(both(where, negation(equal(self.sheet[name], self.sheet[f"{name}>"]))))
        if rows:
            self.undecided |= {(name.rpartition(".")[0], row) for row in rows}
            values = {row: self.sheet.plain(read(exactly(exact(row))), row) for row in rows}
            self.sheet.correct(name, {row: value for row, value in values.items() if isinstance(value, int)})

    # -- total, grade ----------------------------------------------------------------------------------------------

    def total(self) -> None:
        """The total as a span, as shown, and whether the unit is rated."""
        total, stages = self.plan.total, self.plan.rounding
        available = self.available[total.tree]
        rated = reaches(available, exactly(total.rated_from))
        rescaled = _each_end(lambda value: self._rescaled(value, available), self.spans[total.tree])
        together = reduce(partial(_each_end, plus), self._adjustments(), rescaled)
        kept = _each_end(lambda value: larger(_NOTHING, smaller(exactly(total.full), self._capped(value))), together)
        put = {"t.rated": rated, "t.low": kept.low.num, "t.low_den": kept.low.den}
        if not kept.exact:
            put |= {"t.high": kept.high.num, "t.high_den": kept.high.den}
        self.sheet.put(put)
        low = Quantity(self.sheet["t.low"], self.sheet["t.low_den"])
        high = low if kept.exact else Quantity(self.sheet["t.high"], self.sheet["t.high_den"])
        self.spans["t"] = Span(low, high)
        rated = self.sheet["t.rated"]
        self._settle("t.points", self.spans["t"], lambda value: rounded(value, stages.total), self.exact_total, rated)

    def _adjustments(self) -> list[Span]:
        """What all adjustments give, and what they take, each kept within what it may be in all."""
        total = self.plan.total
        spans = [self.spans[name] for name in total.adjustments]
        if total.more is None and total.off is None:
            return spans
        sides = []
        for kept, most in ((larger, total.more), (smaller, None if total.off is None else -total.off)):
            parts = [_each_end(partial(kept, _NOTHING), span) for span in spans]
            together = reduce(partial(_each_end, plus), parts, _point(_NOTHING))
            back = smaller if kept is larger else larger
            sides.append(together if most is None else _each_end(partial(back, exactly(most)), together))
        return sides

    def _capped(self, value: Quantity) -> Quantity:
        """The total, where a veto limits it."""
        for veto in self.plan.vetoes:
            if veto.total is not None:
                value = chosen(self.sheet[f"v:{veto.id}.holds"], smaller(exactly(veto.total), value), value)
        return value

    def _rescaled(self, value: Quantity, available: Quantity) -> Quantity:
        full = exactly(self.plan.total.full)
        if available.num.known and available.num.value != 0 and reaches(available, full) is TRUE:
            return value
        moved = divided(times(value, full), available)
        return Quantity(moved.num, moved.den)

    def grade(self) -> None:
        """The place of the grade among the bands, before and after vetoes."""
        grading, sheet = self.plan.grading, self.sheet
        rated = sheet["t.rated"]
        span = self.spans["t"]
        if grading.on == "rounded":
            scale = number(10**self.plan.rounding.total.decimals)
            span = _point(Quantity(sheet["t.points"], scale))
        self._settle("t.reached", span, self._below, self.exact_total, rated)
        place = sheet["t.reached"]
        for at, (grade, node, share) in enumerate(grading.floors):
            short = self._falls_short(f"m:{at}.short", node, share)
            place = greatest(place, choose(short, number(grade + 1), number(0)))
        for step in self.plan.steppings:
            value = self.figure(step.figure)
            holds = both(equal(value.gone, number(0)), less(number(0), value.num))
            sheet.put({f"s:{step.id}.place": place})
            place = choose(holds, _stepped(step, sheet[f"s:{step.id}.place"]), sheet[f"s:{step.id}.place"])
        sheet.put({"t.before_veto": place})
        place = sheet["t.before_veto"]
        fixed = number(-1)
        for veto in self.plan.vetoes:
            holds = sheet[f"v:{veto.id}.holds"]
            place = greatest(place, choose(holds, number(veto.at_most), number(0)))
            if veto.fixed is not None:
                fixed = greatest(fixed, choose(holds, number(veto.fixed), number(-1)))
        is_fixed = less(number(-1), fixed)
        graded = choose(rated, greatest(place, fixed), fixed)
        sheet.put({"t.graded": either(rated, is_fixed), "t.grade": choose(less(graded, number(0)), number(0), graded)})

    def _below(self, value: Quantity) -> Term:
        """How many grades begin above a total."""
        grading = self.plan.grading
        count = number(0)
        for at, (_, start) in enumerate(grading.bands[:-1]):
            short = negation(reaches(value, exactly(start)))
            for kinds, starts in grading.others:
                among = reduce(either, (equal(text("unit.kind"), words(kind)) for kind in kinds))
                short = choose(among, negation(reaches(value, exactly(starts[at]))), short)
            count = add(count, choose(short, number(1), number(0)))
        return count

    def _falls_short(self, name: str, node: str, share: Fraction) -> Term:
        """Whether a node that is not exempt has less than a share of its points."""
        needed = times(exactly(share), self.available[node])

        def read(value: Quantity) -> Term:
            return choose(reaches(value, Quantity(needed.num, needed.den)), number(0), number(1))

        self._settle(name, self.spans[node], read, self.exact_node(node))
        return both(negation(self.exempt[node]), equal(self.sheet[name], number(1)))

    # -- exact sums, for the few rows that need them ---------------------------------------------------------------

    def exact_node(self, name: str) -> Callable[[int], Fraction]:
        """The exact points of a node in one row."""
        children = next((one.children for one in self.plan.branches if one.id == name), None)
        if children is None:
            return lambda row: Fraction(self._whole(f"n:{name}.num", row), self._whole(f"n:{name}.den", row))
        branch = next(one for one in self.plan.branches if one.id == name)
        parts = [self.exact_node(child) for child in branch.children]
        nothing = either(self._emptied(name), self.exempt[name])

        def of(row: int) -> Fraction:
            if self.sheet.plain(nothing, row):
                return Fraction(0)
            together = sum((part(row) for part in parts), Fraction(0))
            if not branch.renormalised:
                return together
            open_ones = [self.available[child] for child in branch.children]
            available = sum(
                (Fraction(self._plain(one.num, row), self._den(one, row)) for one in open_ones), Fraction(0)
            )
            return together * branch.points / available

        return of

    def _exact_base(self, row: int) -> Fraction:
        """What the tree gives in one row, of all points."""
        total = self.plan.total
        available = self.available[total.tree]
        earned = self.exact_node(total.tree)(row) * total.full * self._den(available, row)
        return earned / Fraction(self._plain(available.num, row))

    def exact_total(self, row: int) -> Fraction:
        """The exact total in one row."""
        total = self.plan.total
        found = [self.exact_node(name)(row) for name in total.adjustments]
        more, off = sum(max(one, Fraction(0)) for one in found), sum(max(-one, Fraction(0)) for one in found)
        more = more if total.more is None else min(more, total.more)
        off = off if total.off is None else min(off, total.off)
        together = self._exact_base(row) + more - off
        held = [veto for veto in self.plan.vetoes if self.sheet.plain(self.sheet[f"v:{veto.id}.holds"], row)]
        most = [veto.total for veto in held if veto.total is not None]
        return max(Fraction(0), min([total.full, together, *most]))

    def exact_totals(self, rows: Sequence[int]) -> list[Fraction]:
        """The exact totals of some rows; of rows that are alike in all a total is made of, one is computed."""
        read = [value for one in self.available.values() for value in (one.num, one.den)]
        read += [*self.exempt.values(), *(self.sheet[f"v:{veto.id}.holds"] for veto in self.plan.vetoes)]
        read += [self.sheet[f"n:{one.id}.{end}"] for one in self._leaves() for end in ("num", "den")]
        alike = self.sheet.alike({leaf.name for term in read for leaf in leaves(term)}, rows)
        self.undecided |= {("t", row) for row in set(alike)}
        totals = {row: self.exact_total(row) for row in set(alike)}
        return [totals[row] for row in alike]

    def _leaves(self) -> tuple[Points | Adjust, ...]:
        return (*self.plan.points, *self.plan.adjustments)

    def _den(self, value: Quantity, row: int) -> int:
        return self._plain(value.den, row)

    def _whole(self, name: str, row: int) -> int:
        return self._plain(self.sheet[name], row)

    def _plain(self, term: Term, row: int) -> int:
        value = self.sheet.plain(term, row)
        assert isinstance(value, int)
        return value


def _stepped(step: Stepping, place: Term) -> Term:
    """One grade up or down, where the bound lies beyond it."""
    bound = number(step.bound)
    if step.up:
        return choose(less(bound, place), add(place, number(-1)), place)
    return choose(less(place, bound), add(place, number(1)), place)


def _one_of(code: Term, codes: Sequence[int]) -> Term:
    return reduce(either, (equal(code, number(one)) for one in codes), FALSE)
