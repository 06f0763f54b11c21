"""From gathered figures to indicators, put into a sheet of exact columns, one row per assessed unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from answerable.definition.formula import Across, ColumnOf, Expression, Name, walk
from answerable.definition.measures import is_irrational
from answerable.scoring.engines.columns.across import Operand, entered, group_quantity
from answerable.scoring.engines.columns.gather import RowTerms, reason_of
from answerable.scoring.engines.columns.irrational import Absent, rounded_value
from answerable.scoring.engines.columns.irrational import Leaf as LeafOfRow
from answerable.scoring.engines.columns.operations import (
    Plain,
    Term,
    add,
    both,
    choose,
    equal,
    greatest,
    less,
    negation,
    number,
    text,
)
from answerable.scoring.engines.columns.plan import Aggregated, Figure, Gather, Plan
from answerable.scoring.engines.columns.quantities import (
    CODES,
    Leaf,
    Quantity,
    Value,
    Words,
    chosen,
    divided,
    exactly,
    larger,
    lower,
    plus,
    rounded,
    smaller,
    times,
)
from answerable.scoring.engines.columns.registry import grouped_by
from answerable.scoring.engines.columns.sheet import Sheet
from answerable.scoring.engines.columns.stated import stated_quantity

__all__ = ["Figuring", "too_few"]

_NOTHING = exactly(Fraction(0))


def too_few(sheet: Sheet, gather: Gather, unfiled: Term, row: RowTerms) -> Term:
    """Whether fewer whole rows remain than a gathering that leaves the others out must have."""
    return less(_counted(sheet, f"{gather.name}.whole", unfiled, row.whole), number(gather.at_least))


def _counted(sheet: Sheet, name: str, unfiled: Term, each: Term) -> Term:
    """A count over the rows filed, and as many again as rows nobody filed where these count."""
    return add(sheet[name], choose(each, unfiled, number(0)))


class Figuring:
    """Puts the indicators of a plan into a sheet.

    Columns: `i:ID.num`, `.den`, `.gone` and on demand `.shown` of indicators; `g:…` of groups, `x:…` of parts.
    """

    def __init__(self, plan: Plan, sheet: Sheet) -> None:
        self.plan = plan
        self.sheet = sheet

    def figures(self, figures: Sequence[Figure], known: Callable[[Gather], tuple[RowTerms, Term, RowTerms]]) -> None:
        """Indicators for which all they name is there."""
        self.sheet.put({name: term for one in figures for name, term in self._figure(one, known).items()})

    def _figure(self, figure: Figure, known: Callable[[Gather], tuple[RowTerms, Term, RowTerms]]) -> dict[str, Term]:
        values: dict[str, Quantity] = {}
        gone = number(0)
        for gather in figure.gathers:
            terms, unfiled, row = known(gather)
            gone = greatest(gone, self._gone(gather, unfiled, row))
            for one in gather.aggregates:
                values[one.name] = self._aggregate(one, terms, unfiled, row)

        def leaf(expression: Expression) -> Value | None:
            match expression:
                case Name(name):
                    return values[name] if name in values else self.figure(name)
                case Across():
                    return group_quantity(self.sheet, expression)
                case ColumnOf("unit", name):
                    return Words(text(f"unit.{name}"))
                case ColumnOf(of, name):
                    return stated_quantity(self.sheet, of, name)
                case _:
                    return None

        if is_irrational(figure.formula):
            self._irrational(figure, leaf, gone)
            return {}
        value = lower(figure.formula, leaf)
        assert isinstance(value, Quantity)
        # An absence in the rows prevails over whatever the formula would say.
        gone = choose(less(number(0), gone), gone, value.gone)
        return {f"i:{figure.id}.num": value.num, f"i:{figure.id}.den": value.den, f"i:{figure.id}.gone": gone}

    def operand(self, asked: Across) -> Operand:
        """What the units of this sheet bring to a figure across groups."""
        rounding, name, sheet = self.plan.rounding.indicator, asked.of.name, self.sheet
        if f"i:{name}.shown" not in sheet:
            sheet.put({f"i:{name}.shown": rounded(self.figure(name), rounding)})
        within = [] if asked.within == "kind" else [f"unit.{grouped_by(asked.within)}"]
        keys = zip(*(sheet.cells(sheet[one]) for one in ("unit.kind", *within)), strict=True)
        shown, gone = (sheet.cells(one) for one in (sheet[f"i:{name}.shown"], self.figure(name).gone))
        units = [str(unit) for unit in sheet.cells(sheet["unit.unit"])]
        return Operand(units, list(keys), [int(str(cell or 0)) for cell in shown], [int(str(code)) for code in gone])

    def _irrational(self, figure: Figure, leaf: Leaf, gone: Term) -> None:
        """An indicator that need not be a fraction: its rounded value, row by row."""
        name, rounding, sheet = figure.id, self.plan.rounding.indicator, self.sheet
        parts = dict.fromkeys(part for part in walk(figure.formula) if isinstance(part, Name | Across | ColumnOf))
        cells: dict[Expression, Sequence[Sequence[Plain]]] = {}
        for at, part in enumerate(parts):
            value = leaf(part)
            assert isinstance(value, Quantity | Words)
            terms = (value.num, value.den, value.gone) if isinstance(value, Quantity) else (value.text, value.gone)
            names = [f"x:{name}.{at}.{place}" for place in range(len(terms))]
            sheet.put(dict(zip(names, terms, strict=True)))
            cells[part] = [sheet.cells(sheet[one]) for one in names]
        sheet.put({f"x:{name}.gone": gone})
        made = [
            Absent(int(why or 0)) if why else rounded_value(figure.formula, _row_of(cells, row), rounding)
            for row, why in enumerate(sheet.cells(sheet[f"x:{name}.gone"]))
        ]
        sheet.sent |= {(f"i:{name}", row) for row, why in enumerate(sheet.cells(sheet[f"x:{name}.gone"])) if not why}
        nums = [0 if isinstance(one, Absent) else one for one in made]
        codes = [one.code if isinstance(one, Absent) else 0 for one in made]
        entered(sheet, {f"i:{name}.num": nums, f"i:{name}.gone": codes})
        sheet.put({f"i:{name}.den": number(10**rounding.decimals)})

    def figure(self, name: str) -> Quantity:
        """An indicator that is in the sheet."""
        return Quantity(*(self.sheet[f"i:{name}.{part}"] for part in ("num", "den", "gone")))

    def _count(self, name: str, unfiled: Term, each: Term) -> Term:
        return _counted(self.sheet, name, unfiled, each)

    def _gone(self, gather: Gather, unfiled: Term, row: RowTerms) -> Term:
        """Why the rows give no value; the reason that prevails is the greatest code of any row that is not whole."""
        if not gather.cells:
            return number(0)
        reason = greatest(self.sheet[reason_of(gather)], choose(less(number(0), unfiled), row.reason, number(0)))
        left_out = number(CODES["not_applicable"])
        if gather.missing == "skip":
            return choose(too_few(self.sheet, gather, unfiled, row), greatest(reason, left_out), number(0))
        if f"{gather.name}.whole" not in self.sheet:
            # No row can be left out.
            return reason
        whole = _counted(self.sheet, f"{gather.name}.whole", unfiled, row.whole)
        some = both(equal(reason, left_out), less(number(0), whole))
        return choose(some, number(0), reason)

    def shown(self, name: str) -> Term:
        """An indicator as it leaves the house, rounded: made for all when the first is asked for."""
        if f"i:{name}.shown" not in self.sheet:
            rounding, figures = self.plan.rounding.indicator, self.plan.figures
            ahead = [one for one in figures if f"i:{one.id}.shown" not in self.sheet]
            self.sheet.put({f"i:{one.id}.shown": rounded(self.figure(one.id), rounding) for one in ahead})
        return self.sheet[f"i:{name}.shown"]

    def _aggregate(self, one: Aggregated, terms: RowTerms, unfiled: Term, row: RowTerms) -> Quantity:
        takes = row.takes[one.name]
        if one.op == "count":
            return Quantity(self._count(f"{one.name}.count", unfiled, takes))
        den, of_row = terms.values[one.name].den, row.values.get(one.name, _NOTHING)
        if one.op in ("sum", "mean"):
            filed = Quantity(self.sheet[f"{one.name}.sum"], den)
            together = plus(filed, times(of_row, Quantity(choose(takes, unfiled, number(0)))))
            if one.op == "sum":
                return together
            return divided(together, Quantity(self._count(f"{one.name}.count", unfiled, takes)))
        return self._end(one, Quantity(self.sheet[f"{one.name}.{one.op}"], den), unfiled, takes, of_row)

    def _end(self, one: Aggregated, filed: Quantity, unfiled: Term, takes: Term, of_row: Quantity) -> Quantity:
        """The least or the greatest, of rows filed and of rows nobody filed."""
        none_filed = equal(self.sheet[f"{one.name}.count"], number(0))
        some_unfiled = both(takes, less(number(0), unfiled))
        either_one = (smaller if one.op == "min" else larger)(filed, of_row)
        value = chosen(none_filed, of_row, chosen(some_unfiled, either_one, filed))
        nothing = both(none_filed, negation(some_unfiled))
        return Quantity(value.num, value.den, choose(nothing, number(CODES["undefined"]), number(0)))


def _row_of(cells: Mapping[Expression, Sequence[Sequence[Plain]]], row: int) -> LeafOfRow:
    """What the parts of a formula are in one row."""

    def leaf(part: Name | Across | ColumnOf) -> Fraction | str | Absent:
        *known, gone = (one[row] for one in cells[part])
        if gone:
            return Absent(int(gone))
        return str(known[0]) if len(known) == 1 else Fraction(int(known[0] or 0), int(known[1] or 1))

    return leaf
