"""Canary: rising shares of the requests, each of them judged, until the evidence is there or all requests are."""

from __future__ import annotations

from fairlead.release.steps import Change, Judge, Shift, StepPlan
from fairlead.release.strategies import STRATEGIES
from fairlead.release.strategies.parts import bring_up, let_go, prove


@STRATEGIES.register("canary")
def canary(change: Change) -> StepPlan:
    """Start all of the new version, give it share after share, then all requests; a first version gets all at once."""
    yield from bring_up(change)
    yield from rise(change)
    yield Shift({change.new: 100.0})
    yield from prove(change)
    yield from let_go(change)


def rise(change: Change) -> StepPlan:
    """The shares below 100, leased and judged one after the other; a promotion ends them at once.

    Shares rise for safety, to let few requests meet a bad version; it is the verdict that lets the new version in, and
    the last share waits for it.
    """
    if change.old is None:
        return
    shares = [share for share in change.canary_steps if share < 100]
    for share in shares:
        yield Shift({change.old: 100 - share, change.new: share}, leased=True)
        outcome = yield Judge(change.new, change.old, change.pace_s, last=share == shares[-1])
        if outcome.verdict == "promote":
            return
