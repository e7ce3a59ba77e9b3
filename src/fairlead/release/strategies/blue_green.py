"""Blue-green: the whole new version beside the old one, then all requests at once, with the old one kept warm."""

from __future__ import annotations

from fairlead.release.steps import Change, Shift, StepPlan
from fairlead.release.strategies import STRATEGIES
from fairlead.release.strategies.parts import bring_up, let_go, prove


@STRATEGIES.register("blue-green")
def blue_green(change: Change) -> StepPlan:
    """Start all of the new version, move all requests, watch, and keep the old one warm for the way back."""
    yield from bring_up(change)
    yield Shift({change.new: 100.0})
    yield from prove(change)
    yield from let_go(change)
