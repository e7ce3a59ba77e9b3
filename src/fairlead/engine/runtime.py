"""The seam between the engine and whatever runs a program: local processes, a Docker engine, or memory.

A runtime starts one *instance* from a `Launch`, tells what became of it, and stops it. It knows no services, no
versions and no policy; restarting, probing and routing are the engine's. Every call is idempotent by instance id, so
that the engine can repeat after a crash what it may or may not have done before it.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

ROUTER = "router.fairlead.internal"
"""The name by which a container reaches the router of its stack (`.internal` is set aside for names like this)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an instance may use; `None` is no limit."""

    memory_bytes: int | None = None
    cpu_cores: float | None = None
    processes: int | None = None
    open_files: int | None = None


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """How much of an instance's output is kept: `keep` rotated files of at most `max_bytes` beside the current one."""

    max_bytes: int = 10 * 1024 * 1024
    keep: int = 5


@dataclass(frozen=True, slots=True)
class StopPolicy:
    """How an instance is asked to end: a signal name, then SIGKILL to all of it after `grace_s` seconds."""

    signal: str = "SIGTERM"
    grace_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Mount:
    """Something of this machine inside a container: a folder ("bind"), a named volume, or memory ("tmpfs")."""

    kind: Literal["bind", "volume", "tmpfs"]
    target: str
    source: str = ""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """What a launch needs beside when it runs from an image; only a container runtime can start it.

    `image` is pinned: an id (`sha256:...`) or a name with a digest. An empty `argv` of the launch leaves the image's
    own command; `own_entrypoint` says whether `argv` replaces the entry point too or is given to it. `user` is
    "uid:gid" or `None` for the image's own. `hosts` are names that are known inside beside those of DNS.
    """

    image: str
    mounts: tuple[Mount, ...] = ()
    user: str | None = None
    read_only_root: bool = True
    capabilities: tuple[str, ...] = ()
    internet: bool = True
    own_entrypoint: bool = False
    host_network: bool = False
    alias: str | None = None
    publish: Mapping[int, int] = field(default_factory=dict)
    """Port inside -> port of this machine's loopback address, for what is reached from outside of containers."""
    hosts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Launch:
    """All that a runtime needs to start one instance.

    `environment` may hold secret values: a runtime hands it to the program and neither writes it down nor shows it,
    hence it is left out of the repr. For a container, `cwd` is a folder inside; a relative one leaves the image's own.
    """

    id: str
    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str] = field(repr=False)
    ports: Mapping[str, int] = field(default_factory=dict)
    limits: Limits = Limits()
    log: LogPolicy = LogPolicy()
    stop: StopPolicy = StopPolicy()
    user: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    container: Container | None = None
    beside: str | None = None
    """The running instance in whose container `execute` runs this, with that one's environment and limits."""


class Phase(enum.StrEnum):
    """What a runtime can say of an instance."""

    ABSENT = "absent"  # never started, or removed
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Observed:
    """The state of one instance as its runtime sees it.

    `exit_code` follows the shell: 128 + n when signal n ended it; `None` while it runs or when nobody saw it end.
    """

    phase: Phase
    pid: int | None = None
    started_at: float | None = None
    exit_code: int | None = None
    reason: str | None = None  # "out of memory", "shim was killed", ...
    address: str = "127.0.0.1"  # where its ports are, while it runs

    @property
    def running(self) -> bool:
        return self.phase is Phase.RUNNING


@dataclass(frozen=True, slots=True)
class Usage:
    """What an instance uses now: resident memory in bytes, and the CPU seconds it has used since its start."""

    memory_bytes: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of output; `stream` is "out" or "err", `at` is seconds since the epoch."""

    at: float
    stream: str
    text: str


class Runtime(Protocol):
    """Starts, watches and stops instances."""

    name: str

    @property
    def gateways(self) -> tuple[str, ...]:
        """Addresses of this machine, beside loopback, at which instances look for the router; known once they run."""

    def unsupported(self, limits: Limits, *, contained: bool = False) -> list[str]:
        """What it can't enforce of these limits on this machine, each in a sentence; `contained`: in a container."""

    async def start(self, launch: Launch) -> Observed:
        """Start it, or find it running already. Raises `RuntimeFailure` or `BinaryMissing` when it can't be started."""

    async def observe(self, instance: str) -> Observed:
        """Say what the instance is doing; `Phase.ABSENT` for one never heard of."""

    async def ended(self, instance: str) -> Observed:
        """Wait until it no longer runs and say how it ended. Returns at once for one that does not run."""

    async def stop(self, instance: str, policy: StopPolicy) -> Observed:
        """Ask it to end, then make it, children and all; returns when nothing of it is left."""

    async def remove(self, instance: str) -> None:
        """Forget an instance that has ended: its state and its log. An unknown one is not an error."""

    async def instances(self) -> list[str]:
        """Every instance this runtime knows of, running or ended (adopted after a crash)."""

    async def usage(self, instance: str) -> Usage | None:
        """What a running instance uses; `None` for one that does not run."""

    def logs(
        self, instance: str, *, tail: int | None = None, since: float | None = None, follow: bool = False
    ) -> AsyncIterator[LogLine]:
        """Its output, oldest first: the last `tail` lines, or those after `since`; then, with `follow`, what comes."""

    async def execute(self, launch: Launch, *, timeout_s: float) -> tuple[int, str]:
        """Run `launch.argv` once, in the same surroundings as an instance; exit code and the last 64 KiB of output.

        Exit code 124 when the time ran out (all of it has then been killed).
        """

    async def tidy(self) -> None:
        """No instance is wanted any more: give back what they shared and what they held, but for their output."""

    async def close(self) -> None:
        """Let go of everything; instances go on."""
