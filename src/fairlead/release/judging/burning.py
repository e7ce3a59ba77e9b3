"""The guard that both versions share: while the service as a whole breaks its promises, nothing moves.

An incident that hits both versions says nothing about either, so it takes no release back; but nobody wants a change
in the middle of it. Rates after the Google SRE workbook, "Alerting on SLOs", multiwindow and multi-burn-rate: 14.4
times the budget, over a long window and a short one, so that it begins for good reason and ends soon after the cause.
"""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.stack.model.objectives import Objectives

BURN = 14.4
"""Times the error budget: 2 % of a month's in an hour."""

LONG_S, SHORT_S = 300.0, 60.0
"""The workbook's windows are an hour and five minutes; a canary that waits an hour for the all-clear is too slow."""

LEAST = 10
"""Failures in the long window that are more than bad luck on a quiet service."""


@dataclass(frozen=True, slots=True)
class Window:
    """What passed lately, oldest first: (seconds, requests, failures)."""

    looks: tuple[tuple[float, float, float], ...] = ()

    def after(self, seconds: float, whole: tuple[float, float] | None) -> Window:
        """With one more look; one that could not be made is left out."""
        if whole is None:
            return self
        return Window(_latest((*self.looks, (seconds, *whole)), LONG_S))

    def rate(self, over_s: float) -> float:
        """Part of the requests that failed."""
        looks = _latest(self.looks, over_s)
        requests = sum(look[1] for look in looks)
        return sum(look[2] for look in looks) / requests if requests else 0.0

    def burning(self, objectives: Objectives) -> str | None:
        """What is broken, in words; `None` while the promises hold, or there are none."""
        most = limit(objectives)
        if most is None or sum(look[2] for look in self.looks) < LEAST:
            return None
        if min(self.rate(LONG_S), self.rate(SHORT_S)) <= most:
            return None
        return f"{self.rate(SHORT_S):.1%} of all requests fail, of both versions together (more than {most:.2%})"


def limit(objectives: Objectives) -> float | None:
    """The part of failing requests from which the service counts as in trouble; `None` without such an objective."""
    limits = [objectives.error_rate / 100] if objectives.error_rate is not None else []
    if objectives.availability is not None:
        limits.append(BURN * (1 - objectives.availability / 100))
    return min(limits, default=None)


def _latest(looks: tuple[tuple[float, float, float], ...], over_s: float) -> tuple[tuple[float, float, float], ...]:
    """The youngest looks that cover that time."""
    covered = 0.0
    for n, look in enumerate(reversed(looks), 1):
        covered += look[0]
        if covered >= over_s:
            return looks[-n:]
    return looks
