"""Visits, findings, corrections and their evidence: the unit is heard first, and nobody judges his own affair."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from answerable.integrity.draw import draw, read_frame
from answerable.site import clock
from answerable.site.actions import corrections, evidence, findings, people, visits
from answerable.site.demo.papers import letter
from answerable.site.models import Draw, Entry, Evidence, Finding, Recount
from answerable.site.reads.corrections import get_correction
from answerable.site.reads.evidence import get_bytes
from answerable.site.reads.findings import get_finding
from answerable.site.reads.visits import get_visit, list_draws
from answerable.values.canonical import digest
from answerable.values.issue import Refused
from tests.door import refused
from tests.pictures import PLACE, photograph, picture
from tests.world import FORM, PDF, YEAR, World

PNG = picture()


@contextmanager
def august() -> Iterator[None]:
    with clock.at(datetime(2025, 8, 22, 17)):
        yield


def record(world: World, *recounts: visits.RecountMade, seen: tuple[findings.FindingSeen, ...] = ()) -> None:
    visits.record(
        by=world.people.inspector,
        visit=world["visit D01"],
        visited_on=date(2025, 8, 22),
        recounts=recounts,
        findings=seen,
    )


def test_a_draw_is_repeated_by_anyone_from_what_is_stored(world: World) -> None:
    row = Draw.objects.get(number=world["draw"])
    again = draw(row.seed, read_frame(row.frame), json.loads(row.sizes))
    assert list(again.chosen) == json.loads(row.chosen)
    assert again.frame_digest == row.frame_digest


def test_a_second_draw_of_a_year_is_the_second_round(world: World) -> None:
    sizes = {"community": 1, "department": 1, "enterprise": 1}
    assert visits.draw(by=world.people.office, year=YEAR, seed="second", sizes=sizes).number == "2025-D2"
    assert [one.round for one in list_draws(YEAR)] == [1, 2]


def test_a_draw_larger_than_its_stratum_is_refused(world: World) -> None:
    sizes = {"community": 3, "department": 1, "enterprise": 1}
    with refused("draw.size_unfit"):
        visits.draw(by=world.people.office, year=YEAR, seed="x", sizes=sizes)


def test_a_chosen_unit_waits_for_its_inspector(world: World) -> None:
    assert list_draws(YEAR)[0].waiting == ("E01",)


def assign(world: World, unit: str = "E01", inspector: str = "inspector", **changed: object) -> str:
    asked = {"year": YEAR, "planned_on": date(2025, 9, 1), "draw": world["draw"], "reason": "Drawn by lot.", **changed}
    return visits.assign(by=world.people.office, unit=unit, inspector=inspector, **asked).number  # type: ignore[arg-type]


def test_a_visit_is_assigned_once_to_an_inspector_from_outside(world: World) -> None:
    with refused("site.not_inspector"):
        assign(world, inspector="office")
    people.appoint(by=world.people.office, username="inspector", post="leader", unit="E01", from_day=date(2026, 1, 1))
    with refused("site.inspector_of_unit"):
        assign(world)
    assert assign(world, inspector="inspector-2") == "2025-V4"
    with refused("site.visit_assigned"):
        assign(world, inspector="inspector-2")


def test_a_visit_without_a_draw_has_another_cause(world: World) -> None:
    with refused("site.visit_cause"):
        assign(world, draw="")
    with refused("site.visit_cause"):
        assign(world, cause="complaint")
    with refused("site.visit_not_drawn"):
        assign(world, draw="2025-D9")
    with refused("site.unknown_unit"):
        assign(world, unit="X99", draw="", cause="follow_up")
    with refused("site.reason_missing"):
        assign(world, draw="", cause="follow_up", reason=" ")
    number = assign(world, unit="C01", draw="", cause="follow_up", reason="To see whether the board is kept.")
    visit = get_visit(number)
    assert visit and (visit.cause, visit.draw) == ("follow_up", "")


def test_only_the_inspector_of_a_visit_records_it(world: World) -> None:
    for person in (world.people.second_inspector, world.people.office, world.people.leader):
        with august(), pytest.raises(PermissionDenied):
            visits.record(by=person, visit=world["visit D01"], visited_on=date(2025, 8, 22))


def test_a_recount_stands_beside_what_was_reported(world: World) -> None:
    visit = get_visit(world["visit C02"])
    assert visit and [(one.reported, one.recounted, one.agrees) for one in visit.recounts] == [(40, 36, False)]


def test_a_recount_reads_the_last_version(world: World) -> None:
    with august():
        visits.record(
            by=world.people.inspector,
            visit=world["visit D01"],
            visited_on=date(2025, 8, 22),
            recounts=[visits.RecountMade(FORM, "2025-04", "requests", 40)],
        )
    assert Recount.objects.get(visit__number=world["visit D01"]).reported == 40


def test_every_fault_of_a_record_is_named_at_once(world: World) -> None:
    with (
        august(),
        refused(
            "site.field_unknown",
            "site.recount_of_nothing",
            "site.recount_unfit",
            "site.recount_twice",
            "site.finding_kind_unknown",
            "site.finding_occurrences",
            "site.finding_without_fact",
        ),
    ):
        record(
            world,
            visits.RecountMade(FORM, "2025-05", "births", 1),
            visits.RecountMade(FORM, "2025-06", "requests", 1),
            visits.RecountMade(FORM, "2025-05", "requests", -1),
            visits.RecountMade(FORM, "2025-05", "requests", 4),
            seen=(findings.FindingSeen("noise", 0, " "),),
        )
    assert not Recount.objects.filter(visit__number=world["visit D01"]).exists()


def test_a_visit_is_recorded_once_and_not_before_it_is_made(world: World) -> None:
    with clock.at(datetime(2025, 8, 21, 9)), refused("site.day_to_come"):
        record(world)
    with august():
        record(world)
    with august(), refused("site.visit_recorded"):
        record(world)
    with refused("site.unknown_visit"):
        visits.record(by=world.people.inspector, visit="2025-V99", visited_on=date(2025, 8, 22))


def test_a_visit_of_another_year_is_refused(world: World) -> None:
    with refused("site.visit_other_year"):
        visits.record(by=world.people.inspector, visit=world["visit D01"], visited_on=date(2026, 1, 5))


def test_record_and_findings_stand_in_one_entry(world: World) -> None:
    with august():
        record(world, seen=(findings.FindingSeen("board_outdated", 2, "Two columns."),) * 2)
    tables = [row["table"] for row in json.loads(Entry.objects.order_by("-idx")[0].body)["rows"]]
    assert tables == ["answerable_visit_record", "answerable_finding", "answerable_finding"]
    assert list(Finding.objects.order_by("-id").values_list("number", flat=True)[:2]) == ["2025-F4", "2025-F3"]


def raise_finding(world: World, unit: str = "D01") -> str:
    return findings.raise_(
        by=world.people.office, unit=unit, year=YEAR, kind="board_outdated", occurrences=1, fact="Seen in passing."
    ).number


def test_an_inspector_raises_findings_only_about_a_visit_of_his(world: World) -> None:
    asked = {"year": YEAR, "kind": "board_outdated", "occurrences": 1, "fact": "Two columns."}
    inspector = world.people.inspector
    with pytest.raises(PermissionDenied):
        findings.raise_(by=inspector, unit="C01", **asked)  # type: ignore[arg-type]
    with pytest.raises(PermissionDenied):
        findings.raise_(by=inspector, unit="C02", visit=world["visit C02"], **asked)  # type: ignore[arg-type]
    with refused("site.unknown_visit"):
        findings.raise_(by=inspector, unit="C02", visit=world["visit C01"], **asked)  # type: ignore[arg-type]
    findings.raise_(by=inspector, unit="C01", visit=world["visit C01"], **asked)  # type: ignore[arg-type]


def test_a_finding_about_an_unknown_unit_or_of_an_unknown_kind_is_refused(world: World) -> None:
    with refused("site.unknown_unit", "site.finding_kind_unknown", "site.finding_occurrences"):
        findings.raise_(by=world.people.office, unit="X99", year=YEAR, kind="births", occurrences=0, fact="?")


def test_the_unit_answers_first_or_lets_its_days_go_by(world: World) -> None:
    number, second = raise_finding(world), world.people.second_office
    with refused("site.finding_not_answered"):
        findings.decide(by=second, finding=number, status="confirmed", reason="Seen.")
    with clock.at(datetime(2026, 1, 30, 9)), refused("site.finding_not_answered"):
        findings.decide(by=second, finding=number, status="confirmed", reason="Seen.")
    with clock.at(datetime(2026, 1, 30, 9, 1)):
        findings.decide(by=second, finding=number, status="confirmed", reason="Seen, and no answer.")
    found = get_finding(number)
    assert found and found.status == "confirmed"


def test_who_raised_a_finding_does_not_decide_it(world: World) -> None:
    number = raise_finding(world)
    findings.answer(by=world.people.of_unit("D01", "leader"), finding=number, answer="confirmed")
    with refused("site.own_finding"):
        findings.decide(by=world.people.office, finding=number, status="confirmed", reason="Seen.")


def test_a_unit_answers_once_and_an_objection_says_why(world: World) -> None:
    number, leader = raise_finding(world), world.people.of_unit("D01", "leader")
    with pytest.raises(PermissionDenied):
        findings.answer(by=world.people.leader, finding=number, answer="confirmed")
    with refused("site.objection_without_words"):
        findings.answer(by=leader, finding=number, answer="objected", words=" ")
    findings.answer(by=leader, finding=number, answer="objected", words="It was renewed that day.")
    with refused("site.finding_answered"):
        findings.answer(by=leader, finding=number, answer="confirmed")


def test_a_later_decision_takes_the_place_of_the_one_before(world: World) -> None:
    number = world["finding C02"]
    with refused("site.finding_decided"):
        findings.decide(by=world.people.office, finding=number, status="confirmed", reason="Again.")
    findings.decide(by=world.people.office, finding=number, status="withdrawn", reason="The date was misread.")
    found = get_finding(number)
    assert found and found.status == "withdrawn"
    assert [one.word for one in found.decisions] == ["confirmed", "withdrawn"]


def open_correction(world: World, **changed: object) -> str:
    asked = {"unit": "D01", "year": YEAR, "problem": "Renew the board.", "due_on": date(2026, 2, 1), **changed}
    return corrections.open_(by=world.people.office, **asked).number  # type: ignore[arg-type]


def test_every_fault_of_a_correction_is_named(world: World) -> None:
    with refused("site.unknown_unit", "site.correction_without_problem", "site.day_past", "site.unknown_finding"):
        open_correction(world, unit="X99", problem=" ", due_on=date(2026, 1, 20), finding="2025-F9")
    with refused("site.unknown_finding"):
        open_correction(world, finding=world["finding C01"])
    with refused("site.correction_opened"):
        open_correction(world, unit="C01", finding=world["finding C01"])


def test_a_withdrawn_finding_asks_for_no_correction(world: World) -> None:
    number = raise_finding(world)
    findings.answer(by=world.people.of_unit("D01", "leader"), finding=number, answer="objected", words="It is not so.")
    findings.decide(by=world.people.second_office, finding=number, status="withdrawn", reason="It was not so.")
    with refused("site.finding_withdrawn"):
        open_correction(world, finding=number)


def test_a_correction_is_submitted_with_words_and_fresh_evidence(world: World) -> None:
    number, specialist = open_correction(world), world.people.of_unit("D01", "specialist")
    with refused("site.correction_without_words", "site.correction_without_evidence"):
        corrections.submit(by=specialist, correction=number, words="")
    evidence.attach(by=specialist, correction=number, name="board.png", content=PNG)
    corrections.submit(by=specialist, correction=number, words="Renewed.")
    with refused("site.correction_not_open", "site.correction_without_evidence"):
        corrections.submit(by=specialist, correction=number, words="Renewed again.")
    corrections.send_back(by=world.people.office, correction=number, reason="The picture shows another board.")
    with refused("site.correction_without_evidence"):
        corrections.submit(by=specialist, correction=number, words="It is this board.")


def test_a_correction_is_closed_by_somebody_else(world: World) -> None:
    office, number = world.people.office, world["correction C02"]
    for person in (world.people.of_unit("C02", "leader"), world.people.second_inspector, world.people.leading_group):
        with pytest.raises(PermissionDenied):
            corrections.close(by=person, correction=number)
    people.appoint(by=office, username="office", post="leader", unit="C02", from_day=date(2026, 1, 1))
    with refused("site.own_unit"):
        corrections.close(by=office, correction=number)
    people.appoint(by=office, username="inspector-2", post="office", from_day=date(2026, 1, 1))
    with refused("site.own_finding"):
        corrections.close(by=world.people.second_inspector, correction=number)
    corrections.close(by=world.people.second_office, correction=number)
    closed = get_correction(number)
    assert closed and (closed.state, closed.closed_on) == ("closed", date(2026, 1, 20))


def test_what_is_not_submitted_is_neither_closed_nor_sent_back(world: World) -> None:
    number = open_correction(world)
    with refused("site.correction_not_submitted"):
        corrections.close(by=world.people.office, correction=number)
    with refused("site.correction_not_submitted"):
        corrections.send_back(by=world.people.office, correction=number, reason="?")
    with refused("site.unknown_correction"):
        corrections.close(by=world.people.office, correction="2025-C99")


def test_evidence_lies_under_its_own_digest(world: World, evidence_folder: Path) -> None:
    row = Evidence.objects.get(about=f"correction {world['correction C01']}")
    content = (evidence_folder / row.sha256).read_bytes()
    assert digest(content) == row.sha256
    assert content == get_bytes(row.sha256) == PDF + b"C01"
    body = json.loads(Entry.objects.get(kind="evidence.filed", body__contains=row.sha256).body)
    assert body["files"] == [{"name": "board.pdf", "sha256": row.sha256}]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", "site.file_empty"),
        ("residents.xlsx", b"PK\x03\x04", "site.file_type"),
        ("residents.csv", b"name,id\n", "site.file_type"),
        ("program.pdf", b"MZ\x90", "site.file_type"),
        ("page.html.pdf", b"<script>", "site.file_type"),
        ("picture.exe", PNG, "site.file_named_otherwise"),
        ("picture.pdf", PNG, "site.file_named_otherwise"),
        ("cut.png", PNG[:40], "file.picture_broken"),
        ("large.pdf", PDF + bytes(5 * 1024 * 1024), "site.file_too_large"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    world: World, evidence_folder: Path, name: str, content: bytes, code: str
) -> None:
    before = set(evidence_folder.iterdir())
    with refused(code):
        evidence.attach(
            by=world.people.of_unit("C02", "specialist"),
            correction=world["correction C02"],
            name=name,
            content=content,
        )
    assert set(evidence_folder.iterdir()) == before


LIST = ("回访登记", "张三 110105 19491231 002X", "电话 138-0013-8000")


def test_a_document_with_data_of_residents_is_refused_and_not_kept(world: World, evidence_folder: Path) -> None:
    before = set(evidence_folder.iterdir())
    specialist, number = world.people.of_unit("C02", "specialist"), world["correction C02"]
    with pytest.raises(Refused) as caught:
        evidence.attach(by=specialist, correction=number, name="visits.pdf", content=letter(LIST))
    (issue,) = caught.value.issues
    assert issue.code == "site.residents_in_file"
    assert "第 1 页有 1 个公民身份号码（110***********002X）" in issue.facts["kinds_zh"]
    assert "1 mobile numbers on page 1 (138****8000)" in issue.facts["kinds_en"]
    assert set(evidence_folder.iterdir()) == before


def test_a_document_of_counts_is_kept(world: World, evidence_folder: Path) -> None:
    specialist, number = world.people.of_unit("C02", "specialist"), world["correction C02"]
    content = letter(("整改情况说明", "已回访 35 户，兑现金额 84000 元，公示 7 天。"))
    receipt = evidence.attach(by=specialist, correction=number, name="report.pdf", content=content)
    assert get_bytes(receipt.number) == content


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("已联系 13800138000。", ["site.residents_mobile"]),
        ("证号 11010519491231002X，卡号 6222021234567890128", ["site.residents_identity", "site.residents_card"]),
        ("名单：王小明、李红、张建国", ["site.residents_names"]),
    ],
)
def test_a_text_with_data_of_residents_is_refused_by_whichever_action_it_comes(
    world: World, words: str, codes: list[str]
) -> None:
    with refused(*codes):
        corrections.open_(by=world.people.office, unit="C02", year=YEAR, problem=words, due_on=date(2026, 2, 20))
    specialist = world.people.of_unit("C02", "specialist")
    with refused(*codes):
        corrections.submit(by=specialist, correction=world["correction C02"], words=words)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_is_stored_without_its_place_and_bears_the_digest_of_what_is_stored(
    world: World, kind: str
) -> None:
    specialist, taken = world.people.of_unit("C02", "specialist"), photograph(kind)
    name = f"board.{kind.lower()}"
    receipt = evidence.attach(by=specialist, correction=world["correction C02"], name=name, content=taken)
    stored = get_bytes(receipt.number)
    assert PLACE in taken and PLACE not in stored
    row = Evidence.objects.get(sha256=receipt.number)
    assert (row.sha256, row.size) == (digest(stored), len(stored))


def test_a_file_is_filed_once_and_no_more_than_five(world: World) -> None:
    number, specialist = open_correction(world), world.people.of_unit("D01", "specialist")
    for count in range(5):
        evidence.attach(by=specialist, correction=number, name=f"{count}.png", content=picture(shade=count))
    with pytest.raises(Refused) as caught:
        evidence.attach(by=specialist, correction=number, name="again.png", content=picture(shade=0))
    assert {issue.code for issue in caught.value.issues} == {"site.files_too_many", "site.file_filed"}


def test_a_name_with_a_path_is_cut_to_its_last_part(world: World) -> None:
    specialist = world.people.of_unit("C02", "specialist")
    number = world["correction C02"]
    receipt = evidence.attach(by=specialist, correction=number, name="..\\..\\etc/board.png", content=PNG)
    assert Evidence.objects.get(sha256=receipt.number).name == "board.png"


def test_evidence_for_another_units_correction_is_refused(world: World) -> None:
    with pytest.raises(PermissionDenied):
        evidence.attach(by=world.people.specialist, correction=world["correction C02"], name="board.png", content=PNG)
