"""Costs of requests, whose mean is judged: log-normal, the more skewed the wider they spread."""

from __future__ import annotations

import random
from dataclasses import dataclass

from fairlead.release.judge import Batch, Guard, MeanMargin, Moments, Policy, Values, begin, update, verdict

MARGIN = 1.15
SPREADS = (0.6, 1.0, 1.5)
"""Standard deviation of the logarithm; 1.5: the dearest hundredth costs 33 times the median."""

SHARES = (0.1, 0.5)
BATCH, BATCHES = 200, 100
"""Requests of both versions in a batch, and batches until it gives up."""

POLICY = Policy({"cost": MeanMargin(MARGIN)}, warm_up_s=0, guard=Guard(failing=None))


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided, and after how many requests of the canary."""

    kind: str
    canary: int


def judged(spread: float, share: float, times: float, seed: str) -> Judged:
    """One release whose requests cost `times` those of the stable version on average."""
    chance = random.Random(seed)  # a simulation, nothing to guess
    state, units = begin(POLICY), round(BATCH * share)
    for number in range(1, BATCHES + 1):
        seen = Values(_spent(chance, BATCH - units, 1.0, spread), _spent(chance, units, times, spread))
        state = update(state, Batch(share, 10.0, {"cost": seen}))
        if (found := verdict(state, forecast=False)).kind != "hold":
            return Judged(found.kind, number * units)
    return Judged("hold", BATCHES * units)


def _spent(chance: random.Random, units: int, times: float, spread: float) -> Moments:
    values = [times * chance.lognormvariate(0, spread) for _ in range(units)]
    return Moments.of_units(units, sum(values), sum(value * value for value in values))
