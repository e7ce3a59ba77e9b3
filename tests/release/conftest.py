"""A town in which versions of a service are released, with a clock that does not keep anybody waiting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fairlead.kit.clock import FakeClock
from fairlead.release.abort import Abort
from fairlead.release.book import MemoryBook
from fairlead.release.entry import Entry
from fairlead.release.history import Release
from fairlead.release.memory import MemoryStage
from fairlead.release.runner import run
from fairlead.release.steps import Change

OTHERS = ("guard", "market")
"""Services that are released together with the hub, where several are."""


class HurriedClock(FakeClock):
    """Whoever sleeps wakes at once, that much later."""

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)


class JsonBook(MemoryBook):
    """Keeps what it is given as text, as the journal does."""

    def save(self, release: Release) -> None:
        super().save(Release.from_record(json.loads(json.dumps(release.to_record()))))

    def write(self, entry: Entry) -> None:
        super().write(Entry.from_record(json.loads(json.dumps(entry.to_record()))))


class Town:
    """One service that is released, `hub`: `v1` of it runs, or nothing at all; and others, for a release of several."""

    def __init__(self) -> None:
        self.clock = HurriedClock()
        self.stage = MemoryStage(self.clock)
        self.hub = self.stage.services["hub"]
        self.said: list[str] = []
        self.abort = Abort()
        self._awaited: dict[str, list[asyncio.Event]] = {}

    def runs(self, version: str, count: int = 3, service: str = "hub") -> None:
        """This version holds all requests."""
        self.stage.services[service].instances[version] = count
        self.stage.services[service].holds = {version: 100.0}

    def book(self, strategy: str, others: Sequence[str] = (), **change: Any) -> JsonBook:
        """A release from `v1` (or what holds the requests) to `v2`, not begun."""
        return JsonBook(
            Release(
                id="r2",
                service="hub",
                change=self._change("hub", change),
                strategy=strategy,
                kind="deploy",
                who="alice@here",
                began=self.clock.wall(),
                others={service: self._change(service, change) for service in others},
            )
        )

    def _change(self, service: str, given: dict[str, Any]) -> Change:
        old = next(iter(self.stage.services[service].holds), None)
        return Change(**{"old": old, "new": "v2", "replicas": 3, "watch_s": 10.0, "warm_s": 300.0, **given})

    async def releases(self, strategy: str, others: Sequence[str] = (), **change: Any) -> Release:
        """Release `v2`, to the end."""
        return await self.carries_on(self.book(strategy, others, **change))

    async def carries_on(self, book: MemoryBook) -> Release:
        """Carry on the release of a book, as an engine that has just come up does."""
        return await run(book, self.stage, self.clock, say=self.hear, abort=self.abort)

    def hear(self, level: str, subject: str, text: str) -> None:
        self.said.append(text)
        for event in self._awaited.pop(text, ()):
            event.set()

    async def says(self, text: str) -> None:
        """Wait until the release has said so."""
        if text not in self.said:
            event = asyncio.Event()
            self._awaited.setdefault(text, []).append(event)
            await event.wait()

    @property
    def serves(self) -> str | None:
        """The version that holds all requests and has instances; `None` when there is no such one."""
        return self.serving("hub")

    def serving(self, service: str) -> str | None:
        """The same of any service."""
        stand = self.stage.services[service]
        whole = [version for version, share in stand.holds.items() if share == 100 and stand.instances.get(version)]
        return whole[0] if len(stand.holds) == 1 and whole else None

    @property
    def unserved_moments(self) -> int:
        """How often requests would have found nobody."""
        return sum(not moment.served for stand in self.stage.services.values() for moment in stand.moments)


@pytest.fixture
def town() -> Town:
    """A town in which `v1` runs with three instances."""
    town = Town()
    town.runs("v1")
    return town


@pytest.fixture
def empty_town() -> Town:
    """A town in which nothing runs yet."""
    return Town()


@pytest.fixture
def wide_town(town: Town) -> Town:
    """A town in which `v1` of a hub, a guard and a market runs."""
    for service in OTHERS:
        town.runs("v1", service=service)
    return town


@pytest.fixture
def new_town() -> Callable[[], Town]:
    """Builds towns like `town`, for stories that are told many times over."""

    def build() -> Town:
        town = Town()
        for service in ("hub", *OTHERS):
            town.runs("v1", service=service)
        return town

    return build
