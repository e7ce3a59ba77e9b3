"""How long a canary will take, worked out from the present traffic before it begins.

A forecast, as the judge's own: half of the releases take longer. What nothing is known of is named, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import Any

from fairlead.engine.router import Traffic
from fairlead.release.indicators import policies
from fairlead.release.judge import Counts, Needed, Usual, expected, frozen_bound
from fairlead.stack.model.release import Canary
from fairlead.stack.model.service import Service

ROUGHLY = 1 / 100
"""Part of slow requests that a forecast assumes at least, where none has been seen."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the release of one service. `seconds` to its promotion, `None` when that can't be told.

    `slowest` is the indicator that takes longest and what it needs at the last share; `unknown` are indicators of which
    nothing is known beforehand, which may take longer still.
    """

    requests_per_s: float
    seconds: float | None
    slowest: Needed | None
    unknown: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As shown."""
        return asdict(self)


def forecast(service: str, spec: Service, usual: Mapping[str, Usual]) -> Forecast:
    """The shares before the last one at their pace, then what the slowest indicator needs at the last one.

    What the earlier shares tell is left out: that is little, and makes the forecast a cautious one.
    """
    canary = spec.release.canary
    policy = policies({service: spec})[service]
    known = {name: margin for name, margin in policy.indicators.items() if name in usual}
    unknown = tuple(name for name in policy.indicators if name not in usual)
    per_s = max((one.units_per_s for one in usual.values()), default=0.0)
    shares = [share for share in canary.steps if share < 100]
    if spec.traffic.sticky != "none":  # judged by clients, and how many of them there are nobody has counted
        return Forecast(per_s, None if shares else 0.0, None, tuple(policy.indicators))
    if not known or not shares or per_s <= 0:
        return Forecast(per_s, None if shares else 0.0, None, unknown)
    guard = replace(policy.guard, failing="errors" if "errors" in known else None)
    slowest = expected(replace(policy, indicators=known, guard=guard), shares[-1] / 100, usual)
    return Forecast(per_s, _seconds(canary, len(shares), slowest), slowest, unknown)


def usual(now: Traffic, before: Traffic | None, seconds: float, canary: Canary) -> dict[str, Usual]:
    """What is usual for the indicators that the router tells, from what passed to a version in those seconds.

    Without `before` it is all that ever passed, in the `seconds` since the router started. Empty without any request.
    Rates are those of all that ever passed, which is more than a few seconds show.
    """
    requests = now.requests - (before.requests if before else 0)
    if seconds <= 0 or requests <= 0:
        return {}
    per_s = requests / seconds
    slowness = {"latency": canary.latency, "first_byte": canary.first_byte}
    parts = {
        "errors": now.errors / now.requests,
        **{name: _slow(now, one.quantile / 100) for name, one in slowness.items() if one.judged},
    }
    return {
        name: Usual(Counts(part * now.requests, 0.0, float(now.requests), 0.0), per_s) for name, part in parts.items()
    }


def _slow(now: Traffic, quantile: float) -> float:
    """The part over the bound that would be frozen; the router keeps no times to the first byte, which are like it."""
    bound = frozen_bound(now.latency_ms, quantile)
    total = now.latency_ms.get(inf, 0)
    part = 1 - now.latency_ms[bound] / total if bound is not None and total else 1 - quantile
    return max(part, ROUGHLY)


def _seconds(canary: Canary, shares: int, slowest: Needed | None) -> float | None:
    before = (shares - 1) * canary.pace
    if slowest is None:
        return before + canary.warm_up
    return None if slowest.seconds is None else before + max(canary.pace, canary.warm_up + slowest.seconds)
