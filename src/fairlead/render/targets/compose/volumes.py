"""Volumes, and the container that gives each new one to the user who writes to it."""

from __future__ import annotations

import shlex

from fairlead.render.targets.compose.containers import container, disk
from fairlead.render.targets.compose.project import VOLUMES, Data

BUSYBOX = "docker.io/library/busybox:1.37.0"
DONE = {"condition": "service_completed_successfully"}


def used(services: Data) -> dict[str, str]:
    """Volume -> the user and group of its first container."""
    found: dict[str, str] = {}
    for service in services.values():
        for mount in service["volumes"]:
            if mount["type"] == "volume":
                found.setdefault(mount["source"], service["user"])
    return found


def owned(services: Data, images: dict[str, str]) -> Data:
    """With the container that gives volumes away, which all who have one wait for: a new volume is root's."""
    every = used(services)
    if not every:
        return services
    keeper = container(images.get("busybox", BUSYBOX), user="0:0", writable=(), capabilities=["CHOWN"], once=True)
    keeper["volumes"] = [disk(volume, f"/volumes/{volume}") for volume in every]
    lines = [f"chown {user} {shlex.quote(f'/volumes/{volume}')}" for volume, user in every.items()]
    keeper |= {"entrypoint": ["sh", "-eu", "-c", "\n".join(lines)], "command": []}
    waiting = {
        name: {**service, "depends_on": {**service.get("depends_on", {}), VOLUMES: DONE}}
        if any(mount["type"] == "volume" for mount in service["volumes"])
        else service
        for name, service in services.items()
    }
    return {VOLUMES: keeper, **waiting}
