"""Releases in the journal: the book that a runner writes, and the history that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairlead.engine.journal.database import Journal
from fairlead.engine.journal.releases import ReleaseTable
from fairlead.errors import UsageError
from fairlead.release.entry import Entry
from fairlead.release.history import Release


class JournalBook:
    """The pages of one release in the journal."""

    def __init__(self, table: ReleaseTable, number: int) -> None:
        self._table = table
        self._number = number

    def read(self) -> Release:
        """The release as it stands."""
        steps = tuple(Entry.from_record(record) for record in self._table.steps(self._number))
        return Release.from_record(self._table.record(self._number), steps)

    def save(self, release: Release) -> None:
        """Write down its state, reason and end."""
        self._table.save(self._number, release.to_record(), open=release.open)

    def write(self, entry: Entry) -> None:
        """Write down a step."""
        self._table.write_step(self._number, entry.seq, entry.to_record())

    def observe(self, record: Mapping[str, Any]) -> None:
        """Write down what was observed."""
        self._table.observe(self._number, dict(record))

    def observations(self) -> list[dict[str, Any]]:
        """What was observed, in order."""
        return self._table.observations(self._number)


EVERY = -1
"""No limit, in SQLite's words."""


class History:
    """All releases of the stack."""

    def __init__(self, journal: Journal) -> None:
        self._table = ReleaseTable(journal)

    def next_id(self) -> str:
        """What the next release is called."""
        return f"r{self._table.next_number()}"

    def begin(self, release: Release) -> JournalBook:
        """Write down a new release, before anything of it is done."""
        number = _number(release.id)
        self._table.forget_observations()
        self._table.add(number, release.service, release.to_record())
        return JournalBook(self._table, number)

    def observations(self, release: str) -> list[dict[str, Any]]:
        """What was observed of a release that was judged, in order; none when that was too long ago."""
        return self._table.observations(_number(release))

    def unfinished(self) -> list[JournalBook]:
        """Releases that were under way when the engine ended, oldest first."""
        return [JournalBook(self._table, number) for number in self._table.open()]

    def of(self, service: str | None = None, limit: int = 50) -> list[Release]:
        """Releases, newest first; of one service also those that it went along in, as it has seen them."""
        found = [JournalBook(self._table, number).read() for number in self._table.recent(service, limit)]
        return [release.seen_by(service) for release in found] if service else found

    def one(self, release: str) -> Release:
        """The release of that name. Raises `UsageError`."""
        if not re.fullmatch(r"r[0-9]+", release) or not 0 < _number(release) < self._table.next_number():
            raise UsageError(f"there is no release `{release}`", hint="`fairlead history` lists the releases")
        return JournalBook(self._table, _number(release)).read()

    def outcomes(self, service: str) -> list[Release]:
        """Every release that a service had a part in, newest first, without steps: enough to choose a version by."""
        return [Release.from_record(record) for record in self._table.recent(service, EVERY).values()]

    def hold(self, release: str, who: str | None) -> None:
        """Write down who holds a release where it is; `None`: nobody any more."""
        number = _number(release)
        record = self._table.record(number) | {"paused": who}
        self._table.save(number, record, open=True)


def _number(release: str) -> int:
    return int(release.removeprefix("r"))
