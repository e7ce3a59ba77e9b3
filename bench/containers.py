"""Which containers belong to a stack, asked of the Docker engine itself: what is orphaned is found too."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from fairlead.engine.images.local import OURS
from fairlead.engine.runtimes.docker.labels import INSTANCE, STATE, state_label

INIT = "docker-init"
"""The first process of a container; it runs the program and belongs to the engine."""


@cache
def missing() -> str | None:
    """Why no container can be run here; `None` when one can."""
    try:
        asked = subprocess.run(["docker", "version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return asked.stderr.strip() if asked.returncode else None


def processes(state: Path) -> dict[int, str]:
    """Process id -> instance, of every process in a running container of this stack."""
    found: dict[int, str] = {}
    for container in _inspected(_ids(state, "ps", "--quiet", "--no-trunc")):
        first, instance = container["State"]["Pid"], container["Config"]["Labels"][INSTANCE]
        found |= dict.fromkeys(_tree(first), instance)
    return found


def running(state: Path) -> list[str]:
    """The instance of each running container of this stack."""
    return [one["Config"]["Labels"][INSTANCE] for one in _inspected(_ids(state, "ps", "--quiet", "--no-trunc"))]


def inspected(state: Path, instance: str) -> dict[str, Any]:
    """All that the engine knows of the container of an instance."""
    found = _inspected(_ids(state, "ps", "--all", "--quiet", "--no-trunc"))
    return next(one for one in found if one["Config"]["Labels"][INSTANCE] == instance)


def remove(state: Path) -> list[str]:
    """Remove every container and network of a stack, and the images that were built for it; what ran or waited to."""
    if missing():
        return []
    containers = _ids(state, "ps", "--all", "--quiet", "--no-trunc")
    names = [one["Config"]["Labels"].get(INSTANCE, one["Name"]) for one in _inspected(containers)]
    for id in containers:
        _docker("rm", "--force", "--volumes", id)
    for id in _docker("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={OURS}={state_label(state)}").split():
        _docker("image", "rm", "--force", id)
    networks = _ids(state, "network", "ls", "--quiet", "--no-trunc")
    for id in networks:
        _docker("network", "rm", id)
    return [*names, *(f"network {id[:12]}" for id in networks)]


def _ids(state: Path, *words: str) -> list[str]:
    if missing():
        return []
    return _docker(*words, "--filter", f"label={STATE}={state_label(state)}").split()


def _inspected(ids: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for id in ids:
        text = _docker("inspect", id)
        found += json.loads(text) if text else []  # it may have gone meanwhile
    return found


def _tree(first: int) -> Iterator[int]:
    try:
        process = psutil.Process(first)
        everything = [process, *process.children(recursive=True)]
        yield from (one.pid for one in everything if one.name() != INIT and one.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return


def _docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=60, check=False).stdout
