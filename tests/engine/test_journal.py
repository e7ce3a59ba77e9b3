"""The journal: what it remembers, and what it says when its file can't be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from fairlead.engine.journal import Journal
from fairlead.engine.journal.database import SCHEMA, copy_of, repair
from fairlead.engine.journal.events import KEPT, EventBook
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Applied, Instance, Mirrored, Version, Warm
from fairlead.engine.journal.releases import ReleaseTable
from fairlead.errors import Fenced, JournalError
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

SERVICE = Service(command=["serve"], environment={"GREETING": "hello"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_was_written_is_there_after_a_reopening(path: Path) -> None:
    """Every kind of record survives."""
    book = FleetBook(Journal(path))
    applied = Applied(Path("fairlead.yaml"), "production", Stack(name="town", services={"notes": SERVICE}))
    version = Version("notes", "v1", "abc", SERVICE, Path("tree"), 1.0)
    instance = Instance("notes-v1-1", "notes", "v1", ports={"http": 20001}, created=2.0)
    book.apply(applied)
    book.add_version(version)
    book.add_instances([instance])
    book.shift("notes", {"v1": 75.0, "v2": 25.0, "v3": 0.0})
    book.keep_warm(Warm("notes", "v0", 3.0, 300.0))
    book.lease("notes.http", 20000)

    again = FleetBook(Journal(path))

    assert again.applied() == applied
    assert again.versions("notes") == [version]
    assert again.instances() == [instance]
    assert again.shares("notes") == {"v1": 75.0, "v2": 25.0}
    assert again.warm() == [Warm("notes", "v0", 3.0, 300.0)]
    assert again.leased() == {"notes.http": 20000}


def test_only_one_version_of_a_service_is_kept_warm_for_its_whole_time(path: Path) -> None:
    """An older warm version has served its purpose when a newer one is kept."""
    book = FleetBook(Journal(path))
    book.keep_warm(Warm("notes", "v1", 0.0, 300.0))
    book.keep_warm(Warm("other", "v1", 0.0, 300.0))
    book.keep_warm(Warm("notes", "v2", 5.0, 300.0))

    assert {(warm.service, warm.version): warm.seconds for warm in book.warm()} == {
        ("notes", "v1"): 0.0,
        ("other", "v1"): 300.0,
        ("notes", "v2"): 300.0,
    }


def test_a_leaving_instance_stays_on_record_until_it_is_dropped(path: Path) -> None:
    """Between the two, a crash must not forget it."""
    book = FleetBook(Journal(path))
    book.add_instances([Instance("notes-v1-1", "notes", "v1")])
    book.mark_leaving(["notes-v1-1"])
    assert [instance.leaving for instance in book.instances()] == [True]
    book.drop_instances(["notes-v1-1"])
    assert book.instances() == []


def test_a_daemon_that_was_overtaken_can_not_write(path: Path) -> None:
    """The fencing token: the older writer is refused and changes nothing."""
    older = FleetBook(Journal(path))
    older.shift("notes", {"v1": 100.0})
    younger = FleetBook(Journal(path))

    with pytest.raises(Fenced, match="another daemon has taken over"):
        older.shift("notes", {"v2": 100.0})
    assert younger.shares("notes") == {"v1": 100.0}


def test_a_transaction_that_fails_half_way_leaves_nothing(path: Path) -> None:
    """All of it or none of it."""
    journal = Journal(path)

    def cut_short() -> None:
        with journal.write() as db:
            db.execute("INSERT INTO shares VALUES ('notes', 'v1', 100)")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        cut_short()
    assert FleetBook(journal).shares("notes") == {}


def test_releases_and_steps_are_found_again_newest_first(path: Path) -> None:
    """Numbers only rise; steps are replaced by sequence number."""
    table = ReleaseTable(Journal(path))
    for service in ("notes", "web", "notes"):
        number = table.next_number()
        table.add(number, service, {"service": service})
    table.write_step(1, 0, {"state": "begun"})
    table.write_step(1, 0, {"state": "done"})
    table.save(2, {"service": "web", "state": "succeeded"}, open=False)

    assert list(table.recent("notes")) == [3, 1]
    assert table.open() == [1, 3]
    assert table.steps(1) == [{"state": "done"}]
    assert table.record(2)["state"] == "succeeded"


def test_the_audit_trail_is_bounded(path: Path) -> None:
    """Old events make room."""
    book = EventBook(Journal(path))
    last = [book.add(float(n), "info", "notes", f"event {n}") for n in range(20)][-1]
    assert [event.text for event in book.after(last.id - 2)] == ["event 18", "event 19"]
    assert KEPT >= 1000


def test_a_reader_beside_the_owner_takes_no_token_and_can_not_write(path: Path) -> None:
    """`fairlead plan` looks while the daemon works."""
    owner = FleetBook(Journal(path))
    owner.shift("notes", {"v1": 100.0})
    reader = Journal(path, read_only=True)

    assert FleetBook(reader).shares("notes") == {"v1": 100.0}
    with pytest.raises(JournalError):
        FleetBook(reader).shift("notes", {})
    owner.shift("notes", {"v2": 100.0})


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "not a database"])
def test_a_damaged_journal_is_named_with_a_way_to_mend_it(path: Path, damage: str) -> None:
    """Never a traceback, never a silent fresh start."""
    journal = Journal(path)
    book = FleetBook(journal)
    for n in range(200):
        book.add_version(Version("notes", f"v{n}", "digest", SERVICE, None, float(n)))
    journal.keep_copy()
    journal.close()
    whole = path.read_bytes()
    wrong = {
        "truncated": whole[: len(whole) // 2],
        "overwritten": whole[:4096] + b"\xff" * 8192 + whole[12288:],
        "not a database": b"hello" * 1000,
    }
    path.write_bytes(wrong[damage])

    with pytest.raises(JournalError, match=r"journal\.db: .*damaged") as caught:
        Journal(path)
    assert caught.value.hint is not None
    assert "doctor --repair" in caught.value.hint

    aside = repair(path)
    assert aside.read_bytes() == wrong[damage]
    assert len(FleetBook(Journal(path)).versions("notes")) == 200


def test_a_journal_without_a_copy_can_not_be_repaired(path: Path) -> None:
    """And says so."""
    path.write_bytes(b"rubbish" * 100)
    with pytest.raises(JournalError, match="no copy"):
        repair(path)
    assert path.exists()
    assert not copy_of(path).exists()


def test_a_journal_of_a_newer_fairlead_is_refused(path: Path) -> None:
    """Rather than misread."""
    with Journal(path).write() as db:
        db.execute("SELECT 1")
    journal = Journal(path)
    journal.rows("PRAGMA user_version = 99")
    journal.close()
    with pytest.raises(JournalError, match="newer Fairlead"):
        Journal(path)


def test_a_full_disk_is_said_in_words_and_loses_nothing(path: Path) -> None:
    """SQLite's own limit stands in for the disk's."""
    journal = Journal(path)
    book = FleetBook(journal)
    book.shift("notes", {"v1": 100.0})
    pages = journal.rows("PRAGMA page_count")[0][0]
    journal.rows(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for n in range(1000):
            book.add_version(Version("notes", f"v{n}", "digest" * 100, SERVICE, None, float(n)))

    with pytest.raises(JournalError, match="disk is full"):
        fill()
    assert book.shares("notes") == {"v1": 100.0}


def test_what_is_leased_is_written_down_with_the_shares(path: Path) -> None:
    """And is forgotten, copies and all, with the first shares that are not."""
    book = FleetBook(Journal(path))
    book.mirror(Mirrored("notes", "v2", 10.0), {"v1": 100.0})
    book.shift("notes", {"v1": 95.0, "v2": 5.0}, {"v1": 100.0})
    book.shift("web", {"v1": 100.0})

    again = FleetBook(Journal(path))
    assert again.fallbacks() == {"notes": {"v1": 100.0}}
    assert again.mirrors() == {"notes": Mirrored("notes", "v2", 10.0)}

    again.shift("notes", {"v2": 100.0})
    assert again.fallbacks() == {}
    assert again.mirrors() == {}


def test_copies_end_without_their_lease_where_the_shares_need_it(path: Path) -> None:
    """A sample of 0 ends them."""
    book = FleetBook(Journal(path))
    book.shift("notes", {"v1": 95.0, "v2": 5.0}, {"v1": 100.0})
    book.mirror(Mirrored("notes", "v2", 10.0), {"v1": 100.0})
    book.mirror(Mirrored("notes", "v2", 0.0), {"v1": 100.0})
    assert book.mirrors() == {}
    assert book.fallbacks() == {"notes": {"v1": 100.0}}


def test_a_journal_of_the_first_fairlead_is_carried_over(path: Path) -> None:
    """With all that is in it; and then it has room for what is new."""
    db = sqlite3.connect(path)
    db.executescript(f"{SCHEMA} INSERT INTO meta VALUES ('fence', 7); PRAGMA user_version = 1;")
    db.execute("INSERT INTO shares VALUES ('notes', 'v1', 100)")
    spec = SERVICE.model_dump_json(by_alias=True, exclude_defaults=True)
    db.execute("INSERT INTO versions VALUES ('notes', 'v1', 'abc', ?, NULL, 1.0)", (spec,))
    db.commit()
    db.close()

    journal = Journal(path)
    book = FleetBook(journal)
    assert journal.fence == 8
    assert book.shares("notes") == {"v1": 100.0}
    assert book.version("notes", "v1").spec == SERVICE
    book.shift("notes", {"v1": 99.0, "v2": 1.0}, {"v1": 100.0})
    assert book.fallbacks() == {"notes": {"v1": 100.0}}
