"""What the router saw of every request: whether it failed, how long it took, and how long to its first byte.

Needs nothing of the service, so these indicators are built in. A unit is a request, or, where clients were assigned, a
client. Only requests count that began after the start, so that each was assigned by the present share. Copies are
compared with the stable version's answers to requests of the kind that is copied.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engine.router import Answer
from fairlead.errors import FairleadError
from fairlead.kit.background import Background
from fairlead.release.judge import Observed
from fairlead.release.sources import SOURCES, Asked, Reading
from fairlead.release.sources.answers.clients import MOST, Clients
from fairlead.release.sources.answers.since import Since
from fairlead.release.sources.answers.slowness import Slowness
from fairlead.release.sources.answers.tally import Tally

HISTORY_S = 1800.0
"""How far back the stable version's own answers say what is usual."""

TOLD_S, TOLD_WITHIN_S = 0.2, 3.0
"""History has been told when none of it came for so long; and how long that may take."""

AGAIN_S = 1.0
"""Pause before the router is asked again."""


@SOURCES.register("router")
class RouterReader:
    """Listens to the router beside everything else, and counts."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._listening = Background(f"answers of {asked.service}")
        self._slowness = _slowness(asked)
        self._tally = Tally()
        self._clients: Clients | None = None
        self._since: Since | None = None
        self._heard = 0
        self._told: set[str] = set()
        self._lost: str | None = None

    async def start(self) -> Mapping[str, float]:
        """Learn from what was before now, then count what begins after it."""
        self._listening.begin(self._listen)
        try:
            if any(one.why for one in self._slowness):
                await self._history_told()
        except BaseException:
            await self.close()
            raise
        bounds = self._new_bounds()
        if self._asked.sticky and not self._asked.mirrored:
            warm_up = self._asked.policy.warm_up
            self._clients = Clients(self._asked.counted, self._asked.clock.monotonic() + warm_up if warm_up else None)
        self._since = Since(self._asked.clock)
        return bounds

    async def read(self) -> Reading:
        """What ended since the last reading; what is counted while the router is silent waits for the next."""
        names = ["errors", *(one.name for one in self._slowness)]
        silent = await self._silent()
        self._look()
        frozen = self._new_bounds()
        if silent:
            return Reading(dict.fromkeys(names), dict.fromkeys(names, silent), frozen=frozen)
        units = self._count_clients()
        whys = {one.name: one.why for one in self._slowness if one.why}
        seen: dict[str, Observed | None] = {name: None if name in whys else self._tally.take(name) for name in names}
        return Reading(seen, whys, units, frozen)

    async def close(self) -> None:
        """Listen no longer."""
        await self._listening.end()

    async def _listen(self) -> None:
        clock, since = self._asked.clock, self._asked.clock.wall()
        if any(one.why for one in self._slowness):
            since -= HISTORY_S
        while True:
            self._lost = None
            try:
                async for answer in self._asked.router.answers(since):
                    self._heard += 1
                    self._hear(answer)
                self._lost = "the router no longer tells its answers"
            except Exception as error:  # whatever it is, it is no evidence
                self._lost = _words(error)
            since = clock.wall()  # what ended before was told, or is lost: nothing may count twice
            await clock.sleep(AGAIN_S)

    async def _history_told(self) -> None:
        clock, heard = self._asked.clock, -1
        end = clock.monotonic() + TOLD_WITHIN_S
        while heard != self._heard and clock.monotonic() < end:
            heard = self._heard
            await clock.sleep(TOLD_S)

    def _hear(self, answer: Answer) -> None:
        canary = answer.version == self._asked.canary
        if answer.service != self._asked.service or not (canary or answer.version == self._asked.stable):
            return
        if not self._is_compared(answer, canary):
            return
        if not canary:
            for one in self._slowness:
                one.learn(answer)
        if self._since and self._since.counts(answer):
            self._count(answer, canary)

    def _is_compared(self, answer: Answer, canary: bool) -> bool:
        if not self._asked.mirrored:
            return not answer.mirrored
        return answer.mirrored if canary else not answer.mirrored and answer.method in (None, *self._asked.methods)

    def _count(self, answer: Answer, canary: bool) -> None:
        bad = {"errors": answer.failed, **{one.name: one.is_bad(answer) for one in self._slowness}}
        if self._clients:
            self._clients.hear(answer, bad, self._asked.clock.monotonic())
        else:
            self._tally.add(bad, canary=canary)

    def _count_clients(self) -> frozenset[str]:
        if self._clients is None:
            return frozenset()
        told, names = self._clients.told(self._asked.clock.monotonic())
        for client in told:
            self._tally.add(client.bad, canary=client.version == self._asked.canary)
        return names

    def _new_bounds(self) -> dict[str, float]:
        """Those that can be frozen, or are, and have not been told yet."""
        for one in self._slowness:
            one.freeze()
        bounds = {one.name: one.bound_ms for one in self._slowness if one.bound_ms is not None}
        new = {name: bound for name, bound in bounds.items() if name not in self._told}
        self._told |= new.keys()
        return new

    def _look(self) -> None:
        if self._since:
            self._since.look()
        for one in self._slowness:
            one.look()

    async def _silent(self) -> str | None:
        """Why nothing can be said now."""
        if self._lost:
            return self._lost
        if self._clients and self._clients.full:
            return f"more than {MOST:,} clients: no more can be told apart"
        try:
            return None if await self._asked.router.alive() else "the router does not answer"
        except Exception as error:
            return _words(error)


def _slowness(asked: Asked) -> list[Slowness]:
    policies = {"latency": asked.policy.latency, "first_byte": asked.policy.first_byte}
    return [
        Slowness(name, policy.quantile, asked.frozen.get(name), asked.clock)
        for name, policy in policies.items()
        if policy.judged
    ]


def _words(error: Exception) -> str:
    said = error.message if isinstance(error, FairleadError) else str(error)
    return said or type(error).__name__
