"""How two engines write the same thing, and what each can hold: all that DuckDB and Spark differ in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

__all__ = ["BITS", "DUCKDB", "SPARK", "Dialect", "Session"]

BITS = 127
"""What 38 digits hold for certain, which are all that Spark has and all that leaves DuckDB unrounded."""


@dataclass(frozen=True)
class Dialect:
    """The words of one engine.

    wide: whole numbers of 38 digits. divides_wide: whether it divides such numbers without a remainder lost.
    """

    quote: str
    escape: Callable[[str], str]
    text: str
    wide: str
    divide: str
    divides_wide: bool

    def name(self, name: str) -> str:
        """A column."""
        return f"{self.quote}{name}{self.quote}"

    def own(self, name: str) -> str:
        """A column that is made on the way, and that no field can be called."""
        return self.name(f"~{name}")

    def words(self, value: str) -> str:
        """A text that stands in the statement."""
        return f"'{self.escape(value)}'"

    def list(self, values: Sequence[str]) -> str:
        """Several such texts, for IN."""
        return f"({', '.join(map(self.words, values))})"


DUCKDB = Dialect(
    quote='"',
    escape=lambda text: text.replace("'", "''"),
    text="VARCHAR",
    wide="HUGEINT",
    divide="//",
    divides_wide=True,
)
SPARK = Dialect(
    quote="`",
    escape=lambda text: text.replace("\\", "\\\\").replace("'", "\\'"),
    text="STRING",
    wide="DECIMAL(38, 0)",
    divide="DIV",
    # Division without a remainder gives 64 bits, whatever it is given.
    divides_wide=False,
)


class Session(Protocol):
    """An engine at work."""

    dialect: Dialect

    def parquet(self, files: Sequence[Path]) -> str:
        """What stands after FROM to read files of one shape."""

    def hand(self, frame: pl.DataFrame) -> str:
        """Hand over a table in memory; gives what stands after FROM. Text and 64-bit whole numbers only."""

    def ask(self, statement: str) -> pl.DataFrame:
        """What a statement gives."""

    def forget(self) -> None:
        """Let go of all tables handed over."""
