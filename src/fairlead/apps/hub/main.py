"""The hub as a process: listens, reloads on SIGHUP, and on SIGTERM ends without losing a request.

The end: readiness fails first and for a moment requests are still taken, so that whoever sends them learns of it; then
nothing is accepted any more, idle connections close, and answers under way may take until the grace is over.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import logging
import os
import resource
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from fairlead.apps.hub.guarding.joining import guarded
from fairlead.apps.hub.loading import Source
from fairlead.apps.hub.logs import Form, set_up
from fairlead.apps.hub.pages.joining import paged
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.shadowing.joining import shadowed
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.watching.joining import watched
from fairlead.errors import FairleadError, RuntimeFailure, StateError, UsageError

BACKLOG = 4096

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the process runs; what it does stands in the configuration."""

    source: Source
    folder: Path
    host: str = "127.0.0.1"
    port: int = 8080
    metrics_port: int | None = None
    """Of a second listener, for metrics, health and administration only; without one the first has all of it."""
    store: str | None = None
    budgets: str | None = None
    farewell_s: float = 1.0
    """How long requests are taken while readiness fails already."""
    grace_s: float = 30.0
    """How long answers under way may take then."""


Joined = Callable[[Hub], Awaitable[None]]
"""Puts further parts in, before the first request: metrics, pages, caches, guards."""

JOINED: tuple[Joined, ...] = (watched, paged, shadowed, guarded)
"""What every hub has."""


async def served(settings: Settings, join: Sequence[Joined] = JOINED, ending: asyncio.Event | None = None) -> None:
    """Serve until SIGTERM or SIGINT, or until `ending` is set. Raises `Misconfigured`, `OSError`."""
    ending = ending or asyncio.Event()
    hub = Hub(settings.source, settings.folder, store=settings.store, budgets=settings.budgets)
    hub.has_backstage = settings.metrics_port is not None
    _listen_to_signals(hub, ending)
    try:
        for one in join:
            await one(hub)
        await hub.begin()
        loop = asyncio.get_running_loop()
        if settings.metrics_port is not None:
            behind = await loop.create_server(hub.backstage.connection, settings.host, settings.metrics_port)
            log.info("metrics and administration on %s:%d", *behind.sockets[0].getsockname()[:2])
        server = await loop.create_server(hub.clients.connection, settings.host, settings.port, backlog=BACKLOG)
        _tune()
        address = server.sockets[0].getsockname()
        log.info("listening on %s:%d", address[0], address[1])
        await ending.wait()
        await drained(hub, server, settings)
        hub.backstage.abort()
    finally:
        await hub.end()


async def drained(hub: Hub, server: asyncio.Server, settings: Settings) -> None:
    """End without losing what is under way."""
    hub.ready = False
    await asyncio.sleep(settings.farewell_s)
    server.close()
    hub.clients.close()
    try:
        async with asyncio.timeout(settings.grace_s):
            await hub.clients.emptied.wait()
    except TimeoutError:
        log.warning("%d connections are cut: their answers took too long", len(hub.clients.connected))
        hub.clients.abort()
        await hub.clients.emptied.wait()


def _listen_to_signals(hub: Hub, ending: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(_reloaded(hub))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for end in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(end, ending.set)
    loop.add_signal_handler(signal.SIGHUP, reload)


async def _reloaded(hub: Hub) -> None:
    try:
        await hub.reload()
    except Misconfigured:
        return  # it has been said, and the old one stays


def _tune() -> None:
    """Room for connections; and what was loaded by now is not looked through for garbage again and again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def run(settings: Settings, log_format: Form = "text") -> None:
    """Be the process: log, and serve to the end. Raises `FairleadError`."""
    _hold_streams()
    set_up(log_format)
    try:
        uvloop.run(served(settings))
    except Misconfigured as error:
        raise settings.source.located(error) from None
    except OSError as error:
        raise _refused(error, settings) from error
    except ValueError as error:  # a URL that no store has
        raise UsageError(str(error)) from error


def _hold_streams() -> None:
    """Have something at the descriptors 0 to 2: one that was closed would be the next connection's or file's, and lines
    that are meant for standard output would go there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest one that is free


def _refused(error: OSError, settings: Settings) -> FairleadError:
    """What the system refused, said so that it can be mended."""
    if error.filename is not None or error.errno in (errno.EROFS, errno.ENOSPC):
        place = error.filename or settings.folder
        return StateError(f"{place}: can't be used: {error.strerror}", hint="`--folder` names another folder")
    ports = [settings.port, *([settings.metrics_port] if settings.metrics_port else [])]
    where = f"{settings.host}:{' and '.join(map(str, ports))}"
    if error.errno == errno.EADDRINUSE:
        hint = "end what listens there, or name another with `--port` or `--metrics-port`"
        return RuntimeFailure(f"{where}: the port is taken by another program", hint=hint)
    return RuntimeFailure(f"{where}: can't listen there: {error.strerror or error}")


def settings_of(arguments: Sequence[str] | None = None) -> Settings:
    """What the command line asks for, where there is none of `fairlead` (benchmarks)."""
    parser = argparse.ArgumentParser(
        prog="python -m fairlead.apps.hub.main", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--config", type=Path, help="a YAML or JSON file; FAIRLEAD_CONFIG when left out")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--metrics-port", type=int, help="of a second listener, for metrics, health, administration")
    parser.add_argument("--folder", type=Path, default=Path(".fairlead-hub"), help="where it keeps its records")
    parser.add_argument("--store", help="sqlite:… or postgresql://…; a SQLite file in the folder when left out")
    parser.add_argument("--budgets", help="redis://…, for several hubs with the same budgets")
    asked = parser.parse_args(arguments)
    source = Source(asked.config, os.environ)
    return Settings(
        source, asked.folder, asked.host, asked.port, asked.metrics_port, store=asked.store, budgets=asked.budgets
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; the exit code."""
    try:
        run(settings_of(arguments))
    except FairleadError as error:
        for problem in getattr(error, "problems", (error.message,)):
            log.error("%s", problem)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
