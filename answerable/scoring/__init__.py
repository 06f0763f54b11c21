"""Programme + tables -> scorecard. Pure: no clock, no network, no database."""

from answerable.scoring.explain import Explainer, Explanation, explain
from answerable.scoring.returns import failing_checks
from answerable.scoring.run import ENGINES, score, score_buckets
from answerable.scoring.scorecard import NOT_RATED, Scorecard

__all__ = [
    "ENGINES",
    "NOT_RATED",
    "Explainer",
    "Explanation",
    "Scorecard",
    "explain",
    "failing_checks",
    "score",
    "score_buckets",
]
