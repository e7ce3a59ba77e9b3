"""Several services as one release: their strategies side by side, merged into one order of steps.

Each service goes through its own strategy; none gets ahead. What is judged is judged for all at once, and old versions
are let go only when nothing is left that could fail for any of them, so that one way back stays open for all.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from fairlead.release.steps import Change, Judge, Mirror, Observe, Outcome, RunHook, Shift, Start, Step, StepPlan, Stop
from fairlead.release.strategies import Strategy, answered

UnitPlan = Generator[tuple[str, Step], Outcome, None]
"""Yields each step with the service it is for, and is sent what came of it."""


def planned_together(strategy: Strategy, unit: Mapping[str, Change]) -> list[tuple[str, Step]]:
    """The steps that a release of several services takes at most when all goes well, for a dry run."""
    plan = together({service: strategy(change) for service, change in unit.items()})
    steps: list[tuple[str, Step]] = []
    pair = next(plan, None)
    while pair is not None:
        steps.append(pair)
        pair = answered(plan, Outcome())
    return steps


def together(plans: Mapping[str, StepPlan]) -> UnitPlan:
    """The steps of all services, the earliest kind of step first, and in the order of the services.

    Services that wait for a verdict at the same time get one.
    """
    lanes = [_Lane(service, plan) for service, plan in plans.items()]
    while under_way := [lane for lane in lanes if lane.step is not None]:
        first = min(under_way, key=_Lane.rank)
        if isinstance(first.step, Judge):
            yield from _judged(under_way)
        elif first.step is not None:
            first.go_on((yield first.service, first.step))


class _Lane:
    """One service on its way through its strategy."""

    def __init__(self, service: str, plan: StepPlan) -> None:
        self.service = service
        self.step = next(plan, None)
        self._plan = plan
        self._shares: Mapping[str, float] | None = None

    def go_on(self, outcome: Outcome) -> None:
        if isinstance(self.step, Shift):
            self._shares = self.step.shares
        self.step = answered(self._plan, outcome)

    def rank(self) -> int:
        """When the next step is due, compared with those of the other services."""
        match self.step:
            case Stop(version, count):
                return self._rank_of_stop(version, count)
            case RunHook(moment):
                return {"migrate": 1, "before": 3, "after": 8}[moment]
            case Start():
                return 2
            case Mirror() | Shift():
                return 4
            case Judge():
                return 6
            case Observe():
                return 7
            case None:
                return 10

    def _rank_of_stop(self, version: str, count: int) -> int:
        """First, where the old version makes room; last, where it is let go; else as soon as it can be."""
        if self._shares is None:
            return 0
        return 9 if count == 0 and not self._shares.get(version) else 5


def _judged(lanes: Sequence[_Lane]) -> UnitPlan:
    """One judgement for every service that waits for one.

    A service at its last share waits for the verdict, however many shares the others still have before them.
    """
    waiting = {lane: lane.step for lane in lanes if isinstance(lane.step, Judge)}
    first, step = next(iter(waiting.items()))
    pace_s = max(judge.pace_s for judge in waiting.values())
    last = all(judge.last for judge in waiting.values())
    outcome = yield first.service, replace(step, pace_s=pace_s, last=last)
    for lane, judge in waiting.items():
        if last or not judge.last or outcome.verdict != "done":
            lane.go_on(outcome)
