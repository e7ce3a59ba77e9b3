"""How much a counter grew, or that nobody knows."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.judge import Counter, Counters


def test_the_first_reading_only_sets_the_mark() -> None:
    counter, grown = Counter().read(500)
    assert (counter, grown) == (Counter(500), None)


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_growth_adds_up_to_the_last_reading(steps: list[int]) -> None:
    """Whatever the steps: the sum of what grew is the last value less the first."""
    counter, value, total = Counter(0), 0, 0.0
    for step in steps:
        value += step
        counter, grown = counter.read(value)
        assert grown == step
        total += grown
    assert total == value


@pytest.mark.parametrize("reading", [None, nan, inf, -inf, -1.0])
def test_a_reading_that_is_no_number_is_no_evidence_and_loses_nothing(reading: float | None) -> None:
    """The next good reading covers the gap."""
    counter, grown = Counter(100).read(reading)
    assert grown is None
    assert counter.read(130) == (Counter(130), 30)


def test_a_counter_of_a_new_process_counts_from_zero() -> None:
    assert Counter(1000).read(7, restarted=True) == (Counter(7), 7)


def test_a_new_process_that_has_overtaken_the_old_one_counts_from_zero_too() -> None:
    """Its value alone would not show the restart."""
    assert Counter(5).read(9, restarted=True) == (Counter(9), 9)


def test_a_counter_that_stutters_invents_no_events() -> None:
    """From 1,000 to 998 and on to 1,003: unknown, then 5; not 998."""
    counter, grown = Counter(1000).read(998)
    assert grown is None
    assert counter.read(1003) == (Counter(1003), 5)


def test_instances_are_differenced_before_they_are_summed() -> None:
    """The restart of one would hide in the growth of the other."""
    counters, _ = Counters().read({"a": 100.0, "b": 900.0})
    counters, grown = counters.read({"a": 5.0, "b": 1000.0}, restarted=["a"])
    assert grown == 105


@pytest.mark.parametrize(
    "readings",
    [
        {"a": 110.0, "b": None},
        {"a": 110.0, "b": 3.0},
        {"a": 110.0},
        {"a": 110.0, "b": 901.0, "c": 40.0},
        {},
    ],
    ids=["one silent", "one back", "one gone", "one unknown before", "all gone"],
)
def test_what_is_unknown_of_one_instance_is_unknown_of_the_version(readings: dict[str, float | None]) -> None:
    counters, _ = Counters().read({"a": 100.0, "b": 900.0})
    assert counters.read(readings)[1] is None


def test_after_an_unknown_stretch_it_goes_on() -> None:
    """An instance that went, and one that came, are known from the next reading on."""
    counters, _ = Counters().read({"a": 100.0, "b": 900.0})
    counters, _ = counters.read({"a": 110.0, "c": 40.0})
    assert counters.read({"a": 115.0, "c": 42.0})[1] == 7


def test_a_new_instance_that_is_known_to_be_new_counts_whole() -> None:
    counters, _ = Counters().read({"a": 100.0})
    assert counters.read({"a": 101.0, "b": 40.0}, restarted=["b"])[1] == 41
