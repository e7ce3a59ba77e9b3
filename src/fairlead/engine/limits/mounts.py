"""Where this process stands in the cgroup trees, from /proc/self/mountinfo and /proc/self/cgroup.

New cells are made below that place, so that whatever confines Fairlead itself (a container, a systemd unit) goes on
to confine all that it starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A mounted cgroup tree, and this process's own folder in it."""

    mount: Path
    own: Path


def places(proc: Path) -> dict[str, Place]:
    """For each controller of version 1 its place; version 2 is the empty name."""
    try:
        mounts = _mounts((proc / "mountinfo").read_text())
        paths = _paths((proc / "cgroup").read_text())
    except OSError:
        return {}
    return {
        name: Place(mount, _inside(mount, root, paths[name])) for name, (mount, root) in mounts.items() if name in paths
    }


def _mounts(text: str) -> dict[str, tuple[Path, str]]:
    """Controller -> (mount point, the part of the tree that is mounted there); proc(5), mountinfo."""
    found: dict[str, tuple[Path, str]] = {}
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _, options = after.split()[:3]
        names = [""] if kind == "cgroup2" else options.split(",") if kind == "cgroup" else []
        for name in names:
            found.setdefault(name, (Path(point), root))
    return found


def _paths(text: str) -> dict[str, str]:
    """Controller -> this process's path in the tree; cgroups(7)."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            found[name] = path
    return found


def _inside(mount: Path, root: str, path: str) -> Path:
    """A container often sees only its own part of the tree, under the path that the host calls it by."""
    below = path.removeprefix(root) if root != "/" else path
    return mount / below.lstrip("/")
