"""What changed between two versions of a programme, as a list people can read.

Things are matched by id, so that a change of order is no change, and an item that stands in another part than before
says so. The comparison follows the model by its fields: a new key of the model, or a new kind of rule, is compared
without a line here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal, get_args

from answerable.definition.formula import Expression, show
from answerable.definition.formula_words import formula_in_words, rule_in_words
from answerable.definition.model import (
    Check,
    Field,
    FindingKind,
    Form,
    Item,
    Missing,
    Part,
    Programme,
    Source,
)
from answerable.definition.outcomes import Adjustment, Veto, VetoEffect
from answerable.definition.rules import compared
from answerable.definition.topics import OPEN, PROTECTED
from answerable.definition.wording import both, day_in_words, label, missing_in_words, rounding_in_words, word
from answerable.values.number import Rounding, text_of
from answerable.values.text import Language, Text

__all__ = ["Change", "changes", "listed"]


@dataclass(frozen=True)
class Change:
    """One thing that was added, removed or changed; an attribute that was not there before is one that was added.

    `where` is a dotted place of ids, `what` the same in words; both speak of the later version, or of the earlier one
    for what was removed. `weighty` says that it bears on a score: points, rules, formulas, bands, vetoes, absent
    figures, rounding, days due, who is assessed; not titles, help, clauses or the days a version is in force.
    """

    kind: Literal["added", "removed", "changed"]
    where: str
    what: Text
    before: Text | None
    after: Text | None
    weighty: bool


def changes(before: Programme, after: Programme) -> tuple[Change, ...]:
    """Everything in which two programmes differ but the digests of their files, in the order of the file.

    Empty for two programmes that differ in order alone. Compared the other way round, the same list with before and
    after exchanged.
    """
    comparison = _Comparison(_Reader(before), _Reader(after))
    return tuple(comparison.attributes(before, after, _Trail()))


_KINDS: Mapping[str, Text] = {
    "added": Text(zh="新增", en="added"),
    "removed": Text(zh="删除", en="removed"),
    "changed": Text(zh="修改", en="changed"),
}


def listed(found: Sequence[Change], language: Language) -> list[str]:
    """Changes as lines of text in one language, those that bear on a score marked with a star, and their counts."""
    lines = [line for one in found for line in _lines(one, language)]
    total, weighty = len(found), sum(one.weighty for one in found)
    if not found:
        counts = Text(zh="没有变化（顺序不计）。", en="No change (order does not count).")
    else:
        counts = Text(
            zh=f"共{total}处变化，其中{weighty}处影响得分（标*）。",
            en=f"{total} {'change' if total == 1 else 'changes'}, {weighty} bearing on a score (*).",
        )
    return [*lines, counts.in_language(language)]


def _lines(one: Change, language: Language) -> Iterator[str]:
    before, after = (text and text.in_language(language) for text in (one.before, one.after))
    start = f"{'*' if one.weighty else ' '} {_KINDS[one.kind].in_language(language)}  {one.what.in_language(language)}"
    values = [value for value in (before, after) if value]
    if sum(map(len, values)) <= _ON_ONE_LINE:
        yield f"{start}{'：' if language == 'zh' else ': '}{' → '.join(values)}"
    else:
        yield start
        yield from (f"    {mark} {value}" for mark, value in (("−", before), ("+", after)) if value)


_ON_ONE_LINE = 40
"""Values that are longer together stand below one another."""


# -- places ------------------------------------------------------------------------------------------------------------

_FILE_KEYS: Mapping[str, str] = {
    "assess": "units.assess",
    "due_day": "due.day",
    "due_months": "due.months_after",
    "finding_kinds": "findings",
    "percent": "show",
    "sign_by": "agreement.sign_by",
    "start": "from",
    "unit_kinds": "units.kinds",
    "valid_from": "in_force.from",
    "valid_until": "in_force.until",
}
"""Where the file writes a key that the model calls otherwise."""

_UNNAMED = {"forms", "fields", "tree", "grades"}
"""What needs no word of its own in a place: the titles that follow say enough."""

_LIGHT = {
    *("clause", "finding_kinds", "help", "id", "legal_basis", "maximum", "minimum", "number", "office", "owner"),
    *("percent", "required", "says", "sources", "title", "topic", "unit_kinds", "url", "use", "valid_from"),
    *("valid_until", "version"),
}
"""Keys that bear on no score. What is not listed does, so that a new key is not passed over."""


@dataclass(frozen=True)
class _Trail:
    """The way to a place: ids, and the titles of what they name."""

    ids: tuple[str, ...] = ()
    names: tuple[Text, ...] = ()

    def key(self, name: str, silent: bool = False) -> _Trail:
        named = self.names if silent else (*self.names, label(name))
        return _Trail((*self.ids, _FILE_KEYS.get(name, name)), named)

    def thing(self, name: str, title: Text) -> _Trail:
        return _Trail((*self.ids, name), (*self.names, title))

    @property
    def where(self) -> str:
        return ".".join(self.ids)

    @property
    def what(self) -> Text:
        first, *rest = (name.en for name in self.names)
        return Text(zh="·".join(name.zh for name in self.names), en=", ".join([_capital(first), *map(_small, rest)]))


def _small(text: str) -> str:
    """A title in the middle of a sentence; an abbreviation keeps its capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name(thing: Any) -> str:
    """The id of a thing; a band is known by its grade."""
    return str(getattr(thing, "id", None) or getattr(thing, "grade", ""))


def _is_things(value: object) -> bool:
    """Whether a value is a list of things that can be told apart by their ids or grades."""
    if not isinstance(value, tuple) or not all(is_dataclass(one) and _name(one) for one in value):
        return False
    return len({_name(one) for one in value}) == len(value)


def _is_unordered(value: object) -> bool:
    """Whether a value is a list whose order says nothing: of words, or of things that cannot be told apart."""
    return isinstance(value, tuple) and all(isinstance(one, str) or is_dataclass(one) for one in value)


def _bears(thing: object) -> bool:
    """Whether a thing bears on a score by being there."""
    match thing:
        case Field():
            return thing.use == "scored"
        case Form():
            return any(field.use == "scored" for field in thing.fields)
        case Check() | FindingKind() | Source() | Text():
            return False
        case _:
            return True


_AS_WRITTEN = {"id", "number", "time_zone", "url", "version"}
"""Keys whose values are no words."""


# -- values in words ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """The values of one programme in plain words."""

    programme: Programme

    def words(self, key: str, value: Any, owner: object = None) -> Text:
        """A value of a key; `owner` is what it belongs to."""
        if isinstance(owner, Veto) and key == "effect":
            return self.programme.effect(owner)
        if isinstance(owner, Adjustment) and key == "base":
            zh, en = compared(*value)
            return Text(zh=zh, en=en)
        match value:
            case Text():
                return value
            case Fraction():
                return both(text_of(value))
            case date():
                return day_in_words(value)
            case Rounding():
                return rounding_in_words(value)
            case Missing():
                return missing_in_words(value)
        if isinstance(value, get_args(Expression)):
            in_words = formula_in_words
            return Text(zh=in_words(value, self.programme, "zh"), en=in_words(value, self.programme, "en"))
        if hasattr(value, "in_words"):
            return self.rule(owner) if isinstance(owner, Item) else both(str(value))
        if is_dataclass(value):
            return self.summary(value)
        if isinstance(value, Mapping):
            return _joined(
                Text(zh=f"{word('absence', name).zh}：{said.zh}", en=f"{word('absence', name).en}: {said.en}")
                for name, said in ((name, self.words(key, one)) for name, one in value.items())
            )
        if isinstance(value, tuple):
            return self.several(key, value)
        return self.plain(key, value)

    def rule(self, item: Item) -> Text:
        said = rule_in_words(item, self.programme)
        return Text(zh=said.zh.rstrip("。"), en=said.en.rstrip("."))

    def several(self, key: str, values: Sequence[Any]) -> Text:
        if key == "sign_by":
            month, day = values
            return Text(zh=f"{month}月{day}日", en=f"{day} {date(2000, month, 1):%B}")
        if _is_things(values):
            return _joined([self.title(one) for one in values], zh="、", en=", ")
        if any(is_dataclass(one) for one in values):
            return _joined([self.summary(one) for one in values], zh=" ／ ", en=" / ")
        return _joined([self.words(key, one) for one in values], zh="、", en=", ")

    def title(self, thing: Any) -> Text:
        """What a thing is called; what has no name of its own is called by its grade."""
        title, grade = getattr(thing, "title", None), getattr(thing, "grade", None)
        if isinstance(title, Text):
            return title
        return self.plain("grade", grade) if grade and not hasattr(thing, "id") else both(_name(thing))

    def plain(self, key: str, value: object) -> Text:
        """A word or number: what it names where it names something, what it means where it is a closed word."""
        programme, name = self.programme, str(value)
        titles: dict[str, Text] = {}
        if key in ("indicator", "when"):
            titles = {one.id: one.title for one in programme.indicators}
        elif key in ("at_most", "grade"):
            titles = {band.grade: band.title for band in programme.grades.bands}
        elif key == "node":
            titles = {node.id: node.title for node in programme.tree.nodes()}
        elif key in ("assess", "kinds", "owner"):
            titles = dict(programme.unit_kinds)
        elif key == "topic":
            titles = {**OPEN, **{topic: said for topic, (_, said) in PROTECTED.items()}}
        elif key in ("clause", "legal_basis"):
            return self.clause(name)
        if not name.strip():
            return Text(zh="（空）", en="(empty)")
        return titles.get(name) or (both(name) if key in _AS_WRITTEN else word(key, value))

    def clause(self, clause: str) -> Text:
        source, _, place = clause.partition("#")
        titles = {one.id: one.title for one in self.programme.sources}
        title = titles.get(source, both(source))
        numbered = place[:1].isdigit()  # any other place is an anchor and no article
        return Text(
            zh=f"《{title.zh.strip('《》')}》" + (f"第{place.replace('-', '至')}条" if numbered else ""),
            en=title.en + (f", article {place}" if numbered else ""),
        )

    def summary(self, thing: Any) -> Text:
        """A whole thing: each of its keys that says something, with its value."""
        said = [(key, self.words(key, value, thing)) for key, value in _telling(thing)]
        return _joined(
            Text(zh=f"{label(key).zh}：{words.zh}", en=f"{label(key).en}: {words.en}") for key, words in said
        )


def _telling(thing: Any) -> Iterator[tuple[str, Any]]:
    """The keys of a thing that say something beside its name, with their values."""
    for key in (field.name for field in fields(thing) if field.name not in ("id", "title", "children")):
        value = getattr(thing, key)
        if value not in ("", None, ()) and (key, value) != ("decimals", 0):
            yield key, value


def _joined(texts: Iterable[Text], zh: str = "；", en: str = "; ") -> Text:
    said = list(texts)
    return Text(zh=zh.join(one.zh for one in said) or "无", en=en.join(one.en for one in said) or "none")


# -- the comparison ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Comparison:
    before: _Reader
    after: _Reader

    def attributes(self, one: Any, other: Any, trail: _Trail, bears: bool = True) -> Iterator[Change]:
        """Each key of two things of one kind."""
        for key in [field.name for field in fields(other) if field.name not in ("digest", "children")]:
            old, new = getattr(one, key), getattr(other, key)
            if key == "tree":
                yield from self.tree(old, new, trail.key(key, silent=True))
            elif old != new:
                place = trail.key(key, silent=key in _UNNAMED)
                yield from self.value(key, (one, old), (other, new), place, bears and key not in _LIGHT)

    def value(
        self, key: str, one: tuple[Any, Any], other: tuple[Any, Any], trail: _Trail, weighty: bool
    ) -> Iterator[Change]:
        """A key whose values differ, each given with the thing it belongs to."""
        old, new = one[1], other[1]
        if _is_things(old) and _is_things(new):
            yield from self.things(old, new, trail)
        elif isinstance(new, Mapping) and isinstance(old, Mapping):
            yield from self.mapping(key, old, new, trail, weighty)
        elif _is_unordered(old) and _is_unordered(new):
            if Counter(old) != Counter(new):
                yield self.change(key, one, other, trail, weighty)
        elif is_dataclass(new) and type(old) is type(new) and _is_structure(new):
            yield from self.attributes(old, new, trail, weighty)
        else:
            yield self.change(key, one, other, trail, weighty)

    def change(self, key: str, one: tuple[Any, Any], other: tuple[Any, Any], trail: _Trail, weighty: bool) -> Change:
        """Two values of a key in words; where their words are the same, as the file writes them."""
        (owner, old), (new_owner, new) = one, other
        before = None if old in _NOTHING else self.before.words(key, old, owner)
        after = None if new in _NOTHING else self.after.words(key, new, new_owner)
        if _acts_alike(old, new, owner):
            weighty = False
        if before == after:
            before, after = both(_written(old, owner)), both(_written(new, new_owner))
        kind: Literal["added", "removed", "changed"] = (
            "added" if before is None else "removed" if after is None else "changed"
        )
        return Change(kind, trail.where, trail.what, before, after, weighty)

    def things(self, old: Sequence[Any], new: Sequence[Any], trail: _Trail) -> Iterator[Change]:
        """Things of one collection, matched by id and kind."""
        olds, news = {_key(one): one for one in old}, {_key(one): one for one in new}
        for key in _merged(list(olds), list(news)):
            one, other = olds.get(key), news.get(key)
            thing, reader = (one, self.before) if other is None else (other, self.after)
            yield from self.pair(one, other, trail.thing(_name(thing), reader.title(thing)))

    def pair(self, one: Any, other: Any, trail: _Trail) -> Iterator[Change]:
        """A thing before and after; None where it was not, or is no longer."""
        if one is None:
            yield Change("added", trail.where, trail.what, None, self.after.summary(other), _bears(other))
        elif other is None:
            yield Change("removed", trail.where, trail.what, self.before.summary(one), None, _bears(one))
        else:
            yield from self.attributes(one, other, trail, _bears(one) or _bears(other))

    def mapping(
        self, key: str, old: Mapping[str, Any], new: Mapping[str, Any], trail: _Trail, weighty: bool
    ) -> Iterator[Change]:
        for name in _merged(list(old), list(new)):
            one, other = old.get(name), new.get(name)
            if one != other:
                kinds = {**self.before.programme.unit_kinds, **self.after.programme.unit_kinds}
                called = kinds.get(name) or word("absence", name)
                yield self.change(key, (None, one), (None, other), trail.thing(name, called), weighty)

    # -- the tree of points ----------------------------------------------------------------------------------------

    def tree(self, old: Part, new: Part, trail: _Trail) -> Iterator[Change]:
        """Parts and items wherever they stand, matched by id."""
        olds, news = _places(old, trail), _places(new, trail)
        for key in _merged(list(olds), list(news)):
            one, other = olds.get(key), news.get(key)
            place = (other or one or _Node(new, None, trail)).trail
            if one and other and one.parent and other.parent and one.parent.id != other.parent.id:
                said = one.parent.title, other.parent.title
                if said[0] == said[1]:
                    said = both(one.parent.id), both(other.parent.id)
                moved = place.key("part")
                yield Change("changed", moved.where, moved.what, *said, weighty=True)
            yield from self.pair(one and one.node, other and other.node, place)


@dataclass(frozen=True)
class _Node:
    """A part or item, the part it belongs to, and the way to it."""

    node: Part | Item
    parent: Part | None
    trail: _Trail


def _places(tree: Part, trail: _Trail) -> dict[object, _Node]:
    """Every part and item in order; the whole tree itself comes first, and its id is in no path."""
    found: dict[object, _Node] = {_key(tree): _Node(tree, None, _Trail(trail.ids, (tree.title,)))}

    def into(part: Part, way: _Trail) -> None:
        for child in part.children:
            place = way.thing(child.id, child.title)
            found[_key(child)] = _Node(child, part, place)
            if isinstance(child, Part):
                into(child, place)

    into(tree, trail)
    return found


def _key(thing: Any) -> object:
    """By what things are matched: a part that became an item of the same id is another thing."""
    return _name(thing), type(thing)


_NOTHING = (None, ())


def _is_structure(value: object) -> bool:
    """Whether a value is compared key by key and not as one."""
    leaves = (Text, Missing, Rounding, *get_args(Expression), *get_args(VetoEffect))
    return not isinstance(value, leaves) and not hasattr(value, "in_words")


def _acts_alike(old: Any, new: Any, owner: object) -> bool:
    """Whether two rules give the same points for every value: only a title they speak of is another."""
    if not (hasattr(old, "expand") and hasattr(new, "expand") and isinstance(owner, Item)):
        return False
    return bool(old.expand(owner.points) == new.expand(owner.points))


def _written(value: Any, owner: object) -> str:
    """A value in the terms of the file, for two that are alike in words."""
    if isinstance(value, get_args(Expression)):
        return show(value)
    if hasattr(value, "expand") and isinstance(owner, Item):
        return show(value.expand(owner.points))
    return str(value)


def _merged(old: list[Any], new: list[Any]) -> list[Any]:
    """The new order, and what is gone after what stood before it."""
    merged = list(new)
    known = set(new)
    for at, key in enumerate(old):
        if key not in known:
            merged.insert(merged.index(old[at - 1]) + 1 if at else 0, key)
            known.add(key)
    return merged
