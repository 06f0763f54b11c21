"""YAML -> a checked, frozen Programme. The only room that knows what a programme file looks like."""

from answerable.definition.model import Form, Indicator, Item, Part, Programme
from answerable.definition.reader import read, read_programme
from answerable.definition.tables import schemas

__all__ = ["Form", "Indicator", "Item", "Part", "Programme", "read", "read_programme", "schemas"]
