"""All sources of a release under its present shares: opened together, read together, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import reduce

from fairlead.engine.router import Traffic
from fairlead.release.judge import Batch, Counter
from fairlead.release.judging.copies import Copies
from fairlead.release.judging.listener import LIMIT_S, Find, Heard, Listener, listeners, within
from fairlead.release.judging.observation import Sight
from fairlead.release.judging.standing import Case
from fairlead.release.judging.subject import Subject


class Bench:
    """The sources of one service, from one confirmed share to the next."""

    def __init__(self, subject: Subject, find: Find, redact: Callable[[str], str]) -> None:
        self._subject = subject
        self._find = find
        self._redact = redact
        self._listeners: list[Listener] = []
        self._share = 0.0
        self._copies = Copies(0.0)
        self._crashes, _ = Counter().read(subject.crashes())
        self._passed: dict[str, Counter] = {}

    async def open(self, case: Case, counted: frozenset[str]) -> Sight:
        """Count afresh: only what begins from now on can have been assigned by the present share."""
        await self.close()
        asked = replace(self._subject.asked, frozen=case.frozen, counted=counted)
        self._listeners = listeners(asked, self._find, self._redact)
        self._share = await self._subject.share()
        self._copies = Copies(self._share / 100)
        heard = _all(await asyncio.gather(*(listener.open() for listener in self._listeners)))
        await self._whole()
        return Sight(Batch(None, 0.0), heard.why, heard.frozen, mirrored=asked.mirrored)

    async def look(self, seconds: float, held: bool) -> Sight:
        """What happened in those seconds; it is not compared when the shares were not `held` throughout."""
        heard = _all(await asyncio.gather(*(listener.read() for listener in self._listeners)))
        if await self._subject.share() != self._share:
            held = False
        seen, share = dict(heard.seen), self._share / 100
        if self._subject.asked.mirrored:
            share = self._copies.share
            self._copies, seen = self._copies.after(heard.seen, seconds)
        batch = Batch(share if held else None, seconds, seen, self._crashed())
        whole = await self._whole()
        return Sight(batch, heard.why, heard.frozen, heard.units, whole, self._subject.asked.mirrored)

    async def close(self) -> None:
        """Let go of every source."""
        await asyncio.gather(*(listener.close() for listener in self._listeners))
        self._listeners = []

    def _crashed(self) -> int:
        self._crashes, more = self._crashes.read(self._subject.crashes())
        return int(more or 0)

    async def _whole(self) -> tuple[float, float] | None:
        """Requests and failures since the last time, of both versions by the router's counters; `None` unknown."""
        asked = self._subject.asked
        try:
            traffic = await within(asked.clock, LIMIT_S, asked.router.observe())
        except Exception:
            return None
        versions = [asked.stable] if asked.mirrored else [asked.stable, asked.canary]
        passed = [traffic.get((asked.service, version), Traffic()) for version in versions]
        requests = self._grown("requests", sum(one.requests for one in passed))
        errors = self._grown("errors", sum(one.errors for one in passed))
        return None if requests is None or errors is None else (requests, min(errors, requests))

    def _grown(self, name: str, value: float) -> float | None:
        self._passed[name], grown = self._passed.get(name, Counter()).read(value)
        return grown


def _all(heard: list[Heard]) -> Heard:
    return reduce(Heard.__or__, heard, Heard())
