"""Where observations of a canary come from, each source one file that registers itself.

A source is opened once for each judgement and then read every few seconds. It tells what happened *since it was read
last*. What it can't tell is `None`: no evidence, which is neither good nor bad. It never guesses, and it never raises
for a service that is silent; whatever else it raises counts as silence with that reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fairlead.engine.router import Router
from fairlead.kit.clock import Clock
from fairlead.kit.registry import Registry
from fairlead.release.judge import Observed
from fairlead.stack.model.objectives import Indicator
from fairlead.stack.model.release import Canary


@dataclass(frozen=True, slots=True)
class Target:
    """One running instance of one of the two versions. `metrics` is the URL of its metrics; `None` without any.

    `began` (seconds since the epoch) changes when it is restarted.
    """

    instance: str
    version: str
    metrics: str | None
    began: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source is asked about: two versions of one service, under the present share."""

    service: str
    stable: str
    canary: str
    policy: Canary
    indicators: Mapping[str, Indicator]
    """Those that this source is named for; none for the router, whose indicators are built in."""

    router: Router
    clock: Clock
    targets: Callable[[], Sequence[Target]]
    """The instances that run now."""

    secret: Callable[[str], str]
    """The value of a secret of the stack, by its name; never to be written or shown."""

    frozen: Mapping[str, float] = field(default_factory=dict)
    """Bounds that an opening before this one froze (indicator -> bound): they hold for the whole release."""

    sticky: bool = False
    """Whether clients, not requests, were assigned to versions."""

    mirrored: bool = False
    """Whether the canary gets copies instead of a share."""

    counted: frozenset[str] = frozenset()
    """Clients that have been counted in this release already (sticky only)."""

    methods: tuple[str, ...] = ("GET", "HEAD", "OPTIONS")
    """The methods whose requests are copied (mirrored only): the stable version is compared by those alone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What happened since the reading before. An indicator that is `None` or missing is without evidence.

    `why` says for each such indicator why. `units` are the clients counted for the first time (sticky only). `frozen`
    are bounds found since the start, for want of observations before it: they hold like those that `start` gave.
    """

    seen: Mapping[str, Observed | None]
    why: Mapping[str, str] = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    frozen: Mapping[str, float] = field(default_factory=dict)


class Reader(Protocol):
    """One open source."""

    async def start(self) -> Mapping[str, float]:
        """Begin to count at this moment, what began before it left out; the frozen bounds, by indicator."""

    async def read(self) -> Reading:
        """What happened since the last reading, or the start."""

    async def close(self) -> None:
        """Let go of everything."""


Source = Callable[[Asked], Reader]

SOURCES: Registry[Source] = Registry(
    kind="source of observations", package="fairlead.release.sources", group="fairlead.sources"
)
"""Every source by its name; one of another package joins through the entry-point group."""
