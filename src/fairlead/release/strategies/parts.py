"""The stretches of a release that most strategies share; what tells one from another is how requests get there."""

from __future__ import annotations

from fairlead.release.steps import Change, Observe, RunHook, Start, StepPlan, Stop


def bring_up(change: Change) -> StepPlan:
    """Migrate, start all of the new version, and run what has to run before it gets requests."""
    if change.has_migration:
        yield RunHook("migrate")
    yield Start(change.new, change.replicas)
    if change.has_before:
        yield RunHook("before")


def prove(change: Change) -> StepPlan:
    """Watch the new version with all requests, and run what has to run then: the last that can go wrong."""
    if change.watch_s > 0:
        yield Observe(change.new, change.watch_s)
    if change.has_after:
        yield RunHook("after")


def let_go(change: Change) -> StepPlan:
    """Keep the old version warm for the way back, then stop it."""
    if change.old is not None:
        yield Stop(change.old, 0, change.warm_s)
