"""Programme + tables -> scorecard. Pure: no clock, no network, no database."""

from answerable.scoring.run import ENGINES, score
from answerable.scoring.scorecard import NOT_RATED, Scorecard

__all__ = ["ENGINES", "NOT_RATED", "Scorecard", "score"]
