"""What it takes to break the engine of columns on purpose: the parts of it that can be broken, and who finds out.

A breakage is found out by a digest that is not the judge's. An error would prove nothing: it may be the breakage's own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from answerable.definition.model import Item
from answerable.scoring.engines import reference
from answerable.scoring.engines.columns import engine as columns
from tests.fuzz.generated import Case

Mend = Callable[[Any], Any]
"""Makes a broken function of a sound one."""


Judged = Sequence[tuple[Case, str]]
"""Cases with the judge's digest of each."""


def judged_of(cases: Sequence[Case]) -> Judged:
    return [(made, reference.score(made.programme, made.tables, made.period).digest()) for made in cases]


def agrees(judged: Judged) -> bool:
    """The agreement check."""
    return all(columns.score(one.programme, one.tables, one.period).digest() == digest for one, digest in judged)


def broken(path: str, mend: Mend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break a function wherever the engine has it."""
    held, attribute = place_of(path)
    sound = getattr(held, attribute)
    made = mend(sound)
    monkeypatch.setattr(held, attribute, made)
    for module in everywhere(sound, attribute):
        monkeypatch.setattr(module, attribute, made)


# -- ways to break -------------------------------------------------------------------------------------------------


def rule(kind: type[Any], broken: Callable[[Any, Item], Any]) -> Mend:
    """Items of one kind of rule are planned by another rule."""

    def mend(sound: Callable[[Item], Any]) -> Callable[[Item], Any]:
        def points(item: Item) -> Any:
            return sound(replace(item, rule=broken(item.rule, item)) if isinstance(item.rule, kind) else item)

        return points

    return mend


def expanded(kind: type[Any], broken: Callable[[Any], Any]) -> Mend:
    """The formula of one kind of rule is planned otherwise."""

    def mend(sound: Callable[[Item], Any]) -> Callable[[Item], Any]:
        def points(item: Item) -> Any:
            made = sound(item)
            return replace(made, formula=broken(made.formula)) if isinstance(item.rule, kind) else made

        return points

    return mend


def after(change: Callable[..., Any]) -> Mend:
    """The result is changed; `change` gets it and the arguments."""
    return lambda sound: lambda *args, **more: change(sound(*args, **more), *args)


def before(change: Callable[..., tuple[Any, ...]]) -> Mend:
    """The arguments are changed."""
    return lambda sound: lambda *args: sound(*change(*args))


def instead(other: Callable[..., Any]) -> Mend:
    """Another function altogether."""
    return lambda sound: other


def planned(change: Callable[[Any], Any]) -> Mend:
    """The plan is changed as a whole."""
    return after(lambda plan, programme: change(plan))


def other(pair: tuple[str, str]) -> Callable[[str], str]:
    """The other of two words."""
    return lambda one: pair[1 - pair.index(one)]


def place_of(path: str) -> tuple[Any, str]:
    """The object that holds what is broken, and its name there."""
    module, *names = path.split(".")
    held: Any = importlib.import_module(f"answerable.scoring.engines.columns.{module}")
    for name in names[:-1]:
        held = getattr(held, name)
    return held, names[-1]


def everywhere(sound: Any, name: str) -> Iterator[Any]:
    """Every module of the engine into which a function was imported."""
    modules = (
        "planner",
        "quantities",
        "gather",
        "rows",
        "registry",
        "figuring",
        "marking",
        "placing",
        "engine",
        "frames",
        "results",
    )
    for module in modules:
        held = importlib.import_module(f"answerable.scoring.engines.columns.{module}")
        if getattr(held, name, None) is sound:
            yield held
