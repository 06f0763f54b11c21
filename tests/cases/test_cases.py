"""Every worked case beside a shipped programme, by each engine; and that a case can fail."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

import answerable
from answerable.definition import read_programme
from answerable.definition.reader import read_plain
from answerable.exchange.cases import case_files, read_case, run_case, run_cases
from answerable.scoring import ENGINES
from answerable.scoring.run import Engine
from answerable.values import Issue, Refused
from tests.engines import HELD

PROGRAMMES = Path(answerable.__file__).parent / "programmes"
SHIPPED = sorted(file.parent for file in PROGRAMMES.glob("*/programme.yaml"))
CASES = [file for programme in SHIPPED for file in case_files(programme)]
ONE = PROGRAMMES / "child_health" / "cases" / "balance.yaml"


def named(file: Path) -> str:
    return f"{file.parent.parent.name}/{file.stem}"


def changed(folder: Path, old: str, new: str) -> list[Issue]:
    """The issues of one good case in which a text was changed."""
    text = ONE.read_text("utf-8")
    assert text.count(old) >= 1, old
    file = folder / "changed.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return run_case(file, read_programme(PROGRAMMES / "child_health"))


def codes(issues: list[Issue]) -> set[str]:
    return {issue.code for issue in issues}


def test_the_shipped_programmes_have_cases() -> None:
    assert {file.parent.parent.name for file in CASES} == {"child_health", "family_services", "human_development"}


@pytest.mark.parametrize("engine", HELD)
@pytest.mark.parametrize("file", CASES, ids=named)
def test_a_case_gives_what_was_worked_out_by_hand(file: Path, engine: Engine) -> None:
    assert [issue.line_of_text("en") for issue in run_case(file, read_programme(file.parent.parent), [engine])] == []


@pytest.mark.parametrize("programme", SHIPPED, ids=lambda folder: folder.name)
def test_every_programme_has_several_cases_and_each_says_how_it_was_worked_out(programme: Path) -> None:
    cases = [read_case(file) for file in case_files(programme)]
    assert len(cases) >= 4
    assert all(case.title and case.expect for case in cases)


def test_the_cases_of_child_health_touch_every_item() -> None:
    programme = PROGRAMMES / "child_health"
    expected = {
        name
        for file in case_files(programme)
        for figures in read_case(file).expect.values()
        for name in figures.get("items", {})
    }
    assert {item.id for item in read_programme(programme).tree.items()} - expected == set()


def test_a_figure_that_differs_is_named_for_each_engine(tmp_path: Path) -> None:
    issues = changed(tmp_path, 'total: "', 'total: "1')
    assert [issue.code for issue in issues] == ["case.differs"] * len(ENGINES)
    assert {issue.facts["engine"] for issue in issues} == set(ENGINES)
    line = issues[0].place.line
    assert line is not None and "total" in (tmp_path / "changed.yaml").read_text("utf-8").splitlines()[line - 1]


def test_an_indicator_an_item_and_a_rank_that_differ_are_named(tmp_path: Path) -> None:
    for old, name in (('opv_balance: "', "opv_balance"), ('opv: "', "opv"), ('of_kind: "', "of_kind")):
        issues = changed(tmp_path, old, f"{old}9")
        assert {(issue.code, issue.facts["what"]) for issue in issues} == {("case.differs", name)}


def test_a_veto_that_differs_is_named(tmp_path: Path) -> None:
    assert changed(tmp_path, "grade: strong", 'grade: strong\n    vetoes: ""') == []
    issues = changed(tmp_path, "grade: strong", "grade: strong\n    vetoes: falsified")
    assert {(issue.code, issue.facts["what"], issue.facts["got"]) for issue in issues} == {
        ("case.differs", "vetoes", "")
    }


def test_a_name_that_nothing_scores_is_refused(tmp_path: Path) -> None:
    assert codes(changed(tmp_path, "opv_balance:", "opv_balanse:")) == {"case.unknown_name"}


def test_a_row_an_office_could_not_send_is_refused_at_its_line(tmp_path: Path) -> None:
    (issue,) = changed(tmp_path, 'period: "2025-02"', 'period: "2025-13"')
    assert issue.code == "tables.no_such_month"
    line = issue.place.line
    assert line is not None and "2025-13" in (tmp_path / "changed.yaml").read_text("utf-8").splitlines()[line - 1]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("title:", "titel:", "case.unknown_key"),
        ("worked_by_hand:", "by_hand:", "case.missing_key"),
        ('period: "2025', 'period: "year 2025', "case.no_such_period"),
        ("expect:", "expect: none\nexpected:", "case.wrong_shape"),
        ("units:", "units: none\n  others:", "case.wrong_shape"),
        ("grade:", "grades:", "case.unknown_key"),
        ('unit: "F1"', "unit: [F1]", "case.wrong_shape"),
        ('title: "', 'title: ["', "programme.not_yaml"),
        ("worked_by_hand: |", "worked_by_hand:\nnothing: |", "case.wrong_shape"),
        ("title:", "title: [", "programme.not_yaml"),
        ('"2025-01..2025-06"', '"2031"', "scoring.not_in_force"),
    ],
)
def test_a_case_of_the_wrong_shape_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    issues = changed(tmp_path, old, new)
    assert code in codes(issues)
    assert all(issue.place.file.endswith("changed.yaml") for issue in issues)


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("{}", "case.claims_nothing"),
        ("{F1: {}}", "case.claims_nothing"),
        ("{F1: {grade: }}", "case.claims_nothing"),
        ("{F1: {items: {}}}", "case.claims_nothing"),
        ("{F1: {items: {opv: }}}", "case.wrong_shape"),
        ("{F1: {items: {opv: [1]}}}", "case.wrong_shape"),
        ("{F1: {grade: [weak]}}", "case.wrong_shape"),
        ("[F1]", "case.wrong_shape"),
        ("{F9: {grade: weak}}", "case.unknown_name"),
    ],
)
def test_a_case_that_could_not_fail_is_refused(tmp_path: Path, expect: str, code: str) -> None:
    text = ONE.read_text("utf-8")
    file = tmp_path / "case.yaml"
    file.write_text(f"{text[: text.index('expect:')]}expect: {expect}\n", "utf-8")
    issues = run_case(file, read_programme(PROGRAMMES / "child_health"), ["reference"])
    assert [issue.code for issue in issues] == [code]
    assert issues[0].place.line is not None


def test_a_name_of_a_table_is_no_way_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    issues = changed(tmp_path, "tables:\n", f"tables:\n  {outside.with_suffix('')}:\n    - {{a: b}}\n")
    assert codes(issues) == {"case.unknown_table"}
    assert not outside.exists()


def test_a_programme_without_cases_has_no_issues(tmp_path: Path) -> None:
    folder = copytree(PROGRAMMES / "child_health", tmp_path / "bare", ignore=lambda *_: ["cases"])
    assert run_cases(folder, read_programme(folder)) == []


def test_what_is_no_mapping_is_no_case(tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    file.write_text("- 1\n", "utf-8")
    with pytest.raises(Refused, match=r"case\.wrong_shape"):
        read_case(file)


def test_every_plain_value_of_a_case_stays_text_and_knows_its_line() -> None:
    plain, lines = read_plain(b"a: 0.10\nb:\n  - {c: yes, d: 007}\n  - ~\n", "case.yaml")
    assert plain == {"a": "0.10", "b": [{"c": "yes", "d": "007"}, None]}
    assert str(lines.place(("b", 0, "d"))) == "case.yaml:3"
