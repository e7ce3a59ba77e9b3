"""Limits through cgroup version 2: one tree for all controllers (Linux kernel, admin-guide/cgroup-v2)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fairlead.engine.limits.limiter import Cell, make, open_files
from fairlead.engine.limits.mounts import Place, places
from fairlead.engine.runtime import Limits
from fairlead.engine.shim import cgroup

_WANTED = frozenset({"memory", "cpu", "pids"})
_PERIOD_US = 100_000
_NEEDS = {"memory_bytes": "memory", "cpu_cores": "cpu", "processes": "pids"}


def find(prefix: str, proc: Path) -> CgroupV2 | None:
    """A limiter below the lowest cgroup, from our own upwards, that can hand down all controllers.

    A cgroup with processes of its own can't hand any down ("no internal processes"), so our own often can't and the
    slice above it can. `None` when no place hands down even one, as where version 1 has the controllers.
    """
    place = places(proc).get("")
    if place is None:
        return None
    folders = [folder for folder in _upwards(place) if _writable(folder)]
    for controllers_of in (_handed_down, _made_to_hand_down):  # change nothing where nothing has to be changed
        found = [(folder, controllers_of(folder)) for folder in folders]
        folder, controllers = max(found, key=lambda pair: len(pair[1]), default=(place.own, frozenset()))
        if controllers == _WANTED:
            break
    return CgroupV2(folder / prefix, controllers) if controllers else None


def _upwards(place: Place) -> list[Path]:
    return [folder for folder in (place.own, *place.own.parents) if folder.is_relative_to(place.mount)]


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _handed_down(folder: Path) -> frozenset[str]:
    """The controllers that the cgroups below this one have."""
    return _words(folder / "cgroup.subtree_control") & _WANTED


def _made_to_hand_down(folder: Path) -> frozenset[str]:
    """The same, after asking for those we want."""
    _enable(folder, _words(folder / "cgroup.controllers") & _WANTED)
    return _handed_down(folder)


def _enable(folder: Path, controllers: frozenset[str]) -> None:
    """One at a time: the kernel takes all of a line or nothing."""
    for controller in sorted(controllers - _words(folder / "cgroup.subtree_control")):
        try:
            cgroup.write(str(folder / "cgroup.subtree_control"), f"+{controller}")
        except OSError:
            continue


def _words(control: Path) -> frozenset[str]:
    return frozenset(cgroup.read(str(control)).split())


@dataclass(frozen=True)
class CgroupV2:
    """Cells below one folder."""

    parent: Path
    controllers: frozenset[str]
    name = "cgroup v2"

    def unsupported(self, limits: Limits) -> list[str]:
        return [
            f"{controller} can't be limited: its cgroup v2 controller is not delegated to us"
            for limit, controller in _NEEDS.items()
            if getattr(limits, limit) is not None and controller not in self.controllers
        ]

    def prepare(self, instance: str, limits: Limits) -> Cell:
        folder = self.parent / instance
        make(folder)
        _enable(self.parent, self.controllers)
        for controller, control, value in _settings(limits):
            if controller in self.controllers and (value != "max" or (folder / control).exists()):
                cgroup.write(str(folder / control), value)
        return Cell((str(folder),), open_files(limits))

    def kill(self, instance: str) -> bool:
        return cgroup.kill([str(self.parent / instance)])

    def oom_kills(self, instance: str) -> int:
        return cgroup.oom_kills([str(self.parent / instance)])

    def remove(self, instance: str) -> None:
        cgroup.remove([str(self.parent / instance)])


def _settings(limits: Limits) -> list[tuple[str, str, str]]:
    """Controller, control file, value. A limit on memory is one on swap too, or it would only move the memory there."""
    quota = "max" if limits.cpu_cores is None else str(max(1_000, round(limits.cpu_cores * _PERIOD_US)))
    settings = [
        ("memory", "memory.max", _or_max(limits.memory_bytes)),
        ("cpu", "cpu.max", f"{quota} {_PERIOD_US}"),
        ("pids", "pids.max", _or_max(limits.processes)),
    ]
    return settings if limits.memory_bytes is None else [*settings, ("memory", "memory.swap.max", "0")]


def _or_max(value: int | None) -> str:
    return "max" if value is None else str(value)
