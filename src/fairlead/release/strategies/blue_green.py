"""Blue-green: the whole new version beside the old one, then all requests at once, with the old one kept warm."""

from __future__ import annotations

from fairlead.release.steps import Change, Observe, RunHook, Shift, Start, StepPlan, Stop
from fairlead.release.strategies import STRATEGIES


@STRATEGIES.register("blue-green")
def blue_green(change: Change) -> StepPlan:
    """Start all of the new version, move all requests, watch, and keep the old one warm for the way back."""
    if change.has_migration:
        yield RunHook("migrate")
    yield Start(change.new, change.replicas)
    if change.has_before:
        yield RunHook("before")
    yield Shift({change.new: 100.0})
    if change.watch_s > 0:
        yield Observe(change.new, change.watch_s)
    if change.has_after:
        yield RunHook("after")
    if change.old is not None:
        yield Stop(change.old, 0, change.warm_s)
