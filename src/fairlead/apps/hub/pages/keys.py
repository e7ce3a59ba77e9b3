"""Keys: made, listed, shown, changed, rotated, revoked. Those of the configuration are only shown.

The value of a key is in one answer: that of the request that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts import issuing
from fairlead.apps.hub.accounts.issuing import Issued, Known, UnknownName, WrongFields
from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.pages.asking import Asked, Form, Refused
from fairlead.apps.hub.pages.endpoints import Endpoint
from fairlead.apps.hub.pages.forms import LimitForm, Name, limits_of, moment
from fairlead.apps.hub.state import Hub
from fairlead.kit import quantity

MOST = 1000
"""Keys on one page."""

OURS = "keys of the configuration are changed there"


class Fields(Form):
    """What a key may do."""

    team: str | None = None
    """Whose limits hold as well."""
    models: list[str] | None = None
    """Models it may ask; all when left out. `*` at the end matches any rest."""
    tags: list[str] = Field(default_factory=list)
    """What routes with tags go by."""
    limits: list[LimitForm] = Field(default_factory=list)
    """Each of them holds."""
    expires: str | None = Field(default=None, examples=["2030-01-31T00:00:00Z"])
    """An ISO 8601 time; UTC where it names no zone."""


class Called(Form):
    """How a key is called."""

    name: str = Field(pattern=issuing.NAME.pattern)
    """What the ledger and metrics call it, for ever."""


class NewKey(Fields, Called):
    """A key to be made."""


class Rotation(Form):
    """Another value for a key."""

    overlap: str = Field(default="1h", examples=["1h"])
    """How long the value before works on: `0s`, `30m`, `7d`."""


class ValueShown(Form):
    """One value of a key."""

    digest: str
    """The first 12 digits of its SHA-256."""
    made: str | None = None
    until: str | None = None
    """When it ends, where it was rotated."""


class KeyNamed(Form):
    """Whose it is."""

    name: str
    source: Literal["configuration", "store"]


class KeyShown(Fields, KeyNamed):
    """A key as it is."""

    revoked: bool = False
    made: str | None = None
    values: list[ValueShown]
    """Those that work."""


class Secret(Form):
    """What nobody else is told."""

    key: str = Field(repr=False)
    """Its value. It is told once, here; only its hash is kept."""


class KeyMade(KeyShown, Secret):
    """A key that was made just now."""


class KeysShown(Form):
    """A page of keys, by name."""

    keys: list[KeyShown]
    next: str | None = None
    """Ask with `after` this for the next page."""


class KeysAsked(Form):
    """Which keys are listed."""

    after: str = ""
    """Only names after this one."""
    limit: int = Field(default=100, ge=1, le=MOST)
    revoked: bool = False
    """Whether those that were revoked are listed too."""


async def listed(hub: Hub, asked: Asked) -> KeysShown:
    """A page of them."""
    query: KeysAsked = asked.query
    declared = [_of_file(name, key) for name, key in hub.config.keys.items() if name > query.after]
    found = [_of_store(one) for one in await issuing.issued(hub.office.store, after=query.after, most=query.limit + 1)]
    keys = sorted([*declared, *found], key=lambda one: one.name)[: query.limit + 1]
    following = keys[query.limit - 1].name if len(keys) > query.limit else None
    shown = [one for one in keys[: query.limit] if query.revoked or not one.revoked]
    return KeysShown(keys=shown, next=following)


async def made(hub: Hub, asked: Asked) -> KeyMade:
    """A new one."""
    fields = dict(asked.body)
    name = fields.pop("name", "")
    if not isinstance(name, str) or name in hub.config.keys:
        raise WrongFields(["name: a key of the configuration has it" if name else "name: expected a string"])
    issued = await issuing.issue(hub.office.store, name, fields, teams=hub.office.roster.teams)
    await _learned(hub)
    return _told(issued, await issuing.found(hub.office.store, name))


async def shown(hub: Hub, asked: Asked) -> KeyShown:
    """One of them, also one that was revoked."""
    name = asked.names["name"]
    if name in hub.config.keys:
        return _of_file(name, hub.config.keys[name])
    return _of_store(await issuing.found(hub.office.store, name, revoked=True))


async def changed(hub: Hub, asked: Asked) -> KeyShown:
    """Other fields."""
    name = _issued(hub, asked)
    await issuing.change(hub.office.store, name, asked.body, teams=hub.office.roster.teams)
    await _learned(hub)
    return _of_store(await issuing.found(hub.office.store, name))


async def rotated(hub: Hub, asked: Asked) -> KeyMade:
    """Another value."""
    name = _issued(hub, asked)
    issued = await issuing.rotate(hub.office.store, name, _overlap(asked.body))
    await _learned(hub)
    return _told(issued, await issuing.found(hub.office.store, name))


async def revoked(hub: Hub, asked: Asked) -> Name:
    """The end of one."""
    name = _issued(hub, asked)
    if not await issuing.revoke(hub.office.store, name):
        raise UnknownName(f"there is no key {name} that could be revoked")
    await _learned(hub)
    return Name(name=name)


async def _learned(hub: Hub) -> None:
    """So that it holds here at once; the other hubs look for themselves."""
    try:
        await hub.office.look()
    except StoreAway:
        return


def _issued(hub: Hub, asked: Asked) -> str:
    name = asked.names["name"]
    if name in hub.config.keys:
        raise Refused(409, "declared_key", f"the key {name} stands in the configuration", hint=OURS)
    return name


def _overlap(body: Mapping[str, object]) -> float:
    said = body.get("overlap", "1h")
    problems = [f"{name}: unknown key" for name in body if name != "overlap"]
    try:
        seconds = quantity.parse_duration(said) if isinstance(said, str) else None
    except ValueError as error:
        seconds, problems = None, [*problems, f"overlap: {error}"]
    else:
        problems += [] if seconds is not None else ["overlap: expected a string such as `1h`"]
    if problems or seconds is None:
        raise WrongFields(problems)
    return seconds


def _of_file(name: str, key: config.Key) -> KeyShown:
    values = [ValueShown(digest=key.sha256[:12])]
    return KeyShown(name=name, source="configuration", values=values, **_fields(key).__dict__)


def _of_store(known: Known) -> KeyShown:
    values = [
        ValueShown(digest=one.digest[:12], made=moment(one.made), until=moment(one.until)) for one in known.values
    ]
    fields = _fields(known.key).__dict__
    return KeyShown(
        name=known.name, source="store", revoked=known.revoked, made=moment(known.made), values=values, **fields
    )


def _told(issued: Issued, known: Known) -> KeyMade:
    return KeyMade(key=issued.secret, **_of_store(known).__dict__)


def _fields(key: config.Key) -> Fields:
    return Fields(
        team=key.team, models=key.models, tags=list(key.tags), limits=limits_of(key.limits), expires=key.expires
    )


ENDPOINTS = (
    Endpoint("GET", "/admin/keys", "List keys", listed, KeysShown, "Keys", query=KeysAsked),
    Endpoint(
        "POST", "/admin/keys", "Make a key", made, KeyMade, "Keys", body=NewKey, status=201,
        words="Every hub on the same store takes it within a second. Its value is in this answer, and nowhere else.",
    ),
    Endpoint("GET", "/admin/keys/{name}", "Show a key", shown, KeyShown, "Keys"),
    Endpoint(
        "PATCH", "/admin/keys/{name}", "Change a key", changed, KeyShown, "Keys", body=Fields,
        words="What is left out stays; `null` takes a team, an end or the list of models away. What was spent stays.",
    ),
    Endpoint(
        "POST", "/admin/keys/{name}/rotate", "Give a key another value", rotated, KeyMade, "Keys", body=Rotation,
        words="Both values work until the overlap is over, as one key with one budget.",
    ),
    Endpoint(
        "DELETE", "/admin/keys/{name}", "Revoke a key", revoked, Name, "Keys",
        words="All its values end, on every hub within a second. Its name stays taken, since the ledger knows it.",
    ),
)  # fmt: skip
