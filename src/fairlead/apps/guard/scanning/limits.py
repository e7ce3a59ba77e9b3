"""How far a scan goes with one content: every bound that keeps hostile input from taking all time or memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fairlead.apps.guard.scanning.found import Unlooked


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one file, whatever is in it."""

    archives: bool = True
    archive_depth: int = 6
    """Archives within archives; `.tar.gz` counts as two."""
    expanded_bytes: int = 1 << 30
    """That all archives in one file may hold."""
    members: int = 100_000
    directory_bytes: int = 32 << 20
    """Of the list of members in a zip, which is read as a whole."""
    spooled_bytes: int = 256 << 20
    """Of a zip in something that can't be read from its end: it is kept in a temporary file."""
    decode_depth: int = 2
    """Encodings within encodings."""
    file_bytes: int = 64 << 30
    time_s: float = 60.0
    time_per_mib_s: float = 1.0
    """A file has `time_s` of a processor, and so much for each MiB that was read; waiting does not count."""
    findings: int = 1_000
    """In one file; it is said when there are more."""


class Budget:
    """What is left for one file. Raises `Unlooked` when there is nothing left."""

    def __init__(self, limits: Limits, stopped: Callable[[], bool] = bool) -> None:
        self.limits = limits
        self._stopped = stopped
        self._ends = time.thread_time() + limits.time_s
        self._expanded = 0
        self._members = 0
        self.findings = 0

    def read(self, size_bytes: int) -> None:
        """So much was read."""
        self._ends += size_bytes / (1 << 20) * self.limits.time_per_mib_s
        if time.thread_time() > self._ends:
            raise Unlooked("it took too long: not looked through to its end")
        if self._stopped():
            raise Unlooked("the scan was ended")

    def expanded(self, size_bytes: int) -> None:
        """So much came out of an archive."""
        self._expanded += size_bytes
        if self._expanded > self.limits.expanded_bytes:
            raise Unlooked(
                f"it expands to more than {self.limits.expanded_bytes >> 20} MiB: not looked through to its end"
            )

    def member(self) -> None:
        """One more member of an archive."""
        self._members += 1
        if self._members > self.limits.members:
            raise Unlooked(f"it has more than {self.limits.members:,} members: not looked through to its end")

    def finding(self) -> None:
        """One more finding."""
        self.findings += 1
        if self.findings > self.limits.findings:
            raise Unlooked(f"it has more than {self.limits.findings:,} findings: not looked through to its end")
