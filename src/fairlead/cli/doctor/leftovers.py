"""Instances that run although no daemon looks after them: a daemon that was killed leaves its services running."""

from __future__ import annotations

import json
from pathlib import Path

from fairlead.daemon.paths import StatePaths
from fairlead.kit import proc


def running_instances(paths: StatePaths) -> list[str]:
    """Ids of instances whose program is alive, from what their shims wrote down."""
    return sorted(found.parent.name for found in (paths.state / "instances").glob("*/status.json") if _alive(found))


def _alive(status: Path) -> bool:
    """A file that a power loss has torn counts as none."""
    try:
        noted = json.loads(status.read_text())
        return proc.alive(int(noted["pid"]), str(noted["start"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False
