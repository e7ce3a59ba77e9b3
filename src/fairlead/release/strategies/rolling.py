"""Rolling: instance by instance, with at most `surge` more than wanted: for what does not fit on a machine twice."""

from __future__ import annotations

from fairlead.release.steps import Change, RunHook, Shift, Start, StepPlan, Stop
from fairlead.release.strategies import STRATEGIES
from fairlead.release.strategies.parts import let_go, prove


@STRATEGIES.register("rolling")
def rolling(change: Change) -> StepPlan:
    """Start `surge` new instances, give each instance an equal share, stop as many old ones; and again.

    The last old instances stay, without requests, until the new version has been watched; then they are kept warm.
    """
    if change.has_migration:
        yield RunHook("migrate")
    yield from _replacing(change)
    yield from prove(change)
    yield from let_go(change)


def _replacing(change: Change) -> StepPlan:
    stays = _old_replicas(change)
    started = 0
    while started < change.replicas:
        first, started = started == 0, min(started + change.surge, change.replicas)
        yield Start(change.new, started)
        if first and change.has_before:
            yield RunHook("before")
        left = -(-_old_replicas(change) * (change.replicas - started) // change.replicas)
        yield Shift(_shares(change, started, left))
        if change.old is not None and 0 < left < stays:
            yield Stop(change.old, left)
            stays = left


def _old_replicas(change: Change) -> int:
    if change.old is None:
        return 0
    return change.replicas if change.old_replicas is None else change.old_replicas


def _shares(change: Change, new: int, old: int) -> dict[str, float]:
    """Shares in percent, in proportion to the instances."""
    if change.old is None or old == 0:
        return {change.new: 100.0}
    share = round(100 * new / (new + old), 2)
    return {change.old: 100 - share, change.new: share}
