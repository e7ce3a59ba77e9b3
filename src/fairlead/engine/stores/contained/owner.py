"""The user of a store's container: whoever owns its data, and files that this user alone reads."""

from __future__ import annotations

import os
from pathlib import Path

from fairlead.engine.mounting import give
from fairlead.kit.files import write_atomically

OFFICIAL = 999
"""The user of the official Debian images of PostgreSQL and Redis."""


def owner(data: Path) -> int:
    """The owner of the data where there are some; else the image's own user, or ours when we can give nothing away."""
    if os.getuid() != 0:
        return os.getuid()
    found = data.stat().st_uid if data.exists() else 0
    return found or OFFICIAL


def private(file: Path, content: str, user: int) -> Path:
    """Write a file that only the user of the container (and root) can read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, content, mode=0o400)
    if os.getuid() == 0:
        os.chown(file, user, user)
    return file


def own(data: Path) -> int:
    """Make the data's folder and give it to the user of the container, who is returned."""
    user = owner(data)
    give(data, user)
    return user
