"""The state folder: can it be written, is the journal whole, who owns the stack, what runs unattended."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from fairlead.cli.doctor.finding import Finding, missing, ok, warning
from fairlead.cli.doctor.leftovers import running_instances
from fairlead.cli.output.words import size
from fairlead.daemon.paths import StatePaths
from fairlead.engine.lock import holder
from fairlead.errors import JournalError

LEAST_FREE_BYTES = 256 * 2**20


def findings(paths: StatePaths) -> Iterator[Finding]:
    """One finding for each part."""
    yield folder(paths.state)
    yield space(paths.state)
    yield journal(paths.journal)
    yield owner(paths)


def folder(state: Path) -> Finding:
    """The state folder, or the place where it will be made."""
    place = _existing(state)
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return ok("state folder", str(state))
    return missing(
        "state folder", f"{place} can't be written", "give it to your user, or name another one in FAIRLEAD_STATE"
    )


def space(state: Path) -> Finding:
    """Free space where the state is."""
    free = shutil.disk_usage(_existing(state)).free
    if free < LEAST_FREE_BYTES:
        return warning("disk", f"only {size(free)} free", "versions, logs and stores need room: delete something")
    return ok("disk", f"{size(free)} free")


def journal(path: Path) -> Finding:
    """The journal, read without writing."""
    if not path.exists():
        return ok("journal", "none yet")
    from fairlead.engine.journal import Journal

    try:
        Journal(path, read_only=True).close()
    except JournalError as error:
        return missing("journal", error.message, error.hint or "`fairlead doctor --repair`")
    return ok("journal", str(path))


def owner(paths: StatePaths) -> Finding:
    """The daemon, or what runs without one."""
    pid = holder(paths.lock).get("pid")
    if pid:
        return ok("daemon", f"process {pid}")
    left = running_instances(paths)
    if left:
        return warning(
            "daemon", f"none runs, but these do: {', '.join(left)}", "`fairlead daemon start` takes them over"
        )
    return ok("daemon", "none runs, and nothing was left")


def _existing(place: Path) -> Path:
    return next(folder for folder in (place, *place.parents) if folder.exists())
