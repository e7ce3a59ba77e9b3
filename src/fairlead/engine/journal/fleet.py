"""The wanted state: which stack, which versions, which instances on which ports, and who gets what share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from fairlead.engine.journal.database import Journal
from fairlead.engine.journal.records import Applied, Instance, Mirrored, Version, Warm
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


class FleetBook:
    """Reads and writes the wanted state; every write is one durable transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def applied(self) -> Applied | None:
        """The stack last brought up, if it is still meant to run."""
        for file, environment, stack in self._rows("SELECT file, environment, stack FROM applied"):
            return Applied(Path(file), environment, Stack.model_validate_json(stack))
        return None

    def apply(self, applied: Applied | None) -> None:
        """Remember which stack is meant to run; `None` for none."""
        with self._journal.write() as db:
            db.execute("DELETE FROM applied")
            if applied:
                text = applied.stack.model_dump_json(by_alias=True, exclude_defaults=True)
                db.execute("INSERT INTO applied VALUES (1, ?, ?, ?)", (str(applied.file), applied.environment, text))

    def versions(self, service: str) -> list[Version]:
        """Every version of a service that is kept, oldest first."""
        columns = "service, version, digest, spec, tree, created, image"
        query = f"SELECT {columns} FROM versions WHERE service = ? ORDER BY created, rowid"  # noqa: S608 - no outside text
        return [
            Version(
                owner, name, digest, Service.model_validate_json(spec), Path(tree) if tree else None, created, image
            )
            for owner, name, digest, spec, tree, created, image in self._rows(query, service)
        ]

    def version(self, service: str, name: str) -> Version:
        """One version that is known to be kept."""
        return next(version for version in self.versions(service) if version.name == name)

    def add_version(self, version: Version) -> None:
        """Keep a version."""
        spec = version.spec.model_dump_json(by_alias=True, exclude_defaults=True)
        tree = str(version.tree) if version.tree else None
        row = (version.service, version.name, version.digest, spec, tree, version.created, version.image)
        with self._journal.write() as db:
            db.execute("INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def forget_version(self, service: str, name: str) -> None:
        """Forget a version that no instance runs."""
        with self._journal.write() as db:
            db.execute("DELETE FROM versions WHERE service = ? AND version = ?", (service, name))

    def instances(self) -> list[Instance]:
        """Every instance that is wanted or leaving, oldest first."""
        query = "SELECT id, service, version, leaving, ports, created FROM instances ORDER BY created, rowid"
        return [
            Instance(id, service, version, bool(leaving), json.loads(ports), created)
            for id, service, version, leaving, ports, created in self._rows(query)
        ]

    def add_instances(self, instances: Iterable[Instance]) -> None:
        """Want these instances too."""
        rows = [(i.id, i.service, i.version, int(i.leaving), json.dumps(dict(i.ports)), i.created) for i in instances]
        with self._journal.write() as db:
            db.executemany("INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?)", rows)

    def mark_leaving(self, ids: Iterable[str]) -> None:
        """Want these instances no longer: drain and stop them."""
        with self._journal.write() as db:
            db.executemany("UPDATE instances SET leaving = 1 WHERE id = ?", [(id,) for id in ids])

    def drop_instances(self, ids: Iterable[str]) -> None:
        """Forget instances that have been stopped."""
        with self._journal.write() as db:
            db.executemany("DELETE FROM instances WHERE id = ?", [(id,) for id in ids])

    def shares(self, service: str) -> dict[str, float]:
        """Version -> share of the requests, in percent."""
        return dict(self._rows("SELECT version, share FROM shares WHERE service = ?", service))

    def shift(self, service: str, shares: Mapping[str, float], fallback: Mapping[str, float] | None = None) -> None:
        """Set the shares of a service, whole.

        With a `fallback` they hold only while somebody judges them. Without one nothing of the service is leased any
        more, and copies, which always are, end.
        """
        rows = [(service, version, share) for version, share in shares.items() if share > 0]
        with self._journal.write() as db:
            db.execute("DELETE FROM shares WHERE service = ?", (service,))
            db.executemany("INSERT INTO shares VALUES (?, ?, ?)", rows)
            self._lease(db, service, fallback)
            if fallback is None:
                db.execute("DELETE FROM mirrors WHERE service = ?", (service,))

    def mirror(self, copies: Mirrored, fallback: Mapping[str, float] | None) -> None:
        """Send a version copies, while somebody judges them; a `sample` of 0 ends that."""
        with self._journal.write() as db:
            db.execute("DELETE FROM mirrors WHERE service = ?", (copies.service,))
            if copies.sample > 0:
                db.execute("INSERT INTO mirrors VALUES (?, ?, ?)", (copies.service, copies.version, copies.sample))
            self._lease(db, copies.service, fallback)

    def mirrors(self) -> dict[str, Mirrored]:
        """Service -> the copies that one of its versions is to get."""
        rows = self._rows("SELECT service, version, sample FROM mirrors")
        return {service: Mirrored(service, version, sample) for service, version, sample in rows}

    def fallbacks(self) -> dict[str, dict[str, float]]:
        """Service -> the shares that it falls back to when nobody judges it, of those that are leased."""
        return {service: json.loads(text) for service, text in self._rows("SELECT service, fallback FROM leases")}

    @staticmethod
    def _lease(db: Connection, service: str, fallback: Mapping[str, float] | None) -> None:
        if fallback is None:
            db.execute("DELETE FROM leases WHERE service = ?", (service,))
        else:
            db.execute("INSERT OR REPLACE INTO leases VALUES (?, ?)", (service, json.dumps(dict(fallback))))

    def warm(self) -> list[Warm]:
        """Versions kept running without traffic."""
        return [Warm(*row) for row in self._rows("SELECT service, version, began, seconds FROM warm")]

    def keep_warm(self, warm: Warm) -> None:
        """Keep this version, and of its service no other, running without traffic for a while."""
        with self._journal.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO warm VALUES (?, ?, ?, ?)",
                (warm.service, warm.version, warm.began, warm.seconds),
            )
            db.execute("UPDATE warm SET seconds = 0 WHERE service = ? AND version != ?", (warm.service, warm.version))

    def cool(self, service: str, version: str) -> None:
        """Forget that a version is kept warm: it has been stopped, or it serves again."""
        with self._journal.write() as db:
            db.execute("DELETE FROM warm WHERE service = ? AND version = ?", (service, version))

    def leased(self) -> dict[str, int]:
        """Owner -> port, for ports that stay the same as long as their owner exists."""
        return dict(self._rows("SELECT owner, port FROM ports"))

    def lease(self, owner: str, port: int) -> None:
        """Give a port to an owner, in place of the one it had."""
        with self._journal.write() as db:
            db.execute("INSERT OR REPLACE INTO ports VALUES (?, ?)", (owner, port))

    def release_ports(self, owners: Iterable[str]) -> None:
        """Take ports back."""
        with self._journal.write() as db:
            db.executemany("DELETE FROM ports WHERE owner = ?", [(owner,) for owner in owners])

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._journal.rows(query, *values)
