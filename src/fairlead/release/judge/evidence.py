"""What one indicator says: how strongly for "worse than the stable version", and for "within the margin"."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log
from typing import Any

from fairlead.release.judge import means, rates, split
from fairlead.release.judge.batch import Counts, Strata, Values
from fairlead.release.judge.mixture import log_sum
from fairlead.release.judge.policy import EventMargin, Margin, MeanMargin, Policy
from fairlead.release.judge.rates import Tally


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two e-values, in logarithms, and those at which they decide. `ratio`: canary to stable, as seen; no promise.

    `silent` says why there is none, or none at present: then nothing is promoted. What was seen before a source fell
    silent stays as it was; what was seen of units that did not split as assigned is void.
    """

    log_worse: float = 0.0
    log_within: float = 0.0
    log_worse_at: float = inf
    log_within_at: float = inf
    ratio: float | None = None
    silent: str | None = None

    @property
    def worse(self) -> float:
        """E-value against "not worse than the stable version"."""
        return exp(min(self.log_worse, 700.0))

    @property
    def within(self) -> float:
        """E-value against "worse than the margin"."""
        return exp(min(self.log_within, 700.0))

    @property
    def is_worse(self) -> bool:
        return self.log_worse >= self.log_worse_at

    @property
    def is_within(self) -> bool:
        return self.silent is None and self.log_within >= self.log_within_at

    @property
    def worse_part(self) -> float:
        """How far to a rollback, 0 to 1, in logarithms: each bad event takes about the same step."""
        return _part(self.log_worse, self.log_worse_at)

    @property
    def within_part(self) -> float:
        """How far to what a promotion needs, 0 to 1, in logarithms."""
        return _part(self.log_within, self.log_within_at)

    def to_json(self) -> dict[str, Any]:
        """As kept in the history and shown."""
        return {
            "log_worse": self.log_worse,
            "log_within": self.log_within,
            "worse_part": self.worse_part,
            "within_part": self.within_part,
            "ratio": self.ratio,
            "silent": self.silent,
        }


def weigh(policy: Policy, name: str, strata: Strata, silent: str | None = None) -> Evidence:
    """The evidence of one indicator from what it has seen under each share."""
    fault = _fault(policy, policy.indicators[name], strata)
    margin = policy.indicators[name]
    return Evidence(
        log_worse=0.0 if fault else log_worse(margin, strata),
        log_within=0.0 if fault else log_within(margin, strata),
        log_worse_at=log(policy.worse_at),
        log_within_at=log(policy.within_at),
        ratio=ratio(strata),
        silent=fault or silent,
    )


def log_worse(margin: Margin, strata: Strata) -> float:
    """The log e-value against "not worse than the stable version"."""
    if isinstance(margin, EventMargin):
        return rates.log_worse(bad_units(strata))
    return _of_means(margin, means.worse(margin), strata)


def log_within(margin: Margin, strata: Strata) -> float:
    """The log e-value against "worse than the margin"."""
    if isinstance(margin, MeanMargin):
        return _of_means(margin, means.within(margin), strata)
    bad = bad_units(strata)
    by_ratio = rates.log_within(bad, margin.ratio)
    if margin.negligible is None:
        return by_ratio
    total = sum(seen.total_canary for _, seen in strata)
    by_rate = rates.log_rare(bad.canary, total, margin.negligible)
    return log_sum((by_ratio, by_rate)) - log(2)  # either would do; the mean of two e-values is one


def _of_means(margin: MeanMargin, contrast: means.Contrast, strata: Strata) -> float:
    stretches = means.burnt_in(margin, values(strata))
    scale = _scale(margin, stretches)
    return means.log_evidence(contrast, stretches, scale) if scale > 0 else 0.0


def bad_units(strata: Strata) -> Tally:
    """The bad units of an event indicator."""
    seen = counts(strata)
    return Tally(sum(c.bad_canary for _, c in seen), tuple((share, c.bad) for share, c in seen))


def all_units(strata: Strata) -> Tally:
    """All units, good and bad."""
    return Tally(sum(seen.total_canary for _, seen in strata), tuple((share, seen.total) for share, seen in strata))


def counts(strata: Strata) -> list[tuple[float, Counts]]:
    """The strata of an event indicator."""
    return [(share, seen) for share, seen in strata if isinstance(seen, Counts)]


def values(strata: Strata) -> list[Values]:
    """What an indicator of means has seen, share by share."""
    return [seen for _, seen in strata if isinstance(seen, Values)]


def ratio(strata: Strata) -> float | None:
    """The canary's rate or mean over the stable one's, weighted over the shares (Mantel-Haenszel); `None` unknown."""
    above = below = 0.0
    for _, seen in strata:
        canary, stable = (
            (seen.bad_canary, seen.bad_stable) if isinstance(seen, Counts) else (seen.canary.sum, seen.stable.sum)
        )
        if seen.total:
            above += canary * seen.total_stable / seen.total
            below += stable * seen.total_canary / seen.total
    return above / below if below else None


def _fault(policy: Policy, margin: Margin, strata: Strata) -> str | None:
    """Why what was seen can't be compared, whatever it is."""
    if split.is_off(all_units(strata), len(policy.indicators)):
        return "its units did not split as assigned: is it counted by what is assigned?"
    if isinstance(margin, MeanMargin) and (stretches := means.burnt_in(margin, values(strata))):
        return None if _scale(margin, stretches) > 0 else "the stable version's mean is not above 0"
    return None


def _scale(margin: MeanMargin, stretches: list[Values]) -> float:
    return means.effect(margin, means.stable_mean(stretches)) if stretches else 0.0


def _part(log_value: float, log_at: float) -> float:
    return min(max(log_value / log_at, 0.0), 1.0) if log_at > 0 else 1.0
