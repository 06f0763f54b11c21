"""The draw: nobody can steer it, anybody can repeat it, everybody can be drawn."""

from __future__ import annotations

import hashlib
import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.integrity.draw import (
    MOST_WEIGHT,
    FrameUnit,
    chances,
    draw,
    frame_digest,
    frame_text,
    lot,
    read_frame,
)
from answerable.values.issue import Refused

FRAME = (FrameUnit("0101", "town", 2), FrameUnit("0102", "town"), FrameUnit("0201", "village"))


@st.composite
def frames(make: st.DrawFn) -> tuple[list[FrameUnit], dict[str, int]]:
    """A frame of up to three strata, and sizes that fit it."""
    frame, sizes = [], {}
    for stratum in make(st.lists(st.sampled_from(["town", "village", "city"]), min_size=1, max_size=3, unique=True)):
        weights = make(st.lists(st.integers(1, MOST_WEIGHT), min_size=1, max_size=7))
        frame += [FrameUnit(f"{stratum}-{number}", stratum, weight) for number, weight in enumerate(weights)]
        sizes[stratum] = make(st.integers(1, len(weights)))
    return frame, sizes


def by_hand(seed: str, unit: str, weight: int) -> str:
    """What `printf '%s\\n%s\\n%s' SEED UNIT T | sha256sum` gives, the smallest of all T."""
    return min(hashlib.sha256(f"{seed}\n{unit}\n{t}".encode()).hexdigest() for t in range(1, weight + 1))


def test_a_ticket_is_the_sha256_of_seed_unit_and_number() -> None:
    # printf '2025-0417\n0102\n1' | sha256sum
    assert lot("2025-0417", FRAME[1]) == "a05169706ef4960ef10ca1c736be8c2caf66b0b135ba8f08d3dacb03528a700b"
    assert lot("2025-0417", FRAME[0]) == by_hand("2025-0417", "0101", 2)


def test_the_frame_is_published_as_csv_and_its_digest_is_that_of_the_text() -> None:
    text = "unit,stratum,weight\n0101,town,2\n0102,town,1\n0201,village,1\n"
    assert frame_text(FRAME) == text
    assert frame_digest(FRAME) == hashlib.sha256(text.encode()).hexdigest()
    assert read_frame(text) == FRAME


@given(frames(), st.text("0123456789abcdef", min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_the_frame_changes_nothing(
    framed: tuple[list[FrameUnit], dict[str, int]], seed: str, chance: random.Random
) -> None:
    frame, sizes = framed
    shuffled = frame.copy()
    chance.shuffle(shuffled)
    again = dict(sorted(sizes.items(), reverse=True))
    assert draw(seed, shuffled, again) == draw(seed, frame, sizes)


@given(frames(), st.text("0123456789abcdef", min_size=1))
def test_each_stratum_gives_the_units_with_the_smallest_lots_and_as_many_as_asked(
    framed: tuple[list[FrameUnit], dict[str, int]], seed: str
) -> None:
    frame, sizes = framed
    drawn = draw(seed, frame, sizes)
    assert len(set(drawn.chosen)) == len(drawn.chosen) == sum(sizes.values())
    lots = {unit.unit: by_hand(seed, unit.unit, unit.weight) for unit in frame}
    for stratum, size in sizes.items():
        there = sorted((unit.unit for unit in frame if unit.stratum == stratum), key=lots.__getitem__)
        assert [unit for unit in drawn.chosen if unit in there] == there[:size]


@given(frames())
def test_every_unit_has_a_chance_and_the_chances_add_up_to_the_sizes(
    framed: tuple[list[FrameUnit], dict[str, int]],
) -> None:
    frame, sizes = framed
    stated = chances(frame, sizes)
    assert set(stated) == {unit.unit for unit in frame}
    assert all(0 < chance <= 1 for chance in stated.values())
    for stratum, size in sizes.items():
        assert sum(stated[unit.unit] for unit in frame if unit.stratum == stratum) == size


@given(frames(), st.data())
def test_more_weight_is_never_less_chance(framed: tuple[list[FrameUnit], dict[str, int]], data: st.DataObject) -> None:
    frame, sizes = framed
    one, other = data.draw(st.sampled_from(frame)), data.draw(st.sampled_from(frame))
    if one.stratum == other.stratum and one.weight >= other.weight:
        stated = chances(frame, sizes)
        assert stated[one.unit] >= stated[other.unit]


def test_equal_weights_give_the_share_that_is_drawn() -> None:
    frame = [FrameUnit(f"{number:04d}", "all", 3) for number in range(135)]
    assert set(chances(frame, {"all": 30}).values()) == {Fraction(30, 135)}


def by_sequence(weights: list[int], size: int) -> list[Fraction]:
    """Chances of successive sampling from its definition: all orders in which units can leave, with their chances."""
    stated = [Fraction(0)] * len(weights)
    for order in itertools.permutations(range(len(weights)), size):
        chance, left = Fraction(1), sum(weights)
        for unit in order:
            chance *= Fraction(weights[unit], left)
            left -= weights[unit]
        for unit in order:
            stated[unit] += chance
    return stated


@pytest.mark.parametrize(("weights", "size"), [([1, 2, 3], 1), ([1, 2, 3], 2), ([1, 1, 5, 9], 2), ([4, 3, 2, 1, 1], 3)])
def test_stated_chances_are_those_of_picking_tickets_one_after_the_other(weights: list[int], size: int) -> None:
    frame = [FrameUnit(str(number), "all", weight) for number, weight in enumerate(weights)]
    assert list(chances(frame, {"all": size}).values()) == by_sequence(weights, size)


def test_over_many_seeds_units_are_drawn_as_often_as_stated() -> None:
    frame = [FrameUnit(f"{number:02d}", "all", 1 + 2 * (number % 5 == 0)) for number in range(20)]
    seeds, stated = 3000, chances(frame, {"all": 6})
    times = dict.fromkeys(stated, 0)
    for number in range(seeds):
        for unit in draw(f"seed {number}", frame, {"all": 6}).chosen:
            times[unit] += 1
    # Fixed seeds, so no chance in the test; five standard deviations of 3000 draws are under 0.046.
    assert max(abs(times[unit] / seeds - stated[unit]) for unit in stated) < 0.046


def test_another_seed_gives_another_draw() -> None:
    frame = [FrameUnit(f"{number:04d}", "all") for number in range(135)]
    assert len({draw(str(seed), frame, {"all": 10}).chosen for seed in range(50)}) == 50


@pytest.mark.parametrize(
    ("seed", "frame", "sizes", "code"),
    [
        ("", FRAME, {"town": 1, "village": 1}, "draw.seed_unfit"),
        ("one\ntwo", FRAME, {"town": 1, "village": 1}, "draw.seed_unfit"),
        (" padded", FRAME, {"town": 1, "village": 1}, "draw.seed_unfit"),
        ("1", (), {}, "draw.frame_empty"),
        ("1", (*FRAME, FRAME[0]), {"town": 1, "village": 1}, "draw.unit_twice"),
        ("1", (FrameUnit("a,b", "town"),), {"town": 1}, "draw.name_unfit"),
        ("1", (FrameUnit("a\n1", "town"),), {"town": 1}, "draw.name_unfit"),
        ("1", (FrameUnit("a", ""),), {"": 1}, "draw.name_unfit"),
        ("1", (FrameUnit("a", "town", 0),), {"town": 1}, "draw.weight_unfit"),
        ("1", (FrameUnit("a", "town", 10),), {"town": 1}, "draw.weight_unfit"),
        ("1", FRAME, {"town": 1}, "draw.size_unfit"),
        ("1", FRAME, {"town": 0, "village": 1}, "draw.size_unfit"),
        ("1", FRAME, {"town": 3, "village": 1}, "draw.size_unfit"),
        ("1", FRAME, {"town": 1, "village": 1, "city": 1}, "draw.size_unfit"),
    ],
)
def test_what_would_leave_a_unit_without_its_chance_is_refused(
    seed: str, frame: tuple[FrameUnit, ...], sizes: dict[str, int], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        draw(seed, frame, sizes)
    assert [issue.code for issue in refused.value.issues] == [code]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        draw("", (FrameUnit("a", "town", 0), FrameUnit("a", "town")), {"town": 5})
    assert {issue.code for issue in refused.value.issues} == {
        "draw.seed_unfit",
        "draw.weight_unfit",
        "draw.unit_twice",
        "draw.size_unfit",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "unit,stratum\n",
        "unit,stratum,weight",
        "unit,stratum,weight\n0102,town,1\n0101,town,1\n",
        "unit,stratum,weight\n0101,town,01\n",
        "unit,stratum,weight\r\n0101,town,1\r\n",
        "unit,stratum,weight\n0101,town\n",
    ],
)
def test_a_frame_that_is_not_as_published_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_frame(text)
    assert refused.value.issues[0].code == "draw.frame_unreadable"
