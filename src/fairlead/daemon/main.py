"""The daemon: takes the lock, opens the journal, adopts what runs, carries on what was begun, and listens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from fairlead.daemon.api import api
from fairlead.daemon.composition import put_together
from fairlead.daemon.operations import Operations
from fairlead.daemon.paths import StatePaths
from fairlead.daemon.telling import Hub
from fairlead.daemon.token import guarded
from fairlead.engine.engine import Engine
from fairlead.engine.journal import Journal
from fairlead.engine.journal.events import EventBook
from fairlead.engine.lock import OwnerLock
from fairlead.errors import Fenced, StateError
from fairlead.kit.clock import SystemClock


def serve(file: Path, listen: str | None = None) -> None:
    """Run the daemon of a stack file until it is told to end. `listen` is `HOST:PORT`, guarded by a token.

    Raises `LockHeld`, `JournalError` or `StateError` before anything is touched.
    """
    paths = StatePaths(file)
    paths.prepare()
    lock = OwnerLock(paths.lock)
    lock.take(since=SystemClock().wall(), file=str(file))
    try:
        asyncio.run(_serve(paths, Journal(paths.journal), listen))
    finally:
        lock.free()


async def _serve(paths: StatePaths, journal: Journal, listen: str | None) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    loop.set_exception_handler(lambda loop, context: _unforeseen(loop, context, ending))
    engine, hub = _put_together(paths, journal)
    await engine.open(os.environ)
    journal.keep_copy()
    operations = Operations(engine, hub, ending)
    operations.meter.begin()
    operations.remember(asyncio.create_task(operations.releasing.resume(partial(_say, [hub])), name="resume"))
    async with contextlib.AsyncExitStack() as servers:
        app = api(operations, hub)
        await servers.enter_async_context(_listening(app, _unix_socket(paths.socket)))
        if listen:
            await servers.enter_async_context(_listening(guarded(app, paths.state / "token"), _tcp_socket(listen)))
        await ending.wait()
        await operations.close()
    await engine.close()
    paths.socket.unlink(missing_ok=True)


def _put_together(paths: StatePaths, journal: Journal) -> tuple[Engine, Hub]:
    hubs: list[Hub] = []
    engine = put_together(paths, journal, partial(_say, hubs))
    hubs.append(Hub(engine.clock, EventBook(journal), engine.vault.redact))
    return engine, hubs[0]


def _say(hubs: list[Hub], level: str, subject: str, text: str) -> None:
    for hub in hubs:
        hub.say(level, subject, text)


class _Quiet(uvicorn.Server):
    """A server that leaves signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own is typed loosely
        yield


@contextlib.asynccontextmanager
async def _listening(app: ASGIApp, on: socket.socket):  # type: ignore[no-untyped-def]
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    server = _Quiet(config)
    task = asyncio.create_task(server.serve(sockets=[on]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _unix_socket(path: Path) -> socket.socket:
    """Ours alone: the mask is set before the socket appears."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    except OSError as error:
        raise StateError(f"{path}: can't listen there: {error.strerror}") from error
    finally:
        os.umask(before)
    made.listen(128)
    return made


def _tcp_socket(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    try:
        return socket.create_server((host or "127.0.0.1", int(port)))
    except (OSError, ValueError) as error:
        raise StateError(f"{listen}: can't listen there: {error}", hint="`--listen` takes HOST:PORT") from error


def _unforeseen(loop: asyncio.AbstractEventLoop, context: dict[str, object], ending: asyncio.Event) -> None:
    """An overtaken daemon ends; anything else is written to the log and survived."""
    if isinstance(context.get("exception"), Fenced):
        ending.set()
    loop.default_exception_handler(context)
