"""score(): the one way to a scorecard. The page, the command line, the interface for machines and the tests all
call it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from answerable.definition.model import Programme
from answerable.scoring.scorecard import Scorecard
from answerable.values.issue import Issue, Place, Refused
from answerable.values.period import Period
from answerable.values.table import Tables

if TYPE_CHECKING:
    from answerable.scoring.engines.columns.buckets import Kept

__all__ = ["ENGINES", "Engine", "engine_of", "keep_buckets", "kept_in", "score"]

Engine = Literal["columns", "reference", "duckdb", "spark"]
ENGINES: tuple[Engine, ...] = ("columns", "reference")
"""The engines of every installation."""
_EXTRAS: Mapping[Engine, str] = {"duckdb": "duckdb", "spark": "scale"}
"""The others, each with the extra it comes with."""


def score(programme: Programme, tables: Tables, period: Period, engine: Engine = "columns") -> Scorecard:
    """Score every assessed unit under one programme for one period.

    Args:
        tables: what `definition.schemas` describes. A row that is absent means nobody reported, never zero.
        period: whole months; a return is expected for each of them from each unit that must file.
        engine: `columns` works whole tables; `reference` is the judge; `duckdb` and `spark` add up the rows of whole
            tables elsewhere and come with extras. Same inputs, same digest.

    Returns:
        One row per assessed unit in each table of the scorecard, ordered by unit code, rounded as declared.

    Raises:
        Refused: where the programme is not in force for the whole period, a root or logarithm lies so near a
            rounding that no number of digits decides it, or what the engine needs is not there.
    """
    with _decided(programme, period):
        made: Scorecard = engine_of(engine).score(programme, tables, period)
    return made


def keep_buckets(programme: Programme, buckets: Sequence[Callable[[], Tables]], period: Period, folder: Path) -> Kept:
    """Score a country bucket by bucket, with the engine of columns, and keep on disk what its scorecard is made of.

    Args:
        buckets: each reads its tables when its turn comes; a unit stands in one, with all units below it.
        folder: where it is kept.

    Raises:
        Refused: as `score`, and where a figure has more than 18 digits.
    """
    with _decided(programme, period):
        engine = import_module("answerable.scoring.engines.columns.buckets")
        kept: Kept = engine.keep_buckets(programme, buckets, period, folder)
    return kept


def kept_in(folder: Path, programme: Programme, period: Period) -> Kept | None:
    """What was kept of a programme and a period in a folder, if anything."""
    kept: Kept | None = import_module("answerable.scoring.engines.columns.buckets").kept_in(folder, programme, period)
    return kept


@contextmanager
def _decided(programme: Programme, period: Period) -> Iterator[None]:
    """Refuses a period the programme is not in force for, and says so where arithmetic decides nothing."""
    last = period.last.plus(1).day(1)
    if not (programme.valid_from <= period.start.day(1) and last <= programme.valid_until):
        facts = {"period": str(period), "start": str(programme.valid_from), "until": str(programme.valid_until)}
        raise Refused([Issue("scoring.not_in_force", Place(), facts)])
    try:
        yield
    except OverflowError as error:
        raise Refused([Issue("scoring.too_large", Place(), {"why": str(error)})]) from error
    except ArithmeticError as error:
        raise Refused([Issue("scoring.undecided", Place(), {"why": str(error)})]) from error


def engine_of(engine: Engine) -> ModuleType:
    """The module of an engine, loaded when it is asked for: the library of columns costs a fifth of a second.

    Raises:
        Refused: where what it needs is not installed.
    """
    try:
        return import_module(f"answerable.scoring.engines.{'columns.engine' if engine == 'columns' else engine}")
    except ModuleNotFoundError as error:
        if engine not in _EXTRAS:
            raise
        facts = {"engine": engine, "extra": _EXTRAS[engine], "lacks": error.name or ""}
        raise Refused([Issue("scoring.engine_missing", Place(), facts)]) from error
