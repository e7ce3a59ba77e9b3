"""How long a call under way waits, for whom, and who is asked meanwhile."""

from __future__ import annotations

from tests.apps.hub.serving.fakes import DONE, FINISH, JSON, ROLE, STREAM, USAGE, word
from tests.apps.hub.serving.telling import events, status, town

BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
STREAMED = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
STREAMED_USAGE = b'{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]}'


def test_a_short_retry_after_is_waited_for() -> None:
    """When nobody else can be asked."""
    here = town()
    _, line = here.asks(BODY)
    here.asked("one").answers(b"{}", 429, JSON | {b"retry-after": b"2"})
    here.passes(1.9)
    assert len(here.made) == 1
    here.passes(0.2)
    here.asked("one").answers()

    assert status(line) == 200


def test_a_long_one_is_told_to_the_client() -> None:
    """With the time to come again."""
    here = town()
    _, line = here.asks(BODY)
    here.asked("one").answers(b'{"error":{"message":"slow down"}}', 429, JSON | {b"retry-after": b"60"})

    assert status(line) == 429
    assert b"retry-after: 60" in line.data
    here.check_all_is_over()


def test_retries_wait_longer_each_time_and_end() -> None:
    """Chance is a half here."""
    here = town({"targets": ["one/m"], "retries": 2})
    _, line = here.asks(BODY)
    for number, wait in enumerate((0.125, 0.25)):
        here.asked("one").answers(b"{}", 500)
        assert len(here.made) == number + 1
        here.passes(wait + 0.001)
        assert len(here.made) == number + 2
    here.asked("one").answers(b"{}", 500)

    assert status(line) == 500
    here.check_all_is_over()


def test_a_kept_connection_that_was_just_closed_costs_nothing() -> None:
    """It is asked again over a new one, which counts as the same attempt; a new one that fails is a failure."""
    here = town({"targets": ["one/m"], "retries": 0})
    _, line = here.asks(BODY)
    here.asked("one").breaks()
    assert len(here.made) == 2
    assert here.asked("one").used == 0
    here.asked("one").answers()
    assert status(line) == 200
    assert here.ended[0].asks == 1

    _, line = here.asks(BODY)
    here.asked("one").breaks()
    here.asked("one").breaks()
    assert status(line) == 502
    here.check_all_is_over()


def test_time_limits_are_kept() -> None:
    """To the first token, between tokens, and for the whole."""
    limits = {"first_token": "10s", "between_tokens": "5s", "whole": "60s"}
    here = town({"targets": ["one/m"], "fallbacks": ["two/m"], "retries": 0, "timeouts": limits})
    _, line = here.asks(STREAMED)
    here.passes(9)
    assert not here.pools["two"].made
    here.passes(2)
    assert here.asked("one").dropped
    two = here.asked("two").begins(headers=STREAM).says(ROLE, word("a"))
    here.passes(4)
    two.says(word("b"))
    here.passes(4)
    assert two.alive
    here.passes(2)
    assert two.dropped
    assert events(line)[-1]["error"]["message"] == "two: no further token within 5 s"

    _, line = here.asks(STREAMED)
    one = here.asked("one").begins(headers=STREAM).says(ROLE)
    for _ in range(16):
        here.passes(4)
        one.says(word("x"))
    assert one.dropped
    assert events(line)[-1]["error"]["message"] == "one: no whole answer within 60 s"
    here.check_all_is_over()


def test_a_client_that_does_not_read_is_no_slow_provider() -> None:
    """The clock between tokens stands while its provider is paused."""
    here = town({"targets": ["one/m"], "timeouts": {"between_tokens": "5s"}})
    exchange, _ = here.asks(STREAMED)
    one = here.asked("one").begins(headers=STREAM).says(ROLE, word("a"))
    exchange.stalled()
    assert one.paused
    here.passes(50)
    assert one.alive
    exchange.flows()
    assert not one.paused
    here.passes(6)
    assert one.dropped


def test_a_hedge_asks_another_and_the_first_to_begin_wins() -> None:
    """The other one is ended, and only one is paid."""
    here = town({"targets": ["one/m", {"to": "two/m", "weight": 0}], "hedge": "1s"})
    _, line = here.asks(STREAMED)
    here.passes(0.9)
    assert len(here.made) == 1
    here.passes(0.2)
    one, two = here.asked("one"), here.asked("two")
    one.begins(headers=STREAM).says(ROLE)
    two.begins(headers=STREAM).says(ROLE, word("b"))
    assert one.dropped
    two.says(FINISH, USAGE, DONE).ends()

    assert b"word" not in line.data
    assert here.accounts.entries[0].provider == "two"
    assert here.ended[0].hedged
    here.check_all_is_over()


def test_when_one_of_a_hedge_fails_the_other_is_waited_for() -> None:
    """No third is asked meanwhile."""
    here = town({"targets": ["one/m", {"to": "two/m", "weight": 0}], "hedge": "1s"})
    _, line = here.asks(BODY)
    here.passes(1.1)
    here.asked("one").answers(b"{}", 500)
    assert line.data == b""
    here.asked("two").answers()

    assert status(line) == 200
    assert len(here.made) == 2
    here.check_all_is_over()
