"""Simulated releases: what both versions show, stretch by stretch, when the truth is known.

Requests arrive as a Poisson process and fall to a version at random, so that the good and the bad ones of each version
are Poisson counts of their own, independent of one another. Indicators are independent too: the harder case for a
promise that has to hold over all of them.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from math import exp, lgamma, log

from fairlead.release.judge import Counts

RATES = {"errors": 0.005, "slow": 0.05, "costly": 0.05, "low quality": 0.02}
"""Indicators and the stable version's rate of bad units."""

STEPS = ((120.0, 0.01), (240.0, 0.05), (360.0, 0.25), (float("inf"), 0.5))
"""Until when (seconds) the canary holds which share: the steps and the pace that a stack has by default."""

INCIDENT_S = 480.0
INCIDENT = {"errors": 6.0, "slow": 6.0}
"""An incident of a provider: for so long, so many times the rate of bad units, in both versions."""

INCIDENT_WITHIN_S = 1800.0
"""It begins at a random moment of these first seconds."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`ratios`: what the canary does worse than the stable version, and how many times."""

    requests_per_s: float
    horizon_s: float
    stretch_s: float
    has_incident: bool = False
    ratios: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was seen in the seconds up to `until_s`."""

    until_s: float
    share: float
    seen: Mapping[str, Counts]


def release(setting: Setting, seed: str) -> list[Stretch]:
    """One simulated release, the same for the same seed."""
    chance = random.Random(seed)  # a simulation, nothing to guess
    begins = chance.uniform(0, INCIDENT_WITHIN_S) if setting.has_incident else float("inf")
    ends = [setting.stretch_s * (number + 1) for number in range(int(setting.horizon_s / setting.stretch_s))]
    return [_stretch(setting, end, begins < end <= begins + INCIDENT_S, chance) for end in ends]


def _stretch(setting: Setting, end: float, incident: bool, chance: random.Random) -> Stretch:
    share = next(share for until, share in STEPS if end <= until)
    arrivals = setting.requests_per_s * setting.stretch_s
    stable, canary = _drawn(arrivals * (1 - share), chance), _drawn(arrivals * share, chance)
    seen = {}
    for name, usual in RATES.items():
        rate = usual * (INCIDENT.get(name, 1.0) if incident else 1.0)
        worse = min(rate * setting.ratios.get(name, 1.0), 1.0)
        bad_stable = _drawn(arrivals * (1 - share) * rate, chance)
        bad_canary = _drawn(arrivals * share * worse, chance)
        seen[name] = Counts(min(bad_stable, stable), min(bad_canary, canary), stable, canary)
    return Stretch(end, share, seen)


def _drawn(mean: float, chance: random.Random) -> int:
    first, sums = _poisson(round(mean, 9))
    return first + bisect(sums, chance.random())


@cache
def _poisson(mean: float) -> tuple[int, list[float]]:
    """The first likely value, and the sums of the probabilities from there."""
    first = max(0, int(mean - 9 * mean**0.5 - 9))
    last = int(mean + 9 * mean**0.5 + 20)
    return first, list(accumulate(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(first, last)))
