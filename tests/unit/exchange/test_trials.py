"""`answerable what-if`: a change tried on tables, told in both languages, written as files."""

from __future__ import annotations

import csv
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from answerable.__main__ import main, programme_path
from answerable.definition import read, read_programme
from answerable.exchange.tables import write_tables
from answerable.exchange.trials import Trial, change_of, through_in_words, try_numbers
from answerable.scoring import score
from answerable.scoring.moves import Move, Moves, Shift, Stand
from answerable.values import Refused, Table
from tests.unit.exchange.year import MARCH, PROGRAMME, five, small


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The month of five units as CSV, and their programme."""
    made = tmp_path_factory.mktemp("year")
    held = {name: table for name, table in five()[1].items() if isinstance(table, Table)}
    write_tables(held, made, format="csv")
    made.with_name("small.yaml").write_text(PROGRAMME, "utf-8")
    return made


def what_if(folder: Path, *words: str) -> int:
    tables = () if "--list" in words else (str(folder), "--period", str(MARCH))
    return main(["what-if", str(folder.with_name("small.yaml")), *tables, *words])


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_who_moves_is_told_with_what_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert what_if(folder, "--set", "fair.from=30", "--lang", "en") == 0
    said = capsys.readouterr().out
    assert "begins at: 60 → 30" in said
    assert "better grade 1 · worse grade 0" in said
    assert "f3  33.00 Poor → 33.00 Fair" in said
    assert what_if(folder, "--set", "fair.from=30", "--lang", "zh") == 0
    assert "等次提高 1 · 等次降低 0" in capsys.readouterr().out


def test_the_files_hold_every_unit_and_the_programme_that_was_tried(folder: Path, tmp_path: Path) -> None:
    assert what_if(folder, "--set", "settled.points=60", "--set", "closing.points=40", "--out", str(tmp_path)) == 0
    tried = read((tmp_path / "programme.yaml").read_bytes())
    card = score(tried, five()[1], MARCH)
    after = {row["unit"]: (row["total_after"], row["grade_after"]) for row in rows(tmp_path / "moves.csv")}
    totals = {
        str(row["unit"]): ("" if row["total"] is None else f"{int(row['total']) / 100:.2f}", str(row["grade"]))
        for row in card.grades.rows()
    }
    assert after == totals
    assert {row["node"] for row in rows(tmp_path / "shifts.csv")} <= {"settled", "closing"}


def test_the_numbers_that_can_be_tried_are_listed_as_they_are_typed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert what_if(folder, "--list", "--lang", "en") == 0
    lines = capsys.readouterr().out.splitlines()
    wanted = change_of(line.split("  ")[0] for line in lines)
    assert wanted["good.from"] == "90"
    assert all(line.split("  ", 1)[1].strip() for line in lines)


def test_another_programme_is_tried_though_its_year_is_to_come(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = tmp_path / "later.yaml"
    text = PROGRAMME.replace("from: 2025-01-01, until: 2026-01-01", "from: 2026-01-01, until: 2027-01-01")
    later.write_text(text.replace('version: "7"', 'version: "8"'), "utf-8")
    assert what_if(folder, "--with", str(later), "--lang", "en") == 0
    assert "small 7 → small 8" in capsys.readouterr().out


def test_what_has_no_effect_is_said_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert what_if(folder, "--set", "good.from=95", "--lang", "en") == 0
    assert "Not one figure differs" in capsys.readouterr().out


def test_where_no_item_gives_other_points_the_total_is_said_to_be_made_otherwise() -> None:
    three = Move("f2", "facility", Stand(Fraction(86), "fair", 1, 1), Stand(Fraction(85), "fair", 1, 1))
    trial = Trial(small(), small(), MARCH, Moves((three,), True, small().grades.order))
    said = through_in_words(trial, three)
    assert said is not None and said.en == "the same points, which count otherwise together"
    assert through_in_words(trial, replace(three, after=three.before)) is None


def test_an_item_left_out_is_said_to_be_and_not_counted(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """f1 has no correction due: with no points for that it is fair, with the item left out it is good."""
    strict = tmp_path / "strict.yaml"
    head, _, tail = PROGRAMME.rpartition("absent: exempt")
    strict.write_text(f"{head}absent: zero{tail}", "utf-8")
    arguments = [str(strict), str(folder), "--period", str(MARCH), "--with", str(folder.with_name("small.yaml"))]
    for language, said in (("en", "(Corrections closed left out)"), ("zh", "（整改销号 不参评）")):
        assert main(["what-if", *arguments, "--lang", language]) == 0
        (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  f1")]
        assert line.endswith(said)


def test_the_items_with_the_largest_differences_are_named_and_the_others_counted() -> None:
    shipped = read_programme(programme_path("family_services"))
    shifts = tuple(Shift(one.id, Fraction(5 - at), Fraction(0)) for at, one in enumerate(shipped.givers[:5]))
    stand = Stand(Fraction(90), "advanced", 1, 1)
    move = Move("001", "community", stand, stand, shifts)
    trial = Trial(shipped, shipped, MARCH, Moves((move,), True, shipped.grades.order))
    said = through_in_words(trial, move)
    assert said is not None
    assert said.en.startswith("Agreement signed in time −5, ") and said.en.endswith(" −3, and 2 more")
    assert said.zh.endswith(" −3，等5项")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "trial.nothing_to_try"),
        (("--set", "good.from=87", "--with", "child_health"), "trial.nothing_to_try"),
        (("--set", "good.from"), "trial.no_change"),
        (("--set", "good.from=87", "--set", "good.from=88"), "trial.named_twice"),
        (("--set", "best.from=87"), "trial.unknown_setting"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    folder: Path, words: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert what_if(folder, *words) == 2
    assert f"[{code}]" in capsys.readouterr().err


def test_a_change_that_is_not_sound_is_refused_with_its_line_and_writes_nothing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        try_numbers(PROGRAMME.encode(), "small.yaml", {"fair.from": "95"}, folder, MARCH)
    (issue,) = refused.value.issues
    assert (issue.code, issue.place.file) == ("programme.bands_order", "small.yaml")
    assert what_if(folder, "--set", "fair.from=95", "--out", str(tmp_path / "out")) == 2
    assert not (tmp_path / "out").exists()


def test_the_programme_of_the_tests_is_the_one_that_is_tried(folder: Path) -> None:
    assert small().digest == read(folder.with_name("small.yaml").read_bytes()).digest
