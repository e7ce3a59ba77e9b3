"""A store for a URL. Only what the URL names is imported: a client that nobody uses would cost 10 MB of memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairlead.apps.hub.accounts.stores.database import Database
from fairlead.apps.hub.accounts.stores.sql import SqlStore

if TYPE_CHECKING:
    from fairlead.apps.hub.accounts.stores.redis import RedisBudgets


def store(url: str) -> SqlStore:
    """`sqlite:PATH`, `sqlite::memory:` or `postgresql://…`. Raises `ValueError` for anything else."""
    return SqlStore(_database(url))


def redis(url: str, durable: SqlStore) -> RedisBudgets:
    """Budgets in `redis://…` or `rediss://…`. Raises `ValueError` for anything else."""
    if not url.startswith(("redis://", "rediss://")):
        raise ValueError("a store of budgets is given as redis:// or rediss://")
    from fairlead.apps.hub.accounts.stores.redis import RedisBudgets

    return RedisBudgets(url, durable)


def _database(url: str) -> Database:
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        from fairlead.apps.hub.accounts.stores.sqlite import Sqlite

        return Sqlite(rest.removeprefix("//"))
    if scheme in ("postgres", "postgresql"):
        from fairlead.apps.hub.accounts.stores.postgres import Postgres

        return Postgres(url)
    raise ValueError("a store is given as sqlite:PATH or postgresql://…")
