"""How much, and how long, a client may take before its connection ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Per connection, but for `connections`."""

    head_bytes: int = 32 * 1024
    headers: int = 100
    body_bytes: int = 64 * 1024 * 1024
    waiting: int = 16
    """Requests sent ahead of an answer, before the connection is no longer read."""
    waiting_bytes: int = 1024 * 1024
    """Their bodies together."""
    head_s: float = 15.0
    """From the first byte of a head to its last."""
    body_s: float = 60.0
    """For a body, and beside it a second for every `slowest_bytes` of its length."""
    slowest_bytes: int = 64 * 1024
    idle_s: float = 75.0
    """Between two requests."""
    stall_s: float = 60.0
    """For taking some of an answer that waits."""
    connections: int = 20_000
