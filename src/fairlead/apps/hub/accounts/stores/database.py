"""The seam under SQLite and Postgres: transactions in SQL that both understand (`$1`, `$2`, … for values)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Values = tuple[Any, ...]


class Session(Protocol):
    """A transaction under way."""

    async def fetch(self, sql: str, *values: Any) -> list[Values]:
        """The rows of a query."""

    async def run(self, sql: str, *values: Any) -> None:
        """Do it."""

    async def many(self, sql: str, rows: Iterable[Values]) -> None:
        """Do it for each row."""


class Database(Protocol):
    """Raises `StoreAway` for whatever goes wrong."""

    listed: str
    """`IN` a list given as the JSON array `$1`."""
    locking: str
    """Behind a query whose rows nobody else may change until the transaction ends."""
    hour: str
    """The whole hours in `started`: the one rounds where the other cuts off."""
    boolean: str
    double: str
    """Names of types."""

    async def open(self) -> None:
        """Connect, if it is not done yet."""

    async def close(self) -> None:
        """Let go."""

    def writing(self) -> AbstractAsyncContextManager[Session]:
        """All of it is done, or none."""

    def reading(self) -> AbstractAsyncContextManager[Session]:
        """For questions, which may take long."""
