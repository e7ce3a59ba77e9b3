"""What the engine tells a shim, sent through a pipe (never through a file: the environment may hold secrets)."""

from __future__ import annotations

from typing import TypedDict


class Plan(TypedDict):
    """Plain values only, since `marshal` carries it: the one serializer that costs the shim no import."""

    once: bool
    """Run the program in the foreground, answer with its exit code and the end of its output, and leave no state."""
    timeout_s: float
    """With `once`: kill all of it after this time."""
    folder: str
    """The instance's folder; unused with `once`."""
    argv: list[str]
    cwd: str
    environment: dict[str, str]
    user: str | None
    signal: int
    grace_s: float
    log_bytes: int
    log_keep: int
    cgroups: list[str]
    """Folders of cgroups that the program joins before it begins."""
    rlimits: list[tuple[int, int]]
