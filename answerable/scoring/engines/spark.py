"""The plan on Spark: for a country whose rows lie on a cluster, or on the processors of this machine.

One session a process, started when it is first needed. Where it runs here it listens to this machine only; on a cluster
the settings of the installation hold (`SPARK_CONF_DIR`), and files of tables must lie where its workers see them.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import polars as pl
import pyarrow  # noqa: F401 - tables are handed over by it, which would show late
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from answerable.definition.model import Programme
from answerable.scoring.engines.sql.dialect import SPARK
from answerable.scoring.engines.sql.statements import score_by
from answerable.scoring.scorecard import Scorecard
from answerable.values.issue import Issue, Place, Refused
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["HERE", "score", "started"]

HERE = "local[*]"
"""All processors of this machine."""
_SETTINGS = {
    "spark.app.name": "answerable",
    "spark.log.level": "OFF",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # A number that does not fit stops the job; a text is what it says.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.variable.substitute": "false",
    "spark.sql.session.timeZone": "UTC",
    # Looking up where each expression was written takes as long as building it.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}
_ON_THIS_MACHINE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
_NUMBERS = count()


def score(programme: Programme, tables: Tables, period: Period) -> Scorecard:
    """Score every assessed unit, its rows gathered by Spark. See `scoring.run.score`.

    Raises:
        Refused: also where no session can be started.
    """
    return score_by(_Session(SparkSession.getActiveSession() or started(HERE)), programme, tables, period)


def started(master: str) -> SparkSession:
    """The session of this process, at the address of a cluster or `local`.

    Raises:
        Refused: where there is no Java, or nothing answers at the address.
    """
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    if not shutil.which(java):
        raise Refused([Issue("scoring.java_missing", Place(), {})])
    settings = _SETTINGS | (_ON_THIS_MACHINE if master.startswith("local") else {})
    builder = SparkSession.builder.master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with _silence():
            session = builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        raise Refused([Issue("scoring.spark_unreachable", Place(), {"master": master})]) from error
    atexit.register(session.stop)
    return session


@contextmanager
def _silence() -> Iterator[None]:
    """Java says much while it starts, and goes on where it began to speak: for good, it speaks to nobody."""
    kept, nobody = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nobody, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nobody)


class _Session:
    dialect = SPARK

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self.views: list[str] = []

    def parquet(self, files: Sequence[Path]) -> str:
        # Named as files: without it a cluster would look for them in its own storage.
        return self._view(self.session.read.parquet(*(f"file://{file.resolve()}" for file in files)))

    def hand(self, frame: pl.DataFrame) -> str:
        return self._view(self.session.createDataFrame(frame.to_arrow()))

    def _view(self, frame: DataFrame) -> str:
        self.views.append(f"answerable_{next(_NUMBERS)}")
        frame.createOrReplaceTempView(self.views[-1])
        return self.views[-1]

    def ask(self, statement: str) -> pl.DataFrame:
        return pl.DataFrame(self.session.sql(statement).toArrow())

    def forget(self) -> None:
        for view in self.views:
            self.session.catalog.dropTempView(view)
