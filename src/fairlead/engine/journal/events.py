"""The audit trail: what happened, in order, kept."""

from __future__ import annotations

from typing import Any

from fairlead.engine.journal.database import Journal
from fairlead.engine.journal.records import Event

KEPT = 10_000
"""Events beyond this number are forgotten, oldest first."""


class EventBook:
    """Reads and writes events."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def add(self, at: float, level: str, subject: str, text: str) -> Event:
        """Keep an event; `at` is seconds since the epoch."""
        with self._journal.write() as db:
            row = db.execute(
                "INSERT INTO events (at, level, subject, text) VALUES (?, ?, ?, ?) RETURNING id",
                (at, level, subject, text),
            ).fetchone()
            db.execute("DELETE FROM events WHERE id <= ?", (row[0] - KEPT,))
        return Event(row[0], at, level, subject, text)

    def after(self, event: int, limit: int = 1000) -> list[Event]:
        """Events younger than the one with that number, oldest first."""
        rows: list[Any] = self._journal.rows(
            "SELECT id, at, level, subject, text FROM events WHERE id > ? ORDER BY id LIMIT ?", event, limit
        )
        return [Event(*row) for row in rows]
