"""The journal's file: SQLite in WAL mode with full synchronisation, one writer, guarded by a fencing token.

Every daemon that opens the journal for writing takes the next token; a write by one that has been overtaken raises
`Fenced` and changes nothing (Kleppmann, "How to do distributed locking", 2016). What SQLite says of a full, read-only
or damaged file reaches the user as a `JournalError` with a way to mend it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.errors import Fenced, JournalError

SCHEMA_VERSION = 2

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE applied (
    only INTEGER PRIMARY KEY CHECK (only = 1), file TEXT NOT NULL, environment TEXT, stack TEXT NOT NULL
);
CREATE TABLE versions (
    service TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL, spec TEXT NOT NULL, tree TEXT,
    created REAL NOT NULL, PRIMARY KEY (service, version)
);
CREATE TABLE instances (
    id TEXT PRIMARY KEY, service TEXT NOT NULL, version TEXT NOT NULL, leaving INTEGER NOT NULL DEFAULT 0,
    ports TEXT NOT NULL DEFAULT '{}', created REAL NOT NULL
);
CREATE TABLE shares (
    service TEXT NOT NULL, version TEXT NOT NULL, share REAL NOT NULL, PRIMARY KEY (service, version)
);
CREATE TABLE warm (
    service TEXT NOT NULL, version TEXT NOT NULL, began REAL NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (service, version)
);
CREATE TABLE ports (owner TEXT PRIMARY KEY, port INTEGER NOT NULL UNIQUE);
CREATE TABLE releases (
    number INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, record TEXT NOT NULL, open INTEGER NOT NULL
);
CREATE TABLE steps (
    release INTEGER NOT NULL, seq INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (release, seq)
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, level TEXT NOT NULL, subject TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX releases_by_service ON releases (service, number);
"""

SINCE = {
    2: """
CREATE TABLE observations (id INTEGER PRIMARY KEY AUTOINCREMENT, release INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX observations_by_release ON observations (release, id);
ALTER TABLE versions ADD COLUMN image TEXT;
CREATE TABLE leases (service TEXT PRIMARY KEY, fallback TEXT NOT NULL);
CREATE TABLE mirrors (service TEXT PRIMARY KEY, version TEXT NOT NULL, sample REAL NOT NULL);
""",
}
"""What each later format adds to the first one, so that a journal of an older Fairlead is carried over."""


class Journal:
    """One open journal. `read_only` takes no token, writes nothing and may be used beside the daemon that owns it."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.fence = 0
        with self._words():
            self._db = self._connect(read_only)
            self._check()
            if not read_only:
                self._prepare()

    def _connect(self, read_only: bool) -> sqlite3.Connection:
        if read_only:
            return sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None)
        self.path.touch(mode=0o600)
        db = sqlite3.connect(self.path, isolation_level=None, timeout=5)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        return db

    def _check(self) -> None:
        verdict = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)

    def _prepare(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > SCHEMA_VERSION:
            raise JournalError(
                f"{self.path}: was written by a newer Fairlead (format {found}, this one knows {SCHEMA_VERSION})",
                hint="install that version again, or a newer one",
            )
        if found < SCHEMA_VERSION:
            first = f"{SCHEMA} INSERT INTO meta VALUES ('fence', 0);" if found == 0 else ""  # noqa: S608 - no outside text
            added = " ".join(SINCE[version] for version in range(max(found, 1) + 1, SCHEMA_VERSION + 1))
            self._db.executescript(f"BEGIN; {first} {added} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        row = self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'fence' RETURNING value").fetchone()
        self.fence = row[0]

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction: all of it or nothing. Raises `Fenced` or `JournalError`."""
        if not self.fence:
            raise JournalError(f"{self.path}: was opened for reading only")
        with self._words():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._still_ours()
                yield self._db
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled it back already
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _still_ours(self) -> None:
        current = self._db.execute("SELECT value FROM meta WHERE key = 'fence'").fetchone()[0]
        if current != self.fence:
            raise Fenced(f"{self.path}: another daemon has taken over (token {current}, ours is {self.fence})")

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What a query finds."""
        with self._words():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _words(self) -> Iterator[None]:
        """SQLite's errors in words of ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise _explained(self.path, error) from error

    def keep_copy(self) -> None:
        """Write a whole copy beside the journal, so that a damaged one can be replaced (`repair`)."""
        fresh = self.path.with_suffix(".copy-new")
        fresh.unlink(missing_ok=True)
        with self._words():
            self._db.execute("VACUUM INTO ?", (str(fresh),))
        fresh.chmod(0o600)
        fresh.replace(copy_of(self.path))

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._db.close()


def copy_of(path: Path) -> Path:
    """Where `keep_copy` puts it."""
    return path.with_suffix(".copy")


def repair(path: Path) -> Path:
    """Put the last whole copy in the place of a damaged journal, which is kept aside; gives where it was put."""
    copy = copy_of(path)
    if not copy.exists():
        raise JournalError(f"{path}: there is no copy to repair it from", hint=f"looked for {copy}")
    aside = path.with_suffix(".damaged")
    path.replace(aside)
    for left in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        left.unlink(missing_ok=True)
    shutil.copyfile(copy, path)
    return aside


def _explained(path: Path, error: sqlite3.Error) -> JournalError:
    text = str(error)
    if "full" in text:
        return JournalError(f"{path}: the disk is full", hint="free some space and try again; nothing was lost")
    if "readonly" in text or "unable to open" in text:
        return JournalError(f"{path}: can't be written: {text}", hint="check who owns the state folder and its mode")
    if "locked" in text:
        return JournalError(f"{path}: another process holds it: {text}", hint="`fairlead daemon status` tells who")
    if "malformed" in text or "not a database" in text or isinstance(error, sqlite3.DatabaseError):
        return JournalError(
            f"{path}: is damaged: {text.splitlines()[0]}",
            hint="`fairlead doctor --repair` puts the last whole copy in its place; running services are not touched",
        )
    return JournalError(f"{path}: {text}")
