"""Leads a running Envoy from what it serves to what is wanted, and says in Envoy's words why it would not go."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from fairlead.engine.routers.admin import Admin, Stats
from fairlead.engine.routers.changeover import only_adds, stages
from fairlead.engine.routers.config import Config
from fairlead.engine.routers.files import Files
from fairlead.engine.routers.lease import Hold
from fairlead.engine.routers.program import Program
from fairlead.engine.routers.served import ASKED, LISTENERS, Expected, plain
from fairlead.errors import RouterError
from fairlead.kit.clock import Clock

POLL_S = 0.002
"""Time between two looks: a change is served after some eight milliseconds."""

STAGE_WITHIN_S = 10.0
"""How long a stage may take, beside the first question to each new endpoint."""

ASKED_WITHIN_S = 2.5
"""How long new endpoints may take to answer the router's first question before requests move to them all the same."""

FREED_WITHIN_S = 1.0
"""A port that was just given up may need a moment until it can be had again."""

READ_AGAIN_S = 0.1

BOOT_S = 60.0
"""What Envoy said this long ago may still be why it does not serve: it reads most of its files once, at its start."""

ROUTER = "router"
"""Stands among what is missing for Envoy itself."""


class Mover:
    """Writes files and watches Envoy follow."""

    def __init__(self, files: Files, admin: Admin, program: Program, clock: Clock) -> None:
        self._files = files
        self._admin = admin
        self._program = program
        self._clock = clock

    async def lead_to(self, wanted: Config, patience_s: float, hold: Hold) -> bool:
        """Write stage after stage, each when the one before is served; a dead Envoy will read them when it is back.

        `hold` is awaited before the first request moves. A port that can't be had must not keep requests on instances
        that are gone: all else goes on, and the answer is `False`. Anything else that is refused is taken back whole.
        Raises `RouterError`.
        """
        before = self._files.load()
        if not await self._admin.ready():
            await hold()
            self._files.save(wanted)
            return True
        lost = set(await self._until(Expected.of(before), FREED_WITHIN_S))
        return not await self._go(before, wanted, patience_s, lost, hold)

    async def _go(self, before: Config, wanted: Config, patience_s: float, lost: set[str], hold: Hold) -> set[str]:
        """All stages; what is lost at the end."""
        passed, holding = [before], False
        try:
            for stage in stages(before, wanted):
                if not holding and not only_adds(before, stage):
                    await hold()
                    holding = True
                missing = await self._serve(stage, lost, STAGE_WITHIN_S + patience_s)
                if missing and missing != [LISTENERS]:
                    raise await self._refusal(missing)
                lost |= set(missing)
                passed.append(stage)
            if not holding:
                await hold()
        except RouterError:
            self._go_back(passed)
            raise
        return lost

    async def served(self, wanted: Config, timeout_s: float) -> None:
        """Return once Envoy serves that; raises `RouterError` after that time."""
        missing = await self._until(Expected.of(wanted), timeout_s)
        if missing:
            raise await self._refusal(missing)

    def _go_back(self, passed: list[Config]) -> None:
        """Envoy reads files in the order they were written, so going back needs no waiting."""
        with contextlib.suppress(RouterError):
            for stage in reversed(passed):
                self._files.save(stage)

    async def _serve(self, stage: Config, lost: Collection[str], timeout_s: float) -> list[str]:
        """Write one stage and wait; what is missing then, but for what was `lost` before. A dead Envoy lacks none."""
        baseline = await self._stats()
        self._files.save(stage)
        if baseline is None:
            return []
        missing = await self._until(Expected.of(stage), timeout_s, baseline, lost)
        if missing == [ROUTER]:
            return []
        await self._until_asked()
        return missing

    async def _until(
        self, expected: Expected, timeout_s: float, baseline: Stats | None = None, lost: Collection[str] = ()
    ) -> list[str]:
        """What is still missing when the time is up, or was refused since `baseline`; empty once all is served."""
        began = read = self._clock.monotonic()
        while True:
            stats = await self._stats()
            missing = [one for one in expected.missing(stats) if one not in lost] if stats else [ROUTER]
            now = self._clock.monotonic()
            if not missing or now - began >= timeout_s or (baseline and not stats):
                return missing
            refused = expected.refused(missing, baseline, stats) if baseline and stats else []
            if refused and (refused != [LISTENERS] or now - began > FREED_WITHIN_S):
                return refused
            if LISTENERS in missing and now - read > READ_AGAIN_S:
                read = now
                self._files.touch("lds.json")
            await self._clock.sleep(POLL_S)

    async def _stats(self) -> Stats | None:
        try:
            return await self._admin.stats(ASKED)
        except RouterError:
            return None

    async def _until_asked(self) -> None:
        """Wait, but not for long, until each new endpoint has answered the first question or failed to."""
        end = self._clock.monotonic() + ASKED_WITHIN_S
        with contextlib.suppress(RouterError):
            while not all(host.asked for host in await self._admin.hosts(".*")) and self._clock.monotonic() < end:
                await self._clock.sleep(POLL_S)

    async def _refusal(self, missing: list[str]) -> RouterError:
        """Why it does not serve: the listeners' words are in its memory, the others' in its log."""
        if missing == [ROUTER]:
            return RouterError("the router does not answer", hint="`fairlead logs router` shows its output")
        what = ", ".join(plain(prefix) for prefix in missing)
        listeners = await self._admin.refused_listeners() if LISTENERS in missing else {}
        words = "; ".join(f"{name}: {why}" for name, why in sorted(listeners.items()) if why)
        words = words or await self._program.refusal(self._clock.wall() - BOOT_S) or "not served in time"
        hint = "another program has the port" if "Address already in use" in words else None
        return RouterError(f"the router refused {what}: {words}", hint=hint)
