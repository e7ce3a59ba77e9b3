"""The stream of outcomes: read as it comes, from where one was, too slowly, and to the end of the hub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.apps.hub.serving.fakes import FakeLine
from tests.apps.hub.serving.telling import body_of
from tests.apps.hub.watching.hubs import SAID, Running, running
from tests.apps.hub.wire.sockets import until

from fairlead.apps.hub.shadowing.joining import shadowed
from fairlead.apps.hub.watching.events import AT_ONCE, MOST_READERS, Events
from fairlead.apps.hub.watching.joining import watched
from fairlead.apps.hub.watching.outcomes import Outcome
from fairlead.apps.hub.wire.exchange import Exchange

Event = tuple[str, Any]


@asynccontextmanager
async def reading(hub: Running, query: str = "", **headers: str) -> AsyncIterator[AsyncIterator[Event]]:
    """Events, one after another: kind and data."""
    async with hub.back.stream("GET", f"/events{query}", headers=headers, timeout=50) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        yield parsed(answer.aiter_lines())


async def parsed(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """Of server-sent events."""
    kind = "message"
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)
            kind = "message"


def asked(query: bytes = b"", **headers: bytes) -> tuple[Exchange, FakeLine]:
    """A reader whose connection is in memory."""
    line = FakeLine()
    said = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return Exchange(line, b"GET", b"/events" + query, said, b"", keep=True), line


def told(line: FakeLine) -> list[Event]:
    """What it has got."""
    found = []
    for block in body_of(line).decode().split("\n\n"):
        fields = dict(one.split(": ", 1) for one in block.split("\n") if ": " in one and not one.startswith(":"))
        if "data" in fields:
            found.append((fields.get("event", "message"), json.loads(fields["data"])))
    return found


def outcomes(events: Events, count: int) -> None:
    """So many requests have ended."""
    for number in range(events.next, events.next + count):
        events.add(Outcome(number, 1_700_000_000.0, 0.1, 200, "chat"))


async def test_a_reader_sees_each_outcome_as_it_ends_and_may_go_on_where_it_was(tmp_path: Path) -> None:
    """On the second listener only."""
    async with running(tmp_path) as hub:
        assert (await hub.front.get("/events")).status_code == 404
        async with reading(hub) as events:
            hello, said = await anext(events)
            assert (hello, said["next"]) == ("hello", 1)
            await hub.asks(stream=True)
            await hub.asks("nobody")
            first, second = (await anext(events))[1], (await anext(events))[1]
        assert (first["seq"], first["status"], first["route"], first["stream"]) == (1, 200, "quick", True)
        assert first["first_token_s"] > 0
        assert (second["seq"], second["status"], second["failure"]) == (2, 404, "unknown")
        async with reading(hub, "?from=2") as events:
            assert [(await anext(events))[0], (await anext(events))[1]["seq"]] == ["hello", 2]
        async with reading(hub, **{"last-event-id": "1"}) as events:
            assert [(await anext(events))[0], (await anext(events))[1]["seq"]] == ["hello", 2]


async def test_what_another_model_answered_is_an_event_of_its_own(tmp_path: Path) -> None:
    """Beside the outcomes, in one order with them."""
    copied = {"targets": ["echo/echo"], "shadow": {"to": "echo/other", "sample": 1}}
    said = {**SAID, "models": {"quick": copied}}
    async with running(tmp_path, said, (watched, shadowed)) as hub, reading(hub, "?from=1") as events:
        await anext(events)
        await hub.asks()
        seen = [await anext(events) for _ in range(3)]
    [(_, compared)] = [event for event in seen if event[0] == "comparison"]

    assert sorted(said["seq"] for _, said in seen) == [1, 2, 3]
    assert (compared["route"], compared["to"]) == ("quick", "echo/other")
    assert (compared["similarity"], compared["same_finish"]) == (1.0, True)
    assert compared["client_characters"] == compared["shadow_characters"] == len("hello there")


async def test_who_comes_too_late_is_told_how_many_it_missed() -> None:
    """And gets what is still known."""
    events = Events("run", kept=100)
    outcomes(events, 250)
    exchange, line = asked(b"?from=1")
    assert events.page(exchange)
    kinds = told(line)
    await events.end()

    assert kinds[0] == ("hello", {"run": "run", "next": 251, "first": 151})
    assert kinds[1] == ("missed", {"missed": 150, "next": 151})
    assert [said["seq"] for _, said in kinds[2:]] == list(range(151, 251))


async def test_a_reader_that_does_not_take_what_it_gets_is_handed_no_more_and_dropped() -> None:
    """Nothing piles up for it; when it reads again it is told how many it missed, and its stream ends."""
    events = Events("run", kept=1000)
    exchange, line = asked()
    events.page(exchange)
    exchange.stalled()
    size = len(line.data)
    outcomes(events, 5000)
    await asyncio.sleep(0.25)
    assert len(line.data) == size
    exchange.flows()
    await until(lambda: bool(line.ended))
    await events.end()

    assert told(line)[1:] == [("missed", {"missed": 4000, "next": 4001})]
    assert line.ended == ["done"]
    assert not events._readers


async def test_a_reader_that_stalls_amid_a_batch_gets_the_rest_when_it_takes_again() -> None:
    """In order, each once."""

    class Narrow(FakeLine):
        """Full after every write."""

        def write(self, data: bytes) -> None:
            super().write(data)
            if b"id: " in data:
                exchange.stalled()

    events = Events("run")
    exchange, _ = asked(b"?from=1")
    line = Narrow()
    exchange._line = line
    outcomes(events, AT_ONCE * 2 + 7)
    events.page(exchange)
    assert len(told(line)) == 1 + AT_ONCE
    async with asyncio.timeout(5):
        while len(told(line)) < 1 + AT_ONCE * 2 + 7:
            exchange.flows()
            await asyncio.sleep(0.01)
    await events.end()

    assert [said["seq"] for _, said in told(line)[1:]] == list(range(1, AT_ONCE * 2 + 8))


async def test_readers_are_bounded_and_those_that_left_are_forgotten() -> None:
    """One too many is refused; when one leaves there is room again."""
    events = Events("run")
    readers = [asked() for _ in range(MOST_READERS + 1)]
    for exchange, _ in readers:
        events.page(exchange)
    assert readers[-1][1].data.startswith(b"HTTP/1.1 503 ")
    readers[0][0].leave()
    await until(lambda: len(events._readers) < MOST_READERS)
    await events.end()
    assert readers[1][1].ended == ["done"]
