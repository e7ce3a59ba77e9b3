"""The service as a process: listens, and on SIGTERM ends without losing a request.

The end: readiness fails first and for a moment requests are still taken, so that whoever sends them learns of it; then
nothing is accepted any more, and answers under way may take until the grace is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
import uvloop

from fairlead.apps.guard.service.access import Access
from fairlead.apps.guard.service.access_log import AccessLog
from fairlead.apps.guard.service.logs import Form, set_up
from fairlead.apps.guard.service.routes.describing import ENDPOINTS
from fairlead.apps.guard.service.settings import Settings
from fairlead.apps.guard.service.state import Service
from fairlead.apps.guard.service.storage import StoreAway
from fairlead.errors import FairleadError, RuntimeFailure, StateError, UsageError

BACKLOG = 4096
MOST_CONNECTIONS = 8192
"""More are answered with 503."""

LOG_LEVEL = "warning"
"""Of uvicorn: below it, it writes down what goes over a WebSocket."""

log = logging.getLogger(__name__)

Told = Callable[[str, int], None]
"""Is told the address when requests are taken."""


class _Server(uvicorn.Server):
    """uvicorn's, without its own ideas of signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are listened to by `served`."""
        yield


async def served(
    settings: Settings, *, access_log: bool = True, ending: asyncio.Event | None = None, told: Told | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, or until `ending` is set. Raises `StoreAway`, `RulesError`, `OSError`."""
    ending = ending or asyncio.Event()
    _listen_to_signals(ending)
    service = Service(settings)
    lines = AccessLog() if access_log else None
    listener = await _listener(settings)
    writing = asyncio.create_task(lines.run()) if lines else None
    try:
        server = _Server(_config(Access(service, ENDPOINTS, lines), settings))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            await _begun(service, ending, serving)
            if service.ready:
                host, port = listener.getsockname()[:2]
                log.info("listening on %s:%d", host, port)
                if told:
                    told(host, port)
                await _until(ending, serving)
        except BaseException:
            server.should_exit = True
            await serving
            raise
        service.ready = False
        if not serving.done():
            await asyncio.sleep(settings.farewell_s)
        server.should_exit = True
        await serving
    finally:
        listener.close()
        await service.end()
        if lines and writing:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            lines.flush()


async def _begun(service: Service, ending: asyncio.Event, serving: asyncio.Task[None]) -> None:
    """Ready, or told to end before; what balancers ask is answered in the meantime."""
    beginning = asyncio.create_task(service.begin())
    waiting = asyncio.create_task(ending.wait())
    await asyncio.wait((beginning, waiting, serving), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not beginning.done():
        beginning.cancel()
        await asyncio.gather(beginning, return_exceptions=True)
        return
    await beginning
    _tune()


def _config(app: Access, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app, lifespan="off", log_config=None, log_level=LOG_LEVEL, access_log=False,
        server_header=False, proxy_headers=False,
        http="httptools", ws="websockets-sansio", ws_max_size=settings.config.body_limit, ws_ping_interval=20.0,
        limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=75, backlog=BACKLOG,
        timeout_graceful_shutdown=max(1, round(settings.grace_s)),
    )  # fmt: skip


async def _until(ending: asyncio.Event, serving: asyncio.Task[None]) -> None:
    """Until one of them is over."""
    waiting = asyncio.create_task(ending.wait())
    await asyncio.wait((waiting, serving), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _listener(settings: Settings) -> socket.socket:
    """Bound, so that a port that is taken is known before anything else is done."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _listen_to_signals(ending: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for end in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(end, ending.set)


def _tune() -> None:
    """What was loaded by now is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def run(settings: Settings, log_format: Form = "text", *, access_log: bool = True) -> None:
    """Be the process: log, and serve to the end. Raises `FairleadError`."""
    set_up(log_format)
    try:
        uvloop.run(served(settings, access_log=access_log))
    except StoreAway as away:
        raise StateError(str(away), hint="`--store` or DATABASE_URL names the database") from None
    except OSError as error:
        raise _refused(error, settings) from None
    except ValueError as error:  # a URL that no store has
        raise UsageError(str(error)) from None


def _refused(error: OSError, settings: Settings) -> FairleadError:
    """What the system refused, said so that it can be mended."""
    if error.filename is not None or error.errno in (errno.EROFS, errno.ENOSPC):
        place = error.filename or settings.folder
        return StateError(f"{place}: can't be used: {error.strerror}", hint="`--folder` names another folder")
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        hint = "end what listens there, or name another with `--port`"
        return RuntimeFailure(f"{where}: the port is taken by another program", hint=hint)
    return RuntimeFailure(f"{where}: can't listen there: {error.strerror or type(error).__name__}")
