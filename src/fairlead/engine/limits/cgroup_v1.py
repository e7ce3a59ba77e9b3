"""Limits through cgroup version 1: one tree per controller (Linux kernel, admin-guide/cgroup-v1)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fairlead.engine.limits.limiter import Cell, make, open_files
from fairlead.engine.limits.mounts import Place, places
from fairlead.engine.runtime import Limits
from fairlead.engine.shim import cgroup

_WANTED = ("memory", "cpu", "cpuacct", "pids")
_PERIOD_US = 100_000
_NEEDS = {"memory_bytes": "memory", "cpu_cores": "cpu", "processes": "pids"}


def find(prefix: str, proc: Path) -> CgroupV1 | None:
    """A limiter on the controllers whose tree can be written; `None` when there is none."""
    stood = places(proc)
    usable = {name: stood[name].own / prefix for name in _WANTED if name in stood and _writable(stood[name])}
    return CgroupV1(usable) if usable else None


def _writable(place: Place) -> bool:
    return os.access(place.own, os.W_OK) and os.access(place.own / "cgroup.procs", os.W_OK)


@dataclass(frozen=True)
class CgroupV1:
    """Cells below a folder per controller; controllers mounted together share one."""

    parents: dict[str, Path]
    name = "cgroup v1"

    def unsupported(self, limits: Limits) -> list[str]:
        return [
            f"{controller} can't be limited: its cgroup v1 controller is not available"
            for limit, controller in _NEEDS.items()
            if getattr(limits, limit) is not None and controller not in self.parents
        ]

    def prepare(self, instance: str, limits: Limits) -> Cell:
        folders = self._folders(instance)
        for folder in folders:
            make(Path(folder))
        for controller, control, value in _settings(limits):
            if controller in self.parents:
                self._set(self.parents[controller] / instance / control, value)
        return Cell(folders, open_files(limits))

    @staticmethod
    def _set(control: Path, value: int) -> None:
        """`memory.memsw` (memory and swap together) is missing where the kernel doesn't count swap."""
        if control.name != "memory.memsw.limit_in_bytes" or control.exists():
            cgroup.write(str(control), str(value))

    def _folders(self, instance: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(parent / instance) for parent in self.parents.values()))

    def kill(self, instance: str) -> bool:
        return cgroup.kill(self._folders(instance))

    def oom_kills(self, instance: str) -> int:
        return cgroup.oom_kills(self._folders(instance))

    def remove(self, instance: str) -> None:
        cgroup.remove(self._folders(instance))


def _settings(limits: Limits) -> list[tuple[str, str, int]]:
    """Controller, control file, value; -1 is no limit.

    Memory with swap is opened first and closed last: it can't be below memory.
    """
    memory = -1 if limits.memory_bytes is None else limits.memory_bytes
    quota = -1 if limits.cpu_cores is None else max(1_000, round(limits.cpu_cores * _PERIOD_US))
    return [
        ("memory", "memory.memsw.limit_in_bytes", -1),
        ("memory", "memory.limit_in_bytes", memory),
        ("memory", "memory.memsw.limit_in_bytes", memory),
        ("cpu", "cpu.cfs_period_us", _PERIOD_US),
        ("cpu", "cpu.cfs_quota_us", quota),
        ("pids", "pids.max", _UNLIMITED_PIDS if limits.processes is None else limits.processes),
    ]


_UNLIMITED_PIDS = 4 * 1024 * 1024  # PID_MAX_LIMIT of a 64-bit kernel: the file takes "max" or a number up to it
