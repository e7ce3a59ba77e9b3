"""Keys without a running hub: what `fairlead hub keys create|list|revoke|rotate` does, as plain functions.

A hub that runs on the same store learns of it within a second. Every function opens the store and lets go of it; it
must not be called where an event loop runs.

    url = store_url(store, folder)        # sqlite:PATH or postgresql://…; a SQLite file in the folder without one
    made = create(url, "alice", {"models": ["gpt-4o"], "limits": [{"usd": 5, "per": "day"}]})
    made.secret                           # to be shown once
    listed(url)                           # list[Known]: name, key (its fields), revoked, values, made
    rotate(url, "alice", overlap_s=3600)
    revoke(url, "alice")                  # False: there is none

They raise `UsageError` for what can't be asked (every problem in its own line) and `StateError` for a store that is
away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from fairlead.apps.hub.accounts import issuing
from fairlead.apps.hub.accounts.issuing import Issued, Known, NameTaken, UnknownName, WrongFields
from fairlead.apps.hub.accounts.stores import StoreAway, opening
from fairlead.apps.hub.accounts.stores.sql import SqlStore
from fairlead.errors import StateError, UsageError

T = TypeVar("T")


def store_url(store: str | None, folder: Path) -> str:
    """Where a hub with this `--store` and `--folder` keeps its keys."""
    return store or f"sqlite:{folder / 'hub.db'}"


def create(store: str, name: str, fields: Mapping[str, object], *, teams: Collection[str] | None = None) -> Issued:
    """Make a key with these fields of `config.Key` (without `sha256`): `models`, `tags`, `team`, `limits`, `expires`.

    `teams` are those that the configuration declares, where it is at hand; those of the store are known anyway.
    """

    async def work(opened: SqlStore) -> Issued:
        known = None if teams is None else {*teams, *(one.name for one in await opened.teams(0) if not one.gone)}
        return await issuing.issue(opened, name, fields, teams=known)

    return _done(store, work)


def listed(store: str) -> list[Known]:
    """All keys that were ever made, by name."""
    return _done(store, issuing.issued)


def revoke(store: str, name: str) -> bool:
    """End a key at once; whether there was one."""
    return _done(store, lambda opened: issuing.revoke(opened, name))


def rotate(store: str, name: str, overlap_s: float = issuing.OVERLAP_S) -> Issued:
    """Give a key another value; the one it has works for so many seconds more."""
    return _done(store, lambda opened: issuing.rotate(opened, name, overlap_s))


def _done(url: str, work: Callable[[SqlStore], Awaitable[T]]) -> T:
    async def doing() -> T:
        store = opening.store(url)
        try:
            await store.begin()
            return await work(store)
        finally:
            await store.end()

    try:
        return asyncio.run(doing())
    except StoreAway as error:
        raise StateError(f"the hub's store can't be used: {error}") from None
    except (WrongFields, NameTaken, UnknownName, ValueError) as error:
        raise UsageError(str(error)) from None
