"""Whether the values of one return hold together, by the checks its form declares."""

from __future__ import annotations

from collections.abc import Mapping

from answerable.definition.measures import columns_read
from answerable.definition.model import Check, Form
from answerable.scoring.engines.exact import of_row
from answerable.scoring.engines.rows import Row, Value
from answerable.values.table import Absence

__all__ = ["failing_checks"]


def failing_checks(form: Form, values: Mapping[str, Value]) -> tuple[Check, ...]:
    """The checks of a form that do not hold.

    Args:
        values: by field id: a Fraction in the field's own measure (fen for money), a bool for a flag, or an Absence.

    Returns:
        In the order of the form. A check that reads an absent value says nothing.
    """
    row = Row(form.id, "", "", values)
    return tuple(
        check
        for check in form.checks
        if not any(isinstance(values[column.column], Absence) for column in columns_read(check.holds))
        and not of_row(check.holds, row)
    )
