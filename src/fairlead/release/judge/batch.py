"""What was seen of both versions in a stretch of time, and why some of it can't be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isfinite

SLACK = 1e-9
"""Relative rounding error forgiven in sums."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Units that ended (`total`), and how many of them were bad. Whole numbers, kept as floats."""

    bad_stable: float
    bad_canary: float
    total_stable: float
    total_canary: float

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.bad_stable + other.bad_stable,
            self.bad_canary + other.bad_canary,
            self.total_stable + other.total_stable,
            self.total_canary + other.total_canary,
        )

    @property
    def bad(self) -> float:
        return self.bad_stable + self.bad_canary

    @property
    def total(self) -> float:
        return self.total_stable + self.total_canary

    def fault(self) -> str | None:
        """Why these can't be counts; `None` when they can."""
        for name in ("bad_stable", "bad_canary", "total_stable", "total_canary"):
            value = getattr(self, name)
            if not 0 <= value < inf:
                return f"{name} is {value:g}"
        for arm, bad, total in (
            ("stable", self.bad_stable, self.total_stable),
            ("canary", self.bad_canary, self.total_canary),
        ):
            if bad > total:
                return f"bad_{arm} is {bad:g}, more than all {total:g}"
        return None


NO_COUNTS = Counts(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Moments:
    """Values of one version: of how many units, their sum, their sum of squares.

    `observations` is how many values stand behind the squares: as many as units, or, where only a sum and a count are
    known (a Prometheus summary), one for each batch, whose mean is taken as one value of that weight.
    """

    units: float
    sum: float
    squares: float
    observations: float

    @classmethod
    def of_units(cls, units: float, sum: float, squares: float) -> Moments:  # noqa: A002 - what it is
        """Where the squares are known."""
        return cls(units, sum, squares, units)

    @classmethod
    def of_mean(cls, units: float, sum: float) -> Moments:  # noqa: A002 - what it is
        """Where only the sum is: unit by unit the spread is unknown, batch by batch it is not."""
        return cls(units, sum, sum * sum / units if units else 0.0, 1.0 if units else 0.0)

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.units + other.units,
            self.sum + other.sum,
            self.squares + other.squares,
            self.observations + other.observations,
        )

    @property
    def mean(self) -> float:
        return self.sum / self.units

    @property
    def variance(self) -> float:
        """Of one unit; batch means of n units have an n-th of it, which their weights make good."""
        rest = self.squares - self.sum * self.sum / self.units
        return max(rest / (self.observations - 1), (SLACK * self.mean) ** 2)

    def fault(self, arm: str) -> str | None:
        """Why these can't be moments; `None` when they can."""
        if not all(isfinite(value) for value in (self.sum, self.squares)) or not 0 <= self.units < inf:
            return f"values of the {arm} are not numbers"
        if self.units == 0 and (self.sum or self.squares):
            return f"values of the {arm} without units"
        if self.squares * self.units < self.sum * self.sum * (1 - SLACK):
            return f"squares of the {arm} are less than its values allow"
        return None


@dataclass(frozen=True, slots=True)
class Values:
    """Values of both versions, for an indicator whose mean is compared."""

    stable: Moments
    canary: Moments

    def __add__(self, other: Values) -> Values:
        return Values(self.stable + other.stable, self.canary + other.canary)

    @property
    def total_stable(self) -> float:
        return self.stable.units

    @property
    def total_canary(self) -> float:
        return self.canary.units

    @property
    def total(self) -> float:
        return self.stable.units + self.canary.units

    def fault(self) -> str | None:
        """Why these can't be used; `None` when they can."""
        return self.stable.fault("stable") or self.canary.fault("canary")


Observed = Counts | Values

Strata = tuple[tuple[float, Observed], ...]
"""What was seen under each share, from the smallest share."""


def added(strata: Strata, share: float, more: Observed) -> Strata:
    """With what was seen under one share added to it."""
    sums = dict(strata)
    sums[share] = pooled(sums[share], more) if share in sums else more
    return tuple(sorted(sums.items(), key=lambda entry: entry[0]))


def pooled(one: Observed, other: Observed) -> Observed:
    """Two of a kind as one."""
    if isinstance(one, Counts) and isinstance(other, Counts):
        return one + other
    if isinstance(one, Values) and isinstance(other, Values):
        return one + other
    raise TypeError("counts and values can't be added")


@dataclass(frozen=True, slots=True)
class Batch:
    """What was seen in `seconds`, while the canary held `share` (0 to 1) of the units.

    `share` is the one units were assigned by, not the one that came out; `None` when it changed meanwhile. An
    indicator that is missing, or `None`, could not be observed: that is no evidence, which is not the same as no
    events. `crashes`: instances of the canary that ended by themselves.
    """

    share: float | None
    seconds: float
    seen: Mapping[str, Observed | None] = field(default_factory=dict)
    crashes: int = 0
