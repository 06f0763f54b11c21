"""Metadata, units and values of DHIS2 -> a folder of tables. Files in any order, compressed or not.

Aggregate data only. Tracker elements, programmes and attributes of persons are refused by name: residents are never
rows. A value is summed over category and attribute option combinations, which divide it; `lastupdated` is no day of
receipt, so `received_at` stays empty.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from answerable.definition.tables import FIXED
from answerable.exchange.dhis2_draft import write_draft
from answerable.exchange.tables import write_tables
from answerable.values.canonical import canonical_csv
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import text_of
from answerable.values.period import Month
from answerable.values.table import Table
from answerable.values.text import Language, Text

__all__ = ["ImportReport", "RefusedElement", "import_dhis2", "slug", "slugs"]

_REFUSED: Mapping[str, tuple[Text, Text]] = {
    "tracker_element": (
        Text(zh="追踪数据元素", en="tracker data elements"),
        Text(zh="记录的是个人事件", en="they record events of persons"),
    ),
    "programs": (
        Text(zh="个案项目", en="programmes"),
        Text(zh="逐人登记和随访", en="they enrol and follow persons"),
    ),
    "trackedEntityAttributes": (
        Text(zh="个人属性", en="person attributes"),
        Text(zh="描述的是个人", en="they describe persons"),
    ),
}


@dataclass(frozen=True)
class RefusedElement:
    """One thing of the source that is not taken, by name and reason."""

    family: str
    id: str
    name: str

    def line(self, language: Language) -> str:
        """The refusal as one line."""
        family, why = _REFUSED[self.family]
        return f"{family.in_language(language)}: {self.name} ({self.id}): {why.in_language(language)}"


@dataclass(frozen=True)
class ImportReport:
    """What was read, written and refused. Counts are of the source; `fields` gives each form's ids for elements."""

    values: int
    units: int
    reporting_units: int
    months: tuple[str, ...]
    fields: Mapping[str, Mapping[str, str]]
    returns: Mapping[str, int]
    not_due: Mapping[str, int]
    refused: tuple[RefusedElement, ...]
    in_two_groups: Mapping[str, int]
    files: tuple[Path, ...]
    draft: Path

    def count(self, family: str) -> int:
        """How many of a family were refused."""
        return sum(1 for one in self.refused if one.family == family)

    def text(self, language: Language) -> str:
        """The report for a reader."""
        return "\n".join(self._lines(language)) + "\n"

    def _lines(self, language: Language) -> Iterator[str]:
        said = {name: words.in_language(language) for name, words in _WORDS.items()}
        elements = sum(len(fields) for fields in self.fields.values())
        yield said["read"].format(values=self.values, units=self.units, reporting=self.reporting_units)
        yield said["elements"].format(elements=elements, first=self.months[0], last=self.months[-1])
        for form, count in self.returns.items():
            yield said["form"].format(form=form, fields=len(self.fields[form]), returns=count, extra=self.not_due[form])
        for group_set, count in self.in_two_groups.items():
            yield said["groups"].format(set=group_set, count=count)
        for family, (words, why) in _REFUSED.items():
            facts = {"count": self.count(family), "family": words.in_language(language)}
            yield said["refused"].format(**facts, why=why.in_language(language))
        yield from (f"  - {one.line(language)}" for one in self.refused)
        yield said["unset"].format(elements=elements)
        yield from (f"{file}" for file in [*self.files, self.draft])


_WORDS = {
    "read": Text(
        zh="读入数值 {values} 个，单位 {units} 个，其中有数据的单位 {reporting} 个",
        en="{values} values read, {units} units, {reporting} of them with values",
    ),
    "elements": Text(
        zh="汇总数据元素 {elements} 个，月份 {first} 至 {last}",
        en="{elements} aggregate data elements, months {first} to {last}",
    ),
    "form": Text(
        zh="表单 {form}：字段 {fields} 个，报表 {returns} 份；其中 {extra} 份来自未分配该表单的单位，不计入应报",
        en="form {form}: {fields} fields, {returns} returns, {extra} of them by units the form is not assigned to",
    ),
    "groups": Text(
        zh="单位分组“{set}”应互斥，却有 {count} 个单位同在两组；分组未导入",
        en="group set {set} is exclusive, yet {count} units stand in two of its groups; groups are not imported",
    ),
    "unset": Text(
        zh="{elements} 个字段尚无主题：由人逐项设定之前只作背景，不得计分",
        en="{elements} fields have no topic: context only, never scored, until a person sets it",
    ),
    "refused": Text(zh="拒绝{family} {count} 个（{why}）", en="refused {count} {family} ({why})"),
}


def slug(name: str) -> str:
    """The id of a form or field from its name in DHIS2: `Penta1 doses given` is `penta1_doses_given`."""
    made = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60].rstrip("_")
    return made if made[:1].isalpha() else f"f_{made}"[:60].rstrip("_")


def slugs(names: Mapping[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
    """An id for each of several names, by their ids in DHIS2; where two would be alike each bears its own id too.

    >>> slugs({"aB1": "BCG doses", "cD2": "BCG-doses", "eF3": "OPV"})
    {'aB1': 'bcg_doses_ab1', 'cD2': 'bcg_doses_cd2', 'eF3': 'opv'}
    """
    made = {one: slug(name) for one, name in names.items()}
    times = Counter([*made.values(), *taken])
    return {
        one: f"{name[:44].rstrip('_')}_{slug(one)}" if times[name] > 1 or name.endswith("_state") else name
        for one, name in made.items()
    }


def import_dhis2(files: Iterable[Path], out: Path) -> ImportReport:
    """Read exports of DHIS2 and write a folder of tables.

    Raises:
        Refused: with every file that is none, and every value whose unit, element or month is not known; then
            nothing is written.
    """
    source = _Source()
    for file in files:
        source.take(file)
    return source.written(out)


class _Value(NamedTuple):
    """One value as it stands in a file."""

    element: str
    period: str
    unit: str
    divisions: str
    value: str


@cache
def _month(text: str) -> str | None:
    try:
        return str(Month.parse(text))
    except ValueError:
        return None


@cache
def _number(text: str) -> int | Fraction | None:
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        return None
    number = Fraction(text)
    return int(number) if number.denominator == 1 else number


def _unzipped(data: bytes) -> str:
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")


@dataclass
class _Source:
    metadata: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    values: list[tuple[str, int, _Value]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    found: dict[tuple[str, str], tuple[Place, dict[str, str], int]] = field(default_factory=dict)
    """What is wrong with values: once for each kind and thing, with the first place and how many there are."""

    def take(self, file: Path) -> None:
        """Read one file, whatever it holds."""
        try:
            text = _unzipped(file.read_bytes())
            is_json = text.lstrip().startswith(("{", "["))
            self.json(file, json.loads(text)) if is_json else self.csv(file, text)
        except FileNotFoundError:
            self.issues.append(Issue("file.not_found", Place(str(file)), {"name": file.name}))
        except (OSError, EOFError, zlib.error, ValueError, TypeError, csv.Error, RecursionError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            self.issues.append(Issue("dhis2.unreadable", Place(file.name), {"why": why}))

    def json(self, file: Path, plain: Any) -> None:
        if isinstance(plain, list):
            plain = {"organisationUnits": plain}
        known = False
        for name, things in plain.items():
            if isinstance(things, list) and name == "dataValues":
                head = {key.lower(): str(value) for key, value in plain.items() if isinstance(value, str)}
                for at, one in enumerate(things, 1):
                    self.row(file, at, head | {key.lower(): str(cell) for key, cell in dict(one).items()})
                known = True
            elif isinstance(things, list) and name in _FAMILIES:
                self.add(file, name, things)
                known = True
        if not known:
            self.issues.append(Issue("dhis2.nothing_known", Place(file.name), {"families": ", ".join(_FAMILIES)}))

    def add(self, file: Path, family: str, things: list[Any]) -> None:
        """Take in metadata. A thing that stands in two files is one thing: the fuller description of it counts."""
        held = self.metadata.setdefault(family, {})
        for at, one in enumerate(things, 1):
            if not (isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("name"), str)):
                self.issues.append(Issue("dhis2.nameless", Place(file.name, row=f"{at}"), {"family": family}))
                continue
            both = [one, *([held[one["id"]]] if one["id"] in held else [])]
            held[one["id"]] = max(both, key=_fullness) if len(both) > 1 else one

    def csv(self, file: Path, text: str) -> None:
        reader = csv.reader(io.StringIO(text))
        names = [name.lower().strip() for name in next(reader, [])]
        needed = {"dataelement", "period", "orgunit", "value"}
        if not needed <= set(names):
            self.issues.append(Issue("dhis2.no_values", Place(file.name, 1), {"columns": ", ".join(sorted(needed))}))
            return
        for row in reader:
            if row:
                self.row(file, reader.line_num, dict(zip(names, row, strict=False)))

    def row(self, file: Path, line: int, row: Mapping[str, str]) -> None:
        if row.get("deleted", "").lower() != "true":
            divisions = f"{row.get('categoryoptioncombo', '')} {row.get('attributeoptioncombo', '')}"
            cells = (row.get(name, "").strip() for name in ("dataelement", "period", "orgunit", "value"))
            element, period, unit, value = cells
            self.values.append((file.name, line, _Value(element, period, unit, divisions, value)))

    def note(self, code: str, what: str, place: Place, one: _Value) -> None:
        """Something is wrong with a value; what is wrong with many values alike is said once."""
        facts = {"id": what, "value": one.value, "period": one.period, "unit": one.unit}
        first, said, count = self.found.get((code, what), (place, facts, 0))
        self.found[code, what] = (first, said, count + 1)

    def told(self) -> Iterator[Issue]:
        for (code, _), (place, facts, count) in self.found.items():
            yield Issue(code, place, facts | {"count": str(count)})

    # -- metadata --------------------------------------------------------------------------------------------------

    def family(self, name: str) -> list[dict[str, Any]]:
        """All of a family, by id: in the same order whatever the order of the files."""
        return [one for _, one in sorted(self.metadata.get(name, {}).items())]

    def refused(self) -> Iterator[RefusedElement]:
        for one in self.family("dataElements"):
            if one.get("domainType") == "TRACKER":
                yield RefusedElement("tracker_element", one["id"], one["name"])
        for family in ("programs", "trackedEntityAttributes"):
            yield from (RefusedElement(family, one["id"], one["name"]) for one in self.family(family))

    def codes(self) -> dict[str, str]:
        """Unit id -> the code it has here: DHIS2's own code where every unit has one of its own, else the id."""
        units = self.family("organisationUnits")
        own = [str(unit.get("code") or "") for unit in units]
        by_code = all(own) and len(set(own)) == len(own)
        return {unit["id"]: unit["code"] if by_code else unit["id"] for unit in units}

    def forms(self) -> dict[str, dict[str, str]]:
        """Form id -> element id -> field id, from the data sets; an element in two sets belongs to the first."""
        names = {one["id"]: one["name"] for one in self.family("dataElements") if one.get("domainType") != "TRACKER"}
        taken: set[str] = set()
        forms: dict[str, dict[str, str]] = {}
        for data_set in self.family("dataSets"):
            listed = dict.fromkeys(_ids(data_set, "dataSetElements", "dataElement"))
            mine = [element for element in listed if element in names and element not in taken]
            taken |= set(mine)
            forms[self.form_ids[data_set["id"]]] = slugs({one: names[one] for one in mine}, _FIXED_COLUMNS)
        return forms

    @cached_property
    def form_ids(self) -> dict[str, str]:
        """Data set id -> form id."""
        return slugs({one["id"]: one["name"] for one in self.family("dataSets")})

    def duties(self) -> dict[str, list[str]]:
        """Unit id -> the forms it must file, from the assignment lists of the data sets."""
        duties: dict[str, list[str]] = {}
        for data_set in self.family("dataSets"):
            for unit in dict.fromkeys(_ids(data_set, "organisationUnits")):
                duties.setdefault(unit, []).append(self.form_ids[data_set["id"]])
        return duties

    def in_two_groups(self) -> dict[str, int]:
        """Group set -> how many units stand in two or more of its groups."""
        members = {
            group["id"]: set(_ids(group, "organisationUnits")) for group in self.family("organisationUnitGroups")
        }
        found: dict[str, int] = {}
        for group_set in self.family("organisationUnitGroupSets"):
            groups = set(_ids(group_set, "organisationUnitGroups"))
            times = Counter(unit for group in groups for unit in members.get(group, ()))
            found[group_set["name"]] = sum(1 for count in times.values() if count > 1)
        return {name: count for name, count in found.items() if count}

    # -- tables ----------------------------------------------------------------------------------------------------

    def units(self, codes: Mapping[str, str], duties: Mapping[str, list[str]]) -> Table:
        rows = []
        for unit in self.family("organisationUnits"):
            parent = next(iter(_ids({"parent": [unit.get("parent")]}, "parent")), None)
            if parent is not None and parent not in codes:
                self.issues.append(Issue("dhis2.unknown_parent", facts={"id": str(parent), "unit": unit["name"]}))
            rows.append(
                {
                    "unit": codes[unit["id"]],
                    "name_zh": unit["name"],
                    "name_en": unit["name"],
                    "kind": f"level_{unit.get('level') or unit.get('path', '').count('/')}",
                    "parent": codes.get(parent) if parent else None,
                    "opened": (unit.get("openingDate") or "")[:10] or None,
                    "closed": (unit.get("closedDate") or "")[:10] or None,
                    "forms": ";".join(duties.get(unit["id"], [])) or None,
                }
            )
        return Table.of_rows(FIXED["units"], rows)

    def sums(self, codes: Mapping[str, str], known: Mapping[str, str]) -> dict[tuple[str, str, str], int | Fraction]:
        """Element, unit code and month -> the sum over all option combinations."""
        sums: dict[tuple[str, str, str], int | Fraction] = {}
        seen: set[tuple[str, ...]] = set()
        for file, line, one in self.values:
            month, number = _month(one.period), _number(one.value)
            if one.unit not in codes:
                self.note("dhis2.unknown_unit", one.unit, Place(file, line), one)
            if one.element not in known:
                self.note("dhis2.unknown_element", one.element, Place(file, line), one)
            if month is None:
                self.note("dhis2.not_a_month", one.period, Place(file, line), one)
            if number is None:
                self.note("dhis2.not_a_number", one.value, Place(file, line), one)
            if month is None or number is None or one.unit not in codes:
                continue
            whole = (one.element, month, one.unit, one.divisions)
            if whole in seen:
                self.note("dhis2.repeated_value", one.element, Place(file, line), one)
            seen.add(whole)
            key = (one.element, codes[one.unit], month)
            sums[key] = sums.get(key, 0) + number
        return sums

    def written(self, out: Path) -> ImportReport:
        codes, forms, duties = self.codes(), self.forms(), self.duties()
        for family in ("organisationUnits", "dataElements", "dataSets"):
            if not self.family(family) and not self.issues:
                self.issues.append(Issue("dhis2.family_missing", facts={"family": family}))
        known = {element: form for form, fields in forms.items() for element in fields}
        units, sums = self.units(codes, duties), self.sums(codes, known)
        if self.issues or self.found:
            raise Refused([*self.issues, *self.told()])
        returns = {form: _returns(fields, sums) for form, fields in forms.items()}
        files = write_tables({"units": units}, out, "csv")
        for form, rows in returns.items():
            file = out / f"returns-{form}.csv"
            file.write_bytes(canonical_csv(["unit", "period", "version", "received_at", *forms[form].values()], rows))
            files.append(file)
        names = {self.form_ids[data_set["id"]]: data_set["name"] for data_set in self.family("dataSets")}
        draft = write_draft(out, forms, names, self.metadata["dataElements"], returns)
        due = {code: set(str(forms or "").split(";")) for code, forms in zip(*_unit_columns(units), strict=True)}
        return ImportReport(
            values=len(self.values),
            units=len(units),
            reporting_units=len({unit for _, unit, _ in sums}),
            months=tuple(sorted({month for _, _, month in sums})) or ("-",),
            fields=forms,
            returns={form: len(rows) for form, rows in returns.items()},
            not_due={form: sum(1 for row in rows if form not in due[row[0]]) for form, rows in returns.items()},
            refused=tuple(self.refused()),
            in_two_groups=self.in_two_groups(),
            files=tuple(files),
            draft=draft,
        )


_FAMILIES = (
    "organisationUnits",
    "dataElements",
    "dataSets",
    "organisationUnitGroups",
    "organisationUnitGroupSets",
    "programs",
    "trackedEntityAttributes",
)


_FIXED_COLUMNS = ("unit", "period", "version", "received_at")


def _ids(thing: Mapping[str, Any], several: str, inside: str = "") -> Iterator[str]:
    """The ids of what a thing of the metadata refers to; what has none refers to nothing."""
    for one in thing.get(several) or ():
        target = one.get(inside) if inside and isinstance(one, dict) else one
        if isinstance(target, dict) and isinstance(target.get("id"), str):
            yield target["id"]


def _fullness(thing: Mapping[str, Any]) -> tuple[int, str]:
    written = json.dumps(thing, sort_keys=True)
    return len(written), written


def _unit_columns(units: Table) -> tuple[list[str], list[str]]:
    return [str(code) for code in units.columns["unit"]], [str(forms or "") for forms in units.columns["forms"]]


def _returns(fields: Mapping[str, str], sums: Mapping[tuple[str, str, str], int | Fraction]) -> list[tuple[str, ...]]:
    """One row per unit and month in which the form has any value; the source stores no zeros, so the rest is empty."""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for (element, unit, month), value in sums.items():
        if element in fields:
            cells.setdefault((unit, month), {})[element] = text_of(Fraction(value), 30)
    return [
        (unit, month, "1", "", *(row.get(element, "") for element in fields))
        for (unit, month), row in sorted(cells.items())
    ]
