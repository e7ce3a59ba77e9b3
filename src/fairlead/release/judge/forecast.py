"""How long until a promotion, if from now on the new version is as good as the stable one and traffic stays as it is.

A forecast, not a promise: it puts expected events where random ones will be, so about half of the releases take longer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from math import inf, log
from typing import Any

from fairlead.release.judge.batch import Counts, Moments, Observed, Strata, Values, added, pooled
from fairlead.release.judge.evidence import log_within
from fairlead.release.judge.policy import EventMargin, Margin, Policy
from fairlead.release.judge.state import State

MOST = 1e12
"""Units that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What the slowest indicator still needs: units of both versions, bad ones among them, seconds; `None` unknown."""

    indicator: str
    units: float | None = None
    events: float | None = None
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As shown."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for an indicator: what has been seen of it, and how many units come in a second."""

    seen: Observed
    units_per_s: float


def needed(state: State) -> Needed | None:
    """What is missing until a promotion at the present share and traffic; `None` when nothing is, or no share is."""
    strata = {name: seen.by_share for name, seen in state.seen.items()}
    usual = {
        name: Usual(reduce(pooled, (sums for _, sums in seen.by_share)), seen.units_per_s)
        for name, seen in state.seen.items()
        if seen.by_share
    }
    return _slowest(state.policy, state.share, usual, strata)


def expected(policy: Policy, share: float, usual: Mapping[str, Usual]) -> Needed | None:
    """What a release would need that held `share` throughout; an indicator that is not in `usual` stays unknown."""
    return _slowest(policy, share, usual, {})


def _slowest(
    policy: Policy, share: float | None, usual: Mapping[str, Usual], strata: Mapping[str, Strata]
) -> Needed | None:
    if share is None or not 0 < share < 1:
        return None
    missing = [
        _missing(name, margin, usual.get(name), strata.get(name, ()), share, log(policy.within_at))
        for name, margin in policy.indicators.items()
    ]
    return max(
        (one for one in missing if one), key=lambda one: inf if one.seconds is None else one.seconds, default=None
    )


def _missing(
    name: str, margin: Margin, usual: Usual | None, strata: Strata, share: float, wanted: float
) -> Needed | None:
    if log_within(margin, strata) >= wanted:
        return None
    if usual is None or not usual.seen.total:
        return Needed(name)
    if isinstance(usual.seen, Values):
        return _of_values(name, margin, usual.seen, usual.units_per_s, strata, share, wanted)
    rate = usual.seen.bad / usual.seen.total
    if rate == 0 and isinstance(margin, EventMargin) and margin.negligible is None:
        events = _least(lambda more: log_within(margin, added(strata, share, _counts(more, 1.0, share))) >= wanted)
        return Needed(name, events=events)
    units = _least(lambda more: log_within(margin, added(strata, share, _counts(more, rate, share))) >= wanted)
    return Needed(name, units, units and units * rate, _seconds(units, usual.units_per_s))


def _of_values(
    name: str, margin: Margin, seen: Values, units_per_s: float, strata: Strata, share: float, wanted: float
) -> Needed:
    if seen.stable.observations < 2:
        return Needed(name)
    units = _least(lambda more: log_within(margin, added(strata, share, _values(more, seen.stable, share))) >= wanted)
    return Needed(name, units, None, _seconds(units, units_per_s))


def _counts(units: float, rate: float, share: float) -> Counts:
    """Of a canary that is as good as the stable version."""
    canary, stable = units * share, units * (1 - share)
    return Counts(stable * rate, canary * rate, stable, canary)


def _values(units: float, like: Moments, share: float) -> Values:
    """Of a canary that is as good as the stable version."""
    return Values(_moments(units * (1 - share), like), _moments(units * share, like))


def _moments(units: float, like: Moments) -> Moments:
    squares = units * (like.variance + like.mean**2)
    return Moments(units, units * like.mean, squares, units * like.observations / like.units)


def _least(enough: Callable[[float], bool]) -> float | None:
    """The smallest number of units that is enough, to a hundredth; `None` when none is."""
    above = 1.0
    while not enough(above):
        above *= 2
        if above > MOST:
            return None
    below = above / 2 if above > 1 else 0.0
    while above - below > 0.01 * above:
        middle = (below + above) / 2
        below, above = (below, middle) if enough(middle) else (middle, above)
    return above


def _seconds(units: float | None, units_per_s: float) -> float | None:
    return units / units_per_s if units is not None and units_per_s > 0 else None
