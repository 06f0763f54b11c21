"""Random sound programmes and random tables for them, as small as they can be and still go everywhere.

Everything is made from choices, so that the same code serves hypothesis (which shrinks what fails) and a plain seeded
generator (which is fast).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

from answerable.definition import Programme, read, schemas
from answerable.values.period import Month, Period
from answerable.values.table import Table, Tables

T = TypeVar("T")
WORDS = {"zh": "名", "en": "name"}


class Choices(Protocol):
    """Where a generator takes its decisions from."""

    def pick(self, options: Sequence[T]) -> T: ...

    def between(self, low: int, high: int) -> int: ...


class Seeded:
    """Decisions from a seed: fast."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def between(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


class Drawn:
    """Decisions from hypothesis: what fails is made small."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def pick(self, options: Sequence[T]) -> T:
        return options[self.between(0, len(options) - 1)]

    def between(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))


@dataclass
class Case:
    """A programme, its source, and tables to score for a period."""

    source: str
    programme: Programme
    tables: Tables
    period: Period


def case(choices: Choices) -> Case:
    """A random case."""
    source = json.dumps(Writer(choices).programme(), ensure_ascii=False, indent=1)
    programme = read(source.encode())
    start = Month(2025, choices.between(2, 5))
    period = Period(start, start.plus(choices.between(1, 3)))
    return Case(source, programme, Tabler(choices, programme, period).tables(), period)


@st.composite
def cases(draw: Any) -> Case:
    """Random cases for hypothesis."""
    return case(Drawn(draw))


# -- programmes ----------------------------------------------------------------------------------------------------

EXACT = ("0.5", "1", "2", "3", "90%", "0.333", "1.5", "12.5%", "7", "100")
NUMBERS = ("0", "1", "2", "3", "0.5", "1.005", "10", "33.3%", "100", "1000")
SUMS = ("sum", "sum", "sum", "mean", "min", "max")


@dataclass
class Writer:
    """Writes a programme as the mapping its YAML would be."""

    choices: Choices
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def pick(self, options: Sequence[T]) -> T:
        return self.choices.pick(options)

    def chance(self, percent: int) -> bool:
        return self.choices.between(1, 100) > 100 - percent

    def programme(self) -> dict[str, Any]:
        pick = self.pick
        forms = [self.form(f"f{at}") for at in range(self.choices.between(1, 2))]
        indicators = [self.indicator(f"i{at}") for at in range(self.choices.between(1, 4))]
        # Totals coarser than points, so that what is read rounded and what is read exactly differ.
        decimals = {"indicator": "012", "item": "01224", "total": "0012"}
        rounding = {stage: self.rounding(choice) for stage, choice in decimals.items()}
        self.finest = int(rounding["item"]["decimals"])
        nodes = self.nodes()
        self.ids = [one["id"] for node in nodes for one in (node, *node.get("children", []))]
        full = self.together(nodes)
        grades = self.grades(full)
        return {
            "programme": "random",
            "version": "1",
            "title": WORDS,
            "office": WORDS,
            "legal_basis": ["law#1"],
            "in_force": {"from": "2024-01-01", "until": "2027-01-01"},
            "time_zone": pick(("Asia/Shanghai", "UTC", "America/New_York", "Africa/Freetown")),
            "units": {"kinds": {"village": WORDS, "town": WORDS}, "assess": pick((["village"], ["village", "town"]))},
            **({"agreement": {"sign_by": pick(("01-31", "02-10"))}} if self.chance(60) else {}),
            "sources": [{"id": "law", "title": WORDS}],
            "forms": forms,
            "findings": [{"id": "fault", "title": WORDS, "clause": "law#2", "topic": "process"}],
            "indicators": indicators,
            "tree": nodes,
            "adjustments": [self.adjustment(f"a{at}") for at in range(self.choices.between(0, 2))],
            "vetoes": self.vetoes(grades),
            "grades": grades,
            "ranks": [self.rank(f"r{at}") for at in range(self.choices.between(0, 2))],
            "rounding": {**rounding, "add": pick(("rounded", "exact"))},
        }

    def rounding(self, decimals: str) -> dict[str, str]:
        return {"mode": self.pick(("half_up", "half_even", "down", "up")), "decimals": self.pick(decimals)}

    def form(self, name: str) -> dict[str, Any]:
        measures = ("count", "count", "money", "quantity", "flag")
        fields = [self.field(f"{name}x{at}", self.pick(measures)) for at in range(self.choices.between(1, 3))]
        self.fields[name] = {one["id"]: one["measure"] for one in fields}
        return {
            "id": name,
            "title": WORDS,
            "owner": "office",
            "clause": "law#3",
            "due": {"day": str(self.choices.between(1, 28)), "months_after": str(self.choices.between(0, 2))},
            "fields": fields,
        }

    def field(self, name: str, measure: str) -> dict[str, Any]:
        decimals = {"decimals": str(self.choices.between(0, 3))} if measure == "quantity" else {}
        return {
            "id": name,
            "title": {"zh": f"名 {name}", "en": f"name {name}"},
            "measure": measure,
            "topic": "process",
            "owner": "office",
            "use": "context",
            "blank": self.pick(("missing", "zero")),
            **decimals,
        }

    def indicator(self, name: str) -> dict[str, Any]:
        kind = self.pick(("count", "share", "share"))
        formula = self.of_unit(kind, 3)
        self.kinds[name] = kind
        missing: Any = self.pick(("unassessable", "zero", "skip"))
        if missing == "skip":
            missing = {"do": "skip", "at_least": str(self.choices.between(1, 3))}
        return {"id": name, "title": WORDS, "formula": formula, "missing": missing, "show": "number"}

    # -- formulas: text of a wanted kind ---------------------------------------------------------------------------

    def of_unit(self, kind: str, depth: int) -> str:
        """A formula with one value per unit."""
        if depth == 0 or (kind == "count" and self.chance(40)):
            return self.aggregate(kind) if kind != "share" else self.ratio(0)
        known = [name for name, one in self.kinds.items() if one == kind]
        if known and self.chance(25):
            return self.pick(known)
        if self.kinds and self.chance(12):
            return self.of_group(kind, depth)
        if kind == "share" and self.chance(8):
            return self.no_fraction(depth - 1)
        if kind == "share" and self.chance(60):
            return self.ratio(depth - 1)
        one, other = self.of_unit(kind, depth - 1), self.of_unit_or_number(kind, depth - 1)
        match self.pick(("+", "-", "*", "if", "least", "greatest", "abs", "floor", "ceiling", "otherwise", "neg")):
            case "+":
                return f"({one} + {other})"
            case "-":
                return f"({one} - {other})"
            case "*":
                return f"{one} * {self.pick(NUMBERS)}"
            case "if":
                return f"if({self.truth(depth - 1)}, {one}, {other})"
            case "ceiling":
                return f"ceiling({one} * {self.pick(NUMBERS)})"
            case "otherwise":
                return f"otherwise({one}, {other})"
            case "least":
                return f"least({one}, {other})"
            case "greatest":
                return f"greatest({other}, {one})"
            case "abs":
                return f"abs({one})"
            case "floor":
                return f"floor({one})"
            case _:
                return f"-{one}"

    def of_group(self, kind: str, depth: int) -> str:
        """Something across the units of a group, of a wanted kind."""
        within = self.pick(("kind", "peer_group", "parent", "town"))
        like = [name for name, one in self.kinds.items() if one == kind]
        if kind == "count" and (not like or self.chance(50)):
            return f"{self.pick(('rank', 'count'))}({self.pick(list(self.kinds))} within {within})"
        shares = [name for name, one in self.kinds.items() if one == "share"]
        if kind == "share" and shares and self.chance(30):
            return f"variance({self.pick(shares)} within {within})"
        if not like:
            return self.aggregate(kind) if kind != "share" else self.ratio(0)
        return f"{self.pick(('sum', 'mean', 'min', 'max', 'median'))}({self.pick(like)} within {within})"

    def no_fraction(self, depth: int) -> str:
        """A root, power, logarithm or exponential of a share."""
        share = self.of_unit("share", max(depth, 0))
        match self.pick(("root", "power", "ln", "exp", "goalposts")):
            case "goalposts":
                return f"goalposts({share}, {self.pick(NUMBERS)}, {self.of_unit_or_number('share', max(depth, 0))})"
            case "root":
                return f"root({share}, {self.pick('23')})"
            case "power":
                return f"power({share}, {self.pick(('0.5', '2', '-1', '1/3', '1.5'))})"
            case "ln":
                return f"ln({share})"
            case _:
                return f"exp(least({share}, 20))"

    def of_unit_or_number(self, kind: str, depth: int) -> str:
        return self.pick(NUMBERS) if self.chance(30) else self.of_unit(kind, depth)

    def ratio(self, depth: int) -> str:
        kinds = {measure for fields in self.fields.values() for measure in fields.values()} - {"flag"}
        kind = self.pick(sorted({*kinds, "count"}))
        return f"({self.of_unit(kind, depth)} / {self.of_unit(kind, depth)})"

    def truth(self, depth: int) -> str:
        match self.pick(("kind", "peer", "compare", "compare", "compare", "and", "or", "not", "same", "known")):
            case "known":
                return f"known({self.of_unit(self.pick(('count', 'share')), max(depth - 1, 0))})"
            case "kind":
                return f'unit.kind {self.pick(("==", "!="))} "{self.pick(("village", "town"))}"'
            case "peer":
                return f'if(unit.kind == "town", "a", unit.peer_group) == "{self.pick(("a", "b", ""))}"'
            case "and" if depth > 0:
                return f"({self.truth(depth - 1)} and {self.truth(depth - 1)})"
            case "or" if depth > 0:
                return f"({self.truth(depth - 1)} or {self.truth(depth - 1)})"
            case "not" if depth > 0:
                return f"(not {self.truth(depth - 1)})"
            case "same" if depth > 0:
                return f"({self.truth(0)}) == ({self.truth(0)})"
        kind = self.pick(("count", "share"))
        op = self.pick(("==", "!=", "<", "<=", ">", ">="))
        return f"({self.of_unit(kind, max(depth - 1, 0))} {op} {self.of_unit_or_number(kind, 0)})"

    def aggregate(self, kind: str) -> str:
        """A sum or count over the rows of a table."""
        forms = [name for name, fields in self.fields.items() if kind in fields.values()]
        if kind != "count":
            form = self.pick(forms)
            return f"{self.pick(SUMS)}({self.of_row(form, kind, 2)}{self.where(form)})"
        match self.pick(("form", "form", "count", "flag", "event", "event")):
            case "form" if forms:
                form = self.pick(forms)
                return f"{self.pick(SUMS)}({self.of_row(form, kind, 2)}{self.where(form)})"
            case "flag":
                form = self.pick(list(self.fields))
                return f"sum({self.row_truth(form, 1)}{self.where(form)})"
            case "event":
                return self.event()
            case _:
                form = self.pick(list(self.fields))
                return f"count({form}{self.where(form)})"

    def event(self) -> str:
        return self.pick(
            (
                "count(agreements where agreements.signed_on_time)",
                "sum(agreements.signed)",
                'count(visits where visits.reason == "drawn")',
                "count(visits)",
                "sum(abs(recounts.reported - recounts.recounted) where recounts.reported > recounts.recounted)",
                'max(recounts.reported where recounts.form == "f0" or recounts.field != "f0x0")',
                'sum(findings.occurrences where findings.status == "confirmed")',
                'count(findings where findings.kind == "fault" and not findings.status == "withdrawn")',
                "count(corrections where corrections.due and not corrections.closed)",
                "sum(corrections.closed_on_time where corrections.due)",
            )
        )

    def where(self, form: str) -> str:
        return f" where {self.row_truth(form, 1)}" if self.chance(35) else ""

    def of_row(self, form: str, kind: str, depth: int) -> str:
        """A formula with one value per row, of a kind the form has a field of."""
        column = f"{form}.{self.pick([name for name, one in self.fields[form].items() if one == kind])}"
        if depth == 0 or self.chance(50):
            return f"previous({column})" if self.chance(12) else column
        one, other = self.of_row(form, kind, depth - 1), self.of_row(form, kind, depth - 1)
        match self.pick(("+", "-", "*", "number", "if", "least", "greatest", "abs", "floor")):
            case "+":
                return f"({one} + {other})"
            case "-":
                return f"({one} - {other})"
            case "*":
                return f"{one} * {self.pick(NUMBERS)}"
            case "number":
                return f"greatest({one}, {self.pick(NUMBERS)})"
            case "if":
                return f"if({self.row_truth(form, depth - 1)}, {one}, {other})"
            case "least":
                return f"least({one}, {other})"
            case "greatest":
                return f"greatest({one}, {other})"
            case "abs":
                return f"abs({one} - {self.pick(NUMBERS)})"
            case _:
                return f"floor({one} * {self.pick(NUMBERS)})"

    def row_truth(self, form: str, depth: int) -> str:
        fields = self.fields[form]
        numbers = [name for name, one in fields.items() if one != "flag"]
        yes = [*(name for name, one in fields.items() if one == "flag"), "filed", "on_time"]
        match self.pick(("flag", "compare", "compare", "and", "or", "not", "previous", "square")):
            case "compare" if numbers:
                name = self.pick(numbers)
                op = self.pick(("==", "!=", "<", "<=", ">", ">="))
                return f"{self.of_row(form, fields[name], 0)} {op} {self.of_row(form, fields[name], 0)}"
            case "square" if numbers:
                name = f"{form}.{self.pick(numbers)}"
                return f"{name} * {name} * {name} > {self.pick(NUMBERS)}"
            case "and" if depth > 0:
                return f"({self.row_truth(form, depth - 1)} and {self.row_truth(form, depth - 1)})"
            case "or" if depth > 0:
                return f"({self.row_truth(form, depth - 1)} or {self.row_truth(form, depth - 1)})"
            case "not" if depth > 0:
                return f"(not {self.row_truth(form, depth - 1)})"
            case "previous" if self.chance(40):
                return f"previous({form}.{self.pick(yes)})"
            case _:
                return f"{form}.{self.pick(yes)}"

    # -- points ----------------------------------------------------------------------------------------------------

    def nodes(self) -> list[dict[str, Any]]:
        nodes = [self.item(f"n{at}") for at in range(self.choices.between(1, 3))]
        if self.chance(50):
            children = [self.item(f"c{at}") for at in range(self.choices.between(1, 2))]
            nodes.append({"id": "part", "title": WORDS, "points": self.together(children), "children": children})
        return nodes

    def together(self, nodes: list[dict[str, Any]]) -> str:
        thousandths = sum(round(float(node["points"]) * 1000) for node in nodes)
        return f"{thousandths // 1000}.{thousandths % 1000:03d}"

    def item(self, name: str) -> dict[str, Any]:
        points = self.pick(("10", "1", "20", *("2.5", "3.33", "1.005")[: self.finest]))
        fates = {
            reason: self.pick(("zero", "full", "exempt")) for reason in ("missing", "suppressed", "not_applicable")
        }
        return {
            "id": name,
            "title": WORDS,
            "points": points,
            "clause": "law#4",
            "indicator": self.pick(list(self.kinds)),
            "rule": self.rule(points),
            "absent": fates | {"undefined": self.pick(("zero", "full", "exempt"))},
        }

    def rule(self, points: str, depth: int = 1) -> dict[str, Any]:
        pick = self.pick
        simple = ("full_or_none", "deduct_per_count", "ratio_to_target", "linear", "bands", "step", "interval")
        match pick((*simple, "agreement", "around", "places", *(("gate", "less", "formula") if depth else ()))):
            case "full_or_none":
                return {"full_or_none": f"{pick(('<', '<=', '>', '>=', '=='))} {pick(NUMBERS)}"}
            case "deduct_per_count":
                return {"deduct_per_count": {"each": pick(EXACT), "floor": pick(("0", "0.5"))}}
            case "ratio_to_target":
                return {"ratio_to_target": pick(EXACT)}
            case "linear":
                zero_at, full_at = pick((("0", "1"), ("1", "0"), ("0.6", "0.95"), ("10", "3"), ("-1.5", "100")))
                return {"linear": {"zero_at": zero_at, "full_at": full_at}}
            case "step":
                step = {"target": pick(NUMBERS), "side": pick(("below", "above")), "per": pick(EXACT)}
                more = {
                    "each": pick(EXACT),
                    "steps": pick(("started", "complete", "exact")),
                    "floor": pick(("0", "0.5")),
                }
                return {"deduct_per_step": step | more}
            case "interval":
                low, high = pick((("0", "1"), ("0.85", "1"), ("-3", "3"), ("2", "2")))
                return {"interval": {"from": low, "to": high}}
            case "agreement":
                return {"agreement": {"full_within": pick(EXACT)}}
            case "around":
                base = {"base": "0.3", "up": pick(EXACT), "most_up": pick(("0", "0.7")), "down": pick(EXACT)}
                return {"around": base | {"most_down": pick(("1", "0.2")), "floor": pick(("0", "-0.5", "0.3"))}}
            case "places":
                return {"rank_points": {"places": [points, "0.75", "0.5"], "otherwise": pick(("0", "0.1"))}}
            case "gate":
                other = {"indicator": pick(list(self.kinds))} if self.chance(50) else {}
                when = f"{pick(('<', '<=', '>', '>=', '=='))} {pick(NUMBERS)}"
                return {"gate": {"when": when, "rule": self.rule(points, 0), **other}}
            case "less":
                inner = {"rule": self.rule(points, 0)} if self.chance(50) else {}
                deductions = [{"indicator": name, "each": pick(EXACT)} for name in list(self.kinds)[:2]]
                return {"less": {"deductions": deductions, "floor": pick(("0", "0.5")), **inner}}
            case "formula":
                return {"formula": {"formula": self.of_rule(), "floor": pick(("0", "-1"))}}
            case _:
                worth = [points, "0.75", "0.5"]
                steps = [
                    {"from": start, "points": worth[at]}
                    for at, start in enumerate(pick((("1",), ("3", "0.5"), ("0.95", "0.9", "0"))))
                ]
                return {"bands": [*steps, {"otherwise": pick(("0", "0.1"))}]}

    def of_rule(self) -> str:
        """Points by a formula: shares only, so that measures fit whatever the item's indicator is."""
        shares = [name for name, kind in self.kinds.items() if kind == "share"] or ["value / value"]
        one, other = self.pick(shares), self.pick(shares)
        return self.pick(
            (
                "value / value * points",
                f"{one} * points",
                f"otherwise({one}, 0.5) * points - {other}",
                f"if({one} >= {other}, points, 0.5 * points)",
                f"{one} / {other}",
                "if(known(value), points, 0)",
                f"points * ({one} + {other}) / 2",
            )
        )

    def adjustment(self, name: str) -> dict[str, Any]:
        base = f"{self.pick(('>', '>=', '<', '<='))} {self.pick(('1', '5', '8', '10'))}"
        return {
            "id": name,
            "title": WORDS,
            "clause": "law#5",
            "indicator": self.pick(list(self.kinds)),
            "each": self.pick(("1", "-1", "-0.333", "0.25")),
            "cap": self.pick(("2", "0.5", "3.333")),
            **({"when_base": base} if self.chance(35) else {}),
        }

    def grades(self, full: str) -> dict[str, Any]:
        rated = self.pick(("0.5", "1", full))
        close = ("12", "8", "5", "3", "2", "1", "0")
        starts = self.pick((("1", "0"), ("10", "2.5", "0"), ("90", "5.01", "5", "0"), close, close))
        bands = [{"grade": f"g{at}", "title": WORDS, "from": start} for at, start in enumerate(starts)]
        made: dict[str, Any] = {"on": self.pick(("rounded", "exact")), "rated_from": rated, "bands": bands}
        if self.chance(30):
            other = [str(round(float(start) * 0.7, 3)) for start in starts]
            moved = [{"grade": f"g{at}", "from": start} for at, start in enumerate(other)]
            made["other_bands"] = [{"kinds": ["village"], "bands": moved}]
        upper = [str(band["grade"]) for band in bands[:-1]]
        if self.chance(40):
            made["minimums"] = [
                {"grade": self.pick(upper), "node": self.pick(self.ids), "at_least": self.pick(("50%", "1", "33.3%"))}
            ]
        if self.chance(40):
            made["quotas"] = [self.quota(grade) for grade in upper[: self.choices.between(1, 2)]]
        return made

    def quota(self, grade: str) -> dict[str, Any]:
        return {
            "grade": grade,
            "at_most": self.pick(("20%", "50%", "34%")),
            "within": self.pick(("kind", "peer_group", "parent", "town")),
            "seats": self.pick(("down", "up", "half_up")),
            "ties": self.pick(("in", "out")),
        }

    def vetoes(self, grades: dict[str, Any]) -> list[dict[str, Any]]:
        counts = [name for name, kind in self.kinds.items() if kind == "count"]
        worse = [band["grade"] for band in grades["bands"][1:]]
        if not counts or not worse:
            return []
        return [
            {
                "id": f"v{at}",
                "title": WORDS,
                "clause": "law#6",
                "legal_basis": "law#7",
                "when": self.pick(counts),
                **self.effect(worse),
            }
            for at in range(self.choices.between(0, 3))
        ]

    def effect(self, worse: list[str]) -> dict[str, str]:
        match self.pick(("at_most", "at_most", "grade", "total", "nothing", "warning")):
            case "grade":
                return {"grade": self.pick(worse)}
            case "total":
                return {"total_at_most": self.pick(("0.5", "0.333", "0"))}
            case "nothing":
                return {"nothing_for": self.pick(self.ids)}
            case "warning":
                return {"warning": "true"}
            case _:
                return {"at_most": self.pick(worse)}

    def rank(self, name: str) -> dict[str, Any]:
        return {
            "id": name,
            "title": WORDS,
            "on": self.pick(("rounded", "exact")),
            "within": self.pick(("kind", "peer_group", "parent", "town")),
            "ties": self.pick(("min", "dense")),
        }


# -- tables --------------------------------------------------------------------------------------------------------

VALUES = (0, 0, 1, 1, 2, 3, 3, 7, 10, 10, 99, 100, -1, -3)
EXTREME = (2**31, -(2**31), 2**33 + 1, 2**62, -(2**62), 2**63 - 1, -(2**63))
STATES = (None, "missing", "not_applicable", "suppressed")


@dataclass
class Tabler:
    """Fills the tables of a programme for the months around a period."""

    choices: Choices
    programme: Programme
    period: Period
    wild: bool = False

    def pick(self, options: Sequence[T]) -> T:
        return self.choices.pick(options)

    def chance(self, percent: int) -> bool:
        return self.choices.between(1, 100) > 100 - percent

    def day(self) -> str:
        return str(self.period.start.day(1) + timedelta(days=self.choices.between(-40, 31 * len(self.period) + 20)))

    def maybe_day(self) -> str | None:
        return self.day() if self.chance(70) else None

    def tables(self) -> Tables:
        self.wild = self.chance(15)
        self.tidy = self.chance(25)
        units = self.units()
        self.codes = [unit["unit"] for unit in units] + ["nobody"]
        rows: dict[str, list[dict[str, Any]]] = {"units": units}
        rows["agreements"] = [self.agreement(code) for code in self.codes if self.chance(60)]
        rows["visits"] = [self.visit(at) for at in range(self.choices.between(0, 3))]
        rows["recounts"] = [self.recount(at) for at in range(self.choices.between(0, 3))]
        rows["findings"] = [self.finding(at) for at in range(self.choices.between(0, 4))]
        rows["corrections"] = [self.correction(at) for at in range(self.choices.between(0, 4))]
        for form in self.programme.forms:
            months = [self.period.start.plus(-1), *self.period, self.period.end]
            rows[f"returns-{form.id}"] = [
                version for code in self.codes for month in months for version in self.versions(code, form.id, month)
            ]
        known = schemas(self.programme)
        present = [name for name in known if name == "units" or rows[name] or self.chance(50)]
        return {name: Table.of_rows(known[name], rows[name]) for name in present}

    def units(self) -> list[dict[str, Any]]:
        codes = [f"{'村' if at % 2 else 'u'}{at}" for at in range(self.choices.between(1, 5))]
        forms = [form.id for form in self.programme.forms]
        rows: list[dict[str, Any]] = []
        for at, code in enumerate(codes):
            parents: list[str | None] = [None, "elsewhere", *codes[:at], *codes[:at]]
            rows.append(
                {
                    "unit": code,
                    "name_zh": "单位",
                    "name_en": "unit",
                    "kind": self.pick(("village", "village", "village", "town")),
                    "parent": self.pick(parents),
                    "peer_group": self.pick((None, "a", "b")),
                    "opened": None if self.tidy or self.chance(70) else self.day(),
                    "closed": None if self.tidy or self.chance(75) else self.day(),
                    "forms": ";".join(forms) if self.tidy or self.chance(70) else self.pick(("", forms[-1], forms[0])),
                }
            )
        return rows

    def versions(self, code: str, form: str, month: Month) -> list[dict[str, Any]]:
        if not self.tidy and self.chance(20):
            return []
        numbers = (1,) if self.tidy else self.pick(((1,), (1,), (1,), (1, 2), (2, 3)))
        return [self.filed(code, form, month, version) for version in numbers]

    def filed(self, code: str, form: str, month: Month, version: int) -> dict[str, Any]:
        row: dict[str, Any] = {
            "unit": code,
            "period": str(month),
            "version": version,
            "received_at": self.received(form, month),
        }
        for one in self.programme.form(form).fields:
            value, state = self.cell(one.measure)
            row |= {one.id: value, f"{one.id}_state": state}
        return row

    def received(self, form: str, month: Month) -> str | None:
        if self.chance(10):
            return None
        late = self.programme.due_instant(self.programme.form(form), month)
        moved = date.fromisoformat(late[:10]) + timedelta(days=self.choices.between(-1, 1))
        return self.pick((late, f"{moved}{late[10:]}", f"{late[:10]}T00:00:00Z"))

    def cell(self, measure: str) -> tuple[int | None, str | None]:
        if not self.tidy and self.chance(15):
            return None, self.pick(STATES)
        if measure == "flag":
            return self.choices.between(0, 1), None
        return self.pick(VALUES + EXTREME if self.wild else VALUES), None

    def agreement(self, code: str) -> dict[str, Any]:
        days = {"unit_signed_on": self.maybe_sign(), "office_signed_on": self.maybe_sign()}
        return {"unit": code, "version": 1, "issued_on": "2025-01-02", **days}

    def maybe_sign(self) -> str | None:
        return self.pick((None, "2025-01-31", "2025-02-01", "2025-01-05", "2025-02-10"))

    def visit(self, at: int) -> dict[str, Any]:
        reason = self.pick(("drawn", "complaint"))
        return {"visit": f"v{at}", "unit": self.pick(self.codes), "visited_on": self.day(), "reason": reason}

    def recount(self, at: int) -> dict[str, Any]:
        month = self.period.start.plus(self.choices.between(-1, len(self.period)))
        numbers = {"reported": self.pick(VALUES), "recounted": self.pick(VALUES)}
        names = {"form": self.pick(("f0", "f1")), "field": "f0x0"}
        return {"visit": f"v{at}", "unit": self.pick(self.codes), "period": str(month), **names, **numbers}

    def finding(self, at: int) -> dict[str, Any]:
        return {
            "finding": f"d{at}",
            "unit": self.pick(self.codes),
            "kind": self.pick(("fault", "other")),
            "occurrences": self.choices.between(1, 3),
            "status": self.pick(("proposed", "confirmed", "withdrawn")),
            "found_on": self.day(),
        }

    def correction(self, at: int) -> dict[str, Any]:
        return {
            "correction": f"c{at}",
            "unit": self.pick(self.codes),
            "due_on": self.day(),
            "closed_on": self.maybe_day(),
        }
