"""Ours, and the rules that Argo Rollouts, Flagger and Kayenta publish, all over the same simulated release.

A peer's limits are multiples of the stable version's true rate, which favours it: its user has to guess that rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Literal

from bench.judge.kayenta import is_high
from bench.judge.traffic import RATES, Stretch
from fairlead.release.judge import Batch, Counts, EventMargin, Policy, begin, update, verdict

PEERS_S = 3600.0
"""How long an analysis of a peer lasts; its user sets that."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a judge decided, and when, in seconds from the start."""

    kind: Literal["promote", "roll back", "hold"]
    at_s: float


Judge = Callable[[Sequence[Stretch]], Decision]


def fairlead(stretches: Sequence[Stretch], policy: Policy) -> Decision:
    """Ours, looked at after every stretch."""
    state, before = begin(policy), 0.0
    for stretch in stretches:
        state = update(state, Batch(stretch.share, stretch.until_s - before, stretch.seen))
        before = stretch.until_s
        found = verdict(state, forecast=False)
        if found.kind != "hold":
            return Decision(found.kind, before)
    return Decision("hold", before)


def argo(stretches: Sequence[Stretch], times: float) -> Decision:
    """An analysis in the background: each minute the canary's rate over five; fails when above a limit 4 times.

    `failureLimit: 3` as in the examples of its documentation; no data is an error, and the fifth in a row ends it.
    """
    minutes = list(_minutes(stretches))
    failures = dict.fromkeys(RATES, 0)
    errors = 0
    for number in range(len(minutes)):
        window = minutes[max(0, number - 4) : number + 1]
        rates = {name: _canary_rate([seen[name] for seen in window]) for name in RATES}
        errors = errors + 1 if any(rate != rate for rate in rates.values()) else 0
        for name, rate in rates.items():
            failures[name] += rate > times * RATES[name]
        if errors > 4 or max(failures.values()) > 3:
            return Decision("roll back", 60.0 * (number + 1))
    return Decision("promote", 60.0 * len(minutes))


def flagger(stretches: Sequence[Stretch], times: float) -> Decision:
    """Each minute the canary's rate of that minute; the fifth minute above a limit, or without data, takes it back.

    `interval: 1m`, `threshold: 5` as in the examples of its documentation; failed checks are never forgiven.
    """
    minutes = list(_minutes(stretches))
    failed = 0
    for number, seen in enumerate(minutes, 1):
        failed += any(not _canary_rate([seen[name]]) <= times * RATES[name] for name in RATES)
        if failed >= 5:
            return Decision("roll back", 60.0 * number)
    return Decision("promote", 60.0 * len(minutes))


def kayenta(stretches: Sequence[Stretch], looks_min: Sequence[int]) -> Decision:
    """NetflixACAJudge on a point a minute, over the time so far; every metric critical, as one to take it back by."""
    minutes = list(_minutes(stretches))
    for look in looks_min:
        if any(is_high(*_points(minutes[:look], name)) for name in RATES):
            return Decision("roll back", 60.0 * look)
    return Decision("promote", 60.0 * looks_min[-1])


def _points(minutes: Sequence[dict[str, Counts]], name: str) -> tuple[list[float], list[float]]:
    seen = [minute[name] for minute in minutes]
    canary = [one.bad_canary / one.total_canary for one in seen if one.total_canary]
    return canary, [one.bad_stable / one.total_stable for one in seen if one.total_stable]


def _minutes(stretches: Sequence[Stretch]) -> Iterator[dict[str, Counts]]:
    """What was seen in each minute of a peer's analysis."""
    seen: dict[str, Counts] = {}
    for stretch in stretches:
        seen = {name: seen[name] + counts if name in seen else counts for name, counts in stretch.seen.items()}
        if stretch.until_s % 60 == 0:
            yield seen
            seen = {}
        if stretch.until_s >= PEERS_S:
            return


def _canary_rate(seen: Sequence[Counts]) -> float:
    total = sum(counts.total_canary for counts in seen)
    return sum(counts.bad_canary for counts in seen) / total if total else nan


POLICY = Policy({name: EventMargin(2.0) for name in RATES})

JUDGES: dict[str, Judge] = {
    "Fairlead": partial(fairlead, policy=POLICY),
    **{f"Argo Rollouts, limit x{times}": partial(argo, times=times) for times in (2, 3, 4)},
    **{f"Flagger, limit x{times}": partial(flagger, times=times) for times in (2, 3, 4)},
    "Kayenta, one look": partial(kayenta, looks_min=(60,)),
    "Kayenta, every 10 min": partial(kayenta, looks_min=range(10, 61, 10)),
}
