"""What the judge is asked to promise: its error rates, and how much worse each indicator may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class EventMargin:
    """An indicator that counts bad units: an error, an answer slower than a frozen bound, a guard hit.

    `ratio`: the canary may have up to this many times the stable version's rate of bad units, more than 1.
    `negligible`: a rate of bad units (0 to 1) under which the canary is good whatever the ratio; `None` for no such
    rate. Without one a service that never fails gives no evidence: nothing over nothing is no ratio.
    """

    ratio: float = 2.0
    negligible: float | None = None

    def __post_init__(self) -> None:
        if not 1 < self.ratio < float("inf"):
            raise ValueError(f"ratio should be more than 1, got {self.ratio}")
        if self.negligible is not None and not 0 < self.negligible < 1:
            raise ValueError(f"negligible should be between 0 and 1, got {self.negligible}")


@dataclass(frozen=True, slots=True)
class MeanMargin:
    """An indicator whose mean over units is compared: a cost, a score. Values are positive on average.

    `ratio`: where lower is better, the canary's mean may be up to `ratio` times the stable one's; where higher is
    better, down to the stable one's divided by `ratio`. `burn_in`: observations of each version (at each share) before
    any evidence, since the method is exact only in the limit; 200 kept false alarms under their level in simulations.
    """

    ratio: float = 1.15
    better: Literal["lower", "higher"] = "lower"
    burn_in: int = 200

    def __post_init__(self) -> None:
        if not 1 < self.ratio < float("inf"):
            raise ValueError(f"ratio should be more than 1, got {self.ratio}")
        if self.burn_in < 2:
            raise ValueError(f"burn_in should be at least 2, got {self.burn_in}")


Margin = EventMargin | MeanMargin


@dataclass(frozen=True, slots=True)
class Guard:
    """When a canary is taken back at once, before any statistics.

    `failing`: the indicator that counts failed units, `None` for no such watch. A canary is broken when `fraction` of
    its latest units failed, at least `least` of them, and chance would put so many of all failures on it with a
    probability of `chance` at most, which an incident that hits both versions does not meet; or after `crashes`
    crashes of its instances.
    """

    failing: str | None = "errors"
    fraction: float = 0.5
    least: int = 5
    chance: float = 1e-5
    crashes: int = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """`alpha`: probability of taking a good release back; `beta`: of promoting one that is worse than a margin.

    Both for the whole release and at any look. `warm_up_s`: seconds after each change of the share that do not count;
    at least as long as a usual request, so that what was assigned under the share before has ended.
    """

    indicators: Mapping[str, Margin]
    alpha: float = 0.01
    beta: float = 0.05
    warm_up_s: float = 30.0
    guard: Guard = field(default_factory=Guard)

    def __post_init__(self) -> None:
        if not self.indicators:
            raise ValueError("a judge needs at least one indicator")
        for name, level in (("alpha", self.alpha), ("beta", self.beta)):
            if not 0 < level < 1:
                raise ValueError(f"{name} should be between 0 and 1, got {level}")
        if not self.warm_up_s >= 0:
            raise ValueError(f"warm_up_s should be at least 0, got {self.warm_up_s}")
        failing = self.guard.failing
        if failing is not None and not isinstance(self.indicators.get(failing), EventMargin):
            raise ValueError(f"guard.failing should be an indicator that counts, or None, got {failing}")

    @property
    def worse_at(self) -> float:
        """The e-value at which one indicator takes the release back: alpha is shared by all of them (Bonferroni)."""
        return len(self.indicators) / self.alpha

    @property
    def within_at(self) -> float:
        """The e-value that every indicator needs for a promotion: all have to, so beta is not shared."""
        return 1 / self.beta
