"""Who may use the administration.

With `admin_key` in the configuration: whoever has that key, on both listeners. Without: whoever reaches the second
listener, and nobody else; there, a browser that was sent by another page is turned away.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

from fairlead.apps.hub.pages.asking import Refused
from fairlead.apps.hub.wire.exchange import Exchange

MOST_WRONG = 10
"""Wrong keys of one address within `SPAN_S`; then it has to wait, whatever key it sends."""
SPAN_S = 60.0
MOST_ADDRESSES = 10_000
"""That are remembered; the oldest are forgotten first."""


class Door:
    """`key` gives the key of the moment, `None` where the configuration names none."""

    def __init__(self, key: Callable[[], bytes | None], now: Callable[[], float] = time.monotonic) -> None:
        self._key = key
        self._now = now
        self._wrong: dict[str, tuple[float, int]] = {}

    def admit(self, exchange: Exchange, *, private: bool) -> None:
        """Let it in. Raises `Refused`."""
        key = self._key()
        if key is not None:
            self._check(exchange, key)
        elif not private:
            raise closed()
        elif exchange.headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            raise Refused(403, "cross_site", "another page may not use the administration")

    def _check(self, exchange: Exchange, key: bytes) -> None:
        began, count = self._recent(exchange.peer)
        if count >= MOST_WRONG:
            wait = max(1.0, began + SPAN_S - self._now())
            raise Refused(429, "too_many_wrong_keys", "too many wrong keys came from there", retry_after_s=wait)
        given = given_key(exchange.headers)
        if given is None:
            raise Refused(401, "missing_admin_key", "this needs the key of the administration", hint=HOW)
        if not key or not hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(key).digest()):
            self._note(exchange.peer, began, count + 1)
            raise Refused(401, "wrong_admin_key", "this is not the key of the administration", hint=HOW)

    def _recent(self, peer: str) -> tuple[float, int]:
        began, count = self._wrong.get(peer, (self._now(), 0))
        return (began, count) if self._now() < began + SPAN_S else (self._now(), 0)

    def _note(self, peer: str, began: float, count: int) -> None:
        self._wrong.pop(peer, None)
        self._wrong[peer] = began, count
        if len(self._wrong) > MOST_ADDRESSES:
            del self._wrong[next(iter(self._wrong))]


def given_key(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The key that a request bears."""
    value = headers.get(b"authorization", b"")
    if value[:7].lower() == b"bearer ":
        return value[7:].strip()
    return headers.get(b"x-api-key")


HOW = "send it as `authorization: bearer …` or `x-api-key: …`"


def closed() -> Refused:
    """No key opens it on the first listener."""
    hint = "name the variable that holds its key as `admin_key`, or ask the listener of `--metrics-port`"
    return Refused(404, "administration_closed", "the administration is not served here", hint=hint)
