"""The seam between a release and where it is written down, and its twin in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

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

    def observe(self, record: Mapping[str, Any]) -> None:
        """Write down what was observed of the new version, after what was before; the record is JSON."""

    def observations(self) -> list[dict[str, Any]]:
        """What was observed, in order."""


class MemoryBook:
    """A book that lasts as long as this process."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._entries: dict[int, Entry] = {entry.seq: entry for entry in release.steps}
        self._observations: list[str] = []

    def read(self) -> Release:
        return replace(self._release, steps=tuple(self._entries[seq] for seq in sorted(self._entries)))

    def save(self, release: Release) -> None:
        self._release = release

    def write(self, entry: Entry) -> None:
        self._entries[entry.seq] = entry

    def observe(self, record: Mapping[str, Any]) -> None:
        self._observations.append(json.dumps(record))

    def observations(self) -> list[dict[str, Any]]:
        return [json.loads(record) for record in self._observations]
