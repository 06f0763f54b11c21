"""Sums side by side in one word give what each gives alone."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.scoring.engines.columns.frames import by_unit
from answerable.scoring.engines.columns.gather import Wanted as Figure
from answerable.scoring.engines.columns.operations import TRUE, column, flags
from answerable.scoring.engines.columns.packing import WORD, packed, unpacked
from answerable.scoring.engines.columns.rows import Rows


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, WORD), st.data()), min_size=1, max_size=12))
def test_what_is_put_into_words_comes_out_again(parts: list[tuple[str, int, Any]]) -> None:
    needs = {f"f{at}": (kind, bits) for at, (kind, bits, _) in enumerate(parts)}
    values = {f"f{at}": data.draw(st.integers(0, (1 << bits) - 1)) for at, (_, bits, data) in enumerate(parts)}
    words = packed(needs)
    held = {word.name: [sum(values[name] << shift for name, shift, _ in word.figures)] for word in words}
    frame = pl.DataFrame(held, schema=dict.fromkeys(held, pl.Int64)).select(*unpacked(words))
    assert frame.row(0, named=True) == values
    assert all(shift + bits <= WORD for word in words for _, shift, bits in word.figures)


def test_words_are_filled_before_another_is_begun() -> None:
    words = packed({"a": ("", 40), "b": ("", 30), "c": ("", 20)})
    assert [[name for name, _, _ in word.figures] for word in words] == [["a", "c"], ["b"]]


def test_figures_over_the_same_rows_stay_together_where_a_word_has_room() -> None:
    words = packed({"a": ("x", 20), "b": ("y", 20), "c": ("x", 20), "d": ("y", 20), "e": ("z", 20)})
    assert [[name for name, _, _ in word.figures] for word in words] == [["a", "c", "e"], ["b", "d"]]


@pytest.mark.parametrize("each", [1, 5])
def test_more_rows_of_a_unit_than_there_should_be_are_added_up_one_by_one(each: int) -> None:
    frame = pl.DataFrame({"unit": ["u"] * 5, "a": [7] * 5, "b": [6] * 5, "m": [True, True, False, True, True]})
    rows = Rows(frame.lazy(), bounds={"a": (0, 7), "b": (0, 7)}, flags=frozenset({"m"}), height=5, each=each)
    wanted = {name: Figure("sum", mask, column(name, 0, 7)) for name, mask in (("a", TRUE), ("b", TRUE))}
    wanted["taken"] = Figure("sum", flags("m"), column("a", 0, 7))
    wanted["times"] = Figure("sum", flags("m"))
    made = by_unit(rows, wanted)
    assert made.words.select(made.figures).select(*wanted).rows() == [(35, 30, 28, 4)]
