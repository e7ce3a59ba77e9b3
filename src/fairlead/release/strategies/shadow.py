"""Shadow: copies of requests first, whose answers nobody gets but the judge; then in, as a canary or all at once.

The only strategy that finds a bad version before anybody has had an answer of it. What the copies can't show is what
they may not do: requests that aren't safe to repeat are left out, unless the stack says otherwise.
"""

from __future__ import annotations

from fairlead.release.steps import Change, Judge, Mirror, Shift, StepPlan
from fairlead.release.strategies import STRATEGIES
from fairlead.release.strategies.canary import rise
from fairlead.release.strategies.parts import bring_up, let_go, prove


@STRATEGIES.register("shadow")
def shadow(change: Change) -> StepPlan:
    """Start all of the new version, compare its answers to copies, and go on as `change.after_shadow` says."""
    yield from bring_up(change)
    yield from _copies(change)
    if change.after_shadow == "canary":
        yield from rise(change)
    yield Shift({change.new: 100.0})
    yield from prove(change)
    yield from let_go(change)


def _copies(change: Change) -> StepPlan:
    """Whatever the verdict on copies, it is no promotion: they are not the requests that the version will get."""
    if change.old is None:
        return
    yield Mirror(change.new, change.shadow_sample)
    yield Judge(change.new, change.old, change.shadow_pace_s)
    yield Mirror(change.new, 0.0)
