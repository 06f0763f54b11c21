"""What changed between two explanations of one unit's score: by how much, where, and why.

The shares of the items and adjustments, and the rest that is nobody's, add up to the difference of the totals. The
document is versioned JSON; `since_words` writes it for a reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from answerable.scoring.explain import FORMAT as EXPLANATION
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import Rounding
from answerable.values.text import Text

__all__ = ["FORMAT", "changes_since"]

FORMAT = "answerable-explanation-changes/1"

Document = Mapping[str, Any]
Node = Mapping[str, Any]
NONE = Fraction(0)


def changes_since(before: Any, after: Any) -> dict[str, Any]:
    """What changed from the earlier explanation to the later, as a document of dict, list, str and None alone.

    Raises:
        Refused: where one is no explanation of the format known here, or they are not of one unit and one programme.
    """
    earlier, later = _read(before), _read(after)
    one, other = (f"{side.document['programme']} · {side.document['unit']}" for side in (earlier, later))
    if one != other:
        raise Refused([Issue("scoring.not_the_same_score", Place(), {"before": one, "after": other})])
    return _Comparison(earlier, later).document()


@dataclass(frozen=True)
class _Side:
    """One explanation with its nodes by kind and id, in the order of the programme."""

    document: Document
    nodes: dict[tuple[str, str], Node]
    within: dict[str, str]

    def points(self, key: tuple[str, str]) -> Fraction:
        """What a node brings into the total; nothing where it is not there."""
        counts = self.nodes[key]["counts"] if key in self.nodes else None
        return Fraction(counts["points"]) if counts else NONE

    @property
    def decimals(self) -> int:
        """Of the total, as it is printed."""
        return len((self.document["total"] or "").partition(".")[2])


def _read(document: Any) -> _Side:
    """Take an explanation apart; it may be a file that somebody kept, so nothing is taken for granted."""
    try:
        if document["format"] != EXPLANATION:
            raise ValueError(document["format"])
        side = _Side(document, {}, {})
        for kind, within, node in _nodes(document):
            side.nodes[kind, node["id"]] = node
            side.within[node["id"]] = within
        _prove(side)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise Refused([Issue("scoring.no_explanation", Place(), {"format": EXPLANATION})]) from error
    return side


def _prove(side: _Side) -> None:
    """Read all that a comparison or its words may read, so that nothing fails later."""
    itself = _Comparison(side, side)
    itself.document()
    said = [side.document["grade_title"]]
    said += [one.get("effect") or one["says"] for one in (*side.document["vetoes"], *side.document["steps"])]
    for key, node in side.nodes.items():
        itself.node(key)
        said.append(node["title"])
        if key[0] != "part":
            _other_value(node, node)
            said += [node["rule"], node["indicator"]["title"]]
    for both in said:
        Text(zh=both["zh"], en=both["en"])


def _nodes(document: Document) -> Iterator[tuple[str, str, Node]]:
    """Kind, the part it stands in, and the node."""
    waiting: list[tuple[str, Node]] = [("", document["tree"])]
    while waiting:
        within, node = waiting.pop(0)
        yield ("part" if "children" in node else "item"), within, node
        waiting = [(node["id"], child) for child in node.get("children", [])] + waiting
    for node in document["adjustments"]:
        yield "adjustment", "", node


@dataclass(frozen=True)
class _Comparison:
    before: _Side
    after: _Side

    def document(self) -> dict[str, Any]:
        before, after = self.before, self.after
        return {
            "format": FORMAT,
            "programme": after.document["programme"],
            "unit": after.document["unit"],
            "before": _head(before.document),
            "after": _head(after.document),
            "same_programme": self.same_programme,
            **self.total(),
            "vetoes": _came_and_went(before.document["vetoes"], after.document["vetoes"]),
            "steps": _came_and_went(before.document["steps"], after.document["steps"]),
            "nodes": [self.node(key) for key in self.changed()],
        }

    def total(self) -> dict[str, Any]:
        """By how much the total differs, and what of it is no node's: vetoes, ends of the scale, rounding."""
        totals = [side.document["total"] for side in (self.before, self.after)]
        if None in totals:
            return {"by": None, "rest": None}
        by = Fraction(totals[1]) - Fraction(totals[0])
        shares = sum((self.share(key) for key in self.keys() if key[0] != "part"), NONE)
        return {"by": self.figure(by), "rest": self.figure(by - shares)}

    def share(self, key: tuple[str, str]) -> Fraction:
        return self.after.points(key) - self.before.points(key)

    def figure(self, value: Fraction) -> dict[str, str]:
        """As printed, with the decimals of the total, and exactly."""
        decimals = max(self.before.decimals, self.after.decimals)
        exact = f"{value.numerator}/{value.denominator}"
        return {"points": Rounding("half_up", decimals).text(value), "exact": exact}

    # -- nodes -----------------------------------------------------------------------------------------------------

    def differs(self, key: tuple[str, str]) -> bool:
        """Whether points, state, availability or what it brings into the total changed."""
        if key not in self.before.nodes or key not in self.after.nodes:
            return True
        seen = [[side.nodes[key].get(of) for of in ("points", "state", "of")] for side in (self.before, self.after)]
        return seen[0] != seen[1] or bool(self.share(key))

    def node(self, key: tuple[str, str]) -> dict[str, Any]:
        kind, name = key
        before, after = self.before.nodes.get(key), self.after.nodes.get(key)
        shown = after or before
        assert shown is not None
        rated = self.before.document["total"] is not None and self.after.document["total"] is not None
        return {
            "id": name,
            "kind": kind,
            "within": (self.after if after else self.before).within[name],
            "title": shown["title"],
            "before": before and _standing(before),
            "after": after and _standing(after),
            "share": self.figure(self.share(key)) if rated else None,
            "why": list(self.why(key, before, after)),
        }

    def why(self, key: tuple[str, str], before: Node | None, after: Node | None) -> Iterator[dict[str, Any]]:
        """Every reason there is; where a node came or went that is the only one."""
        if before is None or after is None:
            yield {"reason": "came" if before is None else "went"}
            return
        counting = self.counting(before, after)
        if key[0] == "part":
            inside = [name for _, name in self.keys() if self.is_in(name, key[1])]
            yield {"reason": "made_of", "nodes": [name for kind, name in self.changed() if name in inside]}
        elif _standing(before) != _standing(after) or not counting:
            yield from self.own(before, after)
        yield from counting

    def own(self, before: Node, after: Node) -> list[dict[str, Any]]:
        """Why an item or adjustment itself has other points."""
        found = self.rules(before, after)
        if _value(before) != _value(after) or (not found and _filled(before) != _filled(after)):
            found.append(_other_value(before, after))
        if found:
            return found
        if not self.same_programme:
            return [_programme("other", None, None)]
        # Value and rule are the same: a veto that takes the points of an item, a base that an adjustment asks for.
        return [{"reason": "condition"}]

    @property
    def same_programme(self) -> bool:
        return bool(self.before.document["programme_digest"] == self.after.document["programme_digest"])

    def keys(self) -> list[tuple[str, str]]:
        """Nodes as the later programme has them, then those that are no more."""
        return list(dict.fromkeys([*self.after.nodes, *self.before.nodes]))

    def changed(self) -> list[tuple[str, str]]:
        """Nodes that differ."""
        return [key for key in self.keys() if self.differs(key)]

    def is_in(self, name: str, part: str) -> bool:
        return part in (self.before.within.get(name), self.after.within.get(name))

    def rules(self, before: Node, after: Node) -> list[dict[str, Any]]:
        """What another version of the programme says otherwise of a node."""
        says = [(what, say(before), say(after)) for what, say in _RULES.items()]
        if before["state"] == after["state"]:
            says.append(("absent", before.get("decision"), after.get("decision")))
        return [_programme(what, one, other) for what, one, other in says if one != other]

    def counting(self, before: Node, after: Node) -> list[dict[str, Any]]:
        """Whether a point of the node counts more or less in the total than before."""
        if not before["counts"] or not after["counts"]:
            return []
        each = [Fraction(node["counts"]["each"]) for node in (before, after)]
        if each[0] == each[1]:
            return []
        reason = "rescaled" if each[0] and each[1] else "set_aside" if each[0] else "taken_in"
        one, other = (Rounding("half_up", 4).text(of) for of in each)
        return [{"reason": reason, "before": one, "after": other}]


_RULES: Mapping[str, Callable[[Node], Any]] = {
    "points": lambda node: node.get("of"),
    "rule": lambda node: node["rule"],
    "indicator": lambda node: node["indicator"]["id"],
    "formula": lambda node: node["indicator"]["formula"],
}


def _programme(what: str, before: Any, after: Any) -> dict[str, Any]:
    return {"reason": "programme", "what": what, "before": before, "after": after}


def _head(document: Document) -> dict[str, Any]:
    names = ("programme_version", "programme_digest", "period", "total", "of", "assessable", "grade", "grade_title")
    return {name: document[name] for name in names}


def _standing(node: Node) -> dict[str, Any]:
    return {"points": node["points"], "of": node.get("of"), "state": node["state"]}


def _came_and_went(before: Sequence[Node], after: Sequence[Node]) -> dict[str, list[dict[str, Any]]]:
    def only(those: Sequence[Node], others: Sequence[Node]) -> list[dict[str, Any]]:
        known = {one["id"] for one in others}
        return [
            {name: one[name] for name in ("id", "title", "clause")} | {"says": one.get("effect") or one.get("says")}
            for one in those
            if one["id"] not in known
        ]

    return {"came": only(after, before), "went": only(before, after)}


# -- values and rows -----------------------------------------------------------------------------------------------


def _value(node: Node) -> tuple[Any, Any]:
    return node["indicator"]["state"], node["indicator"]["exact"]


def _filled(node: Node) -> Any:
    """The rule with its values: it may read other figures than the node's own."""
    return node.get("formula_with_values")


def _other_value(before: Node, after: Node) -> dict[str, Any]:
    def seen(node: Node) -> dict[str, Any]:
        figure = node["indicator"]
        known = {name: figure[name] for name in ("value", "state", "formula_with_values")}
        return known | {"rule_with_values": _filled(node)}

    one, other = before["indicator"], after["indicator"]
    said = {"reason": "value", "title": other["title"], "percent": other["percent"]}
    return said | {"before": seen(before), "after": seen(after), "rows": list(_rows(one, other))}


Key = tuple[str, str, str, str]


def _rows(before: Node, after: Node) -> Iterator[dict[str, Any]]:
    """Rows that came, went, or whose cells changed; `counted` says whether the formula used them."""
    earlier, later = _by_key(before), _by_key(after)
    for key in sorted({*earlier, *later}):
        one, other = earlier.get(key), later.get(key)
        if one == other:
            continue
        cells = [
            {"name": name, "before": one and one[1].get(name), "after": other and other[1].get(name)}
            for name in sorted({*(one[1] if one else ()), *(other[1] if other else ())})
            if one is None or other is None or one[1].get(name) != other[1].get(name)
        ]
        yield {
            "table": key[0],
            "unit": key[1],
            "key": key[2],
            "month": key[3],
            "change": "came" if one is None else "went" if other is None else "changed",
            "counted": {"before": one and one[0], "after": other and other[0]},
            "cells": cells,
        }


def _by_key(indicator: Node) -> dict[Key, tuple[bool, dict[str, str]]]:
    """Whether each row was counted, and its cells; a row read by several formulas has the cells of all."""
    found: dict[Key, tuple[bool, dict[str, str]]] = {}
    for of in ("left_out", "rows"):
        for row in indicator[of]:
            key = (row["table"], row["unit"], row["key"], row["month"])
            cells = found[key][1] if key in found else {}
            found[key] = (of == "rows", cells | row["cells"])
    return found
