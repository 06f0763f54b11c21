"""How firm grades and places are if weights had been chosen somewhat differently. Pure, seeded, reproducible."""

from answerable.scoring.robustness.draws import Draws, draws

__all__ = ["Draws", "draws"]
