"""Whatever happens in whatever order, a call ends once, is settled once, and leaves nothing behind."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apps.hub.routes.tables import provider
from tests.apps.hub.serving.fakes import (
    ANSWER,
    DONE,
    FINISH,
    JSON,
    ROLE,
    STREAM,
    USAGE,
    FakeLine,
    FakeUpstream,
    Town,
    word,
)

from fairlead.apps.hub.serving.attempt import Attempt
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.wire.exchange import Exchange

SAID: dict[str, Any] = {
    "providers": {"one": provider("ONE", "TWO"), "two": provider("THREE"), "three": provider("FOUR")},
    "models": {
        "m": {
            "targets": ["one/m", "two/n"],
            "fallbacks": ["three/o"],
            "retries": 3,
            "hedge": "3s",
            "balance": "latency",
        }
    },
}
PATHS = (b"/v1/chat/completions", b"/v1/messages")

PIECES = [ROLE, word("a"), word("b"), FINISH, USAGE, DONE, ROLE[:40], b"\n\n", b": wait\n\n", b"data: nonsense\n\n",
          b'data: {"error":{"message":"overloaded","code":"server_overloaded"}}\n\n', b"\xff\xfe\n\n"]  # fmt: skip
BODIES = [ANSWER, b"", b"{}", b"nonsense", b"[]", ANSWER[:-20]]

STATUSES = [400, 401, 429, 500, 503]

Act = Callable[[Town, FakeUpstream, random.Random], None]

PROVIDERS: dict[str, Act] = {
    "begins a stream": lambda town, one, chance: None if one.head else void(one.begins(headers=STREAM)),
    "begins an answer": lambda town, one, chance: None if one.head else void(one.begins(headers=JSON)),
    "says": lambda town, one, chance: void(one.says(chance.choice(PIECES))),
    "ends": lambda town, one, chance: one.ends(chance.choice(BODIES)) if one.head else None,
    "answers": lambda town, one, chance: None if one.head else one.answers(),
    "fails": lambda town, one, chance: (
        None if one.head else one.answers(b"{}", chance.choice([400, 401, 429, 500, 503]))
    ),
    "breaks": lambda town, one, chance: one.breaks(),
}


def void(value: object) -> None:
    """For its effect."""


def act(town: Town, exchange: Exchange, what: str, chance: random.Random) -> None:
    """One event."""
    alive = [one for one in town.made if one.alive]
    if what in PROVIDERS:
        if alive:
            PROVIDERS[what](town, chance.choice(alive), chance)
    elif what == "time passes":
        town.passes(chance.choice([0.1, 1, 5, 61]))
    elif not exchange.open:
        return
    elif what == "the client leaves":
        exchange.leave()
    elif what == "the client stalls":
        exchange.stalled()
    else:
        exchange.flows()


EVENTS = [
    *PROVIDERS,
    "says",
    "says",
    "says",
    "time passes",
    "the client leaves",
    "the client stalls",
    "the client reads",
]


def check_answer(line: FakeLine, left: bool) -> None:
    """What the client got is a whole answer, in good framing, or it has left."""
    if left:
        assert not line.ended
        return
    assert line.ended == ["done"]
    head, _, body = line.data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 ")
    if b"chunked" in head:
        assert body.endswith(b"0\r\n\r\n")
    else:
        assert int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]) == len(body)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), max_size=40), st.integers(0, 2**32), st.booleans(), st.sampled_from(PATHS))
def test_every_call_ends_once_and_is_settled_once(events: list[str], seed: int, stream: bool, path: bytes) -> None:
    """Over any course of events of providers, clients and time."""
    chance = random.Random(seed)
    town = Town(SAID)
    more = b',"stream":true' if stream else b""
    exchange, line = town.asks(
        b'{"model":"m","max_tokens":9%b,"messages":[{"role":"user","content":"hi"}]}' % more, path
    )
    left = False
    for event in events:
        was_open = exchange.open
        act(town, exchange, event, chance)
        left = left or (event == "the client leaves" and was_open)
    for _ in range(200):
        town.passes(61)

    assert len(town.ended) == 1
    assert not exchange.open
    town.check_all_is_over()
    check_answer(line, left)
    flight = town.ended[0]
    entry = town.accounts.entries[0] if town.accounts.entries else None
    assert entry is None or entry.cost_nano == flight.cost_nano
    assert flight.cost_nano == 0 or flight.usage is not None
    assert flight.asks <= 1 + 3 + 1 + 1


def test_thousands_of_calls_leave_nothing_in_memory() -> None:
    """Without any help of the garbage collector: a call holds nothing that holds the call."""
    town = Town(SAID)
    town.desk.watchers = ()
    chance = random.Random(5)
    gc.collect()
    gc.disable()
    try:
        for number in range(2000):
            exchange, _ = town.asks(b'{"model":"m","stream":true,"messages":[]}' if number % 2 else b'{"model":"m"}')
            for _ in range(12):
                act(town, exchange, chance.choice(EVENTS), chance)
            if exchange.open:
                exchange.leave()
            for pool in town.pools.values():
                pool.made.clear()
            town.accounts.held.clear()
            town.accounts.entries.clear()
            town.timers = [one for one in town.timers if one.waits]
            del exchange
        kept = [thing for thing in gc.get_objects() if isinstance(thing, Flight | Attempt | Exchange)]
        assert len(kept) < 20
    finally:
        gc.enable()
