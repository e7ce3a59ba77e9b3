"""A court: services under judgement with requests made up by chance, sources that tell of them, and a clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from fairlead.engine.router import Traffic
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.kit.clock import FakeClock
from fairlead.release.book import MemoryBook
from fairlead.release.history import Release
from fairlead.release.indicators import policies
from fairlead.release.judge import Counts, Moments, Observed, Values
from fairlead.release.judging.controls import Controls
from fairlead.release.judging.judging import Judging
from fairlead.release.judging.subject import Subject
from fairlead.release.sources import Asked, Reader, Reading, Source
from fairlead.release.steps import Change, Judge, Outcome
from fairlead.stack.model.service import Service


@dataclass
class Requests:
    """What happens to the requests of one service; the probabilities are those of one request."""

    per_s: float = 40.0
    share: float = 25.0
    errors: dict[str, float] = field(default_factory=lambda: {"v1": 0.02, "v2": 0.02})
    slow: dict[str, float] = field(default_factory=lambda: {"v1": 0.05, "v2": 0.05})
    cost: dict[str, float] = field(default_factory=lambda: {"v1": 1.0, "v2": 1.0})
    mute: set[str] = field(default_factory=set)
    """Versions that leave every request without an answer."""
    copied: float | None = None
    """How many of the requests (0 to 1) are really copied, where they are."""
    passed: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Requests and failures of each version by the router's counters."""


class Court:
    """One service `hub` (or those that are named), from `v1` to `v2`."""

    def __init__(self, *services: str, seed: int = 1) -> None:
        self.clock = FakeClock()
        self.controls = Controls()
        self.said: list[tuple[str, str]] = []
        self.requests = {name: Requests() for name in services or ("hub",)}
        self.crashed = dict.fromkeys(self.requests, 0)
        self.lapses = 0
        self.faults: dict[str, Callable[[], Any]] = {}
        self.openings: list[Asked] = []
        self.canary: dict[str, Any] = {"pace": "20s", "warm_up": "4s", "deadline": "2h", "errors": {"negligible": None}}
        self.objectives: dict[str, Any] = {}
        self.mirrored = False
        self.router = CourtRouter(self)
        self.random = random.Random(seed)
        self.book = MemoryBook(
            Release("r2", next(iter(self.requests)), Change("v1", "v2", 1, 1.0, 1.0), "canary", "deploy", "alice", 0.0)
        )
        self.judging = self.new_judging()

    def new_judging(self) -> Judging:
        """Another engine, with the same book."""
        self.judging = Judging(self.book, self.clock, self.controls, self.renew, self.hear, find=self.source)
        return self.judging

    def unit(self) -> dict[str, Subject]:
        """What is judged."""
        settings = {"command": ["x"], "objectives": self.objectives, "release": {"canary": self.canary}}
        specs = {name: Service.model_validate(settings) for name in self.requests}
        found = policies(specs)
        return {name: self._subject(name, specs[name], found) for name in self.requests}

    def _subject(self, name: str, spec: Service, found: Mapping[str, Any]) -> Subject:
        async def share() -> float:
            return self.requests[name].share

        asked = Asked(
            service=name,
            stable="v1",
            canary="v2",
            policy=spec.release.canary,
            indicators=spec.release.canary.indicators,
            router=self.router,
            clock=self.clock,
            targets=list,
            secret=str,
            mirrored=self.mirrored,
        )
        return Subject(asked, found[name], share, lambda: self.crashed[name], spec.objectives)

    def judges(self, *, last: bool = False, pace_s: float = 20.0) -> asyncio.Task[Outcome]:
        """Begin to judge at the present share."""
        return asyncio.ensure_future(self.judging.judge(Judge("v2", "v1", pace_s, last=last), self.unit()))

    async def passes(self, seconds: float, task: asyncio.Task[Outcome]) -> Outcome | None:
        """Let time go by, until there is an answer; `None` when there is none by then."""
        end = self.clock.monotonic() + seconds
        while not task.done() and self.clock.monotonic() < end:
            await self.clock.advance(1.0)
        return task.result() if task.done() else None

    async def rules(self, *, last: bool = False, within_s: float = 3600.0) -> Outcome | None:
        """Judge until there is an answer; what is left after that time is dropped as by a crash."""
        task = self.judges(last=last)
        try:
            return await self.passes(within_s, task)
        finally:
            await dropped(task)

    async def renew(self) -> bool:
        """The lease; it has lapsed as often as `lapses` says."""
        if self.lapses:
            self.lapses -= 1
            return False
        return True

    def hear(self, level: str, subject: str, text: str) -> None:
        self.said.append((level, text))

    def told(self, part: str) -> int:
        """How often something with these words was said that is more than progress."""
        return sum(level != "progress" and part in text for level, text in self.said)

    def source(self, name: str) -> Source:
        """Every source, by its name."""
        return lambda asked: CourtReader(self, name, asked)


async def dropped(task: asyncio.Task[Outcome]) -> None:
    """Leave it as a crash does."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class CourtReader(Reader):
    """Tells what happened to the requests since it was read last. `faults` of the court make it do something else."""

    def __init__(self, court: Court, name: str, asked: Asked) -> None:
        self._court = court
        self._name = name
        self._asked = asked
        self._read_at = 0.0

    async def start(self) -> Mapping[str, float]:
        self._court.openings.append(self._asked)
        self._read_at = self._court.clock.monotonic()
        return {"latency": 250.0} if self._name == "router" else {}

    async def read(self) -> Reading:
        if fault := self._court.faults.get(self._name):
            found = fault()
            if isinstance(found, Reading):
                return found
            await found
        now = self._court.clock.monotonic()
        seconds, self._read_at = now - self._read_at, now
        return Reading(self._seen(self._court.requests[self._asked.service], seconds))

    async def close(self) -> None:
        """Nothing to let go of."""

    def _seen(self, requests: Requests, seconds: float) -> dict[str, Observed | None]:
        chance = self._court.random
        arms = self._arms(requests, round(requests.per_s * seconds))
        if self._name != "router":
            paid = [[chance.lognormvariate(0, 0.2) * requests.cost[arm] for _ in range(n)] for arm, n in arms.items()]
            stable, canary = (Moments.of_units(len(one), sum(one), sum(x * x for x in one)) for one in paid)
            return {name: Values(stable, canary) for name in self._asked.indicators}
        bad = {arm: sum(chance.random() < requests.errors[arm] for _ in range(n)) for arm, n in arms.items()}
        slow = {arm: sum(chance.random() < requests.slow[arm] for _ in range(n)) for arm, n in arms.items()}
        for arm, n in arms.items():
            before = requests.passed.get(arm, (0, 0))
            requests.passed[arm] = before[0] + n, before[1] + bad[arm]
        total = arms["v1"], arms["v2"]
        return {
            "errors": Counts(bad["v1"], bad["v2"], *total),
            "latency": Counts(slow["v1"], slow["v2"], *total),
            "first_byte": Counts(slow["v1"], slow["v2"], *total),
        }

    def _arms(self, requests: Requests, count: int) -> dict[str, int]:
        """How many answers each version gives."""
        part = requests.share / 100
        if self._asked.mirrored and requests.copied is not None:
            part = requests.copied
        canary = sum(self._court.random.random() < part for _ in range(count))
        stable = count if self._asked.mirrored else count - canary
        return {"v1": 0 if "v1" in requests.mute else stable, "v2": 0 if "v2" in requests.mute else canary}


class CourtRouter(MemoryRouter):
    """Counts the requests of a court."""

    def __init__(self, court: Court) -> None:
        super().__init__(court.clock)
        self._court = court

    async def observe(self) -> Mapping[tuple[str, str], Traffic]:
        return {
            (service, version): Traffic(count, failed)
            for service, requests in self._court.requests.items()
            for version, (count, failed) in requests.passed.items()
        }


@pytest.fixture
def court() -> Court:
    """One service, a quarter of whose requests the new version gets, which is as good as the present one."""
    return Court()
