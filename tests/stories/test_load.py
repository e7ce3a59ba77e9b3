"""The load that the other stories trust: it sees everything that a client can lose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from bench.load.process import Load, Result

ANSWERS = {
    "/fine": b"HTTP/1.1 200 OK\r\nx-version: v1\r\ncontent-length: 2\r\n\r\nok",
    "/nothing": b"",
    "/short": b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ntoo short",
    "/half-a-head": b"HTTP/1.1 200 OK\r\nx-ver",
    "/unwell": b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
    "/whole-stream": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n",
    "/no-final-event": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n",
    "/no-last-chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\ne\r\ndata: [DONE]\n\n\r\n",
}


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """Answers once on each connection, well or badly, and closes it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        writer.write(ANSWERS[path])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        yield "http://127.0.0.1:{1}".format(*listening.sockets[0].getsockname())


async def loaded(url: str, **options: list[str] | float) -> Result:
    """A short load."""

    def run() -> Result:
        with Load(url, rate=50.0, streams=1, seconds=0.5, **options) as load:
            load.wait()
        return load.result

    return await asyncio.to_thread(run)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/nothing", "no answer"), ("/short", "cut short"), ("/half-a-head", "cut short"), ("/unwell", "status 503")],
)
async def test_a_request_that_is_not_answered_well_is_counted(server: str, path: str, kind: str) -> None:
    """Each by its kind, and none is tried again in silence."""
    result = await loaded(server, plain=[path])
    assert result.count("requests") == 0
    assert result.failed == result.count(f"request failed: {kind}") > 0


@pytest.mark.parametrize("path", ["/no-final-event", "/no-last-chunk", "/short"])
async def test_a_stream_without_its_end_counts_as_cut(server: str, path: str) -> None:
    """Whether its connection ended amid it, or it ended before its last event."""
    result = await loaded(server, stream=[path])
    assert result.count("streams whole") == 0
    assert result.cut == result.count("stream cut") > 0


async def test_a_stream_that_never_begins_is_refused(server: str) -> None:
    """It is no good stream either."""
    assert (await loaded(server, stream=["/unwell"])).cut > 0


async def test_a_websocket_that_is_refused_is_counted(server: str) -> None:
    """By a server that does not speak it."""
    assert (await loaded(server, socket=["/fine"], sockets=1)).count("websocket refused") > 0


async def test_what_is_well_is_not_counted_as_lost(server: str) -> None:
    """An idle connection that the server closed in time is opened anew."""
    result = await loaded(server, plain=["/fine"], stream=["/whole-stream"])
    assert result.failed + result.cut == 0, result.why
    assert {seen.version for seen in result.answers} == {"v1"}
