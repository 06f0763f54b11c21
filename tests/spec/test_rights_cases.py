"""The rights check over words: the labelled cases, each reworded five ways, and cases written before the words were.

The rewordings (other words, another order, the other language, both mixed, euphemisms) and the held-out cases are ours,
beside this file. `-s` prints what did not come out as it should. The figures of the first run of each held-out set,
before its faults were mended, stand in docs/rights.md.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.definition import read
from answerable.definition.screening import Judgement, screen
from answerable.values import Refused
from tests.spec.office import document, form, indicator, item

HERE = Path(__file__).parent
LET_THROUGH = ("allow", "allow_context")
Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


REWORDED = rows(HERE / "rights_reworded.csv")
HELD_OUT = rows(HERE / "rights_held_out.csv")


def judged(row: Row) -> Judgement:
    return screen(row["name"], row["definition"], row["use"], row["target"])


def changed(cases: list[Row]) -> Iterator[str]:
    """Cases whose outcome is another than that expected, as lines to read."""
    for row in cases:
        judgement = judged(row)
        if judgement.outcome != row["expected"]:
            yield f"{row['expected']} -> {judgement.line('en')} | {row['name']} | {row['definition']}"


def told(what: str, cases: list[Row]) -> int:
    lines = list(changed(cases))
    print(f"\n{what}: {len(cases) - len(lines)} of {len(cases)} as expected", *lines, sep="\n  ")
    return len(cases) - len(lines)


def test_every_labelled_case_comes_out_as_labelled_with_its_rules(shared_data: Path) -> None:
    labelled = rows(shared_data / "rights" / "indicator_cases.csv")
    assert len(labelled) == 40
    assert list(changed(labelled)) == []
    lacking = {row["id"]: set(row["rules"].split(";")) - set(judged(row).rules) for row in labelled}
    assert {case: rules for case, rules in lacking.items() if rules} == {}


def test_each_labelled_case_is_reworded_five_ways(shared_data: Path) -> None:
    labelled = rows(shared_data / "rights" / "indicator_cases.csv")
    assert Counter(row["case"] for row in REWORDED) == {row["id"]: 5 for row in labelled}
    expected = {row["id"]: row["expected"] for row in labelled}
    assert {row["case"] for row in REWORDED if row["expected"] != expected[row["case"]]} == set()


@pytest.mark.parametrize("row", [row for row in [*REWORDED, *HELD_OUT] if row["expected"] == "refuse"], ids=str)
def test_what_is_refused_is_allowed_under_no_name(row: Row) -> None:
    assert judged(row).outcome not in LET_THROUGH


@pytest.mark.parametrize("row", [row for row in [*REWORDED, *HELD_OUT] if row["expected"] == "review"], ids=str)
def test_what_a_person_must_look_at_is_never_let_through(row: Row) -> None:
    assert judged(row).outcome not in LET_THROUGH


@pytest.mark.parametrize("row", [row for row in [*REWORDED, *HELD_OUT] if row["expected"] in LET_THROUGH], ids=str)
def test_what_is_legitimate_is_allowed_or_reviewed_never_refused(row: Row) -> None:
    assert judged(row).outcome in (row["expected"], "review")


def test_rewording_changes_nothing() -> None:
    assert told("reworded", REWORDED) >= 0.97 * len(REWORDED)


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("first", 0.97),
        ("second", 0.97),
        ("third", 0.97),
        ("disguised", 0.95),
        ("fifth", 0.92),
        ("sixth", 0.97),
        ("seventh", 0.95),
    ],
)
def test_cases_written_beforehand_come_out_right(name: str, floor: float) -> None:
    cases = [row for row in HELD_OUT if row["set"] == name]
    assert len(cases) >= 40
    assert told(name, cases) >= floor * len(cases)


def said_of_a_programme(row: Row) -> set[str]:
    """The codes of a programme with a field of that name and definition, with a topic that may be scored."""
    words, context = {"zh": row["name"], "en": row["name"]}, row["expected"] == "allow_context"
    help_text = {"zh": row["definition"], "en": row["definition"]}
    asked = {"id": "asked", "title": words, "help": help_text, "measure": "count", "topic": "process"}
    other = {"id": "other", "title": {"zh": "甲", "en": "a"}, "measure": "count", "topic": "process"}
    fields = [{**one, "owner": "office", "use": "context"} for one in (asked, other)]
    formula = f"sum(pay.{'other' if context else 'asked'})"
    parts = document(
        forms=[{**form(), "fields": fields}],
        indicators=[indicator("ratio", formula)],
        tree=[item("one", {"ratio_to_target": "9"})],
    )
    try:
        read(json.dumps(parts).encode())
    except Refused as refused:
        return {issue.code for issue in refused.issues}
    return set()


@pytest.mark.parametrize("row", REWORDED, ids=str)
def test_as_the_field_of_a_programme_a_case_is_held_until_a_person_decides_or_it_is_sound(row: Row) -> None:
    held = {"programme.review_needed"} if row["expected"] in ("refuse", "review") else set()
    assert said_of_a_programme(row) == held


def test_the_labelled_cases_as_fields_of_programmes_are_held_or_sound_alike(shared_data: Path) -> None:
    labelled = rows(shared_data / "rights" / "indicator_cases.csv")
    held = {row["id"] for row in labelled if said_of_a_programme(row)}
    assert held == {row["id"] for row in labelled if row["expected"] in ("refuse", "review")}


def test_the_table_of_the_rights_page_is_what_the_program_says() -> None:
    page = (HERE.parents[1] / "docs" / "rights.md").read_text("utf-8")
    lines = page.partition("| name | definition | use | target | outcome |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    given = {tuple(words): screen(*words) for *words, _ in cells}
    told = {words: f"{one.outcome} {' '.join(one.rules) or '-'}" for words, one in given.items()}
    assert told == {tuple(words): outcome for *words, outcome in cells}
    assert len(told) >= 20


def test_both_languages_are_tried_in_each_set() -> None:
    chinese = Counter(row["set"] for row in HELD_OUT if any("\u4e00" <= sign <= "\u9fff" for sign in row["name"]))
    total = Counter(row["set"] for row in HELD_OUT)
    assert {name for name in total if not 0.3 <= chinese[name] / total[name] <= 0.7} == set()


@pytest.mark.parametrize(
    "spelled", ["CRUDE  BIRTH-RATE", "Ｃｒｕｄｅ birth rate", "crude birth\u00adrate", "粗 出 生 率", "孕情監測"]
)
def test_spelling_hides_nothing(spelled: str) -> None:
    assert screen(spelled, "", "scored", "").outcome == "refuse"


@pytest.mark.parametrize("use", ["", "to be decided", "待定"])
def test_a_use_that_is_not_said_is_never_allowed(use: str) -> None:
    assert screen("Crude birth rate", "births per 1000", use, "").outcome == "refuse"
    assert screen("Staff present", "staff-days present / posted", use, ">= 90%").outcome == "review"
    assert screen("Removal on request", "IUD removal requests met within 7 days", use, "").outcome == "review"


@pytest.mark.parametrize(
    ("use", "outcome"),
    [
        ("context", "allow_context"),
        ("planning", "allow_context"),
        ("背景", "allow_context"),
        ("not scored", "allow_context"),
        ("planning target", "refuse"),
        ("context, and the ranking", "refuse"),
        ("用于规划和考核", "refuse"),
    ],
)
def test_the_strictest_use_that_is_named_holds(use: str, outcome: str) -> None:
    assert screen("Births last year", "number of births", use, "").outcome == outcome


def test_context_with_a_target_is_a_target() -> None:
    assert screen("Births last year", "number of births", "context", "<= 900").outcome == "refuse"


def test_names_of_persons_are_not_even_context() -> None:
    assert screen("育龄妇女名单", "姓名、电话", "背景", "").rules == ("R7",)
    assert screen("育龄妇女名单", "姓名、电话", "背景", "").outcome == "refuse"


def test_a_judgement_says_its_rules_its_reason_in_both_languages_and_its_words() -> None:
    judgement = screen("Abortion rate", "abortions per 1000 women", "scored", "reduce")
    assert judgement.rules == ("R4",)
    assert judgement.words == ("abortion", "abortions")
    assert "流产" in judgement.reason.zh and "abortions" in judgement.reason.en
    assert judgement.line("en").startswith("refuse R4: about abortions and procedures")


def test_an_incentive_on_a_protected_figure_also_falls_under_the_rule_on_incentives() -> None:
    assert screen("Bonus", "5 for each acceptor", "payment", "").rules == ("R2", "R5")
    assert "R5" in screen("Births", "number of births", "veto", "").rules


def test_what_is_unknown_is_reviewed_and_names_no_rule() -> None:
    judgement = screen("Tree planting", "trees planted in time", "scored", ">= 100")
    assert (judgement.outcome, judgement.rules) == ("review", ())
