"""Evidence on two means of values without a bound (costs, scores): asymptotic, hence only after a burn-in.

Within a stretch of one share, the difference of the means estimates θ = a·(stable mean) + b·(canary mean) with
information I = 1 / (a²·variance/units + b²·variance/units). Estimates of different shares are added as θ̂·I, never
pooled: a day on which everything costs more must not be taken for the version that happened to have more traffic then.
The sum behaves like a Brownian motion with drift θ in the time I (independent increments: Jennison and Turnbull 2000,
chapter 3), for which Robbins' normal mixture, here over θ > 0 only, is an e-process against θ ≤ 0. With variances
estimated it is asymptotic (Waudby-Smith et al. 2024, theorem 2.2 and its one-sided form).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import erfc, log, pi, sqrt

from fairlead.release.judge.batch import Values
from fairlead.release.judge.policy import MeanMargin


@dataclass(frozen=True, slots=True)
class Contrast:
    """θ = stable·(stable mean) + canary·(canary mean); a positive θ is what evidence is sought for."""

    stable: float
    canary: float

    def information(self, seen: Values) -> float:
        """Of the estimate from one stretch, in units of 1/value².

        Both versions are taken to vary as the one that varies more: where values are skewed, as costs are, few of them
        underestimate their spread just when they underestimate their mean.
        """
        variance = max(seen.stable.variance, seen.canary.variance)
        return 1 / (variance * (self.stable**2 / seen.stable.units + self.canary**2 / seen.canary.units))

    def estimate(self, seen: Values) -> float:
        return self.stable * seen.stable.mean + self.canary * seen.canary.mean


def worse(margin: MeanMargin) -> Contrast:
    """Positive when the canary's mean is worse than the stable one's."""
    return Contrast(-1.0, 1.0) if margin.better == "lower" else Contrast(1.0, -1.0)


def within(margin: MeanMargin) -> Contrast:
    """Positive when the canary's mean is inside the margin."""
    return Contrast(margin.ratio, -1.0) if margin.better == "lower" else Contrast(-1 / margin.ratio, 1.0)


def effect(margin: MeanMargin, stable_mean: float) -> float:
    """The size of θ that the evidence is tuned to: between no change and the margin."""
    return stable_mean * (margin.ratio - 1 if margin.better == "lower" else 1 - 1 / margin.ratio)


def burnt_in(margin: MeanMargin, stretches: Iterable[Values]) -> list[Values]:
    """The stretches in which both versions have been seen often enough."""
    return [seen for seen in stretches if min(seen.stable.observations, seen.canary.observations) >= margin.burn_in]


def stable_mean(stretches: Iterable[Values]) -> float:
    """Mean of the stable version over all stretches."""
    arms = [seen.stable for seen in stretches]
    return sum(arm.sum for arm in arms) / sum(arm.units for arm in arms)


def log_evidence(contrast: Contrast, stretches: list[Values], scale: float) -> float:
    """Log e-value for θ > 0, from stretches that are burnt in; 0 without any."""
    informed = [(contrast.information(seen), contrast.estimate(seen)) for seen in stretches]
    information = sum(amount for amount, _ in informed)
    return log_half_normal(sum(amount * found for amount, found in informed), information, scale)


def log_half_normal(score: float, information: float, scale: float) -> float:
    """Log of the likelihood ratio exp(θ·score - θ²·information/2) averaged over a half-normal θ > 0 of this scale."""
    stretch = 1 + scale * scale * information
    z = score * scale / sqrt(stretch)
    if z < -30:  # where erfc is about to underflow: the tail's leading term
        return log(2) - log(stretch) / 2 - log(-z) - log(2 * pi) / 2
    return log(erfc(-z / sqrt(2))) + z * z / 2 - log(stretch) / 2
