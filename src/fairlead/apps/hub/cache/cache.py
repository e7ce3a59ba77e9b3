"""The cache as serving sees it: look a request up, keep its answer, share one that is under way.

    found = cache.lookup(rules, request)      None: caching has nothing to do with it
    Hit                                       answer with `found.kept`
    Miss                                      `cache.seek(miss, then)` looks at the second level; then ask a provider,
                                              and `cache.store(miss, kept)`

All of it is called by the thread of the event loop and returns at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from fairlead.apps.hub.cache.directives import Directives, directives
from fairlead.apps.hub.cache.exact import Memory
from fairlead.apps.hub.cache.kept import Kept
from fairlead.apps.hub.cache.keys import Rules, canonical, digest
from fairlead.apps.hub.calls import Operation

HEADER = b"x-fairlead-cache"


class Request(NamedTuple):
    """What the cache needs of a request."""

    tenant: str
    shape: str
    operation: Operation
    headers: Mapping[bytes, bytes]
    body: bytes


class Hit(NamedTuple):
    """An answer that is there."""

    key: bytes
    kept: Kept
    age_s: float
    level: str
    """Where it was: `memory`, `redis`, or `semantic` (an answer to nearly the same question)."""

    @property
    def lines(self) -> bytes:
        """Headers for the client, each after a line end."""
        level = b"hit" if self.level == "memory" else b"hit; level=" + self.level.encode()
        return b"\r\nage: %d\r\n%b: %b" % (max(0, int(self.age_s)), HEADER, level)


class Miss(NamedTuple):
    """An answer that is not, and what may be done about it."""

    key: bytes
    rules: Rules
    directives: Directives
    canonical: bytes


class Second(Protocol):
    """A slower level behind memory."""

    name: str

    @property
    def up(self) -> bool:
        """Whether it is worth asking."""

    def get(self, key: bytes, then: Callable[[Kept | None], None]) -> None:
        """Look a key up; told to `then`, soon in any case."""

    def put(self, key: bytes, kept: Kept) -> None:
        """Keep an answer, sooner or later or not at all."""

    async def end(self) -> None:
        """Let go of it."""


class Cache:
    """One for a process."""

    def __init__(self, most_bytes: int, second: Second | None = None, wall: Callable[[], float] = time.time) -> None:
        self.memory = Memory(most_bytes)
        self.second = second
        self._wall = wall
        self.hits = self.misses = 0
        self.by_level = {"memory": 0, "redis": 0, "semantic": 0}
        """Hits, by where they were; what was found there counts as missed in memory before."""

    def lookup(self, rules: Rules, request: Request) -> Hit | Miss | None:
        """Whether there is an answer already. `None`: this request is neither answered from the cache nor kept."""
        said = directives(request.headers.get(b"cache-control"))
        form = canonical(request.operation, request.body, rules.always) if said.keeps else None
        if form is None:
            return Miss(b"", rules, said, b"") if said.only else None
        key = digest(rules, request.tenant, request.shape, request.operation, request.headers, form)
        miss = Miss(key, rules, said, form)
        if not said.reads:
            return miss
        now = self._wall()
        return self._hit(miss, self.memory.get(key, now), now, "memory") or self._missed(miss)

    def seek(self, miss: Miss, then: Callable[[Hit | None], None]) -> None:
        """Ask the second level; told to `then`, at once where there is none or it is down."""
        second = self.second
        if second is None or not second.up or not miss.key or not miss.directives.reads:
            then(None)
            return

        def told(kept: Kept | None) -> None:
            now = self._wall()
            hit = self._hit(miss, kept, now, second.name)
            if hit is not None:
                self.memory.put(miss.key, hit.kept)
            then(hit)

        second.get(miss.key, told)

    def near(self, miss: Miss, key: bytes) -> Hit | None:
        """The answer to nearly the same question, which is kept under another key."""
        now = self._wall()
        return self._hit(miss, self.memory.get(key, now), now, "semantic")

    def store(self, miss: Miss, kept: Kept) -> None:
        """Keep an answer; that it is a good one has been looked after (`kept.is_good`)."""
        if not miss.key or not miss.directives.keeps:
            return
        self.memory.put(miss.key, kept)
        if self.second is not None and self.second.up:
            self.second.put(miss.key, kept)

    def grew(self, hit: Hit) -> None:
        """Another form of an answer was made, and is kept with it."""
        self.memory.grew(hit.key)

    def expires(self, miss: Miss) -> tuple[float, float]:
        """When an answer to it is kept, and until when."""
        now = self._wall()
        return now, now + miss.rules.keep_s

    def _missed(self, miss: Miss) -> Miss:
        self.misses += 1
        return miss

    def _hit(self, miss: Miss, kept: Kept | None, now: float, level: str) -> Hit | None:
        """A kept answer, if it is as new as the client wants it."""
        if kept is None or kept.until <= now:
            return None
        age, said = now - kept.at, miss.directives
        if age > said.most_age_s or kept.until - now < said.least_left_s:
            return None
        self.hits += 1
        self.by_level[level] = self.by_level.get(level, 0) + 1
        return Hit(miss.key, kept, age, level)
