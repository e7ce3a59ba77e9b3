"""The connection to the Docker engine of this machine: opened at the first use, tried again when it is lost.

What passes here is safe to repeat: containers and networks have names, so that a second creation is a conflict and not
a second container. Three answers are streams that the client library does not give as they come; they are read from
its own session.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import aiodocker
import aiohttp

from fairlead.engine.runtimes.docker.refusals import Refused, Unreachable
from fairlead.errors import RuntimeFailure
from fairlead.kit.clock import Clock, SystemClock

Answer = TypeVar("Answer")
JSON = dict[str, Any]

USUAL = (Path("/var/run/docker.sock"), Path("/run/docker.sock"))
OLDEST = (1, 41)
"""Of the API: Docker 20.10."""

PATIENCE_S = 15.0
"""How long an engine that has answered before may be away: a restart takes some seconds."""

PAUSE_S = 0.25
LONGEST_CALL_S = 120.0
"""Starting a container on a busy machine takes seconds; an engine that needs longer than this is stuck."""

LOST = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
"""What an answer that was cut off looks like; a `ValueError` is half a JSON document."""

_NO_CONNECTION = 900
"""The status that aiodocker makes up when there is no connection."""


class DockerClient:
    """Asks the engine at `host`, by default that of `DOCKER_HOST` or the usual socket."""

    def __init__(self, host: str | None = None, *, clock: Clock | None = None) -> None:
        self._host = host
        self._clock = clock or SystemClock()
        self._docker: aiodocker.Docker | None = None
        self._opening = asyncio.Lock()
        self._answers = False
        self.info: JSON = {}
        """What the engine says of itself."""

    async def call(self, ask: Callable[[aiodocker.Docker], Awaitable[Answer]]) -> Answer:
        """Ask; a lost connection is tried again for a while. Raises `Refused` or `Unreachable`."""
        async for last in self._attempts():
            try:
                answer = await ask(await self._opened())
                self._answers = True
                return answer
            except aiodocker.DockerError as error:
                if error.status != _NO_CONNECTION:
                    self._answers = True
                    raise Refused(error.status, str(error.message)) from None
                await self._lost(last)
            except LOST:
                await self._lost(last)
        raise AssertionError("the last attempt returns or raises")

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        /,
        *,
        body: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        **query: object,
    ) -> AsyncIterator[Any]:
        """An answer whose body is read as it comes. Raises `Refused` or `Unreachable`, also while it is read.

        What is sent is `body`, as JSON, or `data`, as it is.
        """
        docker = await self._opened()
        url = f"{docker.docker_host}/{docker.api_version}/{path}"
        params = {name: _text(value) for name, value in query.items() if value is not None}
        endless = aiohttp.ClientTimeout(total=None)
        try:
            sent = {"params": params, "json": body, "data": data, "headers": headers, "timeout": endless}
            async with docker.session.request(method, url, **sent) as answer:
                if answer.status >= 400:
                    raise Refused(answer.status, await _message(answer))
                yield answer
        except LOST as error:
            raise Unreachable("the Docker engine ended while it was asked") from error

    async def close(self) -> None:
        """Close the connections; what runs goes on."""
        if self._docker:
            await _end(self._docker)
            self._docker = None

    async def _attempts(self) -> AsyncIterator[bool]:
        """Whether each attempt is the last one. An engine that did not answer before is not waited for."""
        end = self._clock.monotonic() + PATIENCE_S
        while self._answers and self._clock.monotonic() < end:
            yield False
            await self._clock.sleep(PAUSE_S)
        yield True

    async def _lost(self, last: bool) -> None:
        if last:
            self._answers = False
            raise await self._unreachable()

    async def _opened(self) -> aiodocker.Docker:
        async with self._opening:
            if self._docker is None:
                self._docker = await self._open()
        return self._docker

    async def _open(self) -> aiodocker.Docker:
        connector = aiohttp.UnixConnector(str(self.socket()), limit=0)  # each instance that is waited for holds one
        session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=LONGEST_CALL_S))
        docker = aiodocker.Docker(url="unix://localhost", connector=connector, session=session)
        try:
            self.info = _usable(await docker.version(), dict(await docker.system.info()))
        except aiodocker.DockerError as error:
            await _end(docker)
            if error.status == _NO_CONNECTION:
                raise await self._unreachable() from None
            raise Refused(error.status, str(error.message)) from None
        except BaseException:
            await _end(docker)
            raise
        return docker

    def socket(self) -> Path:
        """The engine's socket. Raises `RuntimeFailure` for one that is not on this machine."""
        host = self._host or os.environ.get("DOCKER_HOST")
        if host is None:
            return next((path for path in USUAL if path.exists()), USUAL[0])
        if not host.startswith(("unix://", "/")):
            hint = "name a socket, such as unix:///var/run/docker.sock"
            raise RuntimeFailure(f"the Docker engine has to be on this machine, got {host}", hint=hint)
        return Path(host.removeprefix("unix://"))

    async def _unreachable(self) -> Unreachable:
        path = self.socket()
        try:
            _, writer = await asyncio.open_unix_connection(path)
            writer.close()
            await writer.wait_closed()
        except PermissionError:
            hint = "join the group that owns it (often `docker`), or name another in `docker.host`"
            return Unreachable(f"{path}: this user may not use the Docker engine", hint=hint)
        except OSError:
            hint = "is it installed and running? `systemctl start docker` starts it"
            return Unreachable(f"{path}: no Docker engine answers", hint=hint)
        return Unreachable(f"{path}: the Docker engine cut the connection")


async def _end(docker: aiodocker.Docker) -> None:
    await docker.close()
    await docker.session.close()


def _usable(version: JSON, info: JSON) -> JSON:
    """What the engine says of itself. Raises `RuntimeFailure` for one that can't be used."""
    api = tuple(int(part) for part in str(version.get("ApiVersion", "0")).split("."))
    if api < OLDEST:
        found = f"{version.get('Version')}, API {version.get('ApiVersion')}"
        raise RuntimeFailure(f"the Docker engine is too old ({found})", hint="20.10 is the oldest that will do")
    if any("rootless" in option for option in info.get("SecurityOptions") or ()):
        hint = "use an engine that runs as root"
        raise RuntimeFailure("the Docker engine runs rootless: its containers can't be reached from here", hint=hint)
    return info


async def _message(answer: aiohttp.ClientResponse) -> str:
    try:
        return str((await answer.json())["message"])
    except (*LOST, KeyError, TypeError):
        return answer.reason or str(answer.status)


def _text(value: object) -> str:
    return ("1" if value else "0") if isinstance(value, bool) else str(value)
