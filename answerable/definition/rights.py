"""The line that is never crossed: what is scored is followed down its formulas to fields and findings, and a protected
topic is refused, with the way that leads to it. Names are a second net: they send to review, never to approval.

There is no switch. A person's decision beside an element (`reviewed`) settles a review; nothing settles a refusal.
Source: rules R1 to R12, from conventions on rights and the law named in `topics.py`. Told in docs/rights.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from answerable.definition.document import FieldShape, KeyPath, ProgrammeDocument
from answerable.definition.formula import Aggregate, ColumnOf, Expression, TextLiteral, walk
from answerable.definition.lexicon import formal
from answerable.definition.measures import columns_read, tables_read
from answerable.definition.model import Review
from answerable.definition.reach import Column, Root, roots
from answerable.definition.screening import named
from answerable.definition.shapes import Shape
from answerable.definition.shorthand import written_out
from answerable.definition.topics import CLINICAL, OPEN, PROTECTED, SAFEGUARDS, UNSET
from answerable.values.text import Text

__all__ = ["Say", "check_names", "check_rights", "elements", "reviews"]

_NEVER_ONLY_DIVIDED_BY = {"person_record", "collective_liability", "sanction"}
_PAYING = {"vetoes", "payments", "payment", "money", "bonuses", "incentives"}
_LEADS_TO = " → "

REVIEWS = {
    "denominator": Text(zh="只作分母", en="only something else is divided by it"),
    "recount": Text(zh="只比较复核数与上报数", en="only its recount is held against its report"),
    "fewer": Text(zh="投诉少则得分高", en="fewer complaints may give more points"),
}


class Say(Protocol):
    """How an issue is reported: its code, where it stands, its facts."""

    def __call__(self, code: str, path: KeyPath, **facts: str) -> None:
        """Add one issue."""


def check_rights(document: ProgrammeDocument, say: Say) -> None:
    """Refuse every scored figure and every finding on a protected topic; send a topic nobody has set to review."""
    _Rights(document, say).check()


@dataclass
class _Rights:
    document: ProgrammeDocument
    say: Say

    def __post_init__(self) -> None:
        self.fields: dict[tuple[str, str], FieldShape] = {
            (form.id, one.id): one for form in self.document.forms for one in form.fields
        }
        self.lines: dict[str, KeyPath] = {
            one.id: ("indicators", at, "formula") for at, one in enumerate(self.document.indicators)
        }
        self.formulas: dict[str, Expression] = {one.id: written_out(one.formula) for one in self.document.indicators}

    def check(self) -> None:
        for root in roots(self.document, self.is_open):
            self.columns(root)
            self.recounts(root)
            self.complaints(root)
        for path, one in self.document.judged():
            self.judge(one.topic, (*path, "topic"), one.id, one.id, one.id)
        self.clinical()

    def is_open(self, column: ColumnOf) -> bool:
        one = self.fields.get((column.table, column.column))
        return one is not None and one.topic in OPEN

    def columns(self, root: Root) -> None:
        """Each field a scored thing rests on, once: refused where it stands above, reviewed where it only divides."""
        for (table, name), found in _by_column(root.columns).items():
            one = self.fields.get((table, name))
            if one is None or one.topic in OPEN:
                continue
            above = next((column for column in found if not column.under), None)
            if above is None and one.topic in PROTECTED and one.topic not in _NEVER_ONLY_DIVIDED_BY:
                self.review(one, found[0].trail, f"{table}.{name}", "R12", "denominator")
            else:
                trail = (above or found[0]).trail
                self.judge(
                    one.topic, self.line(root, trail), trail[-1], f"{table}.{name}", self.way(trail, table, name), root
                )

    def judge(self, topic: str, path: KeyPath, indicator: str, name: str, way: str, root: Root | None = None) -> None:
        if topic in PROTECTED:
            rule, words = PROTECTED[topic]
            rules = f"{rule}, R5" if root and root.path[0] in _PAYING else rule
            self.say(
                "right_refused", path, indicator=indicator, name=name, rule=rules, zh=words.zh, en=words.en, way=way
            )
        elif topic == UNSET:
            self.say("topic_unset", path, indicator=indicator, name=name, way=way)

    def review(self, one: FieldShape, trail: tuple[str, ...], name: str, rule: str, why: str) -> None:
        if one.reviewed is None:
            way, words = _LEADS_TO.join([*trail, name]), REVIEWS[why]
            self.say("review_needed", self.lines.get(trail[-1], ()), name=way, rule=rule, zh=words.zh, en=words.en)

    def line(self, root: Root, trail: tuple[str, ...]) -> KeyPath:
        return self.lines.get(trail[-1], root.path)

    def way(self, trail: tuple[str, ...], table: str, name: str) -> str:
        return _LEADS_TO.join([*trail, f"{table}.{name}"])

    # -- figures counted again -------------------------------------------------------------------------------------

    def recounts(self, root: Root) -> None:
        """A recount held against its report is reviewed; the recount of a protected figure by itself is the figure."""
        for name, trail in root.trails.items():
            formula = self.formulas[name]
            if "recounts" not in tables_read(formula):
                continue
            read = {column.column for column in columns_read(formula) if column.table == "recounts"}
            compared = {"reported", "recounted"} <= read or not {"reported", "recounted"} & read
            for form, one in self.recounted(formula):
                if one.topic not in PROTECTED:
                    continue
                if compared and one.topic not in _NEVER_ONLY_DIVIDED_BY:
                    self.review(one, trail, f"{form}.{one.id}", "R12", "recount")
                else:
                    way = self.way(trail, form, one.id)
                    self.judge(one.topic, self.line(root, trail), name, f"{form}.{one.id}", way, root)

    def recounted(self, formula: Expression) -> Iterator[tuple[str, FieldShape]]:
        """Fields whose recounts a formula reads: those it names, or all."""
        asked = [part for part in walk(formula) if isinstance(part, Aggregate) and "recounts" in tables_read(part)]
        words = {part.value for one in asked for part in walk(one) if isinstance(part, TextLiteral)}
        named_ones = {key for key in self.fields if key[1] in words}
        for key in named_ones or self.fields:
            yield key[0], self.fields[key]

    # -- fewer complaints ------------------------------------------------------------------------------------------

    def complaints(self, root: Root) -> None:
        """Complaints answered of those made may be scored; that there are few of them may not (R11)."""
        found = [one for one in root.columns if self.topic(one) == "complaint_resolution"]
        signs = {one.sign for one in found}
        if not found or {1, -1} <= signs or signs == {1}:
            return
        first = found[0]
        one, name = self.fields[first.table, first.column], f"{first.table}.{first.column}"
        if signs == {-1}:
            self.judge(
                "complaint_count",
                self.line(root, first.trail),
                first.trail[-1],
                name,
                self.way(first.trail, first.table, first.column),
                root,
            )
        else:
            self.review(one, first.trail, name, "R11", "fewer")

    def topic(self, column: Column) -> str:
        one = self.fields.get((column.table, column.column))
        return one.topic if one else ""

    # -- clinical family planning ----------------------------------------------------------------------------------

    def clinical(self) -> None:
        """Who covers clinical family planning must hold the five safeguards (R10)."""
        used = {one.topic for one in self.fields.values() if one.use != "context"}
        held = used | {finding.topic for finding in self.document.findings}
        every = held | {one.topic for one in self.fields.values()}
        missing = [topic for topic in SAFEGUARDS if topic not in held]
        if CLINICAL & every and missing:
            zh = "、".join(OPEN[topic].zh for topic in missing)
            en = ", ".join(OPEN[topic].en for topic in missing)
            self.say("safeguards_missing", ("forms",), zh=zh, en=en, topics=", ".join(missing))


def _by_column(columns: list[Column]) -> dict[tuple[str, str], list[Column]]:
    found: dict[tuple[str, str], list[Column]] = {}
    for column in columns:
        found.setdefault((column.table, column.column), []).append(column)
    return found


# -- names: the second net -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Element:
    """Something with a name: where it stands, its texts, and whether a person looked at it."""

    path: KeyPath
    id: str
    texts: tuple[str, ...]
    scored: bool
    reviewed: bool


def elements(document: ProgrammeDocument) -> Iterator[Element]:
    """Everything that has a name and bears on a score or is filled in; what has a protected topic is left to it."""
    found = roots(document, lambda _: False)
    reached = {name for root in found for name in root.trails}
    read = {(column.table, column.column) for root in found for column in root.columns}
    for at, form in enumerate(document.forms):
        for position, one in enumerate(form.fields):
            if one.topic in OPEN:
                yield _element(
                    ("forms", at, "fields", position), one.id, one, one.use != "context" or (form.id, one.id) in read
                )
    for path, judged in document.judged():
        if judged.topic in OPEN:
            yield _element(path, judged.id, judged, True)
    for at, target in enumerate(document.targets):
        yield _element(("targets", at), target.id, target, True)
    for at, indicator in enumerate(document.indicators):
        yield _element(("indicators", at), indicator.id, indicator, indicator.id in reached)
    for path, node in document.scored_nodes():
        yield _element(path, node.id, node, True)


def _element(path: KeyPath, called: str, shape: Shape, scored: bool) -> Element:
    texts = [getattr(shape, "title", None), getattr(shape, "help", None)]
    said = tuple(words for text in texts if text is not None for words in (text.zh, text.en))
    return Element((*path, "title"), called, said, scored, getattr(shape, "reviewed", None) is not None)


def reviews(document: ProgrammeDocument) -> Iterator[Review]:
    """Every decision the file records, each with where its element stands."""
    found = [(f"{form.id}.{one.id}", one.reviewed) for form in document.forms for one in form.fields]
    found += [(f"{path[0]}.{one.id}", one.reviewed) for path, one in document.judged()]
    found += [(f"targets.{one.id}", one.reviewed) for one in document.targets]
    found += [(f"indicators.{one.id}", one.reviewed) for one in document.indicators]
    found += [(f"{path[0]}.{node.id}", node.reviewed) for path, node in document.scored_nodes()]
    for called, decision in found:
        if decision is not None:
            yield Review(called, decision.on, decision.by, decision.because.text())


def check_names(document: ProgrammeDocument, say: Say) -> None:
    """Send to review what is called something protected, and what makes paper a yardstick, until a person decides."""
    for element in elements(document):
        if element.reviewed:
            continue
        if judgement := named(*element.texts, scored=element.scored):
            name = f"{element.id} «{', '.join(judgement.words)}»"
            words, rules = judgement.reason, ", ".join(judgement.rules)
            say("review_needed", element.path, name=name, rule=rules, zh=words.zh, en=words.en)
        if paper := formal(element.texts):
            say("formal_yardstick", element.path, name=element.id, words=", ".join(paper))
