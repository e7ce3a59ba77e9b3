"""Makes, changes and ends keys while the hub runs. Every replica learns of it within `office.LOOK_S`.

What a key may do stands in `config.Key`, what a team may in `config.Team`. Every problem is named at once, before
anything is written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts.keys import digest, new_secret, stored
from fairlead.apps.hub.accounts.stores import KeyRow, Keys
from fairlead.kit.suggest import hint

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
"""Of keys and teams that are made here: they stand in addresses, counters and labels of metrics."""

OVERLAP_S = 3600.0
"""How long the value before lives on after a rotation, where nobody says."""

T = TypeVar("T")


class WrongFields(ValueError):
    """What was asked for can't be; `problems` has all that is wrong, each as `field: what`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NameTaken(Exception):
    """There is, or was, a key of that name; the message says so."""


class UnknownName(Exception):
    """There is no such key that lives; the message says so."""


class Issued(NamedTuple):
    """A new key. `secret` is shown once, and kept nowhere."""

    secret: str
    name: str
    key: config.Key

    def __repr__(self) -> str:
        return f"Issued({self.name!r})"


class Value(NamedTuple):
    """One of a key's values, by its hash. Times in seconds since 1970."""

    digest: str
    made: float | None
    until: float | None


class Known(NamedTuple):
    """A key that was issued, as an administrator may see it."""

    name: str
    digest: str
    """Of its newest value."""
    key: config.Key
    revoked: bool
    values: tuple[Value, ...] = ()
    """That still work, the oldest first; after a rotation there are two for a while."""
    made: float | None = None
    """When the first of its values was made, in seconds since 1970."""


async def issue(
    store: Keys, name: str, fields: Mapping[str, object], *, teams: Collection[str] | None = None
) -> Issued:
    """Make a key with these fields of `config.Key`, without `sha256`; `teams` are those it may belong to.

    Raises `WrongFields`, `NameTaken`, `StoreAway`.
    """
    secret = new_secret()
    key = key_of(fields, digest(secret.encode()), teams, name=name)
    if not await store.put_key(key.sha256, name, _written(key)):
        raise NameTaken(f"there is, or was, a key {name}: choose another name, the ledger knows keys by theirs")
    return Issued(secret, name, key)


async def change(
    store: Keys, name: str, fields: Mapping[str, object], *, teams: Collection[str] | None = None
) -> config.Key:
    """Change these fields of a key, the others stay. Raises `WrongFields`, `UnknownName`, `StoreAway`."""
    known = await found(store, name)
    kept = known.key.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"sha256"})
    key = key_of(kept | dict(fields), known.digest, teams if "team" in fields else None)
    if not await store.change_key(name, _written(key)):
        raise _unknown(name)
    return key


async def rotate(store: Keys, name: str, overlap_s: float = OVERLAP_S) -> Issued:
    """Give a key another value; the one it has works for so many seconds more. Raises `UnknownName`, `StoreAway`."""
    known, secret = await found(store, name), new_secret()
    hashed = digest(secret.encode())
    if not await store.rotate_key(name, hashed, time.time() + max(0.0, overlap_s)):
        raise _unknown(name)
    return Issued(secret, name, known.key.model_copy(update={"sha256": hashed}))


async def revoke(store: Keys, name: str) -> bool:
    """End a key at once, with all its values; whether there was one. Raises `StoreAway`."""
    return await store.revoke_key(name)


async def issued(store: Keys, *, after: str = "", most: int | None = None) -> list[Known]:
    """Keys that were ever issued, by name: those after a name, at most so many. Raises `StoreAway`."""
    rows: dict[str, list[KeyRow]] = {}
    for row in await store.keys(0):
        if row.name > after:
            rows.setdefault(row.name, []).append(row)
    return [known(rows[name], time.time()) for name in sorted(rows)[:most]]


async def found(store: Keys, name: str, *, revoked: bool = False) -> Known:
    """One that lives, or that was revoked where that is wanted. Raises `UnknownName`, `StoreAway`."""
    rows = await store.named(name)
    if not rows or (rows[-1].revoked and not revoked):
        raise _unknown(name, {one.name for one in await store.keys(0) if not one.revoked})
    return known(rows, time.time())


def known(rows: list[KeyRow], now: float) -> Known:
    """A key by all its values, the oldest first, as it is at `now` (seconds since 1970)."""
    last = rows[-1]
    values = tuple(Value(row.digest, row.made, row.until) for row in rows if row.until is None or row.until > now)
    return Known(
        last.name,
        last.digest,
        stored(last.fields, last.digest),
        last.revoked,
        () if last.revoked else values,
        rows[0].made,
    )


def key_of(
    fields: Mapping[str, object], hashed: str, teams: Collection[str] | None, *, name: str | None = None
) -> config.Key:
    """A key of these fields. Raises `WrongFields`."""
    problems = [] if name is None or NAME.fullmatch(name) else [NOT_A_NAME]
    if "sha256" in fields:
        problems.append("sha256: is not yours to say: the hub makes the value")
    key, wrong = _read(config.Key.model_validate, {**fields, "sha256": hashed})
    problems += wrong
    team = fields.get("team")
    if isinstance(team, str) and teams is not None and team not in teams:
        mended = hint(team, teams, none="make it first") or "no team is declared: make it first"
        problems.append(f"team: unknown team {team} ({mended})")
    if problems or key is None:
        raise WrongFields(problems)
    return key


def team_of(name: str, fields: Mapping[str, object]) -> config.Team:
    """A team of these fields. Raises `WrongFields`."""
    problems = [] if NAME.fullmatch(name) else [NOT_A_NAME]
    team, wrong = _read(config.Team.model_validate, dict(fields))
    if problems or wrong or team is None:
        raise WrongFields(problems + wrong)
    return team


NOT_A_NAME = "name: expected letters, digits, `.`, `_`, `@` and `-`, 100 at most, beginning with a letter or a digit"


def told(error: ValidationError) -> list[str]:
    """What pydantic found wrong, each problem as `field: what`."""
    return [_told(dict(problem)) for problem in error.errors(include_url=False, include_input=False)]


def _told(problem: Mapping[str, Any]) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    message = "unknown key" if problem["type"] == "extra_forbidden" else message[:1].lower() + message[1:]
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"]).lstrip(".")
    return f"{where}: {message}" if where else message


def _read(read: Callable[[dict[str, object]], T], fields: dict[str, object]) -> tuple[T | None, list[str]]:
    try:
        return read(fields), []
    except ValidationError as error:
        return None, told(error)


def _written(key: config.Key) -> str:
    return key.model_dump_json(by_alias=True, exclude_unset=True, exclude={"sha256"})


def _unknown(name: str, names: Collection[str] = ()) -> UnknownName:
    mended = hint(name, names)
    return UnknownName(f"there is no key {name} that was made while the hub ran" + (f" ({mended})" if mended else ""))
