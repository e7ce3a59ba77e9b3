"""Stops versions whose time without traffic is over: the way back closes then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Warm
from fairlead.engine.saying import Say
from fairlead.kit.background import Background
from fairlead.kit.clock import Clock
from fairlead.stack.model.release import ReleasePolicy
from fairlead.stack.model.service import Service

LOOK_EVERY_S = 0.5


class Drains(Protocol):
    """Takes instances of a version out without cutting what they carry."""

    async def down_to(self, service: str, version: str, count: int, drain_s: float, say: Say) -> None: ...


class Warmth:
    """Watches the versions that are kept warm.

    The end of a warm time is measured with the monotonic clock from when this engine first saw it; what had gone by
    before that is taken from the records, within 0 and the whole time, so that a wall clock set back delays an end
    at most once, by that time, and never brings it forward.
    """

    def __init__(
        self, book: FleetBook, drain: Drains, clock: Clock, service: Callable[[str], Service | None], say: Say
    ) -> None:
        self._book = book
        self._drain = drain
        self._clock = clock
        self._service = service
        self._say = say
        self._ends: dict[tuple[str, str, float], float] = {}
        self._watching = Background("warmth")
        self._coolings: dict[tuple[str, str], Background] = {}

    def begin(self) -> None:
        """Watch from now on."""
        self._watching.begin(self._watch)

    async def end(self) -> None:
        """Watch no longer; what is being stopped is left as it is, for the next engine."""
        await self._watching.end()
        for cooling in list(self._coolings.values()):
            await cooling.end()
        self._coolings.clear()

    async def _watch(self) -> None:
        while True:
            for warm in self._book.warm():
                if self._clock.monotonic() >= self._end_of(warm):
                    self._begin_to_cool(warm)
            await self._clock.sleep(LOOK_EVERY_S)

    def _end_of(self, warm: Warm) -> float:
        if warm.seconds <= 0:
            return self._clock.monotonic()
        key = (warm.service, warm.version, warm.began)
        if key not in self._ends:
            gone = min(max(self._clock.wall() - warm.began, 0.0), warm.seconds)
            self._ends[key] = self._clock.monotonic() + warm.seconds - gone
        return self._ends[key]

    def _begin_to_cool(self, warm: Warm) -> None:
        """Beside the others: one whose streams last long must not keep them running."""
        cooling = self._coolings.setdefault((warm.service, warm.version), Background(f"cool {warm.version}"))
        cooling.begin(lambda: self._cool(warm))

    async def _cool(self, warm: Warm) -> None:
        spec = self._service(warm.service)
        drain_s = (spec.release if spec else ReleasePolicy()).drain
        await self._drain.down_to(warm.service, warm.version, 0, drain_s, self._say)
        self._book.cool(warm.service, warm.version)
        self._ends.pop((warm.service, warm.version, warm.began), None)
        self._coolings.pop((warm.service, warm.version), None)
        self._say("info", warm.service, f"{warm.version} was kept warm long enough and has been stopped")
