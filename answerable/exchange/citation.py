"""Clauses as a reader cites them: `population_law#12` is 《人口与计划生育法》第12条, or the law's name, article 12."""

from __future__ import annotations

import re
from collections.abc import Iterable

from answerable.definition import Programme
from answerable.values.text import Text

__all__ = ["citation", "citations"]


def citation(programme: Programme, clause: str) -> Text:
    """One clause in words; a place that is not a number stays out, since it is an anchor and no article."""
    return citations(programme, [clause])


def citations(programme: Programme, clauses: Iterable[str]) -> Text:
    """Several clauses in words, those of one source together, in the order in which sources come up first."""
    places: dict[str, list[str]] = {}
    for clause in clauses:
        source, _, place = clause.partition("#")
        found = places.setdefault(source, [])
        if re.fullmatch(r"[0-9][0-9.–-]*", place):
            found.append(place)
    titles = {source.id: source.title for source in programme.sources}
    return Text(
        zh="、".join(_zh(titles[source].zh, found) for source, found in places.items()),
        en="; ".join(_en(titles[source].en, found) for source, found in places.items()),
    )


def _zh(title: str, places: list[str]) -> str:
    quoted = title if title.startswith("《") else f"《{title}》"
    return quoted + "、".join(f"第{place.replace('-', '至')}条" for place in places)


def _en(title: str, places: list[str]) -> str:
    if not places:
        return title
    word = "article" if len(places) == 1 and places[0].isdigit() else "articles"
    return f"{title}, {word} {' and '.join([', '.join(places[:-1]), places[-1]] if len(places) > 1 else places)}"
