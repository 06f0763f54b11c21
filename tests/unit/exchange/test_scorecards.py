"""A scorecard as files: the bytes the digests are of, the same figures in both formats, counts in words."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from answerable.__main__ import main
from answerable.definition import read_programme
from answerable.exchange.scorecards import counts, write_scorecard
from answerable.exchange.tables import read_tables
from answerable.scoring import Scorecard, score
from answerable.values import Period
from answerable.values.canonical import canonical_json, digest

ROOT = Path(__file__).resolve().parents[3]
PROGRAMME = read_programme(ROOT / "answerable/programmes/child_health")
YEAR = Period.of_year(2025)
TABLES = ("grades", "indicators", "ranks", "scores")

UNITS = """\
unit,name_zh,name_en,kind,parent,peer_group,opened,closed,forms
C1,第一酋邦,First Chiefdom,level_3,,,,,
F1,第一卫生站,First Health Post,level_4,C1,,,,epi_stock;child_health
F2,"第二卫生站,东",Second Health Post,level_4,C1,,,,child_health
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Two facilities that file nothing: one is weak for it, the other cannot be rated; and their chiefdom."""
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "units.csv").write_text(UNITS, "utf-8")
    return folder


@pytest.fixture
def scorecard(tables: Path) -> Scorecard:
    return score(PROGRAMME, read_tables(tables, PROGRAMME), YEAR, "reference")


def test_the_files_are_those_the_digests_are_of(scorecard: Scorecard, tmp_path: Path) -> None:
    files = write_scorecard(scorecard, tmp_path / "out")
    csv, parquet = [f"{name}.csv" for name in TABLES], [f"{name}.parquet" for name in TABLES]
    assert [file.name for file in files] == [*csv, *parquet, "scorecard.json"]
    said = json.loads(files[-1].read_text("utf-8"))
    assert said["tables"] == {file.stem: sha256(file.read_bytes()).hexdigest() for file in files[: len(csv)]}
    whole = said.pop("digest")
    assert whole == digest(canonical_json(said)) == scorecard.digest()
    assert (said["programme"], said["period"], said["units"]) == ("child_health", "2025", 3)
    assert said["programme_digest"] == PROGRAMME.digest
    assert said["grades"] == {"weak": 2, "not_rated": 1}


def test_figures_are_written_with_the_decimals_the_programme_declares(scorecard: Scorecard, tmp_path: Path) -> None:
    write_scorecard(scorecard, tmp_path)
    assert (tmp_path / "grades.csv").read_bytes().decode("utf-8").splitlines() == [
        "unit,kind,state,available,total,grade,vetoes",
        "C1,level_3,rated,40.00,0.00,weak,",
        "F1,level_4,rated,40.00,0.00,weak,",
        "F2,level_4,not_rated,15.00,,not_rated,",
    ]
    indicators = (tmp_path / "indicators.csv").read_text("utf-8").splitlines()
    assert "F1,epi_stock_complete,known,0.0000" in indicators
    assert "F2,epi_stock_complete,undefined," in indicators


def test_parquet_holds_the_same_figures(scorecard: Scorecard, tmp_path: Path) -> None:
    write_scorecard(scorecard, tmp_path)
    for name in TABLES:
        plain = pl.read_csv(tmp_path / f"{name}.csv", infer_schema=False).fill_null("")
        typed = pl.read_parquet(tmp_path / f"{name}.parquet").cast(pl.String).fill_null("")
        assert typed.to_dict(as_series=False) == plain.to_dict(as_series=False)
    assert pl.read_parquet(tmp_path / "grades.parquet")["total"].dtype == pl.Decimal(scale=2)


def test_writing_again_changes_no_byte(scorecard: Scorecard, tmp_path: Path) -> None:
    first = {file.name: file.read_bytes() for file in write_scorecard(scorecard, tmp_path)}
    again = {file.name: file.read_bytes() for file in write_scorecard(scorecard, tmp_path)}
    assert first == again


def test_grades_are_counted_by_kind_from_the_best_down(scorecard: Scorecard) -> None:
    assert list(counts(PROGRAMME, scorecard.counts(), "en")) == [
        ("District", "0"),
        ("Chiefdom", "Weak 1"),
        ("Facility", "Weak 1, Not rated 1"),
    ]
    assert dict(counts(PROGRAMME, scorecard.counts(), "zh"))["医疗卫生机构"] == "待改进 1，不评等次 1"


@pytest.mark.parametrize("engine", ["columns", "reference"])
def test_the_command_prints_the_counts_the_digest_and_the_files(
    tables: Path, scorecard: Scorecard, tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    arguments = ["score", "child_health", str(tables), "--out", str(tmp_path / "out"), "--engine", engine]
    assert main([*arguments, "--lang", "en"]) == 0
    said = capsys.readouterr().out.splitlines()
    one_by_one = "computed one by one, exactly: 0 of 57 figures (0.00%)"
    assert (one_by_one in said) == (engine == "columns")
    said = [line for line in said if line != one_by_one]
    assert said[:5] == [
        f"child_health 2025.1 · 2025 · {engine}",
        "  District: 0",
        "  Chiefdom: Weak 1",
        "  Facility: Weak 1, Not rated 1",
        f"scorecard sha256 {scorecard.digest()}",
    ]
    assert [Path(line.strip()).name for line in said[5:]] == sorted(
        (file.name for file in (tmp_path / "out").iterdir()),
        key=lambda name: (name == "scorecard.json", name[-3:], name),
    )
