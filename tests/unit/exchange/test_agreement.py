"""The agreement: one canonical text both sides sign, and a document made from that text alone."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from answerable.definition.outcomes import Minimum, OtherBands, Quota
from answerable.exchange import docx, pdf
from answerable.exchange.agreement import Signed, agreement, agreement_text
from answerable.exchange.report import Party, Report, SignatureBlock, TableBlock, has_chinese
from answerable.values import Text
from answerable.values.canonical import canonical_json, digest
from answerable.values.text import Language
from tests.unit.exchange.year import small

FIRST = Text(zh="第一机构", en="First facility")


@dataclass(frozen=True)
class Signer:
    code: str = "f1"
    name: Text = FIRST
    kind: str = "facility"
    forms: tuple[str, ...] = ("monthly",)


TEXT = agreement_text(small(), Signer(), 2025)
OFFICE = Signed("office", "张", "office1", datetime(2025, 1, 10, 16, 30, 59, tzinfo=UTC))


def parties(report: Report) -> tuple[Party, ...]:
    (block,) = [block for block in report.blocks if isinstance(block, SignatureBlock)]
    return block.parties


def test_the_text_is_canonical_and_survives_being_stored() -> None:
    stored = canonical_json(TEXT)
    assert json.loads(stored) == TEXT
    assert canonical_json(json.loads(stored)) == stored


def test_the_same_inputs_give_the_same_digest_and_any_other_unit_another() -> None:
    assert canonical_json(agreement_text(small(), Signer(), 2025)) == canonical_json(TEXT)
    assert canonical_json(agreement_text(small(), Signer("f2"), 2025)) != canonical_json(TEXT)


def test_the_text_names_both_parties_the_programme_and_the_law() -> None:
    assert TEXT["office"] == {"zh": "小区项目办公室", "en": "Small programme office"}
    assert TEXT["unit"]["name"]["zh"] == "第一机构"
    assert TEXT["programme"] == {"id": "small", "version": "7", "digest": small().digest}
    assert TEXT["legal_basis"] == ["law#7", "law#9-11", "plan#assessment"]
    assert TEXT["sign_by"] == "2025-01-31"


def test_every_item_stands_in_the_text_with_points_rule_and_clause() -> None:
    items = {item["id"]: item for part in TEXT["parts"] for item in part["items"]}
    assert set(items) == {item.id for item in small().tree.items()}
    assert items["settled"]["points"] == "70"
    assert "100%" in items["settled"]["rule"]["zh"]
    assert items["closing"]["cited"] == {"zh": "《工作规划》第4条", "en": "Work Plan, article 4"}
    assert items["closing"]["absent"]["undefined"] == "exempt"


def test_the_calendar_has_the_last_day_of_every_month_the_next_january_too() -> None:
    (form,) = TEXT["forms"]
    assert form["returns"][0] == {"month": "2025-01", "due_on": "2025-02-05"}
    assert form["returns"][-1] == {"month": "2025-12", "due_on": "2026-01-05"}
    assert len(form["returns"]) == 12


def test_a_unit_that_files_nothing_has_no_calendar() -> None:
    text = agreement_text(small(), Signer(forms=()), 2025)
    assert text["forms"] == []
    assert "乙方没有需要报送的报表。" in list(agreement(text, "zh").texts())


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            [
                "甲方（项目办公室）：小区项目办公室",
                "乙方（责任单位）：第一机构（机构，编码 f1）",
                "办结率：达到目标值100%得70分，未达到的按实际值与目标值之比得分。",
                "再犯扣分：每次扣2分，累计不超过4分（《服务法》第5条）。",
                "经查实造假，等次最高为“较差”（《服务法》第43条）。",
                "90分及以上为优良；60分及以上、不足90分为一般；不足60分为较差",
                "不得使结果变差",
                "2026年1月5日",
                "双方于2025年1月31日前（含当日）签订。",
            ],
        ),
        (
            "en",
            [
                "The unit: First facility (facility, code f1)",
                "Off for coming back: 2 points off for each, 4 at most (Services Law, article 5).",
                "Proven falsification: the grade is at most “Poor” (Services Law, article 43).",
                "good from 90; fair from 60 to below 90; poor below 60",
                "never makes a result worse",
                "5 January 2026",
                "Both sides sign by 31 January 2025, included.",
            ],
        ),
    ],
)
def test_the_document_says_what_the_text_says(language: Language, expected: list[str]) -> None:
    words = "\n".join(agreement(TEXT, language).texts())
    for text in expected:
        assert text in words


def test_duties_are_tabled_under_their_part() -> None:
    tables = [block for block in agreement(TEXT, "en").blocks if isinstance(block, TableBlock)]
    assert [row[0] for table in tables[:2] for row in table.rows] == ["Requests settled", "Corrections closed"]


def test_a_signature_shows_account_and_local_time_and_is_said_to_be_an_internal_record() -> None:
    report = agreement(TEXT, "zh", signatures=[OFFICE])
    office, unit = parties(report)
    assert office.lines[:2] == ("系统账号：张（office1）", "签订时间：2025-01-11 00:30 UTC+08:00")
    assert unit.lines[:2] == ("系统账号：尚未签订", "签订时间：—")
    assert any("内部记录" in text and "不等同于手写签名" in text for text in report.texts())


def test_signing_changes_nothing_of_the_text_or_its_digest() -> None:
    unsigned, signed = agreement(TEXT, "zh"), agreement(TEXT, "zh", signatures=[OFFICE])
    assert unsigned.footer == signed.footer
    assert unsigned.footer[1].strip() == f"SHA-256 {digest(canonical_json(TEXT))}"


def test_the_document_is_made_from_the_text_and_not_from_the_programme_of_today() -> None:
    changed: dict[str, Any] = json.loads(canonical_json(TEXT))
    changed["parts"][0]["title"]["zh"] = "当年的名称"
    assert any("当年的名称" in text for text in agreement(changed, "zh").texts())


def test_english_has_not_a_chinese_character_in_it() -> None:
    assert not has_chinese(agreement(TEXT, "en").texts())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_renderings_bear_the_number_and_every_duty(language: Language) -> None:
    report = agreement(TEXT, language, number="2025-f1-1", signatures=[OFFICE])
    if pdf.missing_fonts(report):
        pytest.skip("no Chinese font is installed (package fonts-noto-cjk)")
    printed = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.write(report))).pages).split())
    document = Document(io.BytesIO(docx.write(report)))
    words = [paragraph.text for paragraph in document.paragraphs]
    words += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for text in ("2025-f1-1", *(TEXT["parts"][0]["items"][0][key][language] for key in ("title", "cited"))):
        assert "".join(text.split()) in printed
        assert text in "\n".join(words)


def test_what_limits_a_grade_and_an_adjustment_stands_in_the_agreement() -> None:
    known = small()
    first = known.grades.order[0]
    limited = replace(
        known.grades,
        other_bands=(OtherBands(("facility",), tuple(band.start / 2 for band in known.grades.bands)),),
        minimums=(Minimum(first, known.tree.children[0].id, Fraction(4, 5)),),
        quotas=(Quota(first, Fraction(1, 5), "kind", "down", "out"),),
    )
    bonus = tuple(replace(one, base=(">", Fraction(80))) for one in known.adjustments)
    text = agreement_text(replace(known, grades=limited, adjustments=bonus), Signer(), 2025)
    said = "\n".join(agreement(text, "en").texts())
    assert "where the points before adjustments are above 80" in said
    assert "or better: at least 80% of the points" in said and "or better: at most 20% of the rated" in said
    assert "good from 45" in said
