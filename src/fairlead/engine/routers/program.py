"""Envoy as an instance that a runtime runs: how it is started, found ready, and heard."""

from __future__ import annotations

import os
import resource
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fairlead.engine.routers import binary
from fairlead.engine.routers.admin import Admin
from fairlead.engine.routers.bootstrap import bootstrap
from fairlead.engine.routers.files import Files
from fairlead.engine.runtime import Container, Launch, Limits, LogLine, Mount, Runtime, StopPolicy
from fairlead.errors import RouterError
from fairlead.kit.clock import Clock

INSTANCE = "router-envoy"

LONGEST_SOCKET_PATH = 107
"""Bytes in `sun_path` on Linux, without the closing zero."""

READY_WITHIN_S = 30.0
"""It takes a third of a second; more when the endpoints it already has in its files do not answer its first check."""

POLL_S = 0.01

DRAIN_S = 30 * 86400
"""Connections of a listener that is gone are closed at their next answer, or by their client; never by the clock."""

OPEN_FILES = 65_536

_REFUSED = "config update rejected: "


@dataclass(frozen=True, slots=True)
class Housing:
    """The image that Envoy runs from, pinned, and the folders beside its own that it reads (certificates)."""

    image: str
    folders: tuple[Path, ...] = ()


House = Callable[[], Awaitable[Housing | None]]
"""Asked at each start; `None`: as a local process."""


async def bare() -> None:
    """As a local process."""


class Program:
    """The Envoy of one stack."""

    def __init__(
        self, files: Files, runtime: Runtime, clock: Clock, socket: Path, concurrency: int, house: House = bare
    ) -> None:
        self._house = house
        self._files = files
        self._runtime = runtime
        self._clock = clock
        self._socket = socket
        self._concurrency = concurrency

    async def start(self, admin: Admin) -> None:
        """Start it, or find it running; returns when it serves."""
        housing = await self._house()
        launch = self._contained(housing) if housing else self._launch(str(binary.envoy()))
        self._make_socket_folder()
        self._files.prepare()
        self._files.put("bootstrap.json", bootstrap(self._files.folder, self._socket))
        await self._runtime.start(launch)
        await self._until_ready(admin)

    async def stop(self) -> None:
        """End it."""
        await self._runtime.stop(INSTANCE, StopPolicy(grace_s=5.0))

    async def ended(self) -> None:
        """Wait until it no longer runs."""
        await self._runtime.ended(INSTANCE)

    async def refusal(self, since: float) -> str | None:
        """What it wrote when it last turned a configuration down, after `since` (seconds since the epoch)."""
        found = [line.text for line in await self._said(400) if line.at >= since and _REFUSED in line.text]
        return found[-1].split(_REFUSED, 1)[1].strip() if found else None

    async def _until_ready(self, admin: Admin) -> None:
        end = self._clock.monotonic() + READY_WITHIN_S
        while not await admin.ready():
            state = await self._runtime.observe(INSTANCE)
            if not state.running:
                raise RouterError(
                    f"the router ended while it started (exit code {state.exit_code}): {await self._last()}"
                )
            if self._clock.monotonic() > end:
                raise RouterError(f"the router did not start within {READY_WITHIN_S:g} s: {await self._last()}")
            await self._clock.sleep(POLL_S)

    async def _last(self) -> str:
        return " / ".join(line.text.strip() for line in (await self._said(50))[-5:]) or "it wrote nothing"

    async def _said(self, tail: int) -> list[LogLine]:
        """Its own messages; the access log goes to the other stream."""
        return [line async for line in self._runtime.logs(INSTANCE, tail=tail) if line.stream == "err"]

    def _make_socket_folder(self) -> None:
        if len(str(self._socket).encode()) > LONGEST_SOCKET_PATH:
            raise RouterError(
                f"{self._socket}: is too long for a socket", hint="put the state in a folder with a shorter path"
            )
        self._socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _contained(self, housing: Housing) -> Launch:
        """In a container that shares this machine's network, as the user who owns its files."""
        folders = dict.fromkeys([self._files.folder, *housing.folders])
        read = [Mount("bind", str(folder), str(folder), read_only=True) for folder in folders]
        sockets = Mount("bind", str(self._socket.parent), str(self._socket.parent))
        container = Container(
            image=housing.image,
            mounts=(*read, sockets, Mount("tmpfs", "/tmp")),  # noqa: S108  # inside the container
            user=f"{os.getuid()}:{os.getgid()}",
            capabilities=("NET_BIND_SERVICE",),
            own_entrypoint=True,
            host_network=True,
        )
        return replace(self._launch("envoy"), container=container)

    def _launch(self, program: str) -> Launch:
        options = {
            "--config-path": str(self._files.folder / "bootstrap.json"),
            "--concurrency": str(self._concurrency),
            "--log-level": "warn",
            "--drain-time-s": str(DRAIN_S),
            "--drain-strategy": "immediate",
            "--file-flush-interval-msec": "500",
        }
        words = [word for pair in options.items() for word in pair]
        return Launch(
            id=INSTANCE,
            argv=(program, "--disable-hot-restart", *words),
            cwd=self._files.folder,
            environment={},
            limits=Limits(open_files=_open_files()),
            stop=StopPolicy(grace_s=5.0),
        )


def _open_files() -> int:
    """Each request needs two; the soft limit is often 1,024."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
