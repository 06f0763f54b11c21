"""Draws and signals: leads for people, never grades. Pure, seeded, reproducible by anyone."""
