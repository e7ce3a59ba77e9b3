"""The engine as one release sees it: the policy of each of its services and its listener filled in."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.daemon.subjects import Subjects
from fairlead.engine.engine import Engine
from fairlead.engine.saying import Say
from fairlead.errors import HookFailed
from fairlead.release.judging.judging import Judging
from fairlead.release.steps import Change, Judge, Outcome
from fairlead.stack.model.release import Hook, ReleasePolicy
from fairlead.stack.model.service import Service


class ReleaseStage:
    """Implements `fairlead.release.stage.Stage`. `specs` are those of the new versions."""

    def __init__(self, engine: Engine, specs: Mapping[str, Service], judging: Judging, say: Say) -> None:
        self._engine = engine
        self._policies = {service: spec.release for service, spec in specs.items()}
        self._subjects = Subjects(engine, specs)
        self._judging = judging
        self._say = say

    async def counts(self, service: str) -> Mapping[str, int]:
        """Version -> instances wanted."""
        return await self._engine.stage.counts(service)

    async def shares(self, service: str) -> Mapping[str, float]:
        """Version -> share of the requests, in percent."""
        return await self._engine.stage.shares(service)

    async def scale(self, service: str, version: str, count: int, *, drain_s: float | None = None) -> None:
        """Bring a version to `count` instances."""
        await self._engine.stage.scale(
            service, version, count, policy=self._policies[service], drain_s=drain_s, say=self._say
        )

    async def shift(self, service: str, shares: Mapping[str, float], *, leased: bool = False) -> None:
        """Give each version its share."""
        await self._engine.stage.shift(service, shares, leased=leased)

    async def mirror(self, service: str, version: str, sample: float) -> None:
        """Send a version copies of `sample` percent of the requests."""
        await self._engine.stage.mirror(service, version, sample)

    async def judge(self, step: Judge, unit: Mapping[str, Change]) -> Outcome:
        """Compare the new versions with the present ones until `step` is answered."""
        return await self._judging.judge(step, self._subjects.of(unit))

    async def watch(self, service: str, version: str, seconds: float) -> Outcome:
        """Watch a version; "roll back" as soon as an instance fails."""
        failed = await self._engine.stage.watch(service, version, seconds, self._say)
        return Outcome("roll back", {"reason": failed}) if failed else Outcome("promote")

    async def hook(self, service: str, version: str, moment: str) -> None:
        """Run the hooks of a moment. Raises `HookFailed`."""
        kept = self._engine.book.version(service, version)
        for number, hook in enumerate(_hooks(self._policies[service], moment), 1):
            await self._engine.stage.run_hook(kept, hook, f"{moment}-{number}", self._say)

    async def retire(self, service: str, version: str, count: int, warm_s: float) -> None:
        """Keep a version without requests for `warm_s`, then drain and stop it."""
        if count:
            raise HookFailed(f"{service} {version}: only a whole version can be kept warm")
        self._engine.stage.keep_warm(service, version, warm_s)


def _hooks(policy: ReleasePolicy, moment: str) -> list[Hook]:
    migration = policy.migrate
    migrations = {
        "migrate": migration.up if migration else None,
        "migrate-down": migration.down if migration else None,
    }
    if moment in migrations:
        command = migrations[moment]
        # taken as it is: its parts have been checked, and validation asks for times with a unit
        return [Hook.model_construct(command=command, timeout=migration.timeout)] if migration and command else []
    return policy.hooks.before if moment == "before" else policy.hooks.after
