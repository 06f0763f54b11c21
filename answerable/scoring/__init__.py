"""Programme + tables -> scorecard. Pure: no clock, no network, no database."""

from answerable.scoring.explain import Explainer, Explanation, explain
from answerable.scoring.returns import failing_checks
from answerable.scoring.run import ENGINES, keep_buckets, kept_in, score
from answerable.scoring.scorecard import NOT_RATED, Scorecard

__all__ = [
    "ENGINES",
    "NOT_RATED",
    "Explainer",
    "Explanation",
    "Scorecard",
    "explain",
    "failing_checks",
    "keep_buckets",
    "kept_in",
    "score",
]
