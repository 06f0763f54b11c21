"""Engines: each turns a programme and tables into the same scorecard, by arithmetic of its own."""
