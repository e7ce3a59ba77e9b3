"""Whether units fell to the two versions as they were assigned: when not, no ratio of theirs means anything.

The same likelihood ratio as for bad units, over all units, to both sides: a sample ratio mismatch test that can be
looked at any time (Lindon et al. 2022). It finds sessions counted by request, a metric that counts something other
than what was assigned, a share that was not applied, units of one version that never end.
"""

from __future__ import annotations

from math import log

from fairlead.release.judge.mixture import log_sum, weighted
from fairlead.release.judge.rates import Tally

TOLERANCE = 1.05
"""Odds of falling to the canary that may be off by this factor, to either side: enough for units still under way."""

CHANCE = 0.001
"""Probability of finding a mismatch in a release, over all indicators, where there is none."""

MORE = weighted((TOLERANCE * 2 ** (step / 4) for step in (1, 2, 4, 8, 16)), (1,) * 5)
FEWER = weighted((1 / ratio for ratio, _ in MORE), (1,) * 5)


def is_off(units: Tally, indicators: int) -> bool:
    """Whether the canary had provably more or fewer units than its share."""
    more = units.log_mixture(MORE, TOLERANCE)
    fewer = units.log_mixture(FEWER, 1 / TOLERANCE)
    return log_sum((more, fewer)) - log(2) >= log(indicators / CHANCE)
