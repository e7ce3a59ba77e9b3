"""Where the router in memory sends a request, and whether it makes a copy: drawn as Envoy draws, or in turn."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping

from fairlead.engine.router import Answer, Backend, Upstream
from fairlead.engine.routers.remembered import Bucket, Request
from fairlead.engine.routers.sticky import chosen, draw, unit
from fairlead.engine.routers.weights import WHOLE, mirror, weights
from fairlead.kit.clock import Clock


class Sender:
    """Splits in turn, or at random with a `seed`; what it sends tells `ends` of its end. Nothing goes to `failing`."""

    def __init__(
        self, clock: Clock, seed: int | None, failing: Collection[str], ends: Callable[[Answer], None]
    ) -> None:
        self._clock = clock
        self._random = random.Random(seed) if seed is not None else None  # noqa: S311 -- a split for tests, no secret
        self._failing = failing
        self._ends = ends
        self._turns: dict[str, Counter[str]] = defaultdict(Counter)
        self._copies: dict[str, Bucket] = {}
        self._visitors = itertools.count(1)

    def send(self, upstream: Upstream, method: str, client: str | None) -> Request:
        """The request, and with it its copy if there is one."""
        shares = weights(upstream)
        if not shares:
            return Request(upstream.service, None, None, 503)
        known = self._unit(upstream, client)
        version = chosen(shares, draw(known)) if known else self._turn(upstream.name, shares)
        request = self._at(upstream, Request(upstream.service, version, None, method=method, unit=known))
        request.copy = self._copy(upstream, method)
        return request

    def live(self, backend: Backend) -> list[str]:
        """The instances of a version that get new requests."""
        return [one.instance for one in backend.endpoints if not one.draining and one.instance not in self._failing]

    def _at(self, upstream: Upstream, request: Request) -> Request:
        """The request at an instance of its version; without any it has failed."""
        backend = next(one for one in upstream.backends if one.version == request.version)
        instances = self.live(backend)
        request.began, request.ends = self._clock.wall(), self._ends
        if not instances:
            return request.finish(503, latency_ms=0.0)
        request.instance = self._turn(f"{upstream.name} {request.version}", dict.fromkeys(instances, 1))
        return request

    def _unit(self, upstream: Upstream, client: str | None) -> str | None:
        """A client without a cookie is given one."""
        if upstream.sticky is None or (client is None and upstream.sticky.by == "header"):
            return None
        return unit(upstream.sticky.salt, client or f"visitor {next(self._visitors)}")

    def _copy(self, upstream: Upstream, method: str) -> Request | None:
        found = mirror(upstream)
        if found is None or method not in found.methods:
            return None
        now = self._clock.monotonic()
        bucket = self._copies.setdefault(upstream.name, Bucket.full(found.per_s, now))
        bucket.per_s = found.per_s
        if self._turn(f"{upstream.name} copied", _percent(found.sample)) == "no" or not bucket.take(now):
            return None
        return self._at(upstream, Request(upstream.service, found.version, None, method=method, mirrored=True))

    def _turn(self, what: str, shares: Mapping[str, int]) -> str:
        """The next one by its weight: at random with a seed, else smoothly in turn (as nginx does)."""
        if self._random:
            return self._random.choices(list(shares), list(shares.values()))[0]
        turns = self._turns[what]
        for name, weight in shares.items():
            turns[name] += weight
        first = max(shares, key=lambda name: turns[name])
        turns[first] -= sum(shares.values())
        return first


def _percent(sample: float) -> dict[str, int]:
    yes = round(sample / 100 * WHOLE)
    return {"yes": yes, "no": WHOLE - yes}
