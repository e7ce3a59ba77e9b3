"""Keys from the command line: made, listed and ended in the store itself; a service that runs learns of it within a
second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fairlead.apps.guard.service import keys
from fairlead.apps.guard.service.storage import StoreAway
from fairlead.apps.guard.service.storage.database import database
from fairlead.apps.guard.service.storage.rows import MadeKey
from fairlead.apps.guard.service.storage.store import Store
from fairlead.errors import Conflict, StateError, UsageError

T = TypeVar("T")


def create(url: str, name: str, role: keys.Role, rate: str) -> str:
    """A key; its value is kept nowhere. Raises `FairleadError`."""
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
