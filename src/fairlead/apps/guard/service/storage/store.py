"""Everything that is kept, in one database."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from fairlead.apps.guard.service.judging.scorers import Recipe
from fairlead.apps.guard.service.storage import StoreAway
from fairlead.apps.guard.service.storage.database import Database
from fairlead.apps.guard.service.storage.rows import MadeKey, MadeTrial, MadeVersion, Sighting
from fairlead.apps.guard.service.storage.tables import TABLES, statements
from fairlead.apps.guard.service.words import Arm

TRIES = 5
"""To take the next number, when another process takes it at the same moment."""

_SAW = (
    "INSERT INTO guard_sightings VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT (digest, version, trial) "
    "DO UPDATE SET seen = guard_sightings.seen + excluded.seen, last_seen = excluded.last_seen, "
    "rule = excluded.rule, risk = excluded.risk, flagged = excluded.flagged, confidence = excluded.confidence"
)
_SAID = (
    "INSERT INTO guard_feedback VALUES ($1, $2, $3) "
    "ON CONFLICT (digest) DO UPDATE SET is_secret = excluded.is_secret, at = excluded.at"
)
_ARMS = (
    "SELECT s.version, count(*), coalesce(sum(s.flagged), 0), count(f.digest), "
    "coalesce(sum(CASE WHEN f.is_secret <> s.flagged THEN 1 ELSE 0 END), 0) "
    "FROM guard_sightings s LEFT JOIN guard_feedback f ON f.digest = s.digest WHERE s.trial = $1 GROUP BY s.version"
)

FOLLOWED = "~"
"""Parts the name of a key from the mark of one that it has followed."""


class Store:
    """Raises `StoreAway`."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    async def open(self) -> None:
        """Connect, and make the tables that are not there."""
        await self._database.open()
        for tries in range(TRIES):
            try:
                await self._database.write([(sql, [()]) for sql in statements()])
            except StoreAway:  # two that make a table at the same moment: one of them is refused
                if tries == TRIES - 1:
                    raise
                await asyncio.sleep(0.05 * (tries + 1))
            else:
                return

    async def close(self) -> None:
        """Let go."""
        await self._database.close()

    # what was seen

    async def saw(self, sightings: Mapping[Sighting, int]) -> None:
        """Write down so many of each."""
        now = self._now()
        rows = [
            (one.digest, one.version, one.trial, one.rule, one.risk, int(one.flagged), one.confidence, count, now)
            for one, count in sorted(sightings.items(), key=lambda item: item[0].digest)
        ]
        await self._database.write([(_SAW, rows)])

    async def known(self, digest: str) -> bool:
        """Whether a value was ever judged."""
        return bool(await self._database.fetch("SELECT 1 FROM guard_sightings WHERE digest = $1 LIMIT 1", digest))

    async def said(self, digest: str, is_secret: bool) -> None:
        """Somebody knows what a value is; the last word counts."""
        await self._database.write([(_SAID, [(digest, int(is_secret), self._now())])])

    async def forget(self, before: float) -> None:
        """What was not seen since then, and is not labelled."""
        sql = "DELETE FROM guard_sightings WHERE last_seen < $1 AND digest NOT IN (SELECT digest FROM guard_feedback)"
        await self._database.write([(sql, [(before,)])])

    async def totals(self) -> tuple[int, dict[str, dict[str, int]], dict[str, int]]:
        """Distinct values; risk level -> type -> distinct values; labels."""
        values = await self._database.fetch("SELECT count(DISTINCT digest) FROM guard_sightings")
        kinds = await self._database.fetch(
            "SELECT risk, rule, count(DISTINCT digest) FROM guard_sightings WHERE flagged = 1 GROUP BY risk, rule"
        )
        said = await self._database.fetch("SELECT is_secret, count(*) FROM guard_feedback GROUP BY is_secret")
        secrets_: dict[str, dict[str, int]] = {}
        for risk, rule, count in kinds:
            secrets_.setdefault(risk, {})[rule] = count
        labels = {"secret": 0, "not_secret": 0} | {"secret" if is_ else "not_secret": count for is_, count in said}
        return values[0][0], secrets_, labels

    # versions

    async def versions(self) -> list[MadeVersion]:
        """The newest first."""
        rows = await self._database.fetch("SELECT * FROM guard_versions ORDER BY number DESC")
        return [_version(*row) for row in rows]

    async def make_version(self, source: str, status: str, parent: str, note: str, recipe: Recipe) -> MadeVersion:
        """One with the next number."""
        number = await self._numbered(
            "guard_versions",
            lambda: (status, source, parent, note, _json(recipe), "{}", "", self._now()),
        )
        return MadeVersion(number, status, source, parent, note, recipe)

    async def settle_version(
        self, number: int, status: str, recipe: Recipe, metrics: Mapping[str, float], why: str = ""
    ) -> None:
        """How its training ended."""
        sql = "UPDATE guard_versions SET status = $1, recipe = $2, metrics = $3, why = $4 WHERE number = $5"
        await self._database.write([(sql, [(status, _json(recipe), json.dumps(metrics), why, number)])])

    async def activate(self, version: str) -> None:
        """From now on this one judges."""
        await self._numbered("guard_activations", lambda: (version, self._now()))

    async def activations(self, most: int = 100) -> list[str]:
        """Versions that were made active, the last first."""
        rows = await self._database.fetch(
            "SELECT version FROM guard_activations ORDER BY number DESC LIMIT CAST($1 AS integer)", most
        )
        return [row[0] for row in rows]

    # trials

    async def begin_trial(self, control: str, candidate: str, share: float, duration_s: float) -> None:
        """From now on, in the place of one that runs."""
        await self.end_trials()
        now = self._now()
        await self._numbered("guard_trials", lambda: (control, candidate, share, now, now + duration_s, 0.0))

    async def end_trials(self) -> None:
        """Take back what runs."""
        sql = "UPDATE guard_trials SET disabled = $1 WHERE disabled = 0 AND ends > $1"
        await self._database.write([(sql, [(self._now(),)])])

    async def last_trial(self) -> MadeTrial | None:
        """The one of now, or the last one."""
        rows = await self._database.fetch("SELECT * FROM guard_trials ORDER BY number DESC LIMIT 1")
        return MadeTrial(*rows[0]) if rows else None

    async def arms(self, trial: MadeTrial) -> tuple[Arm, Arm]:
        """The control's figures and the candidate's."""
        found = {row[0]: Arm(*row) for row in await self._database.fetch(_ARMS, trial.name)}
        return tuple(found.get(name, Arm(name, 0, 0, 0, 0)) for name in (trial.control, trial.candidate))  # type: ignore[return-value]  # two names, two arms

    # keys

    async def keys(self) -> list[MadeKey]:
        """By name."""
        return [MadeKey(*row) for row in await self._database.fetch("SELECT * FROM guard_keys ORDER BY name")]

    async def make_key(self, key: MadeKey) -> bool:
        """Whether its name was free; that of a key that was ended is not."""
        sql = "INSERT INTO guard_keys VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING"
        row = (key.name, key.sha256, key.role, key.rate, key.created, key.revoked)
        await self._database.write([(sql, [row])])
        found = await self._database.fetch("SELECT sha256 FROM guard_keys WHERE name = $1", key.name)
        return bool(found) and found[0][0] == key.sha256

    async def revoke_key(self, name: str) -> bool:
        """Whether there was one that lived. Those that it has followed end with it."""
        if not await self._database.fetch("SELECT 1 FROM guard_keys WHERE name = $1 AND revoked = 0", name):
            return False
        now, before = self._now(), f"{name}{FOLLOWED}"
        sql = (
            "UPDATE guard_keys SET revoked = $1 WHERE name = $2 OR (revoked > $1 AND substr(name, 1, length($3)) = $3)"
        )
        await self._database.write([(sql, [(now, name, before)])])
        return True

    async def rotate_key(self, old: MadeKey, new: MadeKey, until: float) -> None:
        """A new key under the old one's name; the old one goes on under another until then."""
        aside = f"{old.name}{FOLLOWED}{old.sha256[:12]}"
        sql = "INSERT INTO guard_keys VALUES ($1, $2, $3, $4, $5, $6)"
        row = (new.name, new.sha256, new.role, new.rate, new.created, new.revoked)
        moved = "UPDATE guard_keys SET name = $1, revoked = $2 WHERE name = $3 AND sha256 = $4"
        await self._database.write([(moved, [(aside, until, old.name, old.sha256)]), (sql, [row])])

    async def shared(self, name: str, made: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
        """A setting that all processes share: the first one makes it."""
        sql = "INSERT INTO guard_settings VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
        await self._database.write([(sql, [(name, made())])])
        found: str = (await self._database.fetch("SELECT value FROM guard_settings WHERE name = $1", name))[0][0]
        return found

    async def _numbered(self, table: str, values: Callable[[], Iterable[Any]]) -> int:
        places = ", ".join(f"${at}" for at in range(1, len(TABLES[table])))
        for tries in range(TRIES):
            rows = await self._database.fetch(f"SELECT coalesce(max(number), 0) + 1 FROM {table}")  # noqa: S608 - our own names
            number: int = rows[0][0]
            try:
                await self._database.write([(f"INSERT INTO {table} VALUES ({places})", [(number, *values())])])  # noqa: S608 - our own names
            except StoreAway:
                if tries == TRIES - 1:
                    raise
            else:
                return number
        raise AssertionError


def _json(recipe: Recipe) -> str:
    return msgspec.json.encode(recipe).decode()


def _version(
    number: int, status: str, source: str, parent: str, note: str, recipe: str, metrics: str, why: str, created: float
) -> MadeVersion:
    made = msgspec.json.decode(recipe, type=Recipe)
    return MadeVersion(number, status, source, parent, note, made, json.loads(metrics), why, created)
