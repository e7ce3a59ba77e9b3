"""The seam between a release and where it is written down, and its twin in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from fairlead.release.entry import Entry
from fairlead.release.history import Release


class Book(Protocol):
    """The pages of one release. What a write has returned from survives a crash; one that fails raises `StateError`."""

    def read(self) -> Release:
        """The release as it stands, with its steps in order."""

    def save(self, release: Release) -> None:
        """Write down its state, reason and end (its steps are written by `write`)."""

    def write(self, entry: Entry) -> None:
        """Write down a step, in place of what was written for the same `seq`."""


class MemoryBook:
    """A book that lasts as long as this process."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._entries: dict[int, Entry] = {entry.seq: entry for entry in release.steps}

    def read(self) -> Release:
        return replace(self._release, steps=tuple(self._entries[seq] for seq in sorted(self._entries)))

    def save(self, release: Release) -> None:
        self._release = release

    def write(self, entry: Entry) -> None:
        self._entries[entry.seq] = entry
