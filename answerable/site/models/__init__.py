"""Tables, their constraints and nothing else. One file per noun."""

from answerable.site.models.people import Person

__all__ = ["Person"]
