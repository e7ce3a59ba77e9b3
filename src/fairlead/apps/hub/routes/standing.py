"""What outlives a configuration: connections, breakers and paces, as long as what each belongs to stays the same."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from fairlead.apps.hub.routes.breaker import Breaker
from fairlead.apps.hub.routes.pace import Pace
from fairlead.apps.hub.wire.pool import Pool

T = TypeVar("T")


class Standing:
    """Things by their identity. A new table takes what it needs; `settle` lets go of the rest."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._things: dict[Hashable, Any] = {}
        self._taken: set[Hashable] = set()
        self._tls: ssl.SSLContext | None = None

    def pool(self, scheme: str, host: str, port: int) -> Pool:
        """Connections to an address."""
        return self._thing(("pool", scheme, host, port), lambda: self._pool(scheme, host, port))

    def breaker(self, whose: Hashable, cool_down_s: float) -> Breaker:
        """Of a key of a provider."""
        found = self._thing(("breaker", whose), lambda: Breaker(cool_down_s))
        found.cool_down_s = cool_down_s
        return found

    def pace(self, whose: Hashable) -> Pace:
        """Of a model of a provider."""
        return self._thing(("pace", whose), Pace)

    def settle(self) -> None:
        """The table is made: what it did not take belongs to none any more. Requests under way still hold theirs."""
        for key in [key for key in self._things if key not in self._taken]:
            thing = self._things.pop(key)
            if isinstance(thing, Pool):
                thing.close()
        self._taken = set()

    def forget(self) -> None:
        """The table was not made."""
        self._taken = set()

    def sweep(self) -> None:
        """Close connections that were idle for too long; called about once a second."""
        for pool in self.pools():
            pool.sweep()

    def pools(self) -> list[Pool]:
        """All of them."""
        return [thing for thing in self._things.values() if isinstance(thing, Pool)]

    def _thing(self, key: Hashable, make: Callable[[], T]) -> T:
        self._taken.add(key)
        if key not in self._things:
            self._things[key] = make()
        found: T = self._things[key]
        return found

    def _pool(self, scheme: str, host: str, port: int) -> Pool:
        if scheme == "https" and self._tls is None:
            self._tls = ssl.create_default_context()
        return Pool(host, port, tls=self._tls if scheme == "https" else None, now=self._now)
