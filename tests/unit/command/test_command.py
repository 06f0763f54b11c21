"""The command line: what it needs, what it says, how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from answerable.__main__ import main


def test_help_loads_no_library_of_the_site_or_of_columns() -> None:
    code = "import sys; sys.argv = ['answerable', '--help']\n" + (
        "from answerable.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'django', 'polars', 'pydantic', 'yaml', 'docx', 'typst', 'numpy'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ["family_services", "child_health"])
def test_the_shipped_programmes_are_sound_and_their_cases_hold(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", name, "--lang", "en"]) == 0
    assert "no issues" in capsys.readouterr().out


def test_a_broken_programme_ends_with_status_2_and_says_every_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "programme.yaml"
    file.write_text("programme: Bad Name\nversion: '1'\n", "utf-8")
    assert main(["check", str(file), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert f"{file}:1: [programme.wrong_value]" in said
    assert "[programme.missing_key] title is missing" in said


def test_a_missing_file_is_said_in_the_language_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["check", str(tmp_path / "none.yaml")]) == 2
    assert "找不到文件" in capsys.readouterr().err


def test_a_period_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "units.csv").write_text("unit,name_zh,name_en,kind,parent,peer_group,opened,closed,forms\n", "utf-8")
    arguments = ["score", "child_health", str(tmp_path), "--period", "2025-13", "--out", str(tmp_path / "out")]
    assert main([*arguments, "--lang", "en"]) == 2
    assert "2025-13 is not a period" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "answerable", "--version"], capture_output=True, text=True, env=os.environ, check=True
    )
    assert done.stdout.startswith("answerable ")


@pytest.mark.parametrize(
    ("engine", "library", "extra"), [("duckdb", "duckdb", "duckdb"), ("spark", "pyspark", "scale")]
)
def test_an_engine_that_is_not_installed_is_refused_with_what_to_install(
    engine: str,
    library: str,
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in (library, "pyarrow", "py4j", "py4j.protocol"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, f"answerable.scoring.engines.{engine}", raising=False)
    arguments = ["score", "child_health", str(tmp_path), "--engine", engine, "--out", str(tmp_path / "out")]
    assert main([*arguments, "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "scoring.engine_missing" in said and f"pip install 'answerable[{extra}]'" in said
    assert not (tmp_path / "out").exists()


def test_duckdb_is_an_engine_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    units = "unit,name_zh,name_en,kind,parent,peer_group,opened,closed,forms\nF1,甲,A,level_4,,,,,child_health\n"
    (tmp_path / "units.csv").write_text(units, "utf-8")
    said = []
    for engine in ("reference", "duckdb"):
        out = str(tmp_path.with_name(f"{tmp_path.name}-{engine}"))
        assert main(["score", "child_health", str(tmp_path), "--engine", engine, "--out", out]) == 0
        said.append([line for line in capsys.readouterr().out.splitlines() if line.startswith("scorecard")])
    assert said[0] == said[1] and len(said[0]) == 1
