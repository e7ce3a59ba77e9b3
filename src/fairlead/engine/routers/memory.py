"""The router's twin in memory: same promises, no process, no port; tests send requests through it and look back.

router = MemoryRouter(clock)
await router.confirm(await router.apply(routing))
assert router.send("notes.http").version == "v1"
stream = router.open("notes.http")           # under way until `stream.finish()`; its `copy`, if there is one, too
router.send("notes.http", client="alice")    # always of the same version while the upstream is sticky
router.refuse("cannot bind port 80")         # the next routing is turned down
assert router.largest_share("notes", "v2") <= 5
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping

from fairlead.engine.router import Answer, Routing, Traffic, Upstream
from fairlead.engine.routers.lease_fallback import without_lease
from fairlead.engine.routers.matching import match
from fairlead.engine.routers.remembered import Record, Request, Told
from fairlead.engine.routers.sending import Sender
from fairlead.engine.routers.weights import weights
from fairlead.errors import RouterError
from fairlead.kit.clock import Clock

POLL_S = 0.01


class MemoryRouter:
    """Serves a routing at once, or `confirm_after_s` later; splits in turn, or at random with a `seed`."""

    name = "memory"

    def __init__(self, clock: Clock, *, seed: int | None = None, confirm_after_s: float = 0.0) -> None:
        self.history: list[Routing] = []
        """Every routing that requests were served by, oldest first."""
        self.confirm_after_s = confirm_after_s
        self.requests: list[Request] = []
        self.failing: set[str] = set()
        """Instances that do not pass the router's own checks."""
        self._clock = clock
        self._ended = asyncio.Event()
        self._ended.set()
        self._words: str | None = None
        self._refused: dict[str, str] = {}
        self._coming: tuple[float, Routing] | None = None
        self._lease_ends = math.inf
        self._lease_lost = False
        self._records: dict[tuple[str, str], Record] = defaultdict(Record)
        self._told = Told()
        self._sender = Sender(clock, seed, self.failing, self._end)

    # the seam

    async def start(self) -> None:
        """Serve the routing it had last, if any."""
        self._ended.clear()

    async def ended(self) -> None:
        await self._ended.wait()

    async def stop(self) -> None:
        """Serve nobody; everything under way ends."""
        self.die()

    async def close(self) -> None:
        """Nothing to let go of."""

    async def alive(self) -> bool:
        return self._alive

    async def apply(self, routing: Routing) -> str:
        """Take a routing over, now or after `confirm_after_s`; one that is to be refused is not served."""
        self._settle()
        revision = _revision(routing)
        self._refused.pop(revision, None)
        if self._words is not None:
            self._refused[revision], self._words = self._words, None
            return revision
        self._coming = (self._clock.monotonic() + self.confirm_after_s, routing)
        self._settle()
        return revision

    async def renew(self) -> bool:
        lost, self._lease_lost = self._lease_lost, False
        lease = self.routing.lease
        if lost or self._lease_lost or lease is None:
            self._lease_lost = False
            return False
        self._lease_ends = self._clock.monotonic() + lease.seconds
        return True

    async def confirm(self, revision: str, *, timeout_s: float = 10.0) -> None:
        if revision in self._refused:
            raise RouterError(f"the router refused it: {self._refused[revision]}")
        end = self._clock.monotonic() + timeout_s
        while not (self._alive and _revision(self.routing) == revision):
            if self._clock.monotonic() >= end:
                why = f"not served after {timeout_s:g} s" if self._alive else "it does not answer"
                raise RouterError(f"the router did not confirm {revision}: {why}")
            await self._clock.sleep(POLL_S)

    async def healthy(self, upstream: str, version: str) -> frozenset[str]:
        self._must_answer()
        backends = [one for one in self._upstream(upstream).backends if one.version == version]
        return frozenset(instance for backend in backends for instance in self._sender.live(backend))

    async def in_flight(self, service: str, *, version: str | None = None, instance: str | None = None) -> int:
        self._must_answer()
        return sum(
            one.service == service and version in (None, one.version) and instance in (None, one.instance)
            for one in self.requests
            if one.under_way
        )

    async def observe(self) -> Mapping[tuple[str, str], Traffic]:
        self._must_answer()
        open_now = Counter((one.service, one.version) for one in self.requests if one.under_way)
        named = {
            (upstream.service, backend.version) for upstream in self.routing.upstreams for backend in upstream.backends
        }
        return {key: self._records[key].traffic(open_now[key]) for key in {*named, *self._records}}

    def answers(self, since: float) -> AsyncIterator[Answer]:
        return self._told.after(since)

    @property
    def _alive(self) -> bool:
        return not self._ended.is_set()

    # what a test does to it

    def refuse(self, words: str) -> None:
        """Turn the next routing down with these words."""
        self._words = words

    def die(self) -> None:
        """End as a killed process does: no answer, everything under way cut, counters lost; the routing is kept."""
        self._ended.set()
        for request in self.requests:
            request.cut()
        self._records.clear()

    def open(
        self,
        upstream: str | None = None,
        *,
        host: str = "localhost",
        path: str = "/",
        method: str = "GET",
        client: str | None = None,
    ) -> Request:
        """Send a request to an upstream, or in from outside by host and path, and leave it (and its copy) under way.

        `client` is the value of the cookie or header that the client is told by.
        """
        if not self._alive:
            raise RouterError("the router does not answer")
        self._settle()
        rule = match(self.routing.rules, host, path) if upstream is None else None
        name = upstream or (rule.upstream if rule else None)
        request = self._sender.send(self._upstream(name), method, client) if name else Request(None, None, None, 404)
        self.requests += [request, request.copy] if request.copy else [request]
        return request

    def send(
        self,
        upstream: str | None = None,
        *,
        host: str = "localhost",
        path: str = "/",
        method: str = "GET",
        client: str | None = None,
    ) -> Request:
        """Send a request and have its answer: 200, 404 when nothing is exposed there, 503 when nobody can take it."""
        request = self.open(upstream, host=host, path=path, method=method, client=client)
        if request.copy:
            request.copy.finish()
        return request.finish()

    @property
    def routing(self) -> Routing:
        """What requests are served by now."""
        self._settle()
        return self.history[-1] if self.history else Routing()

    # what a test looks back at

    def shares(self, service: str) -> Iterator[dict[str, float]]:
        """Version -> percent of the requests, for each routing served that had the service, oldest first."""
        for routing in self.history:
            for upstream in routing.upstreams:
                if upstream.service == service:
                    found = weights(upstream)
                    total = sum(found.values())
                    yield {version: 100 * weight / total for version, weight in found.items()}

    def largest_share(self, service: str, version: str) -> float:
        """The most that a version ever had, in percent."""
        return max((shares.get(version, 0.0) for shares in self.shares(service)), default=0.0)

    def always_had_somewhere_to_go(self, service: str) -> bool:
        """Whether, from the first moment a version took requests, one always did."""
        found = list(self.shares(service))
        first = next((index for index, shares in enumerate(found) if shares), len(found))
        return all(found[first:])

    # inside

    def _settle(self) -> None:
        now = self._clock.monotonic()
        if now >= self._lease_ends:
            self._serve(without_lease(self.history[-1]), now)
            self._lease_lost = True
        if self._coming and now >= self._coming[0]:
            self._serve(self._coming[1], now)
            self._coming = None

    def _serve(self, routing: Routing, now: float) -> None:
        self.history.append(routing)
        self._lease_ends = now + routing.lease.seconds if routing.lease else math.inf

    def _must_answer(self) -> None:
        if not self._alive:
            raise RouterError("the router does not answer")

    def _upstream(self, name: str) -> Upstream:
        found = {upstream.name: upstream for upstream in self.routing.upstreams}
        if name not in found:
            raise RouterError(f"no upstream is named {name}")
        return found[name]

    def _end(self, answer: Answer) -> None:
        if answer.instance:
            self._records[answer.service, answer.version].add(answer.status, answer.duration_ms)
        self._told.add(self._clock.wall(), answer)


def _revision(routing: Routing) -> str:
    return hashlib.sha256(repr(routing).encode()).hexdigest()[:16]
