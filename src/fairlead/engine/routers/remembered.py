"""What the router in memory remembers of requests: each one, how it stands, and what is told of it when it ends."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import accumulate

from fairlead.engine.router import Answer, Traffic


@dataclass(slots=True, eq=False)
class Request:
    """One request: where it went, and how it stands. `instance` is `None` when the router answered by itself.

    `copy` is the one that a mirrored version got of it, which ends by itself.
    """

    service: str | None
    version: str | None
    instance: str | None
    status: int | None = None
    method: str = "GET"
    unit: str | None = None
    mirrored: bool = False
    copy: Request | None = None
    began: float = 0.0
    ends: Callable[[Answer], None] | None = field(default=None, repr=False)

    @property
    def under_way(self) -> bool:
        return self.status is None

    def finish(self, status: int = 200, *, latency_ms: float = 1.0, first_byte_ms: float | None = None) -> Request:
        """The answer is complete; status 0 is none, by the version's fault."""
        if self.under_way:
            self.status = status
            if self.ends:
                self.ends(self._answer(status, latency_ms, first_byte_ms))
        return self

    def cut(self) -> None:
        """The router is gone: there is no answer, and nobody tells of it."""
        if self.under_way:
            self.status = 0

    def _answer(self, status: int, latency_ms: float, first_byte_ms: float | None) -> Answer:
        return Answer(
            service=self.service or "",
            version=self.version or "",
            instance=self.instance or "",
            began=self.began,
            duration_ms=latency_ms,
            first_byte_ms=None if status == 0 else first_byte_ms if first_byte_ms is not None else latency_ms,
            status=status,
            failed=status == 0 or status >= 500,
            unit=self.unit,
            mirrored=self.mirrored,
            method=self.method,
        )


@dataclass(slots=True)
class Record:
    """What passed to one version."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: Counter[float] = field(default_factory=Counter)

    def add(self, status: int, latency_ms: float) -> None:
        self.statuses[status] += 1
        self.latencies[latency_ms] += 1

    def traffic(self, in_flight: int) -> Traffic:
        bounds, counts = sorted(self.latencies), [self.latencies[bound] for bound in sorted(self.latencies)]
        return Traffic(
            requests=self.statuses.total(),
            errors=sum(count for status, count in self.statuses.items() if status >= 500),
            in_flight=in_flight,
            latency_ms={**dict(zip(bounds, accumulate(counts), strict=True)), math.inf: self.latencies.total()},
        )


class Told:
    """Answers in the order in which they ended, for any number of listeners, early and late ones."""

    def __init__(self) -> None:
        self._answers: list[tuple[float, Answer]] = []
        self._more = asyncio.Event()

    def add(self, ended: float, answer: Answer) -> None:
        self._answers.append((ended, answer))
        self._more.set()
        self._more = asyncio.Event()

    async def after(self, since: float) -> AsyncIterator[Answer]:
        """Those that ended after a moment, then those to come."""
        place = 0
        while True:
            more = self._more
            for ended, answer in self._answers[place:]:
                place += 1
                if ended > since:
                    yield answer
            if place == len(self._answers):
                await more.wait()


@dataclass(slots=True)
class Bucket:
    """At most so many in a second, and no more at once than in one (but one at least)."""

    per_s: float
    left: float
    at: float

    @classmethod
    def full(cls, per_s: float, now: float) -> Bucket:
        return cls(per_s, max(1.0, per_s), now)

    def take(self, now: float) -> bool:
        """Take one if there is one."""
        self.left = min(max(1.0, self.per_s), self.left + (now - self.at) * self.per_s)
        self.at = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True
