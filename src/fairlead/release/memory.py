"""The running stack's twin in memory: what a release would do to it, without a process or a router."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.errors import HookFailed, NotReady
from fairlead.kit.clock import Clock
from fairlead.release.steps import Outcome

WATCH_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Moment:
    """How one service stood after something changed."""

    counts: Mapping[str, int]
    shares: Mapping[str, float]

    @property
    def served(self) -> bool:
        """Whether each version that holds requests has an instance."""
        return all(self.counts.get(version, 0) > 0 for version, share in self.shares.items() if share > 0)


@dataclass
class MemoryStage:
    """One service in memory. Names in `sick`, `unready` and `failing_hooks` make what they name go wrong."""

    clock: Clock
    instances: dict[str, int] = field(default_factory=dict)
    holds: dict[str, float] = field(default_factory=dict)
    warm: dict[str, float] = field(default_factory=dict)
    sick: dict[str, str] = field(default_factory=dict)
    unready: dict[str, str] = field(default_factory=dict)
    failing_hooks: dict[str, str] = field(default_factory=dict)
    hooks: list[str] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    async def counts(self, service: str) -> Mapping[str, int]:
        return dict(self.instances)

    async def shares(self, service: str) -> Mapping[str, float]:
        return dict(self.holds)

    async def scale(self, service: str, version: str, count: int, *, drain_s: float | None = None) -> None:
        if count:
            self.warm.pop(version, None)
        up = count > self.instances.get(version, 0)
        self.instances[version] = count
        self._remember()
        if up and version in self.unready:
            raise NotReady(self.unready[version])

    async def shift(self, service: str, shares: Mapping[str, float]) -> None:
        self.holds = {version: share for version, share in shares.items() if share > 0}
        for version in self.holds:
            self.warm.pop(version, None)
        self._remember()

    async def watch(self, service: str, version: str, seconds: float) -> Outcome:
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            if version in self.sick:
                return Outcome("roll back", {"reason": self.sick[version]})
            await self.clock.sleep(WATCH_POLL_S)
        return Outcome()

    async def hook(self, service: str, version: str, moment: str) -> None:
        if moment in self.failing_hooks:
            raise HookFailed(self.failing_hooks[moment])
        self.hooks.append(moment)

    async def retire(self, service: str, version: str, count: int, warm_s: float) -> None:
        self.warm[version] = warm_s

    def _remember(self) -> None:
        self.moments.append(Moment(dict(self.instances), dict(self.holds)))
