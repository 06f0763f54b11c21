"""Examples of the programme language as entries in YAML files: what is written, the rows given, the results.

One file for each page of the reference (`docs/reference`), which lists its examples in sections. An example gives a
fragment of a programme and a table with a unit in each row; a section of formulas gives some tables and what
each formula makes of them. What a fragment is not about (titles, clauses, the form) is filled in here. The test beside
this folder scores every entry with both engines, and `reference` prints the same entries.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from answerable.definition import Programme, read
from answerable.definition.formula import AGGREGATES, FUNCTIONS
from answerable.definition.tables import CALENDAR, FIXED, schemas
from answerable.scoring import score
from answerable.scoring.run import Engine
from answerable.values.number import parse_fraction
from answerable.values.period import Period
from answerable.values.table import Absence, Schema
from answerable.values.text import Text
from tests.spec import office

__all__ = ["Example", "Formula", "Formulas", "Page", "Section", "pages", "plain", "read_entries", "text"]

FOLDER = Path(__file__).parent
FACTS = ("unit", "kind", "peer_group", "parent")
"""Columns that say what a unit is; every other one is a figure it filed."""
DECIMALS = 4
UNFILED, EMPTY, UNDEFINED, NOTHING = "unfiled", "empty", "undefined", "-"
"""No return at all; a cell without a figure or a word; a figure with nothing to divide by; no result."""
Row = dict[str, str]
Words = Mapping[str, Text]
Made = dict[str, Any]
ABOVE = ("town", "county")
"""Kinds of unit that stand above those an example asks about."""


@dataclass(frozen=True)
class Entry:
    """What every entry has: its name in links, a title, a line on what it means, and what it shows beside itself."""

    id: str
    title: Text
    says: Text
    kinds: tuple[str, ...]
    published: tuple[str, ...]

    @property
    def named(self) -> str:
        """What it is called in a programme file; empty where it is more than one thing."""
        return ""


@dataclass(frozen=True)
class Example(Entry):
    """A fragment of a programme, and units with what they filed and what they get."""

    written: str
    given: tuple[str, ...]
    gives: tuple[str, ...]
    rows: tuple[Row, ...]
    words: Words
    tables: Mapping[str, tuple[Row, ...]]
    """Other tables the fragment reads, as they are stored."""
    refused: Mapping[str, str] | None = None
    """What is written instead (`from`, `to`) and the code of the issue that this is."""

    @property
    def named(self) -> str:
        """The kind of rule, of an item alone; `absent` where that is what is shown."""
        made = plain(self.written)
        return "absent" if "absent" in made else next(iter(made.get("rule", [""])))

    @property
    def fragment(self) -> Made:
        """The fragment as keys of a programme; that of an item alone becomes a tree of one item."""
        made: Made = plain(self.written)
        return {"tree": [{"id": "item", **made}]} if "rule" in made else made

    @cached_property
    def programme(self) -> Programme:
        """The whole programme: the fragment, and what it is not about."""
        return _programme(_Filling(self).document())

    def programme_refused(self) -> Programme:
        """The programme that is refused, where the entry shows one."""
        assert self.refused is not None
        written = self.written.replace(self.refused["from"], self.refused["to"])
        return replace(self, written=written).programme

    def results(self, engine: Engine) -> list[Row]:
        """What each row gives, as it is written in the table."""
        programme = self.programme
        returns = [one for row in self.rows for one in self._returns(row)]
        units = [_unit(**{fact: row[fact] for fact in FACTS if fact in row}) for row in self.rows]
        others = _rows(programme, self.tables)
        tables = office.tables_of(programme, {"units": units, "returns-monthly": returns, **others})
        card = office.Card(score(programme, tables, self.period, engine))
        return [{column: _result(card, programme, column, row["unit"]) for column in self.gives} for row in self.rows]

    @property
    def figures(self) -> tuple[str, ...]:
        """Columns that are figures, each with its month behind an @ where there are several."""
        return tuple(column for column in self.given if column not in FACTS)

    @property
    def counts(self) -> set[str]:
        """Figures that must be counts: what a veto or a step of a grade looks at."""
        steps = self.fragment.get("grades", {}).get("steps", [])
        return {one["when"] for one in (*self.fragment.get("vetoes", []), *steps)}

    @property
    def period(self) -> Period:
        """As many months as the figures have."""
        return Period.parse(f"2025-01..2025-{max(map(_month, self.figures), default=1):02d}")

    def _returns(self, row: Row) -> Iterator[Made]:
        for month in range(1, self.period.last.month + 1):
            cells = {_field(column): row[column] for column in self.figures if _month(column) == month}
            if UNFILED not in cells.values():
                filed: dict[str, Any] = {}
                for name, cell in cells.items():
                    filed |= _cells(name, cell, 0 if name in self.counts else DECIMALS)
                yield office.filed(row["unit"], f"2025-{month:02d}", **filed)


@dataclass(frozen=True)
class Formula(Entry):
    """What some formulas give for each unit of the section's tables."""

    asks: Mapping[str, tuple[str, ...]]

    @property
    def named(self) -> str:
        """The function, as it is written."""
        function = self.id.removesuffix("_within")
        if function != self.id:
            return f"{function}(… within …)"
        return function if function in (*FUNCTIONS, *AGGREGATES, *FIXED, *CALENDAR, "unit") else ""


@dataclass(frozen=True)
class Formulas:
    """The tables that the formulas of a section read: rows by table, figures by name, the months they cover."""

    tables: Mapping[str, tuple[Row, ...]]
    measures: Mapping[str, str]
    indicators: Mapping[str, str]
    period: str
    words: Words
    written: str
    """What else of a programme the formulas name: panels, matters, targets."""

    @property
    def units(self) -> tuple[str, ...]:
        """The units that are scored, in order."""
        return tuple(row["unit"] for row in self.tables["units"] if row.get("kind") not in ABOVE)

    def programme(self, asked: Sequence[str] = ()) -> Programme:
        """A programme with the indicators of the section, and one for each formula asked."""
        title = {"zh": "所问", "en": "asked"}
        made = [_titled({"id": name, "formula": one}, self.words, INDICATOR) for name, one in self.indicators.items()]
        made += [{"id": f"asked_{at}", "title": title, "formula": one, **INDICATOR} for at, one in enumerate(asked)]
        fields = [_question(name, self.words, measure) for name, measure in self.measures.items()]
        tree = [office.item("item", {"full_or_none": ">= 0"}, "100", of=made[0]["id"])]
        findings = [_titled({"id": "late_reply", "topic": "process"}, self.words, CLAUSE)]
        parts: Made = {"indicators": made, "forms": [_form(fields)], "tree": tree, "findings": findings}
        parts |= _given(plain(self.written) or {}, self.words)
        kinds = {name: _both(self.words[name]) for name in ("community", *ABOVE)}
        units = {"kinds": kinds, "assess": ["community"]}
        return _programme({**parts, "units": units, "agreement": {"sign_by": "01-31"}})

    def results(self, asked: Sequence[str], engine: Engine) -> dict[str, tuple[str, ...]]:
        """What each formula gives for each unit."""
        programme = self.programme(asked)
        tables = office.tables_of(programme, _rows(programme, self.tables))
        card = office.Card(score(programme, tables, Period.parse(self.period), engine))
        return {
            formula: tuple(_shortest(card.value(f"asked_{at}", unit)) for unit in self.units)
            for at, formula in enumerate(asked)
        }


@dataclass(frozen=True)
class Section:
    """Entries that belong together; formulas share their tables."""

    title: Text
    about: Text | None
    examples: tuple[Example, ...]
    formulas: tuple[Formula, ...]
    tables: Formulas | None

    @property
    def entries(self) -> tuple[Example | Formula, ...]:
        return (*self.examples, *self.formulas)


@dataclass(frozen=True)
class Page:
    """One page of the reference."""

    name: str
    title: Text
    about: Text
    words: Words
    sections: tuple[Section, ...]

    @property
    def entries(self) -> Iterator[Example | Formula]:
        return (entry for section in self.sections for entry in section.entries)


# -- what is written in the files ----------------------------------------------------------------------------------


def plain(source: str) -> Any:
    """YAML with every plain value as text."""
    return yaml.load(source, Loader=yaml.BaseLoader)


@cache
def read_entries(name: str) -> Made:
    """What a file of this folder holds."""
    made: Made = plain((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return made


def text(both: Mapping[str, str]) -> Text:
    """Words in both languages; a comma that was not put in quotes makes a third key and is found here."""
    if set(both) != {"zh", "en"}:
        raise ValueError(f"words need zh and en and nothing else: {dict(both)}")
    # YAML joins lines with a blank, which Chinese does not have.
    chinese = "[“”、-〿一-鿿！-～]"
    return Text(zh=re.sub(f"(?<={chinese}) (?={chinese})", "", both["zh"].strip()), en=both["en"].strip())


@cache
def pages() -> tuple[Page, ...]:
    """The pages of the reference, in the order of `index.yaml`."""
    return tuple(_page(name) for name in read_entries("index")["pages"])


def _page(name: str) -> Page:
    made = read_entries(name)
    words = {one: text(both) for one, both in {**read_entries("index")["words"], **made.get("words", {})}.items()}
    sections = tuple(_section(one, words) for one in made["sections"])
    return Page(name, text(made["title"]), text(made["about"]), words, sections)


def _section(made: Made, words: Words) -> Section:
    tables = None
    if "tables" in made:
        indicators, period = made.get("indicators", {}), made.get("period", "2025-01")
        written = made.get("written", "")
        tables = Formulas(_stored(made), made.get("measures", {}), indicators, period, words, written)
    examples = tuple(_example(one, words) for one in made.get("examples", ()))
    formulas = tuple(
        Formula(*_entry(one), asks={asked: tuple(given.split()) for asked, given in one["asks"].items()})
        for one in made.get("formulas", ())
    )
    about = text(made["about"]) if "about" in made else None
    return Section(text(made["title"]), about, examples, formulas, tables)


def _stored(made: Made) -> dict[str, tuple[Row, ...]]:
    return {name: tuple(csv.DictReader(rows.splitlines())) for name, rows in made.get("tables", {}).items()}


def _entry(made: Made) -> tuple[str, Text, Text, tuple[str, ...], tuple[str, ...]]:
    also = tuple(made.get("kinds", ())), tuple(made.get("published", ()))
    return made["id"], text(made["title"]), text(made["says"]), *also


def _example(made: Made, words: Words) -> Example:
    head, *lines = made["rows"].strip().splitlines()
    given, gives = _sides(head)
    rows = []
    for at, line in enumerate(lines, 1):
        left, right = _sides(line)
        row = {**dict(zip(given, left, strict=True)), **dict(zip(gives, right, strict=True))}
        rows.append({"unit": f"u{at}", **row})
    return Example(*_entry(made), made["written"], given, gives, tuple(rows), words, _stored(made), made.get("refused"))


def _sides(line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    left, _, right = line.partition("->")
    return tuple(part.strip() for part in left.split(",")), tuple(part.strip() for part in right.split(","))


# -- what an example is not about ----------------------------------------------------------------------------------

CLAUSE = {"clause": "law#1"}
INDICATOR = {"missing": "unassessable", "show": "number"}
JUDGED = {**CLAUSE, "topic": "process"}
FILLED: Mapping[str, Made] = {
    "findings": JUDGED,
    "panels": JUDGED,
    "matters": JUDGED,
    "targets": CLAUSE,
    "adjustments": CLAUSE,
    "vetoes": {**CLAUSE, "legal_basis": "law#1"},
    "ranks": {},
    "indicators": INDICATOR,
}


def _both(words: Text) -> Row:
    return {"zh": words.zh, "en": words.en}


def _titled(part: Made, words: Words, more: Mapping[str, Any], key: str = "id") -> Made:
    """A part of a programme with its title, which an entry does not write."""
    if part[key] not in words:
        raise LookupError(f"{part[key]} has no words: give it some under `words` of its page")
    return {"title": _both(words[part[key]]), **more, **part}


def _given(fragment: Made, words: Words) -> Made:
    """A fragment with what each of its parts leaves out; the levels of a matter have titles too."""
    made = {
        name: [_titled(part, words, FILLED[name]) for part in parts] if name in FILLED else parts
        for name, parts in fragment.items()
    }
    for matter in made.get("matters", []):
        matter["levels"] = [_titled(level, words, {}) for level in matter["levels"]]
    return made


def _question(name: str, words: Words, measure: str = "quantity") -> Made:
    asked = {"measure": measure, "topic": "process", "owner": "office", "use": "context"}
    decimals = {"decimals": str(DECIMALS)} if measure == "quantity" else {}
    return _titled({"id": name, **asked, **decimals}, words, {})


def _form(fields: list[Made]) -> Made:
    return {**office.form(), "id": "monthly", "title": {"zh": "月报表", "en": "monthly return"}, "fields": fields}


def _programme(parts: Made) -> Programme:
    four = office.rounding(decimals=DECIMALS)
    stages = {"indicator": four, "item": office.rounding(), "total": office.rounding(), "add": "rounded"}
    whole = {"rounding": stages, "ranks": [], **parts}
    return read(json.dumps(office.document(**whole), ensure_ascii=False).encode())


@dataclass(frozen=True)
class _Filling:
    """A fragment made into the parts of a whole programme."""

    example: Example

    def titled(self, part: Made, more: Mapping[str, Any] | None = None, key: str = "id") -> Made:
        return _titled(part, self.example.words, more or {}, key)

    def document(self) -> Made:
        fragment = self.example.fragment
        parts = _given(fragment, self.example.words)
        implied = {"id": "work", "points": "100", "indicator": self.first, "rule": {"formula": "value"}}
        parts["tree"] = [self.node(node) for node in fragment.get("tree", [implied])]
        parts["indicators"] = [*self.indicators(), *parts.get("indicators", [])]
        parts["forms"] = [_form(self.fields(fragment))]
        parts["grades"] = self.grades(fragment.get("grades", {}))
        if "rounding" in fragment:
            four = {stage: office.rounding() for stage in ("indicator", "item", "total")}
            parts["rounding"] = {**four, "add": "rounded", **fragment["rounding"]}
        kinds = {name: _both(self.example.words[name]) for name in ("community", "department")}
        return {**parts, "units": {"kinds": kinds, "assess": list(kinds)}}

    @property
    def first(self) -> str:
        """What an item is scored on where it does not say: the first figure, or the first indicator written."""
        figures = [column for column in self.example.figures if "@" not in column]
        return figures[0] if figures else str(self.example.fragment["indicators"][0]["id"])

    def node(self, node: Made) -> Made:
        if "children" in node:
            return self.titled({**node, "children": [self.node(child) for child in node["children"]]})
        own = {**CLAUSE, "indicator": self.first, "absent": "exempt"}
        return self.titled(node, own)

    def indicators(self) -> list[Made]:
        """An indicator for each figure that is given once, equal to it."""
        made = []
        for column in self.example.figures:
            if "@" not in column:
                share = any(row[column].endswith("%") for row in self.example.rows)
                base = "" if column in self.example.counts else f" / sum(monthly.{column}_of)"
                formula = f"sum(monthly.{column}){base}"
                shown = {**INDICATOR, "show": "percent" if share else "number"}
                made.append(self.titled({"id": column, "formula": formula}, shown))
        return made

    def fields(self, fragment: Made) -> list[Made]:
        """The fields of the form, with what the fragment says of them."""
        said = {field["id"]: field for form in fragment.get("forms", []) for field in form["fields"]}
        names = dict.fromkeys(map(_field, self.example.figures)) or {"work": None}
        fields = []
        for name in names:
            measure = "count" if name in self.example.counts else "quantity"
            asked = _question(name, self.example.words, measure)
            base = {"zh": f"{asked['title']['zh']}（基数）", "en": f"{asked['title']['en']} (base)"}
            fields += [{**asked, **said.get(name, {})}, {**asked, "id": f"{name}_of", "title": base}]
        return fields

    def grades(self, given: Made) -> Made:
        bands = [
            {"grade": grade, "from": start}
            for grade, start in (("excellent", "90"), ("good", "80"), ("fair", "60"), ("poor", "0"))
        ]
        made = {"on": "rounded", "rated_from": "1", "bands": bands, **given}
        steps = [self.titled(step, CLAUSE) for step in made.get("steps", [])]
        return {**made, "bands": [self.titled(band, key="grade") for band in made["bands"]], "steps": steps}


# -- rows and results ----------------------------------------------------------------------------------------------


def _field(column: str) -> str:
    return column.partition("@")[0]


def _month(column: str) -> int:
    return int(column.partition("@")[2] or 1)


def _cells(name: str, cell: str, decimals: int) -> dict[str, office.Cell]:
    """The cell of a figure and that of the base it is divided by, which is one."""
    one, given = 10**decimals, {UNDEFINED: 0, EMPTY: None}
    base = {f"{name}_of": 0 if cell == UNDEFINED else one}
    if cell in set(Absence):
        return {name: cell, **base}
    return {name: given[cell] if cell in given else int(parse_fraction(cell) * one), **base}


def _unit(unit: str, kind: str = "community", **facts: str) -> Made:
    return {**office.unit(unit), "kind": kind, "forms": "monthly", **facts}


def _rows(programme: Programme, tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Made]]:
    known = schemas(programme)
    return {name: [_typed(known[name], row) for row in rows] for name, rows in tables.items()}


def _typed(schema: Schema, row: Row) -> Made:
    """A row of a table as it is held; an empty cell is nothing, a word in place of a number its state."""
    if schema.name == "units":
        return _unit(**{name: cell for name, cell in row.items() if cell})
    made: Made = {"version": 1, "received_at": None} if schema.name.startswith("returns-") else {}
    for name, cell in row.items():
        column = schema.column(name)
        if column.stateful and cell in set(Absence):
            made |= {name: None, f"{name}_state": cell}
        elif not cell or column.type not in ("integer", "flag"):
            made[name] = cell or None
        else:
            made[name] = int(parse_fraction(cell) * 10**column.decimals)
    return made


def _result(card: office.Card, programme: Programme, column: str, unit: str) -> str:
    """What a column on the right asks: `points of` a node, `value of` an indicator, or a word of the scorecard."""
    asked, _, name = column.partition(" of ")
    first = name or next(programme.tree.items()).id
    match asked:
        case "value":
            return _shortest(card.value(name, unit))
        case "place":
            place, of = card.place(unit, programme.ranks[0].id)
            return f"{place} / {of}"
        case "points" | "state":
            found = getattr(card, asked)(first, unit)
        case _:
            found = getattr(card, asked)(unit)
    return NOTHING if found in (None, "") else str(found)


def _shortest(value: object) -> str:
    """A number without the noughts at its end."""
    return str(value).rstrip("0").removesuffix(".") if "." in str(value) else str(value)
