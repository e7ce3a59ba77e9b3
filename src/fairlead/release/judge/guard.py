"""Hard breaks: half of the requests failing, instances that keep crashing. Seen at once, before any statistics.

Evidence that has piled up over hours of good service would take a while to turn. So this looks only at the latest run
of batches in which the canary kept failing, and asks whether it fails alone.
"""

from __future__ import annotations

from math import log

from fairlead.release.judge.batch import NO_COUNTS, Counts
from fairlead.release.judge.policy import Guard


def failing(guard: Guard, before: Counts, latest: Counts) -> Counts:
    """The latest run of batches in which the canary failed often enough, with the latest one; none when it did not."""
    if latest.total_canary and latest.bad_canary < guard.fraction * latest.total_canary:
        return NO_COUNTS
    return before + latest


def broken(guard: Guard, run: Counts, share: float | None, crashes: int) -> str | None:
    """Why the canary has to go at once; `None` when it may stay."""
    if crashes >= guard.crashes:
        return f"its instances crashed {crashes} times"
    if run.bad_canary < guard.least or share is None or not 0 < share < 1:
        return None
    if _surprise(run.bad_canary, run.bad, share) < log(1 / guard.chance):
        return None
    return f"{run.bad_canary:g} of its latest {run.total_canary:g} units failed ({guard.failing})"


def _surprise(canary: float, all_: float, share: float) -> float:
    """-log of Chernoff's bound on the probability that `canary` or more of `all_` failures fall to it by chance."""
    found = canary / all_
    if found <= share:
        return 0.0
    if found == 1:
        return -all_ * log(share)
    return all_ * (found * log(found / share) + (1 - found) * log((1 - found) / (1 - share)))
