"""A breaker lets nothing through while it is open but its one probe, whatever happens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.routes.breaker import FAILURES, LONGEST, Breaker


def opened(now: float = 100.0) -> Breaker:
    """One that has just opened."""
    breaker = Breaker(cool_down_s=10)
    for _ in range(FAILURES):
        breaker.failed(now)
    return breaker


def test_it_opens_after_some_failures_in_a_row() -> None:
    """A success between them starts the count again."""
    breaker = Breaker(10)
    for _ in range(FAILURES - 1):
        breaker.failed(100)
    breaker.succeeded(100)
    for _ in range(FAILURES - 1):
        breaker.failed(100)
    assert breaker.ready(100)
    breaker.failed(100)

    assert not breaker.ready(100)
    assert breaker.state(100) == "open"


def test_after_a_while_one_probe_goes_ahead_and_closes_it() -> None:
    """Only one, until it is known how it went."""
    breaker = opened()
    assert not breaker.ready(109.9)
    assert breaker.ready(110)
    assert breaker.state(110) == "half open"
    breaker.asked()
    assert not breaker.ready(111)
    breaker.succeeded(112)

    assert breaker.ready(112)
    assert breaker.state(112) == "closed"


def test_a_probe_that_fails_opens_it_for_longer() -> None:
    """Twice as long each time, up to a bound."""
    breaker, now = opened(), 100.0
    for waits in (10, 20, 40, 80, 160, 160, 160):
        assert not breaker.ready(now + waits - 0.1)
        now += waits
        assert breaker.ready(now)
        breaker.asked()
        breaker.failed(now)
    assert LONGEST == 16


def test_a_probe_that_is_taken_back_leaves_room_for_another() -> None:
    """A client that leaves says nothing about the provider."""
    breaker = opened()
    breaker.asked()
    breaker.given_up()

    assert breaker.ready(110)


def test_what_was_asked_before_it_opened_changes_nothing() -> None:
    """Late answers, good and bad, are of a time before."""
    breaker = opened()
    breaker.succeeded(101)
    breaker.failed(105)

    assert not breaker.ready(109.9)
    assert breaker.ready(110)


def test_a_key_rests_as_long_as_it_is_told() -> None:
    """And a while when nobody says how long; a success meanwhile does not wake it."""
    breaker = Breaker(cool_down_s=20)
    breaker.rest(100, 3)
    assert breaker.when() == 103
    breaker.succeeded(101)
    assert not breaker.ready(102.9)
    assert breaker.ready(103)
    breaker.rest(103, None)

    assert not breaker.ready(122.9)
    assert breaker.ready(123)


EVENTS = st.lists(
    st.tuples(st.floats(0, 30), st.sampled_from(["ask", "succeed", "fail", "give up", "rest"])), max_size=60
)


@given(EVENTS)
def test_while_open_nothing_passes_but_one_probe_at_a_time(events: list[tuple[float, str]]) -> None:
    """Over any course of events."""
    breaker, now, probes = Breaker(10), 0.0, 0
    for passed, event in events:
        now += passed
        was = breaker.state(now)
        if event == "ask" and breaker.ready(now):
            assert was != "open"
            assert now >= breaker.rests_until
            if was == "half open":
                probes += 1
                assert probes == 1
            breaker.asked()
        elif event == "succeed":
            breaker.succeeded(now)
        elif event == "fail":
            breaker.failed(now)
        elif event == "give up":
            breaker.given_up()
        elif event == "rest":
            breaker.rest(now, None)
        if event != "ask":
            probes = 0


@given(EVENTS)
def test_it_is_always_ready_again_in_the_end(events: list[tuple[float, str]]) -> None:
    """No course of events shuts a provider out for ever, once its last probe has come back."""
    breaker, now = Breaker(10), 0.0
    for passed, event in events:
        now += passed
        if event == "ask" and breaker.ready(now):
            breaker.asked()
        elif event == "fail":
            breaker.failed(now)
        elif event == "rest":
            breaker.rest(now, 5)
    breaker.given_up()

    assert breaker.ready(now + 10 * LONGEST)
    assert breaker.ready(breaker.when())
