"""What is left of an instance whose shim was killed: found by its cgroup, its session and a mark, and ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterable

from fairlead.engine.runtimes.folder import Folder, Status
from fairlead.engine.shim import cgroup
from fairlead.engine.shim.log import Log
from fairlead.errors import RuntimeFailure
from fairlead.kit import files, proc

MARK = "FAIRLEAD_CELL"
"""Variable in the environment of every instance, by which its processes are known where there is no cgroup."""

REASON = "its shim was killed"
_ROUNDS = 250  # of 20 ms: 5 s


async def settle(folder: Folder, status: Status, mark: str, at: float) -> bool:
    """End what a dead shim has left, and write down the end that it could not.

    Under the instance's lock, so that nothing is taken from a shim that has just begun; False when another has it.
    """
    with files.locked(folder.lock) as ours:
        if ours and folder.exit() is None and folder.status() == status:
            await _end(folder.cgroups(), status, mark)
            _note(folder, at)
        return ours


async def _end(cgroups: tuple[str, ...], status: Status, mark: str) -> None:
    """Until none is found twice in a row: a process shows no environment for a moment while it executes another."""
    left, quiet = set[int](), 0
    for _ in range(_ROUNDS):
        left = _left(cgroups, status, mark)
        quiet = 0 if left else quiet + 1
        if quiet == 2:
            cgroup.remove(cgroups)
            return
        cgroup.kill(cgroups)
        for pid in left:
            proc.signal(pid, signal.SIGKILL)
        await asyncio.sleep(0.02)
    raise RuntimeFailure(f"processes that can't be killed are left: {', '.join(map(str, sorted(left)))}")


def _left(cgroups: tuple[str, ...], status: Status, mark: str) -> set[int]:
    return {pid for pid in _candidates(cgroups, status, mark) if proc.birth(pid) is not None}


def _candidates(cgroups: tuple[str, ...], status: Status, mark: str) -> Iterable[int]:
    yield from cgroup.members(cgroups)
    born = proc.birth(status.pid)
    if born == status.start:
        yield status.pid
    if born in {status.start, None}:  # else another process has this number by now
        yield from proc.in_session(status.pid)
    if not cgroups:
        yield from _marked(mark)


def _marked(mark: str) -> Iterable[int]:
    """Processes that have our mark in their environment; those of other users can't be read, and aren't ours."""
    wanted = f"{MARK}={mark}".encode()
    for pid in proc.pids():
        if pid != os.getpid() and wanted in _environment(pid).split(b"\0"):
            yield pid


def _environment(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - many, and short
            return file.read()
    except OSError:
        return b""


def _note(folder: Folder, at: float) -> None:
    """A log that can't be written must not keep the end from being noted."""
    Log(str(folder.log), 1 << 62, 1).say(f"ended: {REASON}")
    folder.write("exit.json", json.dumps({"code": None, "reason": REASON, "at": at}))
