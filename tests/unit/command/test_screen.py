"""The commands that judge: `screen` for indicators in words, and what `check` says of burden and rights."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from answerable.__main__ import main

LIST = """\
target,name,definition,use,note
<= 12,Crude birth rate,births per 1000,scored,
>= 90%,专干在岗率,实际在岗/应在岗,计分,x

,Births last year,"births, for planning",context,
,Trees,trees planted,scored,
"""


def listed(folder: Path, text: str | bytes = LIST) -> str:
    file = folder / "list.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def test_each_row_is_told_its_outcome_its_rules_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", listed(tmp_path), "--lang", "en"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "2  Crude birth rate"
    assert said[1].startswith("    refuse R1: about births and fertility")
    assert said[3].startswith("    allow A2: it assesses a service: staffing")
    assert said[5].startswith("    context only R9: about births")
    assert said[7] == "    review -: no known service: a person must set the topic"
    assert said[-1] == "refuse 1 · allow 1 · context only 1 · review 1"


def test_the_outcomes_are_told_in_chinese_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", listed(tmp_path, "\ufeff" + LIST), "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert "拒绝 R1: 涉及出生、生育" in said
    assert said.splitlines()[-1] == "拒绝 1 · 允许 1 · 只作背景 1 · 须审定 1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name,definition,use\na,b,c\n", "tables.missing_column"),
        ("name,name,definition,use,target\na,b,c,d,e\n", "tables.repeated_column"),
        ("name,definition,use,target\na,b,c\n", "tables.cells_in_row"),
        ("", "tables.missing_column"),
        (b"\xb3\xf6\xc9\xfa,\xff", "tables.unreadable"),
        ('name,definition,use,target\na,"b" c,d,e\n', "tables.unreadable"),
    ],
)
def test_a_list_that_cannot_be_read_ends_with_status_2_and_its_issues(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, code: str
) -> None:
    assert main(["screen", listed(tmp_path, text), "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert f"[{code}]" in told.err and told.out == ""


def test_a_list_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", str(tmp_path / "none.csv"), "--lang", "zh"]) == 2
    assert "找不到文件" in capsys.readouterr().err


def test_screening_loads_nothing_of_the_site_nor_of_columns(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom answerable.__main__ import main\n"
        f"main(['screen', {listed(tmp_path)!r}])\n"
        "print(sorted({'django', 'polars', 'docx', 'typst', 'answerable.site'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_check_tells_the_figures_a_unit_fills_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "family_services", "--lang", "en"]) == 0
    assert "19 figures a month, 228 a year per unit" in capsys.readouterr().out.splitlines()
    assert main(["check", "child_health", "--lang", "zh"]) == 0
    assert (
        "每单位每月填报 43 项，全年 516 项（儿童健康月报 31，疫苗库存月报 12）" in capsys.readouterr().out.splitlines()
    )


def test_check_tells_who_decided_what_was_reviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = (resources.files("answerable.programmes") / "family_services" / "programme.yaml").read_text("utf-8")
    at = shipped.index("- id: requests\n")
    asked = shipped[at:].replace(
        "en: Service requests to be settled", "en: Births of which something is to be settled", 1
    )
    file = tmp_path / "programme.yaml"
    file.write_text(shipped[:at] + asked, "utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 2
    assert "[programme.review_needed] requests «births»" in capsys.readouterr().err
    decision = "reviewed: {on: 2026-01-10, by: programme office, because: {zh: 只是用词, en: a word only}}"
    file.write_text(shipped[:at] + asked.replace("topic:", f"{decision}\n        topic:", 1), "utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 0
    assert "reviewed 2026-01-10 · programme office · monthly.requests: a word only" in capsys.readouterr().out


def test_a_decision_that_is_new_is_a_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = (resources.files("answerable.programmes") / "family_services" / "programme.yaml").read_text("utf-8")
    decision = "reviewed: {on: 2026-01-10, by: programme office, because: {zh: 只是用词, en: a word only}}"
    file = tmp_path / "programme.yaml"
    file.write_text(shipped.replace("topic: staffing", f"{decision}\n        topic: staffing", 1), "utf-8")
    assert main(["changes", "family_services", str(file), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "added" in said and "a word only" in said


def test_check_prints_a_refusal_with_the_way_that_leads_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = (resources.files("answerable.programmes") / "family_services" / "programme.yaml").read_text("utf-8")
    block, topic = shipped.index("- id: migrant_requests_done"), "topic: equal_access"
    file = tmp_path / "programme.yaml"
    file.write_text(shipped[:block] + shipped[block:].replace(topic, "topic: pregnancy", 1), "utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "[programme.right_refused]" in said
    assert "migrants_equal → equal_terms → migrant_done_share → monthly.migrant_requests_done" in said
