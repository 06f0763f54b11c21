"""The figures of a return as they are read: yes or no, money with its decimals, an absence in words or as a sign."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from answerable.definition.model import Field, Form
from answerable.site.reads.returns import Figure, typed
from answerable.site.templatetags.answerable import month as month_words
from answerable.site.views.parts import Cell, Column, Table
from answerable.site.views.programmes import MEASURES
from answerable.values import Month
from answerable.values.table import Absence

__all__ = ["figure_cell", "figures_table", "read_figure"]


def read_figure(one: Field, figure: Figure) -> object:
    """A figure as it is read: yes or no, money with its two decimals, an absence in words."""
    if figure.value is None:
        return Absence(figure.state)
    if one.measure == "flag":
        return _("yes") if figure.value else _("no")
    return Decimal(typed(one, figure))


def figure_cell(one: Field, figure: Figure | None) -> object:
    """A figure in a table, an absence as its sign."""
    if figure is None:
        return "–"
    return Cell(state=figure.state) if figure.value is None else read_figure(one, figure)


def figures_table(
    form: Form, month: Month, figures: Mapping[str, Figure], last: Mapping[str, Figure] | None = None
) -> Table:
    """The whole return in the order of its form, beside the month before where that is given."""
    before = [] if last is None else [Column(month_words(month.plus(-1)), number=True)]
    columns = [Column(_("Figure")), *before, Column(month_words(month), number=True), Column(_("Measure"))]
    rows = []
    for one in form.fields:
        beside = [] if last is None else [figure_cell(one, last.get(one.id))]
        rows.append([one.title, *beside, figure_cell(one, figures.get(one.id)), str(MEASURES[one.measure])])
    return Table(columns, rows)
