"""Makes and ends keys while the hub runs. Every replica learns of it within `running.LOOK_S`."""

from __future__ import annotations

from typing import NamedTuple

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts.keys import digest, instant, new_secret
from fairlead.apps.hub.accounts.stores import Keys


class NameTaken(Exception):
    """There is a key of that name; the message says so."""


class Issued(NamedTuple):
    """A new key. `secret` is shown once, and kept nowhere."""

    secret: str
    name: str
    key: config.Key

    def __repr__(self) -> str:
        return f"Issued({self.name!r})"


class Known(NamedTuple):
    """A key that was issued, as an administrator may see it."""

    name: str
    digest: str
    key: config.Key
    revoked: bool


async def issue(store: Keys, name: str, fields: dict[str, object]) -> Issued:
    """Make a key with these fields of `config.Key`, without `sha256`.

    Raises `pydantic.ValidationError` and `ValueError` for wrong fields, `NameTaken`, `StoreAway`.
    """
    secret = new_secret()
    key = config.Key.model_validate(fields | {"sha256": digest(secret.encode())})
    instant(key.expires)
    if any(one.name == name for one in await store.keys(0)):
        raise NameTaken(f"there is a key {name} already")
    await store.put_key(key.sha256, name, key.model_dump_json(exclude_unset=True))
    return Issued(secret, name, key)


async def revoke(store: Keys, name: str) -> bool:
    """End a key; whether there was one. Raises `StoreAway`."""
    for one in await store.keys(0):
        if one.name == name and not one.revoked:
            return await store.revoke_key(one.digest)
    return False


async def issued(store: Keys) -> list[Known]:
    """All keys that were ever issued. Raises `StoreAway`."""
    return [
        Known(one.name, one.digest, config.Key.model_validate_json(one.fields), one.revoked)
        for one in await store.keys(0)
    ]
