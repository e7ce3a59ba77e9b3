"""Recreate: the old version ends before the new one starts, for programs of which two versions must never run together.

The only strategy in which requests find nobody for a while, and the only one whose way back has to start the old
version again: it is chosen for what owns its data alone (a file lock, an embedded database).
"""

from __future__ import annotations

from fairlead.release.steps import Change, Shift, StepPlan, Stop
from fairlead.release.strategies import STRATEGIES
from fairlead.release.strategies.parts import bring_up, prove


@STRATEGIES.register("recreate")
def recreate(change: Change) -> StepPlan:
    """Stop the old version, migrate while nobody uses the data, start the new one and give it the requests."""
    if change.old is not None:
        yield Stop(change.old)
    yield from bring_up(change)
    yield Shift({change.new: 100.0})
    yield from prove(change)
