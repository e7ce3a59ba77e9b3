"""A whole hub: real sockets, real accounts, the built-in provider; reloaded and ended under load."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop
from tests.apps.hub.serving.fakes import DONE, FINISH, ROLE, USAGE, word
from tests.apps.hub.wire.sockets import Client, until

from fairlead.apps.hub.loading import Source
from fairlead.apps.hub.main import Settings, drained
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.state import Hub

SAID = "open: true\nmodels:\n  quick: echo/echo\n"


class Slow:
    """A provider that begins a stream, and ends it when it is told."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                )
                for piece in (ROLE, word("a"), FINISH, USAGE, DONE):
                    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    if piece is not ROLE:
                        await self.told.wait()
                writer.write(b"0\r\n\r\n")
        writer.close()

    @property
    def said(self) -> str:
        """The configuration of a hub that asks it."""
        address = f"http://127.0.0.1:{self.port}/v1"
        providers = f"providers:\n  echo: {{}}\n  far: {{kind: openai_compatible, url: '{address}'}}\n"
        return f"open: true\n{providers}models:\n  slow: far/m\n  quick: echo/echo\n"


@asynccontextmanager
async def slow() -> AsyncIterator[Slow]:
    """One that listens."""
    made = Slow()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, backlog=2000)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    made.told.set()
    server.close()


@asynccontextmanager
async def running(folder: Path, said: str = SAID) -> AsyncIterator[tuple[Hub, asyncio.Server, int]]:
    """A hub that listens, with its server and its port."""
    file = folder / "hub.yaml"
    file.write_text(said)
    hub = Hub(Source(file, {}), folder)
    await hub.begin()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(hub.clients.connection, "127.0.0.1", 0, backlog=2000)
    try:
        yield hub, server, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        hub.clients.close()
        hub.clients.abort()
        await hub.clients.emptied.wait()
        await hub.end()


def request(model: str, stream: bool = False) -> bytes:
    """A chat."""
    said = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello there"}]}
    body = json.dumps(said).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\nconnection: close\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


async def asks(port: int, model: str, stream: bool = False) -> bytes:
    """All of an answer."""
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    client.send(request(model, stream))
    told = b""
    while data := await client.reader.read(65536):
        told += data
    client.close()
    return told


def is_whole(stream: bytes) -> bool:
    """Whether nothing is missing of a stream."""
    return stream.startswith(b"HTTP/1.1 200 ") and stream.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")


async def reloaded_amid(folder: Path, streams: int) -> None:
    """Many streams, and another configuration in the middle of each."""
    async with slow() as far, running(folder, far.said) as (hub, _, port):
        asked = [asyncio.ensure_future(asks(port, "slow", stream=True)) for _ in range(streams)]
        await until(lambda: sum(flight.begun for flight in hub.desk.flights) == streams)
        (folder / "hub.yaml").write_text("open: true\nmodels:\n  other: echo/echo\n")
        await hub.reload()
        assert b"200 OK" in await asks(port, "other")
        assert b"404 " in await asks(port, "slow")
        far.told.set()
        told = await asyncio.gather(*asked)

        assert sum(map(is_whole, told)) == streams
        assert not hub.desk.flights
        assert hub.office.accounts.under_way == 0


def test_a_reload_amid_a_thousand_streams_loses_none(tmp_path: Path) -> None:
    """Those that run go on by the old configuration, those that come are served by the new one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(reloaded_amid(tmp_path, 1000))


async def test_a_wrong_file_is_refused_whole_and_the_old_one_stays(tmp_path: Path) -> None:
    """With every problem, by file and line."""
    async with running(tmp_path) as (hub, _, port):
        (tmp_path / "hub.yaml").write_text("open: true\nmodel: {}\nmodels:\n  a: eco/echo\n  slow: [5]\n")
        with pytest.raises(Misconfigured) as caught:
            await hub.reload()
        told = "\n".join(caught.value.problems)
        assert f"{tmp_path / 'hub.yaml'}:2: model: unknown key" in told
        assert "hub.yaml:5: models.slow" in told
        (tmp_path / "hub.yaml").write_text("open: true\nmodels:\n  a: eco/echo\n")
        with pytest.raises(Misconfigured, match=r"unknown provider eco \(did you mean `echo`\?\)"):
            await hub.reload()

        assert hub.problems
        assert b"200 OK" in await asks(port, "quick")


async def test_a_file_that_changes_is_read_without_being_told(tmp_path: Path) -> None:
    """Looked at once a second; one that is wrong is told, and a right one after it is taken."""
    async with running(tmp_path) as (hub, _, port):
        (tmp_path / "hub.yaml").write_text("open: true\nmodels: 5\n")
        await until(lambda: bool(hub.problems))
        (tmp_path / "hub.yaml").write_text("open: true\nmodels:\n  new: echo/echo\n")
        await until(lambda: "new" in hub.table.names())

        assert hub.problems == ()
        assert b"200 OK" in await asks(port, "new")


async def test_told_to_end_it_finishes_what_is_under_way(tmp_path: Path) -> None:
    """Readiness fails first, then nothing more is taken; streams end as they should."""
    async with slow() as far, running(tmp_path, far.said) as (hub, server, port):
        asked = [asyncio.ensure_future(asks(port, "slow", stream=True)) for _ in range(20)]
        await until(lambda: sum(flight.begun for flight in hub.desk.flights) == 20)
        settings = Settings(Source(), tmp_path, farewell_s=0.1, grace_s=30)
        ending = asyncio.ensure_future(drained(hub, server, settings))
        await asyncio.sleep(0)
        assert not hub.ready
        assert b"200 OK" in await asks(port, "quick")
        await until(lambda: hub.clients.closing)
        far.told.set()
        await ending

        assert all(map(is_whole, await asyncio.gather(*asked)))
        with pytest.raises(OSError, match="Connect call failed"):
            await asks(port, "quick")


async def test_what_takes_longer_than_the_grace_is_cut(tmp_path: Path) -> None:
    """And settled."""
    async with slow() as far, running(tmp_path, far.said) as (hub, server, port):
        asked = asyncio.ensure_future(asks(port, "slow", stream=True))
        await until(lambda: any(flight.begun for flight in hub.desk.flights))
        await drained(hub, server, Settings(Source(), tmp_path, farewell_s=0, grace_s=0.1))

        assert hub.office.accounts.under_way == 0
        assert not hub.desk.flights
        await asyncio.gather(asked, return_exceptions=True)


async def test_whoever_watches_is_told_of_every_call(tmp_path: Path) -> None:
    """With what it used; of a failed one too."""
    seen = []
    async with running(tmp_path) as (hub, _, port):
        hub.desk.watchers = (lambda flight: seen.append((flight.status, flight.usage)),)
        await asks(port, "quick")
        await asks(port, "quick", stream=True)
        await asks(port, "echo/echo?fail=400")

        assert [status for status, _ in seen] == [200, 200, 400]
        assert seen[0][1] == seen[1][1]
        assert hub.office.accounts.under_way == 0
