"""The running stack's twin in memory: what a release would do to it, without a process or a router."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.errors import HookFailed, NotReady
from fairlead.kit.clock import Clock
from fairlead.release.steps import Change, Judge, Outcome

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
class MemoryService:
    """One service in memory. Names in `sick`, `unready` and `failing_hooks` make what they name go wrong."""

    instances: dict[str, int] = field(default_factory=dict)
    holds: dict[str, float] = field(default_factory=dict)
    copies: dict[str, float] = field(default_factory=dict)
    warm: dict[str, float] = field(default_factory=dict)
    sick: dict[str, str] = field(default_factory=dict)
    unready: dict[str, str] = field(default_factory=dict)
    failing_hooks: dict[str, str] = field(default_factory=dict)
    hooks: list[str] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    def remember(self) -> None:
        """Keep how it stands now."""
        self.moments.append(Moment(dict(self.instances), dict(self.holds)))


@dataclass(frozen=True, slots=True)
class Judgement:
    """One that was begun: the step, and under which shares it found each service."""

    step: Judge
    shares: Mapping[str, Mapping[str, float]]


@dataclass
class MemoryStage:
    """Services in memory. `verdicts` are given in turn; after the last, each share is good and the last one enough.

    `leases`: service -> the shares it falls back to when nobody watches over it any more (`lapse`).
    """

    clock: Clock
    services: defaultdict[str, MemoryService] = field(default_factory=lambda: defaultdict(MemoryService))
    verdicts: list[Outcome] = field(default_factory=list)
    judged: list[Judgement] = field(default_factory=list)
    leases: dict[str, Mapping[str, float]] = field(default_factory=dict)

    async def counts(self, service: str) -> Mapping[str, int]:
        return dict(self.services[service].instances)

    async def shares(self, service: str) -> Mapping[str, float]:
        return dict(self.services[service].holds)

    async def scale(self, service: str, version: str, count: int, *, drain_s: float | None = None) -> None:
        stand = self.services[service]
        if count:
            stand.warm.pop(version, None)
        up = count > stand.instances.get(version, 0)
        stand.instances[version] = count
        stand.remember()
        if up and version in stand.unready:
            raise NotReady(stand.unready[version])

    async def shift(self, service: str, shares: Mapping[str, float], *, leased: bool = False) -> None:
        if leased:
            self.leases.setdefault(service, dict(self.services[service].holds))
        else:
            self.leases.pop(service, None)
        self._hold(service, shares)

    async def watch(self, service: str, version: str, seconds: float) -> Outcome:
        return await self._look({service: version}, seconds) or Outcome()

    async def mirror(self, service: str, version: str, sample: float) -> None:
        self.services[service].copies = {version: sample} if sample else {}

    async def judge(self, step: Judge, unit: Mapping[str, Change]) -> Outcome:
        self.judged.append(Judgement(step, {service: await self.shares(service) for service in unit}))
        failed = await self._look({service: change.new for service, change in unit.items()}, step.pace_s)
        if failed or self.verdicts:
            return failed or self.verdicts.pop(0)
        return Outcome("promote" if step.last else "done")

    async def hook(self, service: str, version: str, moment: str) -> None:
        stand = self.services[service]
        if moment in stand.failing_hooks:
            raise HookFailed(stand.failing_hooks[moment])
        stand.hooks.append(moment)

    async def retire(self, service: str, version: str, count: int, warm_s: float) -> None:
        self.services[service].warm[version] = warm_s

    def lapse(self) -> None:
        """Nobody watches any more: leased shares fall back, and copies end."""
        for service, fallback in self.leases.items():
            self._hold(service, fallback)
        self.leases.clear()
        for stand in self.services.values():
            stand.copies.clear()

    async def _look(self, versions: Mapping[str, str], seconds: float) -> Outcome | None:
        """Watch a version of each service; "roll back" as soon as one of them is sick."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            sick = [
                found for service, version in versions.items() if (found := self.services[service].sick.get(version))
            ]
            if sick:
                return Outcome("roll back", {"reason": sick[0]})
            await self.clock.sleep(WATCH_POLL_S)
        return None

    def _hold(self, service: str, shares: Mapping[str, float]) -> None:
        stand = self.services[service]
        stand.holds = {version: share for version, share in shares.items() if share > 0}
        for version in stand.holds:
            stand.warm.pop(version, None)
        stand.remember()
