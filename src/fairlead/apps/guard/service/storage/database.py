"""The seam under SQLite and Postgres: transactions in SQL that both understand (`$1`, `$2`, … for values)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

Values = tuple[Any, ...]
Statement = tuple[str, Sequence[Values]]
"""What is done for each row of values."""


class Database(Protocol):
    """Raises `StoreAway` for whatever goes wrong."""

    async def open(self) -> None:
        """Connect, if it is not done yet."""

    async def close(self) -> None:
        """Let go."""

    async def fetch(self, sql: str, *values: Any) -> list[Values]:
        """The rows of a query."""

    async def write(self, statements: Sequence[Statement]) -> None:
        """All of it, or none."""


def database(url: str) -> Database:
    """`sqlite:PATH`, `sqlite::memory:` or `postgresql://…`. Raises `ValueError` for anything else."""
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        from fairlead.apps.guard.service.storage.sqlite import Sqlite

        return Sqlite(rest.removeprefix("//"))
    if scheme in ("postgres", "postgresql"):
        from fairlead.apps.guard.service.storage.postgres import Postgres

        return Postgres(url)
    raise ValueError("a store is given as sqlite:PATH or postgresql://…")
