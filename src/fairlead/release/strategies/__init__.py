"""Ways to get a new version in, each one file: a pure generator of steps that registers itself.

A strategy never undoes: the runner does, from what the journal says was done. What every strategy keeps to (its tests
are the same for all): start before stop, unless two versions must not run together; a version that holds requests has
instances that are ready; nothing that can fail follows the step that stops the old version for good.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from fairlead.kit.registry import Registry
from fairlead.release.steps import Change, Outcome, Step, StepPlan

T = TypeVar("T")

Strategy = Callable[[Change], StepPlan]

STRATEGIES: Registry[Strategy] = Registry(
    kind="strategy", package="fairlead.release.strategies", group="fairlead.strategies"
)
"""Every strategy by its name; one of another package joins through the entry-point group."""


def planned(strategy: Strategy, change: Change) -> list[Step]:
    """The steps that a release takes at most when all goes well, for a dry run: a promotion makes them fewer."""
    plan = strategy(change)
    steps: list[Step] = []
    step = next(plan, None)
    while step is not None:
        steps.append(step)
        step = answered(plan, Outcome())
    return steps


def answered(plan: Generator[T, Outcome, None], outcome: Outcome) -> T | None:
    """Send what came of the last step; the next one, or `None` when there is none."""
    try:
        return plan.send(outcome)
    except StopIteration:
        return None
