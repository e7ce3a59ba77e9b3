"""What a container sees of this machine: the service's volumes, the same folders that a local process would have.

So the data stay where they are when a service changes from one runtime to the other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fairlead.engine.journal.records import Version
from fairlead.engine.runtime import Mount
from fairlead.errors import StateError
from fairlead.stack.model.service import Service

INSIDE = "/data"
"""Volumes are below it in a container, unless the stack file says where."""


def inner_volumes(spec: Service) -> dict[str, str]:
    """Volume -> its directory inside a container."""
    return {name: volume.path or f"{INSIDE}/{name}" for name, volume in spec.volumes.items()}


def mounts(version: Version, data: Path) -> Iterator[Mount]:
    """The mounts of an instance; the folders are made and given to its user. Raises `StateError`."""
    spec = version.spec
    for name, place in inner_volumes(spec).items():
        if spec.volumes[name].temporary:
            yield Mount("tmpfs", place)
        else:
            folder = data / version.service / name
            give(folder, spec.hardening.user)
            yield Mount("bind", place, str(folder))
    taken = set(inner_volumes(spec).values())
    yield from (Mount("tmpfs", place) for place in spec.hardening.writable if place not in taken)


def give(folder: Path, user: int) -> None:
    """Make the folder, and let a user of containers write to it. Raises `StateError`.

    Root gives it away with all that is in it; anybody else can only open it, in a state folder closed to others.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid == user:
            return
        if os.getuid() == 0:
            for path in (*folder.rglob("*"), folder):  # itself last: cut short, it is done again
                os.chown(path, user, user, follow_symlinks=False)
        else:
            folder.chmod(0o777)  # the folders above it let nobody else through
    except OSError as error:
        raise StateError(
            f"{folder}: can't be given to the user {user} of the container: {error.strerror}",
            hint="check who owns the state folder",
        ) from error
