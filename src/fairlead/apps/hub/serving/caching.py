"""The cache as a gate: requests that need no provider are answered here, and the answers of others are kept.

In order: memory, Redis, nearly the same question, the same call under way, a provider. Every answer from here is a
request in the ledger and against limits of requests, and costs nothing; `x-fairlead-cache` tells where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from fairlead.apps.hub.cache.cache import HEADER, Cache, Hit, Miss, Request
from fairlead.apps.hub.cache.kept import Kept, is_good
from fairlead.apps.hub.cache.keys import CHANCE, SAME, WHIM, Rules, digest, may_be_settled
from fairlead.apps.hub.cache.replaying import as_stream, as_whole
from fairlead.apps.hub.cache.semantic import Embed, Question, Semantic, question
from fairlead.apps.hub.calls import Failure, Unsayable
from fairlead.apps.hub.config import CachePolicy, Config
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.routes.table import Route, Table
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.following import Leading, Pool, entered
from fairlead.apps.hub.shapes import Asked

NOT_KEPT = Failure("unknown", "no answer is kept for this request, and only a kept one was wanted", 504, "not_cached")
SHARED = b"\r\n" + HEADER + b": shared"


class CacheGate:
    """One for a process. `share`: whether equal calls under way become one."""

    def __init__(self, cache: Cache, semantic: Semantic | None = None, *, share: bool = True) -> None:
        self.cache = cache
        self.semantic = semantic
        self.pool = Pool(SHARED) if share else None
        self._rules: dict[Route, Rules | None] = {}
        self._of: Table | None = None

    def minds(self, route: Route, asked: Asked, flight: Flight) -> bool:
        """Whether answers of that kind may be kept at all."""
        operation = asked.operation
        if operation not in CHANCE and operation not in SAME and operation not in WHIM:
            return False
        rules = self._rules_of(route, flight.desk.table)
        if rules is None or operation not in CHANCE or rules.always or b"cache-control" in flight.exchange.headers:
            return rules is not None
        return may_be_settled(flight.exchange.body) if asked.settled is None else asked.settled

    def enter(self, flight: Flight, go: Callable[[], None]) -> None:
        """Answer it, or see to it that its answer is kept."""
        rules = self._rules_of(flight.route, flight.desk.table)
        exchange, asked = flight.exchange, flight.asked
        if rules is None or (asked.stream and flight.shape.name == "gemini" and b"alt=sse" not in exchange.query):
            go()  # a stream of Gemini's that is one array is cut where no other is
            return
        request = Request(tenant(flight), flight.shape.name, asked.operation, exchange.headers, exchange.body)
        found = self.cache.lookup(rules, request)
        if found is None:
            go()
        elif isinstance(found, Hit):
            self._answer(flight, found, go)
        else:
            self.cache.seek(found, partial(self._sought, flight, found, go))

    async def end(self) -> None:
        """Let go of the second level."""
        if self.cache.second is not None:
            await self.cache.second.end()

    def _sought(self, flight: Flight, miss: Miss, go: Callable[[], None], hit: Hit | None) -> None:
        """The second level has been asked."""
        if not flight.open:
            return
        if hit is not None:
            self._answer(flight, hit, go)
            return
        asked = self._question(miss)
        if asked is None or self.semantic is None:
            self._missed(flight, miss, go, None)
        else:
            self.semantic.embed(miss.rules.embeddings, asked.text, partial(self._embedded, flight, miss, go, asked))

    def _embedded(
        self, flight: Flight, miss: Miss, go: Callable[[], None], asked: Question, vector: Sequence[float] | None
    ) -> None:
        """The question has been embedded, or could not be."""
        if not flight.open:
            return
        if vector is None or self.semantic is None:
            self._missed(flight, miss, go, None)
            return
        room = self._room(flight, miss, asked)
        for key in self.semantic.near(room, asked.text, vector, miss.rules.semantic or 1.0):
            if (hit := self.cache.near(miss, key)) is not None:
                self._answer(flight, hit, go)
                return
        self._missed(flight, miss, go, lambda: self._remember(room, miss, asked, vector))

    def _missed(self, flight: Flight, miss: Miss, go: Callable[[], None], remember: Callable[[], None] | None) -> None:
        """Nobody has an answer: follow a call that is under way, or be the one that others follow."""
        if miss.directives.only:
            flight.refuse(NOT_KEPT)
            return
        shared = None
        if self.pool is not None and miss.directives.reads:
            shared = self.pool.joined(flight, miss.key, go)
            if shared is None:
                return
        flight.taps = (*flight.taps, Leading(flight, shared, partial(self._keep, flight, miss, remember)))
        go()

    def _keep(self, flight: Flight, miss: Miss, remember: Callable[[], None] | None, pieces: list[bytes]) -> None:
        """A whole answer came."""
        asked, target = flight.asked, flight.target
        if target is None or not is_good(flight.shape.name, asked.operation, pieces, asked.stream):
            return
        at, until = self.cache.expires(miss)
        content = flight.shape.stream_type if asked.stream else b"application/json"
        name, model, cost = target.host.name, target.model, flight.cost_nano
        kept = Kept(pieces, asked.stream, asked.usage, content, flight.usage, name, model, cost, at, until)
        if flight.screen is not None:
            flight.screen.when_clean(partial(self._store, miss, kept, remember))
        else:
            self._store(miss, kept, remember)

    def _store(self, miss: Miss, kept: Kept, remember: Callable[[], None] | None) -> None:
        self.cache.store(miss, kept)
        if remember is not None:
            remember()

    def _answer(self, flight: Flight, hit: Hit, go: Callable[[], None]) -> None:
        """Give a kept answer, in the form that is asked for."""
        kept, asked, shape = hit.kept, flight.asked, flight.shape
        try:
            if asked.stream:
                same = kept.stream and kept.shows_usage == asked.usage
                pieces = kept.pieces if same else as_stream(kept, shape, flight.call(), asked.usage)
            else:
                pieces = kept.pieces if not kept.stream else [as_whole(kept, shape, flight.call())]
        except Unsayable:
            go()
            return
        if kept.other is not None:
            self.cache.grew(hit)
        flight.source = hit.level
        entered(flight, lambda: given(flight, kept, pieces, hit.lines))

    def _question(self, miss: Miss) -> Question | None:
        if (
            miss.rules.semantic is None
            or not miss.rules.embeddings
            or self.semantic is None
            or not miss.directives.reads
        ):
            return None
        return question(miss.canonical)

    def _room(self, flight: Flight, miss: Miss, asked: Question) -> bytes:
        headers = flight.exchange.headers
        named = f"near {miss.rules.embeddings}"  # vectors of another model say nothing about these
        return digest(miss.rules, tenant(flight), flight.shape.name, named, headers, asked.frame)

    def _remember(self, room: bytes, miss: Miss, asked: Question, vector: Sequence[float]) -> None:
        if self.semantic is not None:
            self.semantic.add(room, miss.key, asked.text, vector)

    def _rules_of(self, route: Route, table: Table) -> Rules | None:
        if table is not self._of:
            self._of, self._rules = table, {}
            self.cache.memory.resize(table.config.cache_bytes)
        try:
            return self._rules[route]
        except KeyError:
            if len(self._rules) > MOST_ROUTES:
                self._rules.clear()
            found = self._rules[route] = rules_of(route, table)
            return found


def gate_of(said: Config, redis: str | None = None, embed: Embed | None = None) -> CacheGate:
    """The cache that a configuration asks for; `redis` is the address of one. Raises `Misconfigured`.

    What may change with a reload is read from the table of each request; whether there is a Redis stays.
    """
    if said.cache == "redis" and redis is None:
        raise Misconfigured(["cache: redis needs the address of one, as for budgets: redis://host:port/0"])
    second = None
    if said.cache == "redis" and redis is not None:
        from fairlead.apps.hub.cache.redis import RedisLevel  # its client takes 6 MB that others need not have

        second = RedisLevel(redis)
    return CacheGate(Cache(said.cache_bytes, second), Semantic(embed) if embed is not None else None)


MOST_ROUTES = 10_000
"""Whose rules are remembered: clients may name models."""


def tenant(flight: Flight) -> str:
    """Whose answers a request may get: its team's, or else its key's alone."""
    account = flight.account
    return f"team {account.team}" if account.team is not None else f"key {account.name} {account.digest}"


def rules_of(route: Route, table: Table) -> Rules | None:
    """What the configuration says about a route; `None`: nothing is kept."""
    general = table.config.cache
    policy = route.cache or (general if isinstance(general, CachePolicy) else CachePolicy())
    if not policy.exact or policy.for_ <= 0 or (general == "off" and route.cache is None):
        return None
    targets = [*route.targets, *route.fallbacks]
    who = [[one.host.name, one.host.kind.name, one.host.address, one.model] for one in targets]
    salt = msgspec.json.encode([route.label, who, route.guard.prompts, route.guard.answers])
    headers = tuple(sorted({name for one in targets for name in one.host.kind.passes}))
    return Rules(salt, policy.for_, policy.always, headers, policy.semantic, policy.embeddings or "")


def given(flight: Flight, kept: Kept, pieces: Sequence[bytes], lines: bytes) -> None:
    """Send a kept answer."""
    flight.cached = True
    exchange = flight.exchange
    taps = flight.taps
    for piece in pieces:
        for tap in taps:
            tap.piece(piece)
    flight.first_at = flight.desk.now()
    flight.finish(200, kept.usage)
    if not flight.asked.stream:
        content = b"application/json" if kept.stream else kept.content_type
        exchange.answer(heads.whole(content, flight.stamp) + lines, pieces[0])
        return
    exchange.begin(heads.stream(flight.shape.stream_type, flight.stamp) + lines)
    for piece in pieces:
        exchange.send(piece)
    exchange.end()
