"""Which engines the tests hold to the language: those of every installation and DuckDB, or one named from outside.

`make test-spark` names Spark, which takes minutes to do what the others do in seconds.
"""

from __future__ import annotations

import os
from typing import Any, get_args

from answerable.scoring import ENGINES
from answerable.scoring.run import Engine, engine_of

NAMED: Any = os.environ.get("ANSWERABLE_ENGINE", "")
HELD: tuple[Engine, ...] = (NAMED,) if NAMED else (*ENGINES, "duckdb")
assert set(HELD) <= set(get_args(Engine))

SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""To compile a statement takes Spark longer than to go through a dozen rows without."""


def made_ready() -> None:
    """Engines set for tables of a few rows: what they answer is the same, and they are quicker to answer."""
    if "duckdb" in HELD:
        engine_of("duckdb")._database().execute("SET threads = 1")
    if "spark" in HELD:
        session = engine_of("spark").started("local[2]")
        for name, value in SMALL.items():
            session.conf.set(name, value)
