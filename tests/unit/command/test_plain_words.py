"""Commands that give a programme back in plain words: what changed, and the schema for editors."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from answerable.__main__ import main


def edited(folder: Path, *edits: tuple[str, str]) -> Path:
    """The district's programme with each first text replaced by each second."""
    text = (resources.files("answerable.programmes") / "family_services" / "programme.yaml").read_text("utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "programme.yaml"
    file.write_text(text, "utf-8")
    return file


def test_what_changed_is_listed_with_a_star_where_it_bears_on_a_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = edited(
        tmp_path,
        ('version: "2025.1"', 'version: "2026.1"'),
        ("  total: {mode: half_up", "  total: {mode: down"),
        ("rule: {ratio_to_target: 100%}", "rule: {linear: {zero_at: 50%, full_at: 100%}}"),
    )
    assert main(["changes", "family_services", str(new), "--lang", "en"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "family_services 2025.1 → family_services 2026.1",
        "  changed  Version: 2025.1 → 2026.1",
        "* changed  Services within everyone's reach, special-support families, rule",
        "    − 5 points at the target of 100%, in proportion below it",
        "    + 5 points at 100%, none at 50%, on a straight line between",
        "* changed  Rounding, total",
        "    − 2 decimals, halves away from zero",
        "    + 2 decimals, towards zero",
        "3 changes, 2 bearing on a score (*).",
    ]
    assert main(["changes", str(new.parent), "family_services", "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert "  修改  版本：2026.1 → 2025.1\n" in said
    assert "共3处变化，其中2处影响得分（标*）。" in said


def test_two_versions_alike_have_no_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "child_health", "child_health", "--lang", "en"]) == 0
    assert "No change" in capsys.readouterr().out


def test_changes_of_a_file_that_is_unsound_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = edited(tmp_path, ("measure: flag", "measure: banner"))
    assert main(["changes", "family_services", str(new), "--lang", "en"]) == 2
    assert "banner" in capsys.readouterr().err


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Answerable programme"
