"""Which processes belong to a stack, found without asking it: what is orphaned is found too.

A folder of instances (`.fairlead/instances`) stands for its stack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import psutil

from fairlead.engine.runtimes.leftovers import MARK

GONE = (psutil.NoSuchProcess, psutil.AccessDenied)


def below(instances: Path) -> dict[int, str]:
    """Process id -> instance. Known by their mark, or by their shim: nginx writes its title over the mark."""
    tag = hashlib.sha256(str(instances).encode()).hexdigest()[:12]
    marked = {pid: cell.partition("/")[2] for pid, cell in _cells() if cell.startswith(f"{tag}/")}
    return {child: instance for shim, instance in shims(instances).items() for child in _children(shim)} | marked


def shims(instances: Path) -> dict[int, str]:
    """Process id -> instance, of shims: each holds a file of its instance's folder."""
    held = ((pid, path) for pid in _shims() for path in _open_files(pid) if path.is_relative_to(instances))
    return {pid: path.relative_to(instances).parts[0] for pid, path in held}


def alive(pid: int) -> bool:
    """Whether the process runs (one that ended and was not waited for does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _cells() -> Iterator[tuple[int, str]]:
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and (cell := process.environ().get(MARK)):
                yield process.pid, cell
        except GONE:
            continue


def _shims() -> Iterator[int]:
    for process in psutil.process_iter():
        try:
            if any("fairlead.engine.shim.main" in word for word in process.cmdline()):
                yield process.pid
        except GONE:
            continue


def _open_files(pid: int) -> list[Path]:
    try:
        return [link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


def _children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True) if alive(child.pid)]
    except psutil.NoSuchProcess:
        return []
