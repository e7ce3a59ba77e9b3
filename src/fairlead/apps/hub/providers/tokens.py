"""Short-lived tokens: fetched beside the requests, found by them without waiting.

A token is renewed after four fifths of its life, so that a failed attempt can be repeated before it ends.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.apps.hub.providers import Login, Unready

RENEW_AT = 0.8
"""Of its life."""
TIMEOUT_S = 10.0

Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Gets a token and the seconds that it lives. Raises `Unready`."""


class Token:
    """The token of one login, and its keeper."""

    def __init__(self, fetch: Fetch, now: Callable[[], float]) -> None:
        self._fetch = fetch
        self._now = now
        self._value = ""
        self._until = 0.0

    def __repr__(self) -> str:
        return f"Token(until={self._until:.0f})"

    async def renew(self) -> float:
        """Fetch a new one; gives the seconds until the next time."""
        self._value, lives_s = await self._fetch()
        self._until = self._now() + lives_s
        return lives_s * RENEW_AT

    def value(self, now: float) -> str:
        """The token. Raises `Unready` when there is none that is good."""
        if not self._value or now >= self._until:
            raise Unready("no valid token: it was not fetched yet, or could not be renewed")
        return self._value


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of all logins of a provider, each made once."""

    _held: dict[object, Token] = field(default_factory=dict, repr=False)

    def of(self, login: Login, make: Callable[[], Token]) -> Token:
        """That of a login."""
        whose = (login.name, login.value, *sorted(login.extra.items()))
        if whose not in self._held:
            self._held[whose] = make()
        return self._held[whose]


async def fetched(
    method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> tuple[str, float]:
    """A token by OAuth 2.0 (RFC 6749, 5.1): `access_token`, `expires_in`. Raises `Unready`, which tells no secret."""
    import httpx  # slow to import, and only for these providers

    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            answer = await client.request(method, url, data=form, headers=headers)
    except httpx.HTTPError as error:
        raise Unready(f"no token from {httpx.URL(url).host}: {type(error).__name__}") from error
    return _token(httpx.URL(url).host, answer.status_code, answer.content)


def _token(host: str, status: int, body: bytes) -> tuple[str, float]:
    import msgspec

    try:
        told: Any = msgspec.json.decode(body)
        if status == 200:
            return str(told["access_token"]), float(told["expires_in"])
        why = str(told["error"])[:100]
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise Unready(f"no token from {host}: an answer of status {status} without one") from error
    raise Unready(f"no token from {host}: {why} (status {status})")
