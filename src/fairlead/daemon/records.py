"""Releases in the journal: the book that a runner writes, and the history that people read."""

from __future__ import annotations

from fairlead.engine.journal.database import Journal
from fairlead.engine.journal.releases import ReleaseTable
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
        self._table.add(number, release.service, release.to_record())
        return JournalBook(self._table, number)

    def unfinished(self) -> list[JournalBook]:
        """Releases that were under way when the engine ended, oldest first."""
        return [JournalBook(self._table, number) for number in self._table.open()]

    def of(self, service: str | None = None, limit: int = 50) -> list[Release]:
        """Releases, newest first."""
        return [JournalBook(self._table, number).read() for number in self._table.recent(service, limit)]

    def outcomes(self, service: str) -> list[Release]:
        """Every release of a service, newest first, without its steps: all that choosing a version needs."""
        return [Release.from_record(record) for record in self._table.recent(service, EVERY).values()]


def _number(release: str) -> int:
    return int(release.removeprefix("r"))
