"""How long a canary would take to a verdict, told before it starts, from the traffic of the last minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from fairlead.engine.engine import Engine
from fairlead.engine.router import Traffic
from fairlead.errors import RouterError
from fairlead.kit.background import Background
from fairlead.release.judging.forecast import forecast, usual
from fairlead.stack.model.service import Service

EVERY_S = 15.0
WINDOW_S = 300.0
"""What counts as the present traffic."""

LEAST_S = 2.0
"""Time in which traffic can be told at all."""

Passed = Mapping[tuple[str, str], Traffic]


class Meter:
    """Reads the router's counters every few seconds, and keeps those of some minutes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looks: deque[tuple[float, Passed]] = deque(maxlen=int(WINDOW_S / EVERY_S) + 1)
        self._watching = Background("traffic")

    def begin(self) -> None:
        """Watch from now on."""
        self._watching.begin(self._watch)

    async def end(self) -> None:
        """Watch no longer."""
        await self._watching.end()

    async def forecasts(self, asked: Mapping[str, tuple[Service, str]]) -> dict[str, dict[str, Any]]:
        """By service, from its spec and strategy: how long a judged release would take."""
        await self._see_enough()
        return {service: self._forecast(service, spec, strategy) for service, (spec, strategy) in asked.items()}

    def _forecast(self, service: str, spec: Service, strategy: str) -> dict[str, Any]:
        (began, before), (ended, now) = self._looks[0], self._looks[-1]
        then, here = _whole(before, service), _whole(now, service)
        if here.requests < then.requests:  # the router was started anew
            then = Traffic()
        found = usual(here, then, ended - began, spec.release.canary)
        shown = forecast(service, spec, found).to_json()
        return {**shown, "seconds": _with_copies(shown["seconds"], spec, strategy), "strategy": strategy}

    async def _see_enough(self) -> None:
        """Look now, and again where nothing was seen before."""
        await self._look()
        if not self._looks or self._looks[-1][0] - self._looks[0][0] < LEAST_S:
            await self._engine.clock.sleep(LEAST_S)
            await self._look()

    async def _watch(self) -> None:
        while True:
            await self._look()
            await self._engine.clock.sleep(EVERY_S)

    async def _look(self) -> None:
        """Read the counters; those of a router that does not answer stand still."""
        try:
            passed: Passed = dict(await self._engine.router.observe())
        except RouterError:
            passed = self._looks[-1][1] if self._looks else {}
        self._looks.append((self._engine.clock.monotonic(), passed))


def _whole(passed: Passed, service: str) -> Traffic:
    """What passed to all versions of a service."""
    return reduce(_and, (traffic for (name, _), traffic in passed.items() if name == service), Traffic())


def _and(one: Traffic, other: Traffic) -> Traffic:
    bounds: Iterable[float] = sorted({*one.latency_ms, *other.latency_ms})
    return Traffic(
        requests=one.requests + other.requests,
        errors=one.errors + other.errors,
        latency_ms={bound: _up_to(one, bound) + _up_to(other, bound) for bound in bounds},
    )


def _up_to(traffic: Traffic, bound: float) -> int:
    """How many were at or below a bound; the nearest one below where it is not one of theirs."""
    return max((count for at, count in traffic.latency_ms.items() if at <= bound), default=0)


def _with_copies(seconds: float | None, spec: Service, strategy: str) -> float | None:
    """The copies of a shadow come before everything else, and may be all that is judged."""
    shadow = spec.release.shadow
    if strategy != "shadow":
        return seconds
    if shadow.then != "canary":
        return shadow.pace
    return None if seconds is None else shadow.pace + seconds
