"""Figures along reorganisations: totals are conserved, whatever happens; what was reported is never touched."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from answerable.scoring.lineage import Passage, as_organised_now, parted

CODES = st.sampled_from(["A", "B", "C", "D", "E", "F"])
SHARES = st.dictionaries(CODES, st.integers(1, 50), min_size=1).map(lambda shares: list(shares.items()))
PASSAGES = st.lists(st.builds(Passage, st.just(1), st.lists(CODES, max_size=4), st.just([]) | SHARES), max_size=8)
FIGURES = st.dictionaries(CODES, st.integers(-1000, 10**12))


@given(FIGURES, PASSAGES)
def test_no_sequence_of_changes_loses_or_makes_anything(figures: dict[str, int], passages: list[Passage]) -> None:
    reported = dict(figures)
    assert sum(as_organised_now(figures, passages).values()) == sum(figures.values())
    assert figures == reported, "as organised then is what was reported then"


@given(st.integers(-1000, 10**15), SHARES)
def test_no_part_is_a_whole_unit_away_from_its_share(total: int, shares: list[tuple[str, int]]) -> None:
    whole = sum(share for _, share in shares)
    for unit, part in parted(total, shares).items():
        assert abs(part - Fraction(total * dict(shares)[unit], whole)) < 1


def test_a_merger_adds_and_a_split_shares() -> None:
    merged = Passage(1, ["A", "B"], [("C", 1)])
    split = Passage(2, ["C"], [("D", 3), ("E", 2)])
    assert as_organised_now({"A": 4, "B": 7, "F": 1}, [merged, split]) == {"D": 7, "E": 4, "F": 1}


def test_a_unit_that_takes_in_another_keeps_what_it_had() -> None:
    assert as_organised_now({"A": 4, "B": 7}, [Passage(1, ["B"], [("A", 1)])]) == {"A": 11}
    assert as_organised_now({"A": 4, "B": 7}, [Passage(1, ["A", "B"], [("A", 1)])]) == {"A": 11}


def test_equal_remainders_go_by_code() -> None:
    assert parted(1, [("B", 1), ("A", 1)]) == {"A": 1, "B": 0}
    assert parted(0, [("B", 1), ("A", 1)]) == {"A": 0, "B": 0}


def test_what_nobody_follows_stays_where_it_was() -> None:
    assert as_organised_now({"A": 4}, [Passage(1, ["A"], [])]) == {"A": 4}
    assert as_organised_now({}, [Passage(1, ["A"], [("B", 1)])]) == {}
