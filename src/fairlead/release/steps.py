"""The few things a release is made of. Pure data: strategies yield them, the runner does and undoes them.

Undoing is not the strategy's work: only the engine knows what is true now.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Start:
    """Bring `version` up to `count` instances and wait until each is ready. Undone: back to what it had."""

    version: str
    count: int


@dataclass(frozen=True, slots=True)
class Shift:
    """Give each version its share of the requests, in percent (they add up to 100). Undone: the shares before.

    `leased`: the shares hold only while this release is being watched over; should the engine die or hang, the router
    gives everything back to `change.old` by itself.
    """

    shares: Mapping[str, float]
    leased: bool = False


@dataclass(frozen=True, slots=True)
class Observe:
    """Watch `version` for `seconds`; the runner answers with an `Outcome`. An instance that fails ends the release."""

    version: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Judge:
    """Compare `version` with `against` under the present shares.

    The answer is "promote" or "roll back" as soon as the evidence is there, and "done" when, with nothing against it,
    the next share may follow: after `pace_s`, unless this is the `last` share, which waits for a verdict. One verdict
    for all services that are released together.
    """

    version: str
    against: str
    pace_s: float
    last: bool = False


@dataclass(frozen=True, slots=True)
class Mirror:
    """Send `version` copies of a part of the requests (`sample`, in percent; 0: none any more). Undone: no copies."""

    version: str
    sample: float


@dataclass(frozen=True, slots=True)
class RunHook:
    """Run the hooks of one moment ("before" any traffic moves, "after" all of it has), or a migration's way in."""

    moment: Literal["migrate", "before", "after"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Bring `version` down to `count` instances, drained first, after `warm_s` seconds without traffic."""

    version: str
    count: int = 0
    warm_s: float = 0.0


Step = Start | Shift | Observe | Judge | Mirror | RunHook | Stop


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step, sent back into the strategy: kept in the journal, so a release can be resumed by replay.

    `details` is whatever JSON can hold: a `reason` in words, and of a judged step the numbers that it rests on.
    """

    verdict: Literal["done", "promote", "roll back", "hold"] = "done"
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What a strategy is told: from which version to which, how many instances of each, and the policy's figures.

    `old_replicas` is how many instances of `old` there are (`None`: as many as `new` is to have); `ready` is how many
    of `new` run already without requests, kept warm.
    """

    old: str | None
    new: str
    replicas: int
    watch_s: float
    warm_s: float
    has_migration: bool = False
    has_before: bool = False
    has_after: bool = False
    surge: int = 1
    old_replicas: int | None = None
    ready: int = 0
    drain_s: float = 30.0
    canary_steps: tuple[float, ...] = (1.0, 5.0, 25.0, 50.0, 100.0)
    """Rising shares in percent; the last one is 100."""
    pace_s: float = 120.0
    shadow_sample: float = 10.0
    shadow_pace_s: float = 300.0
    after_shadow: Literal["canary", "blue-green"] = "canary"


StepPlan = Generator[Step, Outcome, None]
"""Yields each step and is sent what came of it; at "roll back" the runner takes the release back without asking it."""
