"""How long a canary would take to a verdict, told before it starts, from the traffic of the last minutes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fairlead.engine.engine import Engine
from fairlead.engine.router import Traffic
from fairlead.errors import RouterError
from fairlead.kit.background import Background
from fairlead.release.indicators import policies
from fairlead.release.judge import Counts, Policy, Usual, expected
from fairlead.release.judge.forecast import Needed
from fairlead.stack.model.service import Service

EVERY_S = 15.0
WINDOW_S = 300.0
"""What counts as the present traffic."""

LEAST_S = 2.0
"""Time in which traffic can be told at all."""

Passed = Mapping[tuple[str, str], Traffic]


@dataclass(frozen=True, slots=True)
class Present:
    """What passed to all versions of one service, in how many seconds."""

    requests: float
    errors: float
    seconds: float

    @property
    def per_s(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0


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

    async def _watch(self) -> None:
        while True:
            await self.look()
            await self._engine.clock.sleep(EVERY_S)

    async def look(self) -> None:
        """Read the counters now; a router that does not answer is looked at the next time."""
        try:
            passed = await self._engine.router.observe()
        except RouterError:
            return
        self._looks.append((self._engine.clock.monotonic(), dict(passed)))

    async def present(self, service: str) -> Present:
        """The traffic of the last minutes, up to now."""
        await self.look()
        if len(self._looks) < 2:
            return Present(0.0, 0.0, 0.0)
        (began, before), (ended, after) = self._looks[0], self._looks[-1]
        if ended - began < LEAST_S:
            await self._engine.clock.sleep(LEAST_S)
            return await self.present(service)
        keys = [key for key in after if key[0] == service]
        grown = [(_of(after, key), _of(before, key)) for key in keys]
        requests = sum(max(now.requests - then.requests, 0) for now, then in grown)
        errors = sum(max(now.errors - then.errors, 0) for now, then in grown)
        return Present(requests, min(errors, requests), ended - began)


def _of(passed: Passed, key: tuple[str, str]) -> Traffic:
    return passed.get(key, Traffic())


def forecast(service: str, spec: Service, present: Present, strategy: str) -> dict[str, Any]:
    """What a release of this service would need. `seconds` is `None` where nobody can know.

    Declared indicators are only known once they are seen; they are named in `unknown`.
    """
    canary = spec.release.canary
    policy = policies({service: spec})[service]
    known = {name: margin for name, margin in policy.indicators.items() if name not in canary.indicators}
    shares = [share for share in canary.steps if share < 100]
    sticky = spec.traffic.sticky != "none"
    usual = {} if sticky else _usual(replace(policy, indicators=known), spec, present)
    needed = expected(replace(policy, indicators=known), shares[-1] / 100, usual) if shares and usual else None
    return {
        "strategy": strategy,
        "seconds": _seconds(spec, needed, strategy, len(shares)),
        "requests_per_s": present.per_s,
        "slowest": needed.indicator if needed else None,
        "requests": needed.units if needed else None,
        "unknown": list(canary.indicators),
        "sticky": sticky,
    }


def _usual(policy: Policy, spec: Service, present: Present) -> dict[str, Usual]:
    if not present.requests:
        return {}
    canary, requests = spec.release.canary, present.requests
    slow = {"latency": canary.latency.quantile, "first_byte": canary.first_byte.quantile}
    bad = {"errors": present.errors} | {name: requests * (1 - part / 100) for name, part in slow.items()}
    return {name: Usual(Counts(bad[name], 0.0, requests, 0.0), present.per_s) for name in policy.indicators}


def _seconds(spec: Service, needed: Needed | None, strategy: str, shares: int) -> float | None:
    """Paces of all shares but the last, which waits for the slowest indicator; before them, the copies of a shadow."""
    canary, shadow = spec.release.canary, spec.release.shadow
    copying = shadow.pace if strategy == "shadow" else 0.0
    if strategy == "shadow" and shadow.then != "canary":
        return copying
    if needed is None or needed.seconds is None:
        return None
    return copying + canary.pace * (shares - 1) + max(canary.pace, canary.warm_up + needed.seconds)


async def forecasts(meter: Meter, services: Mapping[str, tuple[Service, str]]) -> dict[str, dict[str, Any]]:
    """Of several services, each with its strategy."""
    names = list(services)
    presents = await asyncio.gather(*(meter.present(name) for name in names))
    return {
        name: forecast(name, *_given(services[name], present)) for name, present in zip(names, presents, strict=True)
    }


def _given(asked: tuple[Service, str], present: Present) -> tuple[Service, Present, str]:
    spec, strategy = asked
    return spec, present, strategy
