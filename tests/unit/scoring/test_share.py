"""How much the engine of columns computes one by one: nearly nothing, however many figures stand on an edge."""

from __future__ import annotations

import json

from answerable.definition import read
from answerable.scoring import Scorecard, score
from answerable.scoring.scorecard import Share
from answerable.values import Period
from tests.spec.office import RATIO, document, filed, indicator, item, tables_of, unit

CODES = [f"u{at:03d}" for at in range(400)]


def shared(card: Scorecard) -> Share:
    assert card.share is not None
    return card.share()


def office(formula: str, **parts: object) -> Scorecard:
    """Many units, of which every other has the ratio 1, and most others one that is no decimal."""
    tree = [
        item("edge", {"full_or_none": ">= 100%"}),
        item("line", {"linear": {"zero_at": "60%", "full_at": "100%"}}),
        item("target", {"ratio_to_target": "1"}),
    ]
    source = document(indicators=[indicator("ratio", formula)], tree=tree, **parts)
    programme = read(json.dumps(source, ensure_ascii=False).encode())
    rows = [filed(code, paid=300 if at % 2 else 200 + at % 97, due=300) for at, code in enumerate(CODES)]
    tables = tables_of(programme, {"units": [unit(code) for code in CODES], "returns-pay": rows})
    return score(programme, tables, Period.parse("2025-01"))


def test_half_of_all_ratios_on_an_edge_send_nothing() -> None:
    assert shared(office(RATIO)) == Share(0, len(CODES) * 6)


def test_what_is_no_fraction_is_counted() -> None:
    assert shared(office("root(sum(pay.paid) / sum(pay.due), 2)")).sent == len(CODES)
