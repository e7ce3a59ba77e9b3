"""What a judgement is told of the running stack: whom to compare, where their metrics are, how often one crashed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from fairlead.engine.engine import Engine
from fairlead.engine.keeper import Keeper
from fairlead.errors import ReleaseError
from fairlead.release.indicators import policies
from fairlead.release.judging.subject import Subject
from fairlead.release.sources import Asked, Target
from fairlead.release.steps import Change
from fairlead.stack.model.service import Service


class Subjects:
    """Services under judgement, by the specs of their new versions."""

    def __init__(self, engine: Engine, specs: Mapping[str, Service]) -> None:
        self._engine = engine
        self._specs = specs
        self._crashes: dict[str, dict[str, int]] = {}

    def of(self, unit: Mapping[str, Change]) -> dict[str, Subject]:
        """One for each service, the one that leads first."""
        judged_by = policies({service: self._specs[service] for service in unit})
        return {
            service: Subject(
                asked=self._asked(service, change),
                policy=judged_by[service],
                share=self._share(service, change.new),
                crashes=partial(self._crashed, service, change.new),
                objectives=self._specs[service].objectives,
            )
            for service, change in unit.items()
        }

    def _asked(self, service: str, change: Change) -> Asked:
        spec, engine = self._specs[service], self._engine
        if change.old is None:
            raise ReleaseError(f"{service} {change.new}: there is no version to compare it with")
        old = change.old
        return Asked(
            service=service,
            stable=old,
            canary=change.new,
            policy=spec.release.canary,
            indicators={},
            router=engine.router,
            clock=engine.clock,
            targets=lambda: [*self._targets(service, old), *self._targets(service, change.new)],
            secret=engine.vault.value,
            sticky=spec.traffic.sticky != "none",
            mirrored=self._copied(service, change.new) is not None,
            methods=tuple(spec.release.shadow.methods),
        )

    def _share(self, service: str, version: str) -> Callable[[], Awaitable[float]]:
        async def share() -> float:
            copied = self._copied(service, version)
            return self._engine.book.shares(service).get(version, 0.0) if copied is None else copied

        return share

    def _copied(self, service: str, version: str) -> float | None:
        """How many of the requests it gets copies of, in percent; `None` when none."""
        mirrored = self._engine.book.mirrors().get(service)
        return mirrored.sample if mirrored and mirrored.version == version and mirrored.sample > 0 else None

    def _targets(self, service: str, version: str) -> Sequence[Target]:
        return [
            Target(keeper.instance.id, version, _metrics(keeper), keeper.report.since or keeper.instance.created)
            for keeper in self._engine.fleet.of(service, version)
            if not keeper.instance.leaving
        ]

    def _crashed(self, service: str, version: str) -> int:
        """Never less than before: an instance that is gone has crashed all the same."""
        seen = self._crashes.setdefault(service, {})
        for keeper in self._engine.fleet.of(service, version):
            seen[keeper.instance.id] = max(seen.get(keeper.instance.id, 0), keeper.report.restarts)
        return sum(seen.values())


def _metrics(keeper: Keeper) -> str | None:
    """Where an instance tells its metrics: its port for them, else its first one that speaks HTTP."""
    ports = {name: port for name, port in keeper.spec.ports.items() if name in keeper.instance.ports}
    spoken = [name for kind in ("metrics", "http") for name, port in ports.items() if port.protocol == kind]
    if not spoken:
        return None
    return f"http://{keeper.report.address}:{keeper.instance.ports[spoken[0]]}{ports[spoken[0]].path}"
