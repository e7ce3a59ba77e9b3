"""Where keys, the ledger and the budgets of all processes are kept: three promises, kept by SQLite and Postgres alike;
Redis keeps budgets only.

Nothing here is in the path of a request. What a store can't do now raises `StoreAway`, and is tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from fairlead.apps.hub.accounts.entries import Row


class StoreAway(Exception):
    """The store does not answer, or not in time; nothing is lost, it is asked again."""


class Statement(NamedTuple):
    """What a process says of one counter. It is the state and no change, so that saying it twice does no harm."""

    counter: str
    ends: float
    """Seconds since 1970."""
    most: int
    """The limit, for all processes together."""
    spent: int
    """By this process, in all."""
    keep: int
    """What it has been granted and does not give back, `spent` included."""
    floor: int
    """What it must have to go on; no more than `keep` when nobody waits."""


class Answer(NamedTuple):
    """What the store says to it."""

    granted: int
    ceiling: int
    """The most that the process could have been granted: the limit without what others have."""
    unspent_elsewhere: bool
    """Whether others hold some that they have not spent."""


class Answers(NamedTuple):
    """To each statement one answer, in their order."""

    answers: list[Answer]
    wanted: frozenset[str]
    """Counters of which somebody needs what this process may have left."""
    lost: bool
    """The store has forgotten this process: everything has to be stated again."""


class Budgets(Protocol):
    """Lends slices of counters to processes (`holder`), so that together they never have more than the limit."""

    async def exchange(self, holder: str, statements: Sequence[Statement], *, joined: bool) -> Answers:
        """Take note, and lend. Also a sign of life. `joined`: the store has known this process before."""

    async def close(self, holder: str, spent: Mapping[str, int]) -> None:
        """This process is over, having spent so much in all of these counters: the rest of its slices goes back."""

    async def spent(self, holder: str) -> dict[str, int]:
        """Counter -> what the store knows that this process spent."""

    async def holders(self) -> dict[str, float]:
        """Processes that were lent something -> when they last gave a sign of life, in seconds since 1970."""


class KeyRow(NamedTuple):
    """A value of a key that was made while the hub ran; after a rotation a key has two, until the older one ends."""

    digest: str
    name: str
    fields: str
    """The other fields of `config.Key`, as JSON."""
    revoked: bool
    change: int
    """Grows with every change of any key or team."""
    until: float | None = None
    """When this value ends, in seconds since 1970; that of the newest one is the key's own."""
    made: float | None = None
    """In seconds since 1970."""


class TeamRow(NamedTuple):
    """A team that was made while the hub ran."""

    name: str
    fields: str
    """Of `config.Team`, as JSON."""
    gone: bool
    change: int


class Keys(Protocol):
    """Keys and teams that were made while the hub ran."""

    async def keys(self, after: int) -> list[KeyRow]:
        """Values of those that have changed since the change of that number, the oldest value of each first."""

    async def named(self, name: str) -> list[KeyRow]:
        """The values of one key, the oldest first; none for an unknown name."""

    async def put_key(self, digest: str, name: str, fields: str) -> bool:
        """Add a key; whether the name was free."""

    async def change_key(self, name: str, fields: str) -> bool:
        """Give it other fields; whether there is such a key."""

    async def rotate_key(self, name: str, digest: str, until: float) -> bool:
        """Give it another value; the one it has ends then. Whether there is such a key."""

    async def revoke_key(self, name: str) -> bool:
        """End all its values; whether there was such a key."""

    async def teams(self, after: int) -> list[TeamRow]:
        """Those that have changed since the change of that number."""

    async def put_team(self, name: str, fields: str | None) -> None:
        """Make it so, whether it is there or not; `None`: it is gone."""


class Ledger(Protocol):
    """Every request, once."""

    hour: str
    """SQL for the hour that a request began in, counted from 1970."""

    async def write(self, rows: Sequence[Row]) -> None:
        """Add those whose id is not there yet: all of them, or none."""

    async def prune(self, before: float, most: int) -> int:
        """Delete up to so many that began before that (seconds since 1970); how many were."""

    async def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Rows for `usage`, which writes SQL that every store understands."""


class Store(Ledger, Keys, Budgets, Protocol):
    """All of it."""

    async def begin(self) -> None:
        """Connect, and make the tables that are missing."""

    async def end(self) -> None:
        """Let go of it."""
