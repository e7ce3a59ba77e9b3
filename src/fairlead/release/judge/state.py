"""All that a judge remembers of a release: small, frozen, fit for a journal; the same batches give the same state.

What is remembered are sufficient statistics, counts under each share, not e-values: exact, whatever order or pieces
they came in, and open to being judged again by another policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import Any

from fairlead.release.judge import guard
from fairlead.release.judge.batch import NO_COUNTS, Batch, Counts, Moments, Observed, Strata, Values, added
from fairlead.release.judge.policy import EventMargin, Guard, Margin, MeanMargin, Policy

HALF_LIFE_S = 120.0
"""Of the present traffic, which forecasts go by."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one indicator has shown: by share, from the smallest; why it was silent in the latest batch, if it was.

    `recent_units` in `recent_s` seconds is its traffic, the older the less it weighs.
    """

    by_share: Strata = ()
    silent: str | None = "nothing seen yet"
    recent_units: float = 0.0
    recent_s: float = 0.0

    @property
    def units_per_s(self) -> float:
        """Of both versions; 0 when nothing is known."""
        return self.recent_units / self.recent_s if self.recent_s else 0.0


@dataclass(frozen=True, slots=True)
class State:
    """Where the judge stands. `share` has been held for `held_s` seconds; `None` when nothing is to be compared."""

    policy: Policy
    seen: Mapping[str, Seen]
    share: float | None = None
    held_s: float = 0.0
    failing: Counts = NO_COUNTS
    crashes: int = 0

    def to_record(self) -> dict[str, Any]:
        """As kept: JSON, every number exactly."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> State:
        """What `to_record` made."""
        seen = {name: _seen(kept) for name, kept in record["seen"].items()}
        failing = Counts(**record["failing"])
        return cls(**{**record, "policy": _policy(record["policy"]), "seen": seen, "failing": failing})


def begin(policy: Policy) -> State:
    """Before anything was seen."""
    return State(policy, {name: Seen() for name in policy.indicators})


def update(state: State, batch: Batch) -> State:
    """After one more batch. Raises `ValueError` for an indicator that the policy does not know or of another kind."""
    _check(state.policy, batch)
    seconds = batch.seconds if 0 <= batch.seconds < inf else 0.0
    share = batch.share if batch.share is not None and 0 < batch.share < 1 else None
    held_s = state.held_s if share == state.share else 0.0
    counted = share if held_s >= state.policy.warm_up_s else None
    return replace(
        state,
        seen={name: _after(seen, batch.seen.get(name), seconds, counted) for name, seen in state.seen.items()},
        share=share,
        held_s=0.0 if share is None else held_s + seconds,
        failing=_failing(state, batch, share),
        crashes=state.crashes + max(batch.crashes, 0),
    )


def _check(policy: Policy, batch: Batch) -> None:
    for name, observed in batch.seen.items():
        if name not in policy.indicators:
            raise ValueError(f"unknown indicator {name}; there are {', '.join(policy.indicators)}")
        kind = Counts if isinstance(policy.indicators[name], EventMargin) else Values
        if observed is not None and not isinstance(observed, kind):
            raise ValueError(f"{name} should be {kind.__name__}, got {type(observed).__name__}")


def _after(seen: Seen, observed: Observed | None, seconds: float, counted: float | None) -> Seen:
    """With what was seen under the share `counted`; `None` when it does not count."""
    fault = "no answer from its source" if observed is None else observed.fault()
    if observed is None or fault:
        return replace(seen, silent=fault)
    fades = 0.5 ** (seconds / HALF_LIFE_S)
    return Seen(
        by_share=seen.by_share if counted is None else added(seen.by_share, counted, observed),
        silent=None,
        recent_units=seen.recent_units * fades + observed.total,
        recent_s=seen.recent_s * fades + seconds,
    )


def _failing(state: State, batch: Batch, share: float | None) -> Counts:
    watched = state.policy.guard.failing
    latest = batch.seen.get(watched) if watched else None
    before = state.failing if share == state.share else NO_COUNTS
    if not isinstance(latest, Counts) or latest.fault():
        return before
    return guard.failing(state.policy.guard, before, latest)


def _seen(kept: Mapping[str, Any]) -> Seen:
    return Seen(**{**kept, "by_share": tuple((share, _observed(sums)) for share, sums in kept["by_share"])})


def _observed(kept: Mapping[str, Any]) -> Observed:
    if "stable" in kept:
        return Values(Moments(**kept["stable"]), Moments(**kept["canary"]))
    return Counts(**kept)


def _policy(kept: Mapping[str, Any]) -> Policy:
    indicators: dict[str, Margin] = {
        name: MeanMargin(**margin) if "burn_in" in margin else EventMargin(**margin)
        for name, margin in kept["indicators"].items()
    }
    return Policy(**{**kept, "indicators": indicators, "guard": Guard(**kept["guard"])})
