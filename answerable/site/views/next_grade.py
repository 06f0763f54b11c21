"""What would change the grade, in words: how far the next one is, what is open, which value would be enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.site.templatetags.answerable import shown
from answerable.site.views.parts import Cell, Column, Fact, Table
from answerable.values import Text

__all__ = ["bilingual", "counted", "enough", "items", "lost", "margin", "short", "value_words"]

Node = Mapping[str, Any]


def short(document: Node, best: str, is_standing: bool) -> str:
    """How far the next grade is, in one sentence; `best` is the best grade there is."""
    upper = document["next_grade"]
    if is_standing:
        return _("What is not full yet, the most open points first:")
    if upper is None and document["vetoes"]:
        return _("A veto stands, so points alone do not lift the grade.")
    if upper is None:
        return _without_next(document, best)
    words = {
        "short": upper["short_by"],
        "grade": shown(bilingual(upper["title"])),
        "start": upper["from"],
        "alone": sum(one["reaches_next_grade"] for one in items(document)),
    }
    said = _("%(short)s points short of “%(grade)s”, which begins at %(start)s.") % words
    if upper["veto_stands"]:
        return _after(said, _("A veto stands, so points alone do not lift the grade."))
    if not words["alone"]:
        return _after(said, _("No single item reaches it; several together do."))
    alone = ngettext(
        "One item alone reaches it, if it is got in full.",
        "%(alone)s items each reach it alone, if got in full.",
        words["alone"],
    )
    return _after(said, alone % words)


def _without_next(document: Node, best: str) -> str:
    """Why no total would give a better grade: it is the best one, or something other than the total decides."""
    if document["grade"] == best:
        return _("This is the best grade there is.")
    if document["total"] is None:
        return _("Too few points could be assessed for a grade.")
    if document["grade"] != document["grade_before_quota"]:
        return _("The total reaches a better grade, whose places are taken.")
    return _("The total reaches a better grade; a minimum or a step of the grade stands in its way.")


def _after(first: str, second: str) -> str:
    """Two sentences, one after the other."""
    return _("%(first)s %(second)s") % {"first": first, "second": second}


def lost(document: Node, href: Callable[[str], str], in_run: bool) -> Table | None:
    """The items with open points, the most first, and whether one alone reaches the next grade."""
    open_items = [one for one in items(document) if one["open_points"] and Decimal(one["open_points"]) > 0]
    if not open_items:
        return None
    has_next = in_run and document["next_grade"] is not None
    columns = [Column(_("Item")), Column(_("Open points"), number=True), Column(_("Why"))]
    columns += [Column(_("Enough alone"))] if has_next else []
    rows = []
    for one in sorted(open_items, key=lambda one: -Decimal(one["open_points"])):
        why = counted(one["indicator"])
        row: list[object] = [Cell(bilingual(one["title"]), href(one["id"])), one["open_points"], why]
        if has_next:
            row.append(Cell(_("yes"), state="all_points") if one["reaches_next_grade"] else _("no"))
        rows.append(row)
    return Table(columns, rows)


def enough(node: Node, document: Node) -> Iterator[Fact]:
    """Which value of an item's indicator would be enough for the next grade, where one was found."""
    found = node.get("enough")
    if not found or not document["next_grade"]:
        return
    upper = document["next_grade"]
    value = value_words({**node["indicator"], "value": found["value"]})
    words = {"value": value, "points": found["points"], "total": found["total"]}
    said = _("%(value)s, everything else as it is: %(points)s points, a total of %(total)s") % words
    if upper["quota"]:
        said = _after(said, _("(as long as a place is left)"))
    yield Fact(_("Enough for “%(grade)s”") % {"grade": shown(bilingual(upper["title"]))}, said)


def margin(document: Node) -> str:
    """How many points may be lost and the grade still held; empty where fewer points could not lower it."""
    found = document["margin"]
    if not found:
        return ""
    words = {"points": found["points"], "grade": shown(bilingual(document["grade_title"])), "total": found["down_to"]}
    said = _("“%(grade)s” holds with up to %(points)s points fewer, down to a total of %(total)s.") % words
    if found["minimums"]:
        said = _after(said, _("Every minimum has to be met as well."))
    if found["quota"]:
        said = _after(said, _("Places are counted besides."))
    return said


def counted(indicator: Node) -> str:
    """An indicator with its value, as one says it."""
    return _("%(name)s: %(value)s") % {"name": shown(bilingual(indicator["title"])), "value": value_words(indicator)}


def items(document: Node) -> Iterator[Node]:
    """The leaves of the tree, in order."""
    waiting = list(document["tree"]["children"])
    while waiting:
        node = waiting.pop(0)
        if "children" in node:
            waiting = [*node["children"], *waiting]
        else:
            yield node


def value_words(indicator: Node) -> str:
    """The indicator's rounded value as people say it: a share in percent, a whole number without decimals."""
    if indicator["value"] is None:
        return _absent_word(indicator["state"])
    if indicator["percent"]:
        return f"{Decimal(indicator['value']) * 100:,f}".rstrip("0").rstrip(".") + "%"
    return f"{Decimal(indicator['value']).normalize():,f}"


def _absent_word(state: str) -> str:
    words = {
        "missing": _("missing"),
        "suppressed": _("withheld"),
        "not_applicable": _("not applicable"),
        "undefined": _("cannot be worked out"),
    }
    return words.get(state, state)


def bilingual(both: Mapping[str, str]) -> Text:
    """Words of an explanation as text of both languages."""
    return Text(zh=both["zh"], en=both["en"])
