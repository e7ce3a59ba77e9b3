"""A Docker engine that is not there, ends, or hangs up in the middle of an answer.

A wire stands between: a socket that passes everything on to the real engine until it is cut.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.images import python_image

from fairlead.engine.runtime import Container, Launch, StopPolicy
from fairlead.engine.runtimes.docker import client as connection
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.refusals import Unreachable
from fairlead.engine.runtimes.docker.runtime import DockerRuntime
from fairlead.errors import RuntimeFailure
from fairlead.kit.clock import FakeClock

from .conftest import Bench, left

FOREVER = Container("unused")


class Wire:
    """Passes on what comes to `socket`; `cut` ends every connection and takes no more until `mend`."""

    def __init__(self, socket: Path, engine: Path) -> None:
        self.socket = socket
        self._engine = engine
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_unix_server(self._carry, self.socket)

    async def cut(self) -> None:
        assert self._server
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._lines, return_exceptions=True)
        self.socket.unlink(missing_ok=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._engine)
        self._writers |= {writer, far_writer}
        ways = [_pass(reader, far_writer), _pass(far_reader, writer)]
        self._lines |= {asyncio.create_task(way) for way in ways}


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
async def wired(tmp_path: Path) -> AsyncIterator[tuple[Bench, Wire]]:
    """A bench whose engine is at the other end of a wire."""
    wire = Wire(tmp_path / "wire.sock", DockerClient().socket())
    await wire.mend()
    runtime = DockerRuntime(tmp_path, DockerClient(f"unix://{wire.socket}"))
    bench = Bench(runtime, Path("/"), Container(python_image(), own_entrypoint=True, user="1001:1001"))
    yield bench, wire
    await bench.clear()
    await runtime.tidy()
    assert left(runtime.tag) == []
    await runtime.close()
    await wire.cut()


@pytest.mark.needs_docker
async def test_the_end_of_an_instance_is_learnt_after_the_engine_was_away(wired: tuple[Bench, Wire]) -> None:
    """Whoever waits goes on waiting: nothing is known of the instance meanwhile."""
    bench, wire = wired
    await bench.runtime.start(bench.launch())
    waiting = asyncio.create_task(bench.runtime.ended("one"))
    await bench.said("ready")
    await wire.cut()
    await wire.mend()
    ended = await bench.runtime.stop("one", StopPolicy("SIGINT"))

    assert ended.exit_code == 130
    assert await waiting == ended


@pytest.mark.needs_docker
async def test_a_call_is_repeated_when_the_engine_is_back_soon(wired: tuple[Bench, Wire]) -> None:
    """A restart of the engine is no failure of ours."""
    bench, wire = wired
    started = await bench.runtime.start(bench.launch())
    await wire.cut()
    observing = asyncio.create_task(bench.runtime.observe("one"))
    await wire.mend()

    assert await observing == started


@pytest.mark.needs_docker
async def test_followers_hear_every_line_once_though_the_engine_hangs_up(wired: tuple[Bench, Wire]) -> None:
    """From the last line that they heard."""
    bench, wire = wired
    await bench.runtime.start(bench.sh("for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done; exec sleep 600"))
    following = bench.runtime.logs("one", follow=True)
    heard = [(await anext(following)).text]
    await wire.cut()
    await wire.mend()
    while len(heard) < 8:
        heard.append((await anext(following)).text)

    assert heard == list("12345678")


@pytest.mark.needs_docker
async def test_an_engine_that_stays_away_is_an_error_once_the_patience_ends(
    wired: tuple[Bench, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is not waited for again until it has answered; what an instance uses is then unknown."""
    bench, wire = wired
    monkeypatch.setattr(connection, "PATIENCE_S", 0.3)
    await bench.runtime.start(bench.launch())
    await wire.cut()

    with pytest.raises(Unreachable, match="no Docker engine answers"):
        await bench.runtime.observe("one")
    monkeypatch.setattr(connection, "PATIENCE_S", 600.0)
    assert await bench.runtime.usage("one") is None

    await wire.mend()
    assert (await bench.runtime.observe("one")).running


async def test_an_engine_that_was_never_there_is_an_error_at_once(tmp_path: Path) -> None:
    """With a hint; no time goes by on a clock that stands still."""
    runtime = DockerRuntime(tmp_path, DockerClient(str(tmp_path / "none.sock"), clock=FakeClock()))

    with pytest.raises(Unreachable, match=r"none\.sock: no Docker engine answers") as told:
        await runtime.start(Launch("one", ("true",), Path("/"), {}, container=FOREVER))

    assert told.value.hint
    assert "running" in told.value.hint


async def test_an_engine_elsewhere_is_refused(tmp_path: Path) -> None:
    """Its containers could not be reached from here."""
    runtime = DockerRuntime(tmp_path, DockerClient("tcp://192.0.2.1:2375"))

    with pytest.raises(RuntimeFailure, match="has to be on this machine"):
        await runtime.observe("one")


@pytest.mark.parametrize(
    ("version", "info", "words"),
    [
        ({"Version": "19.03", "ApiVersion": "1.40"}, {}, r"too old \(19.03, API 1.40\)"),
        ({"ApiVersion": "1.45"}, {"SecurityOptions": ["name=rootless"]}, "rootless"),
    ],
)
def test_an_engine_that_will_not_do_is_named(version: dict[str, str], info: dict[str, list[str]], words: str) -> None:
    """Before anything is asked of it."""
    with pytest.raises(RuntimeFailure, match=words):
        connection._usable(version, info)
