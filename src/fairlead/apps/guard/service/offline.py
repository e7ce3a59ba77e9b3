"""Keys from the command line: made, listed and ended in the store itself; a service that runs learns of it within a
second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fairlead.apps.guard.service import keys
from fairlead.apps.guard.service.storage import StoreAway
from fairlead.apps.guard.service.storage.database import database
from fairlead.apps.guard.service.storage.rows import MadeKey
from fairlead.apps.guard.service.storage.store import FOLLOWED, Store
from fairlead.errors import Conflict, StateError, UsageError

T = TypeVar("T")
LISTED = "`fairlead guard keys list` shows them"


def create(url: str, name: str, role: keys.Role, rate: str) -> str:
    """A key; its value is kept nowhere. Raises `FairleadError`."""
    if FOLLOWED in name:
        raise UsageError(f"a name has no {FOLLOWED} in it: it marks keys that others have followed")
    try:
        secret, made = keys.new(name, role, rate)
    except ValueError as error:
        raise UsageError(f"--rate: {error}") from None
    if not _with(url, lambda store: store.make_key(made)):
        raise Conflict(f"there was a key {name} already", hint="a name is not given twice, so that logs stay true")
    return secret


def listed(url: str) -> list[MadeKey]:
    """All, by name. Raises `FairleadError`."""
    return _with(url, lambda store: store.keys())


def revoke(url: str, name: str) -> bool:
    """Whether there was one. Raises `FairleadError`."""
    return _with(url, lambda store: store.revoke_key(name))


def rotate(url: str, name: str, overlap_s: float) -> str:
    """A new key with the name, the role and the rate of one that lives on for so long. Raises `FairleadError`."""

    async def done(store: Store) -> str:
        old = next((one for one in await store.keys() if one.name == name and not one.revoked), None)
        if old is None:
            raise UsageError(f"there is no key {name} that was made here", hint=LISTED)
        secret, made = keys.new(name, "admin" if old.role == "admin" else "client", old.rate)
        await store.rotate_key(old, made, time.time() + overlap_s)
        return secret

    return _with(url, done)


def _with(url: str, work: Callable[[Store], Awaitable[T]]) -> T:
    async def done() -> T:
        store = Store(database(url))
        try:
            await store.open()
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(done())
    except StoreAway as away:
        raise StateError(str(away), hint="`--store` or DATABASE_URL names the database") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
