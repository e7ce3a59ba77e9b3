"""Connections through faults: kept where they can be, used once more where a provider just closed them, and a
configuration that changes under many streams."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import uvloop
from tests.apps.hub.faults.hostile import WELL_STREAM, Hostile, Then, error, listening, whole
from tests.apps.hub.faults.town import INPUT_NANO, MODEL, Told, Town, request, running
from tests.apps.hub.serving.fakes import ANSWER, DONE, FINISH, ROLE, USAGE, word
from tests.apps.hub.wire.sockets import Client, until

from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.serving.tails import MOST_HELD, Showing


def said(port: int, **more: Any) -> dict[str, Any]:
    """One provider and one model."""
    provider = {"kind": "openai", "url": f"http://127.0.0.1:{port}/v1", **more}
    return {"providers": {"far": provider}, "models": {"m": {"targets": [f"far/{MODEL}"], "retries": 0}}}


async def test_an_error_that_is_answered_in_full_keeps_its_connection(tmp_path: Path) -> None:
    """A provider that is too busy must not be given a new connection for each call on top."""
    far = Hostile((error(b"400 Bad Request"),), (error(b"429 Too Many Requests", b"retry-after: 0"),))
    async with listening(far), running(tmp_path, said(far.port)) as town:
        for stream in (False, True, False, True):
            await town.asks("m", stream=stream)
        await town.is_quiet()

        assert len(far.asked) == 4
        assert far.open == 1


async def test_a_kept_connection_that_the_provider_just_closed_is_replaced_and_nobody_notices(tmp_path: Path) -> None:
    """Nothing of an answer has come, so the request is sent once more, over a new one; and not a third time."""
    far = Hostile()
    async with listening(far), running(tmp_path, said(far.port)) as town:
        assert (await town.asks("m")).status == 200
        far.whole = far.stream = (Then.CLOSE,)
        assert [(await town.asks("m", stream=stream)).status for stream in (False, True)] == [502, 502]
        assert len(far.asked) == 1 + 2 + 1  # the first over the kept one and a new one, the second over a new one
        await town.is_quiet()
        assert [row["cost_nano"] > 0 for row in await town.ledger()] == [True, False, False]


async def test_what_comes_unasked_after_an_answer_reaches_nobody(tmp_path: Path) -> None:
    """The connection is closed instead of being kept."""
    far = Hostile((whole(), whole(b'{"evil":true}')))
    async with listening(far), running(tmp_path, said(far.port)) as town:
        for _ in range(5):
            assert (await town.asks("m")).body == ANSWER
        await town.is_quiet()


async def test_a_trailer_does_not_change_what_the_head_said(tmp_path: Path) -> None:
    """Of the answer, as of a request."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    far = Hostile((head, b"%x\r\n%b\r\n0\r\ncontent-type: text/html\r\n\r\n" % (len(ANSWER), ANSWER)))
    async with listening(far), running(tmp_path, said(far.port)) as town:
        assert (await town.asks("m")).headers["content-type"] == "application/json"


async def test_a_slow_drip_is_an_answer_as_long_as_its_limits_hold(tmp_path: Path) -> None:
    """A stream may take its time between tokens; a whole answer has to be whole by the time of its first token."""

    def dripping(data: bytes, size: int) -> list[bytes | float]:
        return [step for at in range(0, len(data), size) for step in (data[at : at + size], 0.02)]

    stream = b"".join(one for one in WELL_STREAM if isinstance(one, bytes))
    far = Hostile(dripping(whole(), 1), dripping(stream, 40))
    async with listening(far), running(tmp_path, said(far.port, timeouts={"first_token": "3s"})) as town:
        slow, streamed = await asyncio.gather(town.asks("m"), town.asks("m", stream=True))
        await town.is_quiet()

        assert (slow.status, slow.error["code"]) == (504, "timeout")
        assert streamed.is_whole
        assert sorted(row["output"] for row in await town.ledger()) == [0, 5]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_ends_the_call_of_its_provider_and_pays_for_what_came(
    tmp_path: Path, stream: bool
) -> None:
    """Estimated where the provider had not told; the prompt at least, which it has read."""
    script = (*(WELL_STREAM[:3] if stream else ()), Then.HANG)
    far = Hostile(script, script)
    async with listening(far), running(tmp_path, said(far.port)) as town:
        client = Client(*await asyncio.open_connection("127.0.0.1", town.port))
        client.send(request("m", stream=stream))
        await until(lambda: bool(far.asked))
        if stream:
            await client.reader.readuntil(b"\n\n")
        client.vanish()
        await until(lambda: not far.open)
        await town.is_quiet()
        (row,) = await town.ledger()

        assert (row["status"], row["estimated"]) == (499, 1)
        assert row["cost_nano"] >= row["input"] * INPUT_NANO > 0
        assert (row["output"] > 0) == stream


async def test_five_failures_in_a_row_open_the_breaker_and_nobody_is_asked_any_more(tmp_path: Path) -> None:
    """Clients are told when to come again."""
    far = Hostile((error(b"500 Oops"),))
    async with listening(far), running(tmp_path, said(far.port, cool_down="30s")) as town:
        for _ in range(5):
            assert (await town.asks("m")).status == 500
        refused = await town.asks("m")

        assert (refused.status, refused.error["code"]) == (503, "no_provider")
        assert refused.headers["retry-after"] == "30"
        assert len(far.asked) == 5


async def test_a_breaker_that_has_cooled_down_lets_one_call_go_ahead_and_closes(tmp_path: Path) -> None:
    """Where it is soon, the client waits for that."""
    far = Hostile((error(b"500 Oops"),))
    async with listening(far), running(tmp_path, said(far.port, cool_down="200ms")) as town:
        for _ in range(5):
            await town.asks("m")
        breaker = town.hub.table.routes["m"][0].targets[0].host.lanes[0].breaker
        assert breaker.trouble
        far.whole = (whole(),)

        assert [(await town.asks("m")).status for _ in range(3)] == [200] * 3
        assert not breaker.trouble


async def begun(town: Town, count: int, asked: Sequence[asyncio.Future[Told]]) -> None:
    """So many streams are under way, and none of those asked for has ended."""
    await until(lambda: sum(one.begun for one in town.hub.desk.flights) == count or any(one.done() for one in asked))
    assert not any(one.done() for one in asked)


async def reloaded(folder: Path, streams: int) -> None:
    """A wrong configuration, and a good one, amid so many streams; with clients that leave among them."""
    told = asyncio.Event()
    far = Hostile(stream=(*WELL_STREAM[:3], told, *WELL_STREAM[3:]))
    patient = {"connect": "90s", "first_token": "90s", "between_tokens": "90s"}
    async with listening(far), running(folder, said(far.port, timeouts=patient)) as town:
        asked: list[asyncio.Future[Told]] = []
        for count in range(100, streams + 1, 100):  # who connects has 15 s for its request, on any machine
            asked += [asyncio.ensure_future(town.asks("m", stream=True)) for _ in range(100)]
            await begun(town, count, asked)
        town.says({"providers": {"far": {"kind": "nobody"}}, "models": {"n": "far/m"}})
        with pytest.raises(Misconfigured):
            await town.hub.reload()
        town.says({"models": {"n": "echo/echo"}})
        await town.hub.reload()
        assert (await town.asks("n")).status == 200
        assert (await town.asks("m")).status == 404
        leaving = asked[::10]
        for one in leaving:
            one.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        told.set()
        got = await asyncio.gather(*asked, return_exceptions=True)
        await town.is_quiet()
        await until(lambda: not far.open)  # the pool of the old configuration keeps nothing
        rows = [row for row in await town.ledger() if row["model"] == "m"]

        assert sum(not isinstance(one, BaseException) and one.is_whole for one in got) == streams - len(leaving)
        assert len(rows) == streams
        assert sum((row["status"], row["input"], row["output"]) == (200, 10, 5) for row in rows) == streams - len(
            leaving
        )
        assert sum(row["status"] == 499 for row in rows) == len(leaving)


@pytest.mark.timeout(180)  # 9 s where nothing else runs: a busy machine has to accept 2,000 connections first
def test_a_reload_amid_a_thousand_streams_breaks_none_and_bills_each_once(tmp_path: Path) -> None:
    """Those that run go on by the old one; no connection is left of it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(reloaded(tmp_path, 1000))


STREAM = ROLE + word("a") + word("b") + FINISH + USAGE + DONE


@pytest.mark.parametrize("usage", [False, True])
@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_events_are_handed_on_whole_however_they_are_cut(size: int, usage: bool) -> None:
    """So what follows half of one is never taken for the rest of it."""
    showing = Showing(usage)
    shown = [showing.shown(STREAM[at : at + size]) for at in range(0, len(STREAM), size)]

    assert all(one.endswith(b"\n\n") for one in shown if one)
    assert b"".join(shown) + showing.rest() == (STREAM if usage else STREAM.replace(USAGE, b""))


def test_an_event_that_is_very_long_is_handed_on_as_it_comes() -> None:
    """Memory is bounded; nothing is lost."""
    showing, piece = Showing(usage=False), b"data: " + b"a" * (MOST_HELD // 4)
    shown = [showing.shown(piece) for _ in range(10)]

    assert sum(map(len, shown)) + len(showing.rest()) == 10 * len(piece)
    assert any(shown[:5])
