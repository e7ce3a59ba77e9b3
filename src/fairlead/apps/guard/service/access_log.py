"""A line for each request, written some at a time: when, what, how it ended, how long it took, whose key it was."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TextIO

import msgspec

EVERY_S = 0.2

_encode = msgspec.json.Encoder().encode


class AccessLog:
    """JSON lines. No path but those of endpoints, no query, no body and no header is in them."""

    def __init__(self, to: TextIO | None = None) -> None:
        self._to = to or sys.stdout
        self._lines: list[bytes] = []

    def add(self, method: str, endpoint: str, status: int, took_s: float, key: str) -> None:
        """Within a fraction of a second it is written."""
        now = time.time()
        at = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}Z"
        line = {
            "at": at, "level": "info", "logger": "fairlead.apps.guard.access", "message": "request",
            "method": method if method.isalpha() and len(method) < 8 else "other", "endpoint": endpoint,
            "status": status, "took_ms": round(took_s * 1000, 3), "key": key,
        }  # fmt: skip
        self._lines.append(_encode(line))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._to.write((b"\n".join(lines) + b"\n").decode())
            self._to.flush()
