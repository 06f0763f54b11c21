"""Bytes of a programme file -> a checked Programme, or every issue found, each with its line.

The only user of the YAML library. Plain values stay text (the shape reads them exactly); aliases, repeated keys,
deep nesting and large files are refused.

A file is read twice where anything about it is out of the ordinary: the parser in C reads what is in order, several
times as fast; whatever it stumbles over, and whatever the two parsers are known to read differently, is left to the
one in Python, which alone says what is wrong. Where the library was built without C, the second reads all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from answerable.definition.checks import build
from answerable.definition.document import ProgrammeDocument
from answerable.definition.model import Programme
from answerable.values.canonical import digest
from answerable.values.issue import Issue, Place, Refused

__all__ = ["Lines", "Span", "programme_file", "read", "read_plain", "read_programme", "spans"]

_LARGEST_BYTES = 2_000_000
_DEEPEST = 30
_HOPELESS = 100  # nobody is told of each part that lies so deep: reading stops
_TOO_DEEP = f"nested deeper than {_DEEPEST}"
_NOTHING = ("", "~", "null", "Null", "NULL")
_READ_DIFFERENTLY = re.compile("[\t\x85\u2028\u2029\ufeff]|^%|[|>][-+0-9]*#", re.MULTILINE)
"""What the parser in C reads otherwise than the one in Python, or takes where that one does not."""

KeyPath = tuple[str | int, ...]
Span = tuple[int, int]
"""The first character of a text within a file, and the one after its last."""


class Lines:
    """Where each part of the file stands: path of keys and positions -> line number."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.of: dict[KeyPath, int] = {(): 1}

    def place(self, path: Iterable[str | int]) -> Place:
        """The place of a path, or of the nearest part that has one."""
        parts = tuple(path)
        while parts not in self.of:
            parts = parts[:-1]
        return Place(self.file, self.of[parts])


def read_programme(path: Path) -> Programme:
    """Read a programme file, or the `programme.yaml` of a folder.

    Raises:
        Refused: with every issue found, each with its line.
    """
    file, source = programme_file(path)
    return read(source, file)


def programme_file(path: Path) -> tuple[str, bytes]:
    """The name and the bytes of a programme file, or of the `programme.yaml` of a folder.

    Raises:
        Refused: where it cannot be read.
    """
    file = path / "programme.yaml" if path.is_dir() else path
    try:
        return str(file), file.read_bytes()
    except OSError as error:
        raise Refused([Issue("file.not_found", Place(str(file)), {"name": file.name})]) from error


def read(source: bytes, file: str = "programme.yaml") -> Programme:
    """Read a programme from its bytes; `file` is the name used in issues.

    Raises:
        Refused: with every issue found, each with its line.
    """
    lines = Lines(file)
    document = _shape(_plain(source, lines), lines)
    return build(document, lines.place, digest(source))


def read_plain(source: bytes, file: str) -> tuple[Any, Lines]:
    """Read YAML of any shape as dict, list and text, by the same rules; worked cases are written so too.

    Raises:
        Refused: where it is no plain YAML.
    """
    lines = Lines(file)
    return _plain(source, lines), lines


def spans(text: str) -> dict[KeyPath, Span]:
    """Where each plain value of a sound file stands, quotes included; keys are not values."""
    found: dict[KeyPath, Span] = {}
    root = yaml.compose(text, Loader=_Loader)
    waiting: list[tuple[KeyPath, yaml.Node]] = [((), root)] if root else []
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            found[path] = (node.start_mark.index, node.end_mark.index)
        elif isinstance(node, yaml.MappingNode):
            waiting += [((*path, key.value), value) for key, value in node.value]
        else:
            waiting += [((*path, at), part) for at, part in enumerate(node.value)]
    return found


def _plain(source: bytes, lines: Lines) -> Any:
    try:
        if len(source) > _LARGEST_BYTES:
            raise ValueError(f"more than {_LARGEST_BYTES} bytes")
        text = source.decode("utf-8")
        if (plain := _in_order(text, lines)) is not None:
            return plain
        root = yaml.compose(text, Loader=_Loader)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Refused([Issue("programme.not_yaml", Place(lines.file, 1), {"why": str(error)})]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(lines.file, mark.line + 1 if mark else 1)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise Refused([Issue("programme.not_yaml", place, {"why": why})]) from error
    if root is None:
        raise Refused([Issue("programme.not_yaml", Place(lines.file, 1), {"why": "the file is empty"})])
    issues: list[Issue] = []
    plain = _Plain(lines, issues).of(root, ())
    if issues:
        raise Refused(issues)
    return plain


def _in_order(text: str, lines: Lines) -> Any:
    """The same by the parser in C; None where anything is out of the ordinary, or where there is no such parser."""
    if not yaml.__with_libyaml__ or _READ_DIFFERENTLY.search(text):
        return None
    try:
        return _Ordinary(lines, yaml.parse(text, Loader=yaml.CSafeLoader)).root()
    except (_Odd, yaml.YAMLError):
        lines.of = {(): 1}
        return None


class _Odd(Exception):
    """Something the parser in Python is to read or to refuse."""


class _Ordinary:
    """Events of the parser in C, which come one by one and nest in nothing -> dict, list and text.

    Whatever would be an issue is odd, and so is what the two parsers do not read alike: a document that is marked as
    one, an empty key, a question mark in plain words.
    """

    def __init__(self, lines: Lines, events: Iterator[yaml.Event]) -> None:
        self.lines = lines
        self.events = events

    def root(self) -> Any:
        next(self.events)
        start = next(self.events)
        if not isinstance(start, yaml.DocumentStartEvent) or start.explicit:
            raise _Odd
        plain = self.of(next(self.events), ())
        next(self.events)
        if not isinstance(next(self.events), yaml.StreamEndEvent):
            raise _Odd
        return plain

    def of(self, event: yaml.Event, path: KeyPath) -> Any:
        if len(path) > _DEEPEST:
            raise _Odd
        self.lines.of[path] = _line(event)
        if isinstance(event, yaml.ScalarEvent):
            words = _words(event)
            return None if event.implicit[0] and words in _NOTHING else words
        if not isinstance(event, yaml.CollectionStartEvent) or event.anchor is not None or event.tag is not None:
            raise _Odd
        return self.sequence(path) if isinstance(event, yaml.SequenceStartEvent) else self.mapping(path)

    def sequence(self, path: KeyPath) -> list[Any]:
        plain: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            plain.append(self.of(event, (*path, len(plain))))
        return plain

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name = _words(event)
            if not name or name in plain:
                raise _Odd
            inside = (*path, name)
            plain[name] = self.of(next(self.events), inside)
            self.lines.of[inside] = _line(event)
        return plain


def _words(event: yaml.Event) -> str:
    if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag is not None:
        raise _Odd
    if event.implicit[0] and "?" in event.value:
        raise _Odd
    return event.value


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None  # each has one, whatever the types of the library say
    return event.start_mark.line + 1


class _Loader(yaml.SafeLoader):
    """The parser in Python, which stops where parts lie hopelessly deep instead of going on to the last of them."""

    depth = 0

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:
        if self.flow_level >= _HOPELESS:
            raise yaml.MarkedYAMLError(problem=_TOO_DEEP, problem_mark=self.get_mark())
        super().fetch_flow_collection_start(TokenClass)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > _HOPELESS:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem=_TOO_DEEP, problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Plain:
    """Nodes of the YAML library -> dict, list and text, remembering lines."""

    def __init__(self, lines: Lines, issues: list[Issue]) -> None:
        self.lines = lines
        self.issues = issues
        self.seen: set[int] = set()

    def of(self, node: yaml.Node, path: KeyPath) -> Any:
        self.lines.of[path] = node.start_mark.line + 1
        if id(node) in self.seen or len(path) > _DEEPEST:
            why = "an alias" if id(node) in self.seen else _TOO_DEEP
            self.issues.append(Issue("programme.not_yaml", self.lines.place(path), {"why": why}))
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(part, (*path, position)) for position, part in enumerate(node.value)]
        return None if node.tag == "tag:yaml.org,2002:null" else node.value

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in plain:
                place = Place(self.lines.file, key.start_mark.line + 1)
                self.issues.append(Issue("programme.repeated_key", place, {"key": name}))
            plain[name] = self.of(value, (*path, name))
            self.lines.of[(*path, name)] = key.start_mark.line + 1
        return plain


def _shape(plain: Any, lines: Lines) -> ProgrammeDocument:
    try:
        return ProgrammeDocument.model_validate(plain)
    except ValidationError as error:
        raise Refused([_shape_issue(detail, lines) for detail in error.errors()]) from error


def _shape_issue(detail: Any, lines: Lines) -> Issue:
    path = tuple(detail["loc"])
    key = str(path[-1]) if path else "-"
    place = lines.place(path)
    match detail["type"]:
        case "missing":
            return Issue("programme.missing_key", place, {"key": key, "inside": _dotted(path[:-1])})
        case "extra_forbidden":
            return Issue("programme.unknown_key", place, {"key": key, "inside": _dotted(path[:-1])})
        case "literal_error":
            return Issue(
                "programme.not_one_of",
                place,
                {"key": key, "value": str(detail["input"]), "choices": str(detail["ctx"]["expected"])},
            )
        case _:
            why = str(detail["msg"]).removeprefix("Value error, ")
            value = "" if isinstance(detail["input"], dict | list) else str(detail["input"])
            return Issue("programme.wrong_value", place, {"key": key, "value": value, "why": why})


def _dotted(path: KeyPath) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path) or "-"
