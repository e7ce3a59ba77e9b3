"""Programs under measurement: started on one core, watched as a tree, ended by their process id."""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LAST_CORE = (os.cpu_count() or 1) - 1
"""For gateways; load and upstream are on the others."""


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds of a tree of processes, and its memory."""

    cpu_s: float
    rss_bytes: int


class Program:
    """One, with all that it starts."""

    def __init__(self, argv: Sequence[str], folder: Path, *, core: int | None = None, **environ: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{Path(argv[0]).name}.log"
        cores = {core} if core is not None else None
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                argv,
                cwd=folder,
                env={**os.environ, **environ},
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
                start_new_session=True,
            )
        self._tree = psutil.Process(self._process.pid)

    def used(self) -> Used:
        """Until now, with children that have ended and been waited for."""
        cpu, rss = 0.0, 0
        for one in [self._tree, *self._tree.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                cpu += times.user + times.system
                rss += one.memory_info().rss
        return Used(cpu, rss)

    def ready(self, url: str, within_s: float = 60.0, headers: Mapping[str, str] | None = None) -> None:
        """Wait until it answers anything at all. Raises `RuntimeError`, with the end of its log."""
        end = time.monotonic() + within_s
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers or {})), timeout=2)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.log.name} says:\n{self.log.read_text(errors='replace')[-2000:]}")

    def end(self) -> None:
        """All of it."""
        children = self._tree.children(recursive=True) if self._process.poll() is None else []
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


class Memory:
    """How much memory a program takes, looked at five times a second."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._seen: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory")
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    @property
    def usual_mb(self) -> float:
        """The median."""
        return round(statistics.median(self._seen) / 2**20, 1)

    def _look(self) -> None:
        while True:
            self._seen.append(self._program.used().rss_bytes)
            if self._over.wait(0.2):
                return


@contextlib.contextmanager
def watched(program: Program) -> Iterator[Memory]:
    """Its memory for a while."""
    memory = Memory(program)
    try:
        yield memory
    finally:
        memory.end()


@contextlib.contextmanager
def running(program: Program) -> Iterator[Program]:
    """For a while."""
    try:
        yield program
    finally:
        program.end()


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
