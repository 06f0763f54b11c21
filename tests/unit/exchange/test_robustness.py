"""`answerable robustness`: the files, the seed, the summary in both languages, refusals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from answerable.__main__ import main
from answerable.exchange.tables import write_tables
from answerable.scoring import score
from answerable.scoring.robustness import draws
from answerable.scoring.scorecard import written
from answerable.values.canonical import digest
from tests.unit.scoring import robust_district as district

FILES = {"units.csv", "ranks.csv", "without.csv", "margins.csv"}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(district.year(district.shipped()), folder, format="csv")
    return folder


def run(tables: Path, out: Path, *more: str) -> int:
    return main(["robustness", "family_services", str(tables), "--draws", "50", "--out", str(out), *more])


def test_the_files_are_canonical_and_the_same_seed_gives_the_same_bytes(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tables, tmp_path / "a", "--seed", "x", "--lang", "en") == 0
    assert run(tables, tmp_path / "b", "--seed", "x", "--lang", "en") == 0
    assert run(tables, tmp_path / "c", "--seed", "y", "--lang", "en") == 0
    first, again, other = ({file.name: file.read_bytes() for file in (tmp_path / one).iterdir()} for one in "abc")
    assert set(first) == FILES and first == again
    assert {name for name in FILES if first[name] != other[name]} == {"units.csv", "ranks.csv"}
    programme = district.shipped()
    drawn = draws(programme, score(programme, district.year(programme), district.YEAR), 50, seed="x")
    assert digest(first["units.csv"]) == digest(written(drawn.units))
    assert first["units.csv"].splitlines()[0] == (
        b"unit,kind,grade,total,median,as_printed,in_advanced,in_qualified,in_unqualified"
    )


def test_the_summary_names_the_seed_the_firm_and_the_uncertain(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tables, tmp_path, "--within", "40%", "--lang", "en") == 0
    programme = district.shipped()
    card = score(programme, district.year(programme), district.YEAR)
    said = capsys.readouterr().out
    assert f"50 draws of weights, each within ±40%; seed: {card.digest()}" in said
    assert "units that keep their grade in at least 95 of 100 draws: " in said
    assert "of 24" in said and "most uncertain: " in said and "most influential: " in said
    assert "assessed for nobody, so without effect: " in said
    assert run(tables, tmp_path, "--lang", "zh") == 0
    said = capsys.readouterr().out
    assert "至少 95% 的抽取中等次不变的单位：" in said and "最不确定：" in said and "影响最大的项目：" in said


@pytest.mark.parametrize("within", ["0%", "much", "100%"])
def test_no_variation_is_refused_and_nothing_is_written(
    within: str, tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tables, tmp_path / "out", "--within", within, "--lang", "en") == 2
    assert "[robustness.nothing_varied]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_checking_a_programme_loads_no_numpy() -> None:
    code = (
        "import sys; from answerable.__main__ import main; main(['check', 'family_services'])\n"
        "print('numpy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "False"
