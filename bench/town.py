"""A stack in a folder of its own: its file, its daemon, its processes. What benchmarks and stories are told with.

Everything is done as a person would do it, with the command line, in processes of their own. Whatever happens, `clear`
leaves no process behind: each carries a mark that is this folder's alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench import containers, processes
from fairlead.daemon.client import Client
from fairlead.daemon.paths import StatePaths
from fairlead.engine.lock import holder

COMMAND_WITHIN_S = 120.0
LOOK_EVERY_S = 0.02
ENTRANCES = range(15_000, 19_000)
"""Below the ports that the engine leases, and far below those that the kernel gives to outgoing connections."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return f"{self.out}\n{self.err}"


@dataclass(frozen=True)
class _Paths(StatePaths):
    """The paths of a town, whatever the environment of this process says."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder


class Town:
    """One stack. `runtime` is what its commands run in; `environ` is added to the environment of every command.

    `images` stand for those of usual names: usual name -> image.
    """

    def __init__(self, folder: Path, *, runtime: str = "process", **environ: str) -> None:
        self.folder = folder.absolute()
        self.runtime = runtime
        self.images: Mapping[str, str] = {}
        self.file = self.folder / "fairlead.yaml"
        self.environ = environ
        self.state = self.folder / ".fairlead"
        self.port = free_port()

    def moved(self, state: Path) -> None:
        """Keep the state elsewhere; before the first command."""
        self.state = state
        self.environ["FAIRLEAD_STATE"] = str(state)

    @property
    def python(self) -> str:
        """The Python that services run on."""
        return sys.executable if self.runtime == "process" else "python3"

    @property
    def url(self) -> str:
        """The entrance."""
        return f"http://127.0.0.1:{self.port}"

    def declare(self, services: Mapping[str, Any], **rest: Any) -> None:
        """Write the stack file. JSON is YAML; `@python` becomes the Python that services run on."""
        stack = {"fairlead": 1, "name": "town", "router": {"http": self.port}, **rest, "services": services}
        if self.runtime != "process":
            stack |= {"runtime": self.runtime, "docker": {"images": dict(self.images), **rest.get("docker", {})}}
        self.file.write_text(json.dumps(stack, indent=2).replace("@python", self.python))

    def declared(self) -> dict[str, Any]:
        """What the stack file says."""
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command and do not wait for it."""
        command = [sys.executable, "-m", "fairlead", "--file", str(self.file), *words]
        return subprocess.Popen(
            command,
            text=True,
            env=self._environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def fairlead(self, *words: str, fails: bool = False, within_s: float = COMMAND_WITHIN_S) -> Said:
        """Run a command to its end; it has to succeed, or with `fails` to fail."""
        with self.begin(*words) as process:
            try:
                out, err = process.communicate(timeout=within_s)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        said = Said(process.returncode, out, err)
        assert (said.code != 0) is fails, (
            f"fairlead {' '.join(words)} ended with {said.code}\n{said.text}{self.words()}"
        )
        return said

    def up(self, *words: str) -> Said:
        return self.fairlead("up", *words)

    def down(self) -> Said:
        return self.fairlead("down")

    def status(self) -> dict[str, Any]:
        """What `fairlead status --json` shows, without the start of a command: it is asked for often."""
        found: dict[str, Any] = self._client().call("GET", "/v1/status")
        return found

    def service(self, name: str) -> dict[str, Any]:
        """The status of one service."""
        return next(found for found in self.status()["services"] if found["name"] == name)

    def shares(self, service: str) -> dict[str, float]:
        """Version -> share, of versions that have one."""
        return {found["version"]: found["share"] for found in self.service(service)["versions"] if found["share"]}

    def instances(self, service: str, version: str | None = None) -> list[dict[str, Any]]:
        """The instances of a service."""
        versions = self.service(service)["versions"]
        return [one for found in versions if version in (None, found["version"]) for one in found["instances"]]

    def releases(self, service: str | None = None) -> list[dict[str, Any]]:
        """What `fairlead history --json` shows, newest first."""
        query = [("limit", 1000), *([("service", service)] if service else [])]
        return list(self._client().call("GET", "/v1/history", query=query)["releases"])

    @property
    def daemon(self) -> int | None:
        """The process id of the daemon."""
        pid = holder(self.state / "daemon.lock").get("pid")
        return pid if isinstance(pid, int) else None

    def kill_daemon(self) -> None:
        """`kill -9`, and wait until it is gone."""
        pid = self.daemon
        assert pid is not None, "no daemon runs"
        os.kill(pid, signal.SIGKILL)
        until(lambda: not processes.alive(pid), "the daemon is gone")

    def words(self) -> str:
        """The last words of the daemon, for a failure's message."""
        log = self.state / "daemon.log"
        return f"\ndaemon.log: {log.read_text()[-2000:]}" if log.exists() else ""

    def processes(self) -> dict[int, str]:
        """Process id -> instance, of every process of this stack's instances, the router included."""
        return processes.below(self.state / "instances") | containers.processes(self.state)

    def shims(self) -> dict[int, str]:
        """Process id -> instance, of the shims of this stack (containers have none)."""
        return processes.shims(self.state / "instances")

    def containers(self) -> list[str]:
        """The instances that containers of this stack run."""
        return containers.running(self.state)

    def log_files(self, instance: str) -> list[Path]:
        """The files that an instance's output is in."""
        folder = self.state / "instances" / instance
        if not folder.exists():
            folder = Path(containers.inspected(self.state, instance)["LogPath"]).parent
        return [file for file in folder.rglob("*") if file.is_file()]

    def get(self, path: str) -> httpx.Response:
        """One request through the entrance."""
        return httpx.get(f"{self.url}{path}", trust_env=False, timeout=30)

    def clear(self) -> list[str]:
        """End everything, politely if that works, and remove the folder; the instances that `down` left behind."""
        if self.daemon or self.processes():
            with self.begin("down") as process:
                try:
                    process.communicate(timeout=60)
                except subprocess.TimeoutExpired:
                    process.kill()
        left = {**self.shims(), **self.processes()}
        for pid in [*filter(None, [self.daemon]), *left]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        names = {*left.values(), *containers.remove(self.state)}
        shutil.rmtree(self.folder, ignore_errors=True)
        return sorted(names)

    def _client(self) -> Client:
        return Client(_Paths(self.file, self.state))

    def _environment(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if not name.startswith("FAIRLEAD_")}
        return {**given, "NO_COLOR": "1", **self.environ}


@contextlib.contextmanager
def town(*, runtime: str = "process", **environ: str) -> Iterator[Town]:
    """A stack in a temporary folder, of which nothing is left in the end."""
    made = Town(Path(tempfile.mkdtemp(prefix="fairlead-town-")), runtime=runtime, **environ)
    try:
        yield made
    finally:
        made.clear()


def free_port() -> int:
    """A port that nobody listens on."""
    while True:
        port = random.choice(ENTRANCES)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def until(true: Callable[[], bool], what: str, within_s: float = 30.0) -> float:
    """Wait until something is true, and give the seconds it took."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within_s:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(LOOK_EVERY_S)
    return time.monotonic() - began
