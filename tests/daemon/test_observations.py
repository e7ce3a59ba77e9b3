"""What was observed of releases, in the journal."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from fairlead.daemon.records import History
from fairlead.engine.journal.database import SCHEMA, Journal
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.releases import OBSERVED, ReleaseTable
from fairlead.release.history import Release
from fairlead.release.steps import Change


@pytest.fixture
def table(tmp_path: Path) -> ReleaseTable:
    """Of an empty journal."""
    return ReleaseTable(Journal(tmp_path / "journal.db"))


def release(number: int) -> Release:
    """One that is under way."""
    return Release(f"r{number}", "hub", Change("v1", "v2", 1, 1.0, 1.0), "canary", "deploy", "alice", 0.0)


def test_observations_are_kept_in_order_with_their_release(tmp_path: Path) -> None:
    """Every number to the last digit, for those who open the journal next."""
    history = History(Journal(tmp_path / "journal.db"))
    first, second = history.begin(release(1)), history.begin(release(2))
    for value in (0.1 + 0.2, 1e-17, 3):
        first.observe({"value": value})
    second.observe({"value": None})

    again = History(Journal(tmp_path / "journal.db"))
    assert again.observations("r1") == [{"value": 0.1 + 0.2}, {"value": 1e-17}, {"value": 3}]
    assert [book.observations() for book in again.unfinished()][1] == [{"value": None}]


def test_those_of_releases_that_ended_long_ago_are_forgotten(table: ReleaseTable) -> None:
    """One under way never is, however old."""
    for number in range(1, OBSERVED + 6):
        table.add(number, "hub", {})
        table.observe(number, {"number": number})
        table.save(number, {}, open=number == 2)

    table.forget_observations()

    kept = [number for number in range(1, OBSERVED + 6) if table.observations(number)]
    assert kept == [2, *range(6, OBSERVED + 6)]


def test_a_journal_of_the_first_format_is_carried_over(tmp_path: Path) -> None:
    """With what is in it."""
    path = tmp_path / "journal.db"
    old = sqlite3.connect(path)
    old.executescript(f"{SCHEMA} INSERT INTO meta VALUES ('fence', 4); PRAGMA user_version = 1;")
    old.execute("INSERT INTO shares VALUES ('hub', 'v1', 100)")
    old.commit()
    old.close()

    journal = Journal(path)

    assert journal.fence == 5
    assert FleetBook(journal).shares("hub") == {"v1": 100.0}
    ReleaseTable(journal).observe(1, {})
    assert ReleaseTable(journal).observations(1) == [{}]
