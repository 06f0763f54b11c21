"""The register from its rows: events hold from their day on, and what is undone is as if it had not been."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from answerable.ledger.register import faults_of_tree, registrations, undone


def event(at: int, undoes: int = 0, day: str = "2025-05-01") -> dict[str, Any]:
    return {"id": at, "number": f"U{at}", "undoes": f"U{undoes}" if undoes else "", "on_day": day}


def version(day: str, name: str, unit: str = "A", parent: str = "") -> dict[str, Any]:
    return {"id": 1, "unit_code": unit, "valid_from": day, "name_zh": name, "parent_code": parent}


def state(at: int, of: int, name: str, unit: str = "A", parent: str = "") -> dict[str, Any]:
    return {"id": at, "event": f"U{of}", "unit_code": unit, "name_zh": name, "parent_code": parent}


def names(*given: Any) -> list[tuple[str, str]]:
    return [(row["valid_from"], row["name_zh"]) for row in registrations(*given)]


def test_an_event_holds_from_its_day_on() -> None:
    entered = [version("2025-01-01", "old"), version("2025-09-01", "newest")]
    assert names(entered, [event(1)], [state(1, 1, "new")]) == [
        ("2025-01-01", "old"),
        ("2025-05-01", "new"),
        ("2025-09-01", "newest"),
    ]


def test_of_two_events_on_one_day_the_later_recorded_holds() -> None:
    events, states = [event(1), event(2)], [state(9, 2, "second"), state(1, 1, "first")]
    assert names([version("2025-05-01", "entered")], events, states)[-1] == ("2025-05-01", "second")


def test_an_undone_event_is_as_if_it_had_not_been_and_the_undoing_can_be_undone() -> None:
    events = [event(1), event(2, undoes=1), event(3, undoes=2)]
    assert undone(events[:1]) == set()
    assert undone(events[:2]) == {"U1"}
    assert undone(events) == {"U2"}
    entered, states = [version("2025-01-01", "old")], [state(1, 1, "new")]
    assert names(entered, events[:2], states) == names(entered, [], [])
    assert names(entered, events, states)[-1] == ("2025-05-01", "new")


def test_a_way_up_that_leads_nowhere_is_found_from_the_day_on_it_does() -> None:
    rows = [
        version("2025-01-01", "a", "A"),
        version("2025-01-01", "b", "B", "A"),
        version("2025-03-01", "a", "A", "B"),
        version("2025-04-01", "c", "C", "Z"),
    ]
    assert list(faults_of_tree(rows, "2025-01-01")) == [("A", "2025-03-01"), ("C", "2025-04-01")]
    assert list(faults_of_tree(rows, "2025-04-01")) == [("C", "2025-04-01")]


HISTORY = st.lists(st.tuples(st.integers(1, 28), st.sampled_from("ABC"), st.booleans()), max_size=12)


@given(HISTORY)
def test_undoing_whatever_happened_last_first_restores_every_day(history: list[tuple[int, str, bool]]) -> None:
    entered = [version("2025-05-10", "entered", unit) for unit in "ABC"]
    events: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    stages = [registrations(entered, events, states)]
    for at, (day, unit, _) in enumerate(history, 1):
        events.append(event(at, day=f"2025-05-{day:02d}"))
        states.append(state(at, at, f"name {at}", unit))
        stages.append(registrations(entered, events, states))
    for done in range(len(history), 0, -1):
        assert registrations(entered, events, states) == stages[done]
        events.append(event(len(events) + 1, undoes=done))
        if history[done - 1][2]:  # the undoing is undone, and the event undone once more
            events.append(event(len(events) + 1, undoes=len(events)))
            assert registrations(entered, events, states) == stages[done]
            events.append(event(len(events) + 1, undoes=len(events)))
        assert registrations(entered, events, states) == stages[done - 1]
