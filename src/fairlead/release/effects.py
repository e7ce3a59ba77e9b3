"""What each step does to the running stack, and what it finds there before."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engine.saying import Say
from fairlead.errors import StateError
from fairlead.release.history import Release
from fairlead.release.stage import Stage
from fairlead.release.steps import Change, Judge, Mirror, Observe, Outcome, RunHook, Shift, Start, Step, Stop


class Effects:
    """Does the steps of one release."""

    def __init__(self, release: Release, stage: Stage, say: Say) -> None:
        self._unit = release.unit
        self._stage = stage
        self._say = say

    async def found(self, service: str, step: Step) -> Mapping[str, float]:
        """What a step will change, as it is now: what its undoing puts back; for a judgement, the present shares."""
        match step:
            case Start(version) | Stop(version):
                return {version: (await self._stage.counts(service)).get(version, 0)}
            case Shift() | Judge():
                return dict(await self._stage.shares(service))
            case _:
                return {}

    async def do(self, service: str, step: Step) -> Outcome:
        """Do it, again if need be, and say what came of it."""
        match step:
            case Start(version, count):
                await self._stage.scale(service, version, count)
            case Shift(shares, leased):
                await self._stage.shift(service, shares, leased=leased)
            case Mirror(version, sample):
                await self._stage.mirror(service, version, sample)
            case Observe(version, seconds):
                return await self._stage.watch(service, version, seconds)
            case Judge():
                return await self._stage.judge(step, self._comparable())
            case RunHook(moment):
                await self._stage.hook(service, self._unit[service].new, moment)
            case Stop():
                return await self._stop(service, step)
        return Outcome()

    def _comparable(self) -> dict[str, Change]:
        """A service whose first version this is has nothing to be compared with."""
        return {service: change for service, change in self._unit.items() if change.old is not None}

    async def _stop(self, service: str, step: Stop) -> Outcome:
        """Stop a version. One that holds no requests and won't stop is no reason to take back the one that does."""
        try:
            if step.warm_s > 0:
                await self._stage.retire(service, step.version, step.count, step.warm_s)
            else:
                await self._stage.scale(service, step.version, step.count, drain_s=self._unit[service].drain_s)
        except StateError:
            raise
        except Exception:
            if (await self._stage.shares(service)).get(step.version):
                raise
            return await self._leave_to_the_engine(service, step)
        return Outcome()

    async def _leave_to_the_engine(self, service: str, step: Stop) -> Outcome:
        try:
            await self._stage.retire(service, step.version, step.count, step.warm_s)
        except StateError:
            raise
        except Exception as error:
            self._say("warning", service, f"{step.version} holds no requests, but does not stop: {error}")
            return Outcome(details={"problem": str(error)})
        return Outcome()
