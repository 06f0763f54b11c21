"""Bytes of a programme file -> a checked Programme, or every issue found, each with its line.

The only user of the YAML library. Plain values stay text (the shape reads them exactly); aliases, repeated keys,
deep nesting and large files are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from answerable.definition.checks import build
from answerable.definition.document import ProgrammeDocument
from answerable.definition.model import Programme
from answerable.values.canonical import digest
from answerable.values.issue import Issue, Place, Refused

__all__ = ["Lines", "read", "read_plain", "read_programme"]

_LARGEST_BYTES = 2_000_000
_DEEPEST = 30
KeyPath = tuple[str | int, ...]


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
    file = path / "programme.yaml" if path.is_dir() else path
    try:
        source = file.read_bytes()
    except OSError as error:
        raise Refused([Issue("file.not_found", Place(str(file)), {"name": file.name})]) from error
    return read(source, str(file))


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


def _plain(source: bytes, lines: Lines) -> Any:
    try:
        if len(source) > _LARGEST_BYTES:
            raise ValueError(f"more than {_LARGEST_BYTES} bytes")
        root = yaml.compose(source.decode("utf-8"), Loader=yaml.SafeLoader)
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


class _Plain:
    """Nodes of the YAML library -> dict, list and text, remembering lines."""

    def __init__(self, lines: Lines, issues: list[Issue]) -> None:
        self.lines = lines
        self.issues = issues
        self.seen: set[int] = set()

    def of(self, node: yaml.Node, path: KeyPath) -> Any:
        self.lines.of[path] = node.start_mark.line + 1
        if id(node) in self.seen or len(path) > _DEEPEST:
            why = "an alias" if id(node) in self.seen else f"nested deeper than {_DEEPEST}"
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
