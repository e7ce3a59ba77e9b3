"""What the judgement is told of one service, and asks of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fairlead.release.judge import Policy
from fairlead.release.sources import Asked
from fairlead.stack.model.objectives import Objectives


@dataclass(frozen=True, slots=True)
class Subject:
    """One service under judgement.

    `asked` is what its sources are told; whom each indicator comes from, frozen bounds and counted clients are filled
    in by the judgement. `crashes` counts how often instances of the new version ended by themselves, and never goes
    down while this process lives.
    """

    asked: Asked
    policy: Policy
    share: Callable[[], Awaitable[float]]
    """The canary's present part of the requests, in percent; where it gets copies, how many of the requests."""

    crashes: Callable[[], int]
    objectives: Objectives
