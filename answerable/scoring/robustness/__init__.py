"""How firm grades and places are if weights had been chosen somewhat differently. Pure, seeded, reproducible."""

from answerable.scoring.robustness.drawing import Draws, draws
from answerable.scoring.robustness.edges import Margin, margin_table, margins
from answerable.scoring.robustness.leaving_out import without

__all__ = ["Draws", "Margin", "draws", "margin_table", "margins", "without"]
