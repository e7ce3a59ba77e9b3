"""Rollback: back to a version that has served before. Still warm, it takes one change of the router."""

from __future__ import annotations

from fairlead.release.steps import Change, Shift, Start, StepPlan
from fairlead.release.strategies import STRATEGIES
from fairlead.release.strategies.parts import let_go


@STRATEGIES.register("rollback")
def rollback(change: Change) -> StepPlan:
    """Start what is missing of the version to go back to, give it all requests, and keep the one that is left warm.

    No hooks and no watching: it has served before. Data stay as they are: a migration's way back belongs to a release
    that is taken back before it is done, since afterwards it would lose what has been written.
    """
    if change.ready < change.replicas:
        yield Start(change.new, change.replicas)
    yield Shift({change.new: 100.0})
    yield from let_go(change)
