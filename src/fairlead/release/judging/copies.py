"""Copies beside originals, so counted that the judge may take them for shares.

With a copy made of each request with probability s, there are s answers of the canary to one of the stable version:
the canary's share of all answers is s / (1 + s). A limit on the rate makes it less, by an amount that nobody decided.
So what came is thinned, whichever side there is too much of, until the numbers fit. Thinned are all counts alike, the
bad as the good: log L of the judge is linear in them, thus that of a thinned count is at most the mean of those of
randomly thinned ones (Jensen), and those are e-values since, given how many answers there are of each side, chance
decides which of them are bad. That a request and its copy tend to go bad together only makes false alarms rarer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.release.judge import Counts, Moments, Observed, Values
from fairlead.release.judge.batch import pooled

LEAST = 10.0
"""Answers of the canary that are thinned together: fewer would lose most of what they tell."""

LONGEST_S = 20.0
"""What is seen is handed on after that long, however little it is."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Answers that are waiting to be told, of a canary that gets `sample` (0 to 1) of the requests as copies."""

    sample: float
    waiting: Mapping[str, Observed] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The canary's part of all answers that fit."""
        return self.sample / (1 + self.sample)

    def after(self, seen: Mapping[str, Observed | None], seconds: float) -> tuple[Copies, dict[str, Observed | None]]:
        """What is left waiting, and what can be told now: of an indicator that only waits, that nothing came."""
        waiting, waited, told = dict(self.waiting), dict(self.seconds), dict[str, Observed | None]()
        for name, more in seen.items():
            told[name] = more
            if more is None or more.fault():
                continue
            pool = pooled(waiting.pop(name), more) if name in waiting else more
            waited[name] = waited.get(name, 0.0) + seconds
            if pool.total_canary >= LEAST or waited[name] >= LONGEST_S:
                told[name], waited[name] = fitted(pool, self.sample), 0.0
            else:
                told[name], waiting[name] = thinned(pool, 0, 0), pool
        return Copies(self.sample, waiting, waited), told


def fitted(seen: Observed, odds: float) -> Observed:
    """As much of both sides as gives `odds` answers of the canary to one of the stable version."""
    stable, canary = seen.total_stable * odds, seen.total_canary
    most = min(stable, canary)
    return thinned(seen, most / stable if stable else 0.0, most / canary if canary else 0.0)


def thinned(seen: Observed, stable: float, canary: float) -> Observed:
    """These parts (0 to 1) of what was seen of each side."""
    if isinstance(seen, Values):
        return Values(_moments(seen.stable, stable), _moments(seen.canary, canary))
    return Counts(
        seen.bad_stable * stable, seen.bad_canary * canary, seen.total_stable * stable, seen.total_canary * canary
    )


def _moments(seen: Moments, part: float) -> Moments:
    return Moments(seen.units * part, seen.sum * part, seen.squares * part, seen.observations * part)
