"""Spark itself: that it starts quietly on this machine only, and scores a real year as Polars does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: make test-spark")
if not shutil.which("java"):
    pytest.skip("there is no Java", allow_module_level=True)

import answerable
from answerable.__main__ import main
from answerable.definition import read_programme
from answerable.exchange.dhis2 import import_dhis2
from answerable.exchange.tables import read_tables, write_tables
from answerable.scoring import score
from answerable.scoring.engines import spark
from answerable.values import Period
from answerable.values.table import Table

CHILD_HEALTH = Path(answerable.__file__).parent / "programmes" / "child_health"
EXPORTS = ("metadata.json", "organisation_units.json", "data_values.csv.gz")


@pytest.fixture(scope="session")
def year(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a real year."""
    folder = tmp_path_factory.mktemp("year")
    import_dhis2([shared_data / "sierra-leone" / name for name in EXPORTS], folder)
    return folder


@pytest.mark.parametrize("stored", [False, True])
def test_spark_scores_the_real_year_of_child_health_as_polars_does(year: Path, tmp_path: Path, stored: bool) -> None:
    programme, period = read_programme(CHILD_HEALTH), Period.of_year(2025)
    tables = read_tables(year, programme)
    ours = score(programme, tables, period, "columns")
    if stored:
        write_tables({name: table for name, table in tables.items() if isinstance(table, Table)}, tmp_path, "parquet")
        tables = read_tables(tmp_path, programme, stored=True)
    theirs = score(programme, tables, period, "spark")
    assert len(ours.grades) == 1_331
    assert {name: theirs.tables[name].digest() for name in ours.tables} == {
        name: table.digest() for name, table in ours.tables.items()
    }


def test_the_command_says_the_digest_that_polars_says(
    year: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for engine in ("columns", "spark"):
        assert main(["score", "child_health", str(year), "--engine", engine, "--out", str(tmp_path / engine)]) == 0
        printed = capfd.readouterr()
        assert printed.err == "", "Java speaks to nobody"
        (said[engine],) = (line for line in printed.out.splitlines() if line.startswith("scorecard sha256"))
    assert said["spark"] == said["columns"]


def test_spark_listens_to_this_machine_only() -> None:
    context = spark.started(spark.HERE).sparkContext
    assert context.getConf().get("spark.driver.bindAddress") == "127.0.0.1"
    assert context.getConf().get("spark.driver.host") == "127.0.0.1"
    assert context.uiWebUrl is None


def test_spark_without_java_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    command = ["score", "child_health", str(tmp_path), "--engine", "spark", "--out", str(tmp_path / "out")]
    assert main([*command, "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "scoring.java_missing" in said and "openjdk-17-jre-headless" in said
