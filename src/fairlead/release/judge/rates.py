"""Evidence on the ratio of two rates of bad units, from who the bad ones belong to.

While the canary holds the share f, and bad units are r times as likely with it, a bad unit is the canary's with
probability p(r) = f·r / (f·r + 1 - f), independently of every other one and of how many there are: that number, and
with it a day's rhythm or an incident that hits both versions, cancels. Of n bad units the canary has Binomial(n, p(r)),
so k of its own speak for r against 1 with the likelihood ratio

    L(r) = r^k / Π (1 + f·(r - 1))^n        over the shares f, with n bad units under each,

for which k and the n are all that has to be remembered, in any order and any batches.

Both nulls are composite and one-sided, and L against their border is a test supermartingale under all of them: for
r > 1 the expected factor of one bad unit, p·r/(1+f(r-1)) + (1-p)/(1+f(r-1)), grows with p and is 1 at p(1) = f, thus at
most 1 for every ratio up to 1, even one that changes from unit to unit; the same, mirrored, for r < margin against
`margin`. A mixture over r fixed beforehand is one too (Ville 1939; Howard et al. 2021), so that it ever reaches 1/a has
probability a at most. Conditional on the number of events: Lindon et al. 2022, section on counting processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import log, log1p

from fairlead.release.judge.mixture import Weighted, log_sum, weighted

Shares = tuple[tuple[float, float], ...]
"""Number of units under each share."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the units belong to the canary, and how many there are of both versions under each share."""

    canary: float = 0.0
    by_share: Shares = ()

    def log_ratio(self, ratio: float) -> float:
        """log L(ratio): how much better `ratio` explains the tally than 1 does."""
        return self.canary * log(ratio) - sum(n * log1p(share * (ratio - 1)) for share, n in self.by_share)

    def log_mixture(self, alternatives: Weighted, null: float) -> float:
        """The log e-value of a mixture of ratios against the border `null`."""
        mixed = log_sum(log_weight + self.log_ratio(ratio) for ratio, log_weight in alternatives)
        return mixed - self.log_ratio(null)


WORSE = weighted((2 ** (step / 2) for step in range(1, 13)), (1 / step for step in range(1, 13)))
"""Ratios 1.4 to 64, in equal steps of their logarithm; a harm of twice or three times is likelier than of fifty."""


@cache
def within(margin: float) -> Weighted:
    """Ratios under `margin`, in steps of its logarithm: half the weight on 1, since most releases change nothing."""
    steps = {0.0: 6.0, 0.25: 1.0, 0.5: 1.0, 0.75: 1.0, -0.5: 1.0, -1.0: 1.0, -2.0: 1.0}
    return weighted((margin**step for step in steps), steps.values())


def log_worse(tally: Tally) -> float:
    """Log e-value against "the canary's rate is at most the stable version's"."""
    return tally.log_mixture(WORSE, 1.0)


def log_within(tally: Tally, margin: float) -> float:
    """Log e-value against "the canary's rate is at least `margin` times the stable version's"."""
    return tally.log_mixture(within(margin), margin)


def log_rare(bad: float, total: float, rate: float) -> float:
    """Log e-value against "the canary's own rate of bad units is at least `rate`": Bernoulli, a mixture of lower ones.

    By itself a supermartingale for every rate from `rate` up, by the same argument as above.
    """
    lower = [rate / 2**step for step in (1, 2, 4, 10)]
    return log_sum(
        log(1 / len(lower)) + bad * log(low / rate) + (total - bad) * (log1p(-low) - log1p(-rate)) for low in lower
    )
