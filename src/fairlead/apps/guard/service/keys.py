"""Who may ask: keys by their hash, their roles, and how often each may.

A key is 256 random bits, so that a plain SHA-256 of it can't be guessed from; it is shown once and kept nowhere.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from fairlead.apps.guard.service.storage.rows import MadeKey
from fairlead.kit.quantity import parse_rate

Role = Literal["client", "admin"]
PREFIX = "fl-guard-"
OPEN = "nobody"
"""The name of whoever asks while there are no keys at all."""
MOST_WRONG = 20
"""Wrong keys of one address within `SPAN_S`; then it has to wait."""
SPAN_S = 60.0
MOST_ADDRESSES = 10_000


def hashed(key: bytes) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key).hexdigest()


def new(name: str, role: Role, rate: str) -> tuple[str, MadeKey]:
    """A key and what is kept of it. Raises `ValueError` for a rate that is none."""
    if rate:
        parse_rate(rate)
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, MadeKey(name, hashed(secret.encode()), role, rate, time.time())


class Bucket:
    """Lets so many through in a time, at once or spread (a token bucket)."""

    __slots__ = ("_at", "_left", "_most", "_per_s")

    def __init__(self, rate: tuple[int, float], now: float) -> None:
        self._most = float(rate[0])
        self._per_s = rate[0] / rate[1]
        self._left = self._most
        self._at = now

    def wait_s(self, now: float) -> float:
        """0 and one taken, or how long to wait for the next."""
        self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left >= 1.0:
            self._left -= 1.0
            return 0.0
        return (1.0 - self._left) / self._per_s


@dataclass(slots=True)
class Client:
    """A key that lives."""

    name: str
    role: Role
    bucket: Bucket
    rate: tuple[int, float]


class Ring:
    """The keys of the moment."""

    def __init__(
        self, rate: tuple[int, float], api_key: str | None, *, local: bool, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._now = now
        self._own = hashed(api_key.encode()) if api_key else None
        self._local = local
        self._clients: dict[str, Client] = {}
        self._known: dict[bytes, Client] = {}
        """Clients by the key as it is sent: hashing each time would cost more than the rest of it."""
        self._nobody = Client(OPEN, "admin", Bucket(rate, now()), rate)
        self._wrong: dict[str, tuple[float, int]] = {}
        self.take(())

    @property
    def is_open(self) -> bool:
        """Whether whoever reaches it may ask: on this machine alone, while no key was ever made."""
        return self._local and not self._any

    def take(self, keys: Sequence[MadeKey]) -> None:
        """These are the keys now."""
        clients: dict[str, Client] = {}
        if self._own:
            clients[self._own] = self._client(self._own, KEY_OF_ENVIRONMENT, "admin", "")
        for one in keys:
            if not one.revoked or one.revoked > time.time():  # one that was followed goes on for a while
                role: Role = "admin" if one.role == "admin" else "client"
                clients[one.sha256] = self._client(one.sha256, one.name, role, one.rate)
        self._any = bool(keys) or self._own is not None
        if clients.keys() != self._clients.keys():
            self._known = {}
        self._clients = clients

    def _client(self, sha256: str, name: str, role: Role, rate: str) -> Client:
        wanted = parse_rate(rate) if rate else self._rate
        known = self._clients.get(sha256)
        if known is not None and known.rate == wanted:
            return known
        return Client(name, role, Bucket(wanted, self._now()), wanted)

    def find(self, key: bytes | None) -> Client | None:
        """Whose key it is."""
        if key is None:
            return self._nobody if self.is_open else None
        found = self._known.get(key)
        if found is None:
            found = self._clients.get(hashed(key))
            if found is not None:
                self._known[key] = found
        return found or (self._nobody if self.is_open else None)

    def wait_s(self, client: Client) -> float:
        """How long it has to wait; 0 for not at all."""
        return client.bucket.wait_s(self._now())

    def barred(self, peer: str) -> float:
        """For how many seconds an address is not listened to, after too many wrong keys."""
        began, count = self._wrong.get(peer, (0.0, 0))
        return max(0.0, began + SPAN_S - self._now()) if count >= MOST_WRONG else 0.0

    def wrong(self, peer: str) -> None:
        """It sent a wrong key."""
        now = self._now()
        began, count = self._wrong.pop(peer, (now, 0))
        self._wrong[peer] = (now, 1) if now > began + SPAN_S else (began, count + 1)
        if len(self._wrong) > MOST_ADDRESSES:
            del self._wrong[next(iter(self._wrong))]


KEY_OF_ENVIRONMENT = "GUARD_API_KEY"
"""The name of the key that stands in the environment."""
