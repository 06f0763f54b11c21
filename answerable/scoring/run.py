"""score(): the one way to a scorecard. The page, the command line, the interface for machines and the tests all
call it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Literal

from answerable.definition.model import Programme
from answerable.scoring.scorecard import Scorecard
from answerable.values.issue import Issue, Place, Refused
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["ENGINES", "Engine", "score"]

Engine = Literal["columns", "reference"]
ENGINES: tuple[Engine, ...] = ("columns", "reference")


def score(programme: Programme, tables: Tables, period: Period, engine: Engine = "columns") -> Scorecard:
    """Score every assessed unit under one programme for one period.

    Args:
        tables: what `definition.schemas` describes. A row that is absent means nobody reported, never zero.
        period: whole months; a return is expected for each of them from each unit that must file.
        engine: `columns` works whole tables; `reference` is the judge. Same inputs, same digest.

    Returns:
        One row per assessed unit in each table of the scorecard, ordered by unit code, rounded as declared.

    Raises:
        Refused: where the programme is not in force for the whole period, or a root or logarithm lies so near a
            rounding that no number of digits decides it.
    """
    last = period.last.plus(1).day(1)
    if not (programme.valid_from <= period.start.day(1) and last <= programme.valid_until):
        facts = {"period": str(period), "start": str(programme.valid_from), "until": str(programme.valid_until)}
        raise Refused([Issue("scoring.not_in_force", Place(), facts)])
    # An engine is loaded when it is asked for: the library of columns costs a fifth of a second.
    try:
        made: Scorecard = import_module(f"answerable.scoring.engines.{engine}").score(programme, tables, period)
    except ArithmeticError as error:
        raise Refused([Issue("scoring.undecided", Place(), {"why": str(error)})]) from error
    return made
