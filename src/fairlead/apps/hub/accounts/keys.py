"""Virtual keys: who asks. A key is shown once, when it is made; here and in every store only its SHA-256 is known.

A plain hash is enough, unlike for passwords: a key has 256 random bits, which nobody can guess through.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING

import msgspec

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts.slices import Meter
from fairlead.apps.hub.calls import Failure

if TYPE_CHECKING:
    from fairlead.apps.hub.accounts.forms import Form

PREFIX = "sk-fl-"
"""How every key begins, so that scanners of secrets know it."""


def new_secret() -> str:
    """A key that nobody has."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: bytes) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret).hexdigest()


def instant(text: str | None) -> float:
    """Seconds since 1970 of an ISO 8601 time (UTC where it names no zone); without one never. Raises `ValueError`."""
    if text is None:
        return inf
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def stored(fields: str, hashed: str) -> config.Key:
    """A key as a store keeps it: its fields as JSON, without the hash. Raises `pydantic.ValidationError`."""
    return config.Key.model_validate({**msgspec.json.decode(fields), "sha256": hashed})


@dataclass(frozen=True, slots=True)
class Models:
    """The models that a key may ask; `None`: all."""

    exact: frozenset[str] | None
    beginnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[str] | None) -> Models:
        if patterns is None:
            return cls(None)
        patterns = list(patterns)
        return cls(
            frozenset(one for one in patterns if not one.endswith("*")),
            tuple(one[:-1] for one in patterns if one.endswith("*")),
        )

    def __contains__(self, model: str) -> bool:
        return self.exact is None or model in self.exact or model.startswith(self.beginnings)


@dataclass(slots=True, eq=False)
class Account:
    """A key, prepared: all that a request needs to know of who asks."""

    name: str
    digest: str
    team: str | None
    tags: frozenset[str]
    models: Models
    expires: float
    meters: tuple[Meter, ...] = ()
    """Of every model."""
    of_model: Mapping[str, tuple[Meter, ...]] = field(default_factory=dict)
    """All meters, for the models that have some of their own."""
    pays: bool = False
    """Whether money is limited: then what a request costs has to be known."""
    refused: Failure | None = None
    """Why it is not let in, whatever it asks."""
    label: bytes = b""
    """Name, hash prefix and team, as they stand in records."""
    forms: dict[str, Form] = field(default_factory=dict)
    """Of its records, by model; made when they are first needed."""

    def __post_init__(self) -> None:
        self.label = msgspec.json.encode([self.name, self.digest[:12], self.team])[1:-1]

    def may(self, model: str) -> Failure | None:
        """Why it may not ask this model."""
        if model in self.models:
            return None
        return Failure("forbidden", f"this key may not use the model {model}", 403, code="model_not_allowed")


def prepared(name: str, key: config.Key) -> Account:
    """The account of a key, without its limits."""
    return Account(name, key.sha256, key.team, frozenset(key.tags), Models.of(key.models), instant(key.expires))


class Keyring:
    """All keys, by their hash. Those of the configuration go before those of the store."""

    def __init__(self) -> None:
        self._accounts: dict[bytes, Account] = {}
        self._refused: dict[bytes, Failure] = {}
        self.open: Account | None = None
        """Who asks without a key, where that is allowed."""

    def replace(self, accounts: Iterable[Account]) -> None:
        """These, and no others."""
        found: dict[bytes, Account] = {}
        for account in accounts:
            found.setdefault(bytes.fromhex(account.digest), account)
        self._refused = {hashed: one.refused for hashed, one in found.items() if one.refused is not None}
        self._accounts = {hashed: one for hashed, one in found.items() if one.refused is None}

    def put(self, hashed: str, account: Account | None) -> None:
        """This value of a key is of that account now, or of none."""
        place = bytes.fromhex(hashed)
        self._accounts.pop(place, None)
        self._refused.pop(place, None)
        if account is not None and account.refused is not None:
            self._refused[place] = account.refused
        elif account is not None:
            self._accounts[place] = account

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def admit(self, secret: bytes, now: float) -> Account | Failure:
        """Whose key it is, at `now` (seconds since 1970)."""
        hashed = hashlib.sha256(secret).digest()
        account = self._accounts.get(hashed)
        if account is None:
            return self._refused.get(hashed) or self._stranger(secret)
        if now >= account.expires:
            return EXPIRED
        return account

    def _stranger(self, secret: bytes) -> Account | Failure:
        if self.open is not None and not secret.startswith(PREFIX.encode()):
            return self.open
        return UNKNOWN if secret else MISSING


MISSING = Failure("unauthorized", "no key: send it as `authorization: bearer sk-fl-…`", 401, code="missing_api_key")
UNKNOWN = Failure("unauthorized", "this key is not known, or was revoked", 401, code="invalid_api_key")
EXPIRED = Failure("unauthorized", "this key has expired", 401, code="expired_api_key")
