"""Words every room speaks. Standard library only, all immutable."""

from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import Rounding
from answerable.values.period import Month, Period
from answerable.values.table import Table, Tables
from answerable.values.text import Text

__all__ = ["Issue", "Month", "Period", "Place", "Refused", "Rounding", "Table", "Tables", "Text"]
