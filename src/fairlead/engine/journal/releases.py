"""Releases and their steps, as records whose content is the business of those who release."""

from __future__ import annotations

import json
from typing import Any

from fairlead.engine.journal.database import Journal

Record = dict[str, Any]

OBSERVED = 20
"""Releases whose observations are kept; a judgement of hours has some megabytes of them."""


_HAS_PART = "WHERE service = ? OR EXISTS (SELECT 1 FROM json_each(releases.record, '$.others') WHERE key = ?)"


class ReleaseTable:
    """Reads and writes the records; every write is one durable transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def next_number(self) -> int:
        """The number that the next release gets."""
        row: Any = self._journal.rows("SELECT COALESCE(MAX(number), 0) + 1 FROM releases")[0]
        return int(row[0])

    def add(self, number: int, service: str, record: Record) -> None:
        """Write down a new release."""
        with self._journal.write() as db:
            db.execute("INSERT INTO releases VALUES (?, ?, ?, 1)", (number, service, json.dumps(record)))

    def save(self, number: int, record: Record, *, open: bool) -> None:  # noqa: A002 - the column's name
        """Write down what became of a release."""
        with self._journal.write() as db:
            db.execute(
                "UPDATE releases SET record = ?, open = ? WHERE number = ?", (json.dumps(record), int(open), number)
            )

    def record(self, number: int) -> Record:
        """A release that is known to be there."""
        row: Any = self._journal.rows("SELECT record FROM releases WHERE number = ?", number)[0]
        record: Record = json.loads(row[0])
        return record

    def write_step(self, number: int, seq: int, record: Record) -> None:
        """Write down a step, in place of what was written for the same `seq`."""
        with self._journal.write() as db:
            db.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?)", (number, seq, json.dumps(record)))

    def steps(self, number: int) -> list[Record]:
        """The steps of a release, in order."""
        rows: list[Any] = self._journal.rows("SELECT record FROM steps WHERE release = ? ORDER BY seq", number)
        return [json.loads(row[0]) for row in rows]

    def observe(self, number: int, record: Record) -> None:
        """Write down what was observed of a release, after what was before."""
        with self._journal.write() as db:
            db.execute("INSERT INTO observations (release, record) VALUES (?, ?)", (number, _dense(record)))

    def observations(self, number: int) -> list[Record]:
        """What was observed of a release, in order; none when that was too long ago."""
        rows: list[Any] = self._journal.rows("SELECT record FROM observations WHERE release = ? ORDER BY id", number)
        return [json.loads(row[0]) for row in rows]

    def forget_observations(self) -> None:
        """Forget what was observed of releases that ended long ago."""
        with self._journal.write() as db:
            db.execute(
                "DELETE FROM observations WHERE release IN (SELECT number FROM releases WHERE open = 0) "
                "AND release NOT IN (SELECT DISTINCT release FROM observations ORDER BY release DESC LIMIT ?)",
                (OBSERVED,),
            )

    def recent(self, service: str | None = None, limit: int = 50) -> dict[int, Record]:
        """Releases by their numbers, newest first, without steps; of one service also those that it went along in."""
        where, values = (_HAS_PART, [service, service]) if service else ("", [])
        query = f"SELECT number, record FROM releases {where} ORDER BY number DESC LIMIT ?"  # noqa: S608 - ours alone
        rows: list[Any] = self._journal.rows(query, *values, limit)
        return {number: json.loads(record) for number, record in rows}

    def open(self) -> list[int]:
        """Numbers of releases that something is left to do for, oldest first."""
        rows: list[Any] = self._journal.rows("SELECT number FROM releases WHERE open = 1 ORDER BY number")
        return [row[0] for row in rows]


def _dense(record: Record) -> str:
    return json.dumps(record, separators=(",", ":"))
