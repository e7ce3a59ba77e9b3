"""Releases from the first word to the record: drafts become releases here, and the runner does the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fairlead.daemon.board import Board
from fairlead.daemon.claims import Claims
from fairlead.daemon.drafts import Asked, Drafts, Unit
from fairlead.daemon.forecasting import Meter
from fairlead.daemon.records import History, JournalBook
from fairlead.daemon.stage import ReleaseStage
from fairlead.engine.engine import Engine
from fairlead.engine.journal.records import Version
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError, UsageError
from fairlead.kit.suggest import hint
from fairlead.release.history import Release
from fairlead.release.judging.judging import Judging
from fairlead.release.rollback import choose_rollback_together
from fairlead.release.runner import run
from fairlead.release.strategies import STRATEGIES
from fairlead.stack.check.canaries import JUDGED
from fairlead.stack.model.service import Service

Specs = Mapping[str, Service]


class Releasing:
    """Begins releases, carries on those that were cut short, and takes services back to versions they had."""

    def __init__(self, engine: Engine, history: History, claims: Claims) -> None:
        self._engine = engine
        self._claims = claims
        self._drafts = Drafts(engine)
        self.history = history
        self.meter = Meter(engine)
        self.board = Board(history, engine.clock.wall)

    async def deploy(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead deploy`."""
        unit, stack = self._drafts.read(asked)
        with self._claims.on([one.service for one in unit], "a release"):
            if not asked.get("dry_run"):
                unit = await self._drafts.resolved(unit, say)
            changed = self._drafts.changed(unit)
            if asked.get("dry_run"):
                return {**self._drafts.steps(changed or unit), **await self._foretold(unit[0])}
            self._say_unchanged(unit, changed, say)
            if not changed:
                return {"unchanged": True}
            self._drafts.adopt(stack, changed)
            await self._engine.stores.ensure(self._engine.needed_stores([one.service for one in changed]), say)
            release = await self.release(changed, say)
        return _succeeded(release).to_json()

    async def _foretold(self, lead: Asked) -> dict[str, Any]:
        """How long it will take, where it waits for a verdict and there is something to compare with."""
        if lead.way_in not in JUDGED or self._engine.current(lead.service) is None:
            return {}
        found = await self.meter.forecasts({lead.service: (lead.spec, lead.way_in)})
        return {"forecast": found[lead.service]}

    def _say_unchanged(self, unit: Unit, changed: Unit, say: Say) -> None:
        for one in unit:
            if one not in changed:
                serving = self._engine.current(one.service)
                say("info", one.service, f"nothing to release: {serving} runs exactly this")

    async def rollback(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead rollback`; what came in with the service goes back with it."""
        self._known(asked["service"])
        back = self._choose(asked["service"], asked.get("to"))
        with self._claims.on(back, "a release"):
            made = {service: self._engine.book.version(service, target) for service, target in back.items()}
            for version in made.values():
                await self._engine.images.check(version, say)
            unit = [
                Asked(service, version.spec, asked.get("who", ""), "rollback", version.name, "rollback")
                for service, version in made.items()
            ]
            for one in unit:
                self._engine.replace_service(one.service, one.spec)
            release = await self._run(self._begin(unit, made), {one.service: one.spec for one in unit}, say)
        return _succeeded(release).to_json()

    def _choose(self, service: str, to: str | None) -> dict[str, str]:
        services = list(self._drafts.applied().stack.services)
        return choose_rollback_together(
            self.history.outcomes(service),
            service,
            {name: self._engine.current(name) for name in services},
            to,
            kept={name: [version.name for version in self._engine.book.versions(name)] for name in services},
        )

    async def release(self, unit: Unit, say: Say) -> Release:
        """Release services as one and give the closed record; one that was taken back is not an exception."""
        STRATEGIES.get(unit[0].way_in)
        made = {one.service: await self._drafts.make(one, say) for one in unit}
        release = await self._run(self._begin(unit, made), {one.service: one.spec for one in unit}, say)
        await self._settle(release)
        return release

    async def resume(self, say: Say) -> None:
        """Carry on every release that was cut short. Called once, when the engine is back."""
        await asyncio.gather(*(self._carry_on(book, say) for book in self.history.unfinished()))

    async def _carry_on(self, book: JournalBook, say: Say) -> None:
        record = book.read()
        with self._claims.on(record.unit, "a release"):
            say("info", record.service, f"going on with release {record.id} to {record.change.new}")
            specs = {
                service: self._engine.book.version(service, change.new).spec for service, change in record.unit.items()
            }
            await self._run(book, specs, say)
            await self._settle(record)

    async def _run(self, book: JournalBook, specs: Specs, say: Say) -> Release:
        engine, services = self._engine, list(specs)
        with self.board.showing(book) as shown:
            renew = partial(self._renew, services)
            judging = Judging(book, engine.clock, shown.controls, renew, say, redact=engine.vault.redact)
            shown.view = lambda: judging.view
            stage = ReleaseStage(engine, specs, judging, say)
            return await run(book, stage, engine.clock, say=say, abort=shown.controls.abort)

    async def _renew(self, services: Sequence[str]) -> bool:
        """Hold the shares of all services of a release; those of one that is not compared are not leased."""
        leased = self._engine.book.fallbacks()
        held = [await self._engine.leasing.renew(service) for service in services if service in leased]
        return bool(held) and all(held)

    def _begin(self, unit: Unit, made: Mapping[str, Version]) -> JournalBook:
        leader, *others = ((one, self._drafts.change(one, made[one.service].name)) for one in unit)
        first, change = leader
        release = Release(
            id=self.history.next_id(),
            service=first.service,
            change=change,
            strategy=first.way_in,
            kind=first.kind,
            who=first.who,
            began=self._engine.clock.wall(),
            others={one.service: change for one, change in others},
        )
        return self.history.begin(release)

    async def _settle(self, release: Release) -> None:
        """After a release: the stack that is meant is the one that serves, and a copy of the journal is kept."""
        engine = self._engine
        for service in release.unit:
            current = engine.current(service)
            if current:
                engine.replace_service(service, engine.book.version(service, current).spec)
            await engine.prune_versions(service)
        engine.journal.keep_copy()

    def _known(self, service: str) -> None:
        services = self._drafts.applied().stack.services
        if service not in services:
            raise UsageError(f"unknown service: {service}", hint=hint(service, list(services)))


def _succeeded(release: Release) -> Release:
    """A release that did not come in is an error to whoever asked for it."""
    if release.state != "succeeded":
        raise ReleaseError(f"{release.service}: {release.outcome}", hint=why(release))
    return release


def why(release: Release) -> str:
    """Where to read on about one that did not come in."""
    if release.verdict and release.verdict["verdict"] == "roll back":
        return f"`fairlead history {release.id}` shows what speaks against it"
    return f"`fairlead logs {release.service}` shows its output"
