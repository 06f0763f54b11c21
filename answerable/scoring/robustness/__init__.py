"""How firm grades and places are if weights had been chosen somewhat differently. Pure, seeded, reproducible."""

from answerable.scoring.robustness.draws import Draws, draws
from answerable.scoring.robustness.margins import Margin, margin_table, margins
from answerable.scoring.robustness.without import without

__all__ = ["Draws", "Margin", "draws", "margin_table", "margins", "without"]
