"""Exports of DHIS2 become tables: every value once, every refusal by name, nothing written where anything is wrong."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from answerable.__main__ import main
from answerable.definition import Programme, read, read_programme
from answerable.definition.reader import read_plain
from answerable.exchange.dhis2 import ImportReport, import_dhis2, slug, slugs
from answerable.exchange.tables import read_tables
from answerable.values import Issue, Refused, Table
from tests.spec.office import document, indicator, item

ROOT = Path(__file__).resolve().parents[3]
CHILD_HEALTH = ROOT / "answerable/programmes/child_health"

# -- the real data ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imported:
    """The real exports and what became of them."""

    source: Path
    out: Path
    report: ImportReport


@pytest.fixture(scope="session")
def imported(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    source, out = shared_data / "sierra-leone", tmp_path_factory.mktemp("dhis2") / "tables"
    files = [source / name for name in ("metadata.json", "organisation_units.json", "data_values.csv.gz")]
    return Imported(source, out, import_dhis2(files, out))


@pytest.fixture(scope="session")
def child_health() -> Programme:
    return read_programme(CHILD_HEALTH)


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_value_unit_and_element_of_the_real_data_is_counted(imported: Imported) -> None:
    report = imported.report
    assert (report.values, report.units, report.reporting_units) == (188_701, 1_332, 1_086)
    assert sum(len(fields) for fields in report.fields.values()) == 43
    assert (report.months[0], report.months[-1], len(report.months)) == ("2025-01", "2025-12", 12)
    assert {form: len(fields) for form, fields in report.fields.items()} == {"child_health": 31, "epi_stock": 12}


def test_what_is_about_persons_is_refused_by_name_and_reason(imported: Imported) -> None:
    report = imported.report
    counts = [report.count(family) for family in ("tracker_element", "programs", "trackedEntityAttributes")]
    assert counts == [24, 2, 4]
    said = report.text("en")
    assert "MCH Infant HIV Test Result (cYGaxwK615G): they record events of persons" in said
    assert "Antenatal care visit (lxAQ7Zs9VYR): they enrol and follow persons" in said
    assert "First name (w75KJ2mc4zz): they describe persons" in said
    assert "逐人登记和随访" in report.text("zh")


def test_no_table_has_a_column_for_what_was_refused(imported: Imported) -> None:
    refused = {slug(one.name) for one in imported.report.refused}
    columns = {name for file in imported.report.files for name in file.read_text("utf-8").splitlines()[0].split(",")}
    assert refused & columns == set()


def test_units_that_stand_in_two_groups_of_an_exclusive_set_are_told(imported: Imported) -> None:
    assert imported.report.in_two_groups == {"Facility Ownership": 15, "Facility Type": 1, "Area": 1}


def test_the_sum_of_every_element_is_what_plain_addition_gives(imported: Imported) -> None:
    expected: dict[str, Decimal] = {}
    with gzip.open(imported.source / "data_values.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            expected[row["dataelement"]] = expected.get(row["dataelement"], Decimal(0)) + Decimal(row["value"])
    found: dict[str, Decimal] = {}
    for form, fields in imported.report.fields.items():
        rows = read_csv(imported.out / f"returns-{form}.csv")
        for element, name in fields.items():
            found[element] = sum((Decimal(row[name]) for row in rows if row[name]), Decimal(0))
    assert found == expected


def test_one_cell_is_the_sum_of_its_option_combinations(imported: Imported) -> None:
    codes = {unit["id"]: unit["code"] for unit in json.loads((imported.source / "organisation_units.json").read_text())}
    cells: dict[tuple[str, str], list[Decimal]] = {}
    with gzip.open(imported.source / "data_values.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["period"] == "202503":
                cells.setdefault((row["dataelement"], row["orgunit"]), []).append(Decimal(row["value"]))
    (element, unit), parts = max(cells.items(), key=lambda cell: len(cell[1]))
    assert len(parts) > 2
    (form,) = [form for form, fields in imported.report.fields.items() if element in fields]
    (row,) = [
        row
        for row in read_csv(imported.out / f"returns-{form}.csv")
        if (row["unit"], row["period"]) == (codes[unit], "2025-03")
    ]
    assert Decimal(row[imported.report.fields[form][element]]) == sum(parts)


def test_any_order_of_files_zipped_or_not_gives_the_same_bytes(imported: Imported, tmp_path: Path) -> None:
    plain, zipped = tmp_path / "values.csv", tmp_path / "metadata.json.gz"
    plain.write_bytes(gzip.decompress((imported.source / "data_values.csv.gz").read_bytes()))
    zipped.write_bytes(gzip.compress((imported.source / "metadata.json").read_bytes(), 1))
    report = import_dhis2([plain, zipped, imported.source / "organisation_units.json"], tmp_path / "tables")
    assert [file.read_bytes() for file in report.files] == [file.read_bytes() for file in imported.report.files]
    assert [file.name for file in report.files] == ["units.csv", "returns-child_health.csv", "returns-epi_stock.csv"]


def drafted(draft: Path, formula: str) -> list[Issue]:
    """What is said of a programme whose forms are the draft and whose one item is scored by a formula."""
    (plain, _), words = read_plain(draft.read_bytes(), draft.name), {"zh": "甲", "en": "a"}
    parts = document(indicators=[indicator("ratio", formula)], tree=[item("one", {"ratio_to_target": "9"})])
    try:
        read(
            json.dumps(
                {**parts, **plain, "sources": [{"id": name, "title": words} for name in ("law", "dhis2")]}
            ).encode()
        )
    except Refused as refused:
        return list(refused.issues)
    return []


def test_what_is_taken_over_has_no_topic_and_cannot_be_scored_until_a_person_sets_one(imported: Imported) -> None:
    draft, field = imported.report.draft, "child_health.bcg_doses_given"
    assert draft.read_text("utf-8").count("topic: unset") == 43
    assert drafted(draft, "count(child_health where child_health.filed)") == []
    (issue,) = drafted(draft, f"sum({field})")
    assert (issue.code, issue.facts["way"]) == ("programme.topic_unset", f"one → ratio → {field}")
    (issue,) = drafted(draft, f"count(child_health) / sum({field})")
    assert issue.code == "programme.topic_unset"


def test_the_measures_of_a_draft_fit_the_values_that_came(imported: Imported) -> None:
    (plain, _) = read_plain(imported.report.draft.read_bytes(), "draft-forms.yaml")
    parts = document(
        indicators=[indicator("ratio", "count(child_health)")], tree=[item("one", {"ratio_to_target": "9"})]
    )
    kinds = {f"level_{level}": {"zh": "级", "en": "level"} for level in range(1, 5)}
    words = {"units": {"kinds": kinds, "assess": ["level_4"]}, "sources": [{"id": "law", "title": kinds["level_1"]}]}
    words["sources"] += [{"id": "dhis2", "title": kinds["level_1"]}]  # type: ignore[operator]
    programme = read(json.dumps({**parts, **plain, **words}).encode())
    returns = read_tables(imported.out, programme)["returns-child_health"]
    assert isinstance(returns, Table)
    assert len(returns) == imported.report.returns["child_health"]


def test_the_report_says_that_no_topic_is_set(imported: Imported) -> None:
    assert "43 fields have no topic" in imported.report.text("en") and "43 个字段尚无主题" in imported.report.text("zh")
    assert imported.report.text("en").splitlines()[-1].endswith("draft-forms.yaml")


def test_the_real_data_have_no_day_of_receipt_and_none_is_made_up(imported: Imported) -> None:
    assert {row["received_at"] for row in read_csv(imported.out / "returns-epi_stock.csv")} == {""}


def test_the_source_stores_no_zeros_so_an_empty_cell_stays_empty(imported: Imported, child_health: Programme) -> None:
    returns = read_tables(imported.out, child_health)["returns-epi_stock"]
    assert isinstance(returns, Table)
    discarded = returns.columns["stock_phu_discarded_bcg"]
    assert None in discarded
    assert any(cell is not None and cell != 0 for cell in discarded)


def test_the_shipped_programme_has_just_the_fields_of_the_real_data(
    imported: Imported, child_health: Programme
) -> None:
    fields = {form.id: {field.id for field in form.fields} for form in child_health.forms}
    assert fields == {form: set(ids.values()) for form, ids in imported.report.fields.items()}


def test_the_real_year_is_scored_with_the_same_digest_by_both_engines(
    imported: Imported, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for engine in ("columns", "reference"):
        out = tmp_path / engine
        arguments = ["score", "child_health", str(imported.out), "--out", str(out), "--engine", engine]
        assert main([*arguments, "--lang", "en"]) == 0
        said[engine] = capsys.readouterr().out.splitlines()
    kinds = {"District": 13, "Chiefdom": 152, "Facility": 1_166}
    counted = dict(line.strip().split(": ", 1) for line in said["columns"] if line.startswith("  ") and ": " in line)
    assert {kind: _units(counts) for kind, counts in counted.items()} == kinds
    digests = {engine: [line for line in lines if "sha256" in line] for engine, lines in said.items()}
    assert digests["columns"] == digests["reference"] and len(digests["columns"]) == 1
    for file in sorted((tmp_path / "columns").glob("*.csv")):
        assert file.read_bytes() == (tmp_path / "reference" / file.name).read_bytes()


def _units(counts: str) -> int:
    """How many units `Fair 7, Weak 6` speaks of."""
    return sum(int(part.rsplit(" ", 1)[1]) for part in counts.split(", "))


def test_a_truncated_archive_is_refused_and_nothing_is_written(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "sierra-leone"
    cut = tmp_path / "data_values.csv.gz"
    cut.write_bytes((source / "data_values.csv.gz").read_bytes()[:200_000])
    with pytest.raises(Refused) as refused:
        import_dhis2([source / "metadata.json", source / "organisation_units.json", cut], tmp_path / "out")
    assert [(issue.code, issue.place.file) for issue in refused.value.issues] == [("dhis2.unreadable", cut.name)]
    assert not (tmp_path / "out").exists()


# -- a source of three units, made up, for what the real data do not have ----------------------------------------------

Document = dict[str, Any]


def metadata() -> Document:
    return {
        "dataElements": [
            {"id": "e1", "name": "BCG doses", "domainType": "AGGREGATE"},
            {"id": "e2", "name": "OPV doses", "domainType": "AGGREGATE"},
            {"id": "e3", "name": "Name of the mother", "domainType": "TRACKER"},
        ],
        "dataSets": [
            {
                "id": "s1",
                "name": "Child Health",
                "dataSetElements": [{"dataElement": {"id": one}} for one in ("e1", "e2", "e3")],
                "organisationUnits": [{"id": "u2"}],
            }
        ],
    }


def units() -> Document:
    root = {"id": "u1", "name": "Land", "level": 1, "openingDate": "1994-01-01T00:00:00.000", "code": "L"}
    one = {"id": "u2", "name": "Clinic, East", "level": 2, "parent": {"id": "u1"}, "code": "L-2"}
    other = {"id": "u3", "name": "Clinic, West", "level": 2, "parent": {"id": "u1"}, "code": "L-3"}
    return {"organisationUnits": [root, one, other | {"closedDate": "2025-07-01T00:00:00.000"}]}


def values(*rows: str) -> str:
    head = "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,deleted\n"
    return head + "".join(f"{row}\n" for row in rows)


GOOD = ("e1,202501,u2,c1,a,5,", "e1,202501,u2,c2,a,7,", "e2,202501,u2,c1,a,-1.5,", "e1,202502,u2,c1,a,0,")

Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Import a made-up source; each file may be given in another form."""

    def brought(
        rows: Iterable[str] = GOOD, meta: Document | None = None, tree: Document | None = None, **more: bytes
    ) -> ImportReport:
        (tmp_path / "meta.json").write_text(json.dumps(meta or metadata()), "utf-8")
        (tmp_path / "units.json").write_text(json.dumps(tree or units()), "utf-8")
        (tmp_path / "values.csv").write_text(values(*rows), "utf-8")
        files = [tmp_path / name for name in ("meta.json", "units.json", "values.csv")]
        for name, content in more.items():
            files.append(tmp_path / name)
            files[-1].write_bytes(content)
        return import_dhis2(files, tmp_path / "out")

    return brought


def refused(bring: Bring, *rows: str, **given: Any) -> tuple[Issue, ...]:
    """The issues, once it is sure that nothing was written."""
    with pytest.raises(Refused) as caught:
        bring(rows or GOOD, **given)
    return caught.value.issues


@pytest.fixture
def untouched(tmp_path: Path) -> Iterable[None]:
    yield
    assert not (tmp_path / "out").exists()


def test_values_are_summed_over_the_combinations_that_divide_them(bring: Bring, tmp_path: Path) -> None:
    report = bring()
    assert (tmp_path / "out/returns-child_health.csv").read_text("utf-8").splitlines() == [
        "unit,period,version,received_at,bcg_doses,opv_doses",
        "L-2,2025-01,1,,12,-1.5",
        "L-2,2025-02,1,,0,",
    ]
    assert (report.values, report.reporting_units, report.returns) == (4, 1, {"child_health": 2})


def test_units_keep_their_codes_dates_parents_and_duties(bring: Bring, tmp_path: Path) -> None:
    bring()
    assert (tmp_path / "out/units.csv").read_text("utf-8").splitlines() == [
        "unit,name_zh,name_en,kind,parent,peer_group,opened,closed,forms",
        "L,Land,Land,level_1,,,1994-01-01,,",
        'L-2,"Clinic, East","Clinic, East",level_2,L,,,,child_health',
        'L-3,"Clinic, West","Clinic, West",level_2,L,,,2025-07-01,',
    ]


def test_ids_stand_for_codes_unless_every_unit_has_one_of_its_own(bring: Bring, tmp_path: Path) -> None:
    tree = units()
    del tree["organisationUnits"][2]["code"]
    bring(tree=tree)
    assert [row["unit"] for row in read_csv(tmp_path / "out/units.csv")] == ["u1", "u2", "u3"]
    tree["organisationUnits"][2]["code"] = "L-2"
    bring(tree=tree)
    assert [row["parent"] for row in read_csv(tmp_path / "out/units.csv")] == ["", "u1", "u1"]


def test_a_value_that_was_deleted_at_the_source_does_not_count(bring: Bring, tmp_path: Path) -> None:
    bring([*GOOD, "e1,202503,u2,c1,a,9,true"])
    assert [row["period"] for row in read_csv(tmp_path / "out/returns-child_health.csv")] == ["2025-01", "2025-02"]


def test_a_return_of_a_unit_the_form_is_not_assigned_to_is_kept_and_told(bring: Bring) -> None:
    assert bring([*GOOD, "e1,202503,u3,c1,a,9,"]).not_due == {"child_health": 1}


def test_values_may_come_as_json(bring: Bring, tmp_path: Path) -> None:
    head = {"orgUnit": "u2", "period": "202504"}
    more = head | {"dataValues": [{"dataElement": "e1", "value": "3"}, {"dataElement": "e2", "value": 4}]}
    bring(**{"set.json": json.dumps(more).encode()})
    last = read_csv(tmp_path / "out/returns-child_health.csv")[-1]
    assert (last["period"], last["bcg_doses"], last["opv_doses"]) == ("2025-04", "3", "4")


def test_a_unit_that_stands_in_two_files_is_one_unit(bring: Bring) -> None:
    assert bring(**{"again.json": json.dumps(units()["organisationUnits"]).encode()}).units == 3


def test_names_that_would_be_one_id_each_bear_their_own(bring: Bring, tmp_path: Path) -> None:
    meta = metadata()
    meta["dataElements"][1]["name"] = "BCG-doses"
    bring(meta=meta)
    assert list(read_csv(tmp_path / "out/returns-child_health.csv")[0])[4:] == ["bcg_doses_e1", "bcg_doses_e2"]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Penta1 doses given", "penta1_doses_given"),
        ("Weight for age  (<70%)", "weight_for_age_70"),
        ("2nd dose", "f_2nd_dose"),
        ("疫苗", "f_"),
        ("a" * 80, "a" * 60),
    ],
)
def test_a_name_becomes_an_id(name: str, made: str) -> None:
    assert slug(name) == made.rstrip("_")


def test_no_field_takes_the_name_of_a_column_every_return_has() -> None:
    assert slugs({"eA": "Period", "eB": "Stock state", "eC": "Stock"}, ["unit", "period"]) == {
        "eA": "period_ea",
        "eB": "stock_state_eb",
        "eC": "stock",
    }


@pytest.mark.usefixtures("untouched")
def test_every_unknown_unit_element_and_month_is_listed_once_with_its_count(bring: Bring) -> None:
    strange = ("e1,202501,u9,c1,a,1,", "e9,202501,u2,c1,a,1,", "e9,202502,u2,c1,a,1,", "e2,2025Q1,u2,c1,a,1,")
    issues = refused(bring, *GOOD, *strange)
    assert [(issue.code, issue.place.line, issue.facts["count"]) for issue in issues] == [
        ("dhis2.unknown_unit", 6, "1"),
        ("dhis2.unknown_element", 7, "2"),
        ("dhis2.not_a_month", 9, "1"),
    ]
    assert {issue.place.file for issue in issues} == {"values.csv"}
    assert "u9" in issues[0].says("en") and "e9" in issues[1].says("zh")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("month", ["202513", "2025", "202500", "20250101", ""])
def test_a_month_that_does_not_exist_is_refused(bring: Bring, month: str) -> None:
    assert [issue.code for issue in refused(bring, f"e1,{month},u2,c1,a,1,")] == ["dhis2.not_a_month"]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("value", ["", "many", "1E3", "5%", "1,5", "NaN", "½"])
def test_a_value_that_is_no_number_is_refused(bring: Bring, value: str) -> None:
    (issue,) = refused(bring, f'e1,202501,u2,c1,a,"{value}",')
    assert (issue.code, issue.facts["value"], issue.facts["unit"]) == ("dhis2.not_a_number", value, "u2")


@pytest.mark.usefixtures("untouched")
def test_a_value_of_a_tracker_element_is_refused(bring: Bring) -> None:
    assert [issue.code for issue in refused(bring, "e3,202501,u2,c1,a,1,")] == ["dhis2.unknown_element"]


@pytest.mark.usefixtures("untouched")
def test_an_export_given_twice_is_not_counted_double(bring: Bring) -> None:
    issues = refused(bring, **{"again.csv": values(*GOOD).encode()})
    told = [(issue.code, issue.facts["id"], issue.facts["count"]) for issue in issues]
    assert told == [("dhis2.repeated_value", "e1", "3"), ("dhis2.repeated_value", "e2", "1")]
    assert {(issue.place.file, issue.place.line) for issue in issues} == {("again.csv", 2), ("again.csv", 4)}


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(values(*GOOD).encode(), mtime=0)[:40], "dhis2.unreadable"),
        (b"\x1f\x8b\x08\x00" + b"broken" * 9, "dhis2.unreadable"),
        (b"{", "dhis2.unreadable"),
        (b"[" * 100_000, "dhis2.unreadable"),
        (b"\xff\xfe\x00", "dhis2.unreadable"),
        (b'{"dataValues": [5]}', "dhis2.unreadable"),
        (b"", "dhis2.no_values"),
        (b"unit,value\nu2,5\n", "dhis2.no_values"),
        (b'{"indicators": []}', "dhis2.nothing_known"),
        (b'{"dataElements": [{"name": "no id"}, 7]}', "dhis2.nameless"),
    ],
)
def test_a_file_that_is_no_export_is_refused_by_name(bring: Bring, content: bytes, code: str) -> None:
    issues = refused(bring, **{"odd.file": content})
    assert {(issue.code, issue.place.file) for issue in issues} == {(code, "odd.file")}


@pytest.mark.usefixtures("untouched")
def test_a_family_that_no_file_holds_is_named(bring: Bring, tmp_path: Path) -> None:
    bare = {"dataElements": metadata()["dataElements"]}
    told = {(issue.code, issue.facts.get("family")) for issue in refused(bring, meta=bare)}
    assert ("dhis2.family_missing", "dataSets") in told


@pytest.mark.usefixtures("untouched")
def test_a_parent_that_is_no_unit_is_named(bring: Bring) -> None:
    tree = units()
    tree["organisationUnits"][1]["parent"] = {"id": "u0"}
    (issue,) = refused(bring, tree=tree)
    assert (issue.code, issue.facts) == ("dhis2.unknown_parent", {"id": "u0", "unit": "Clinic, East"})


@pytest.mark.usefixtures("untouched")
def test_all_issues_of_all_files_come_at_once_and_end_with_status_2(
    bring: Bring, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(bring, "e1,202513,u2,c1,a,1,", "e1,202501,u9,c1,a,x,")
    files = [str(tmp_path / name) for name in ("values.csv", "none.json", "meta.json", "units.json")]
    assert main(["import", "dhis2", *files, "--out", str(tmp_path / "out"), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    for code in ("file.not_found", "dhis2.not_a_month", "dhis2.unknown_unit", "dhis2.not_a_number"):
        assert f"[{code}]" in said


def test_the_command_tells_what_became_of_everything(
    bring: Bring, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring()
    files = [str(tmp_path / name) for name in ("meta.json", "units.json", "values.csv")]
    assert main(["import", "dhis2", *files, "--out", str(tmp_path / "out"), "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert "读入数值 4 个，单位 3 个，其中有数据的单位 1 个" in said
    assert "追踪数据元素: Name of the mother (e3): 记录的是个人事件" in said
