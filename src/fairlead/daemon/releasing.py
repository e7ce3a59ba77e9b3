"""Releases from the first word to the record: what to release is worked out here, and the runner does the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.daemon.claims import Claims
from fairlead.daemon.overrides import override
from fairlead.daemon.records import History, JournalBook
from fairlead.daemon.stage import ReleaseStage
from fairlead.engine import versions
from fairlead.engine.engine import Engine
from fairlead.engine.journal.records import Applied, Version
from fairlead.engine.launching import command
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError, UsageError
from fairlead.kit.suggest import hint
from fairlead.release.history import Release, ReleaseKind
from fairlead.release.rollback import choose_rollback
from fairlead.release.runner import run
from fairlead.release.steps import Change
from fairlead.release.strategies import STRATEGIES, planned
from fairlead.release.versions import next_version
from fairlead.release.words import words
from fairlead.stack.diff import describe, diff
from fairlead.stack.load import load
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants released, and who."""

    service: str
    spec: Service
    who: str
    kind: ReleaseKind = "deploy"
    version: str | None = None
    strategy: str | None = None


class Releasing:
    """Begins releases, carries on those that were cut short, and takes services back to versions they had."""

    def __init__(self, engine: Engine, history: History, claims: Claims) -> None:
        self._engine = engine
        self._claims = claims
        self.history = history

    async def deploy(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead deploy`."""
        wanted, stack = self._read(asked)
        with self._claims.on([wanted.service], "a release"):
            if asked.get("dry_run"):
                return self._dry_run(wanted)
            if (serving := self._unchanged(wanted)) is not None:
                say("info", wanted.service, f"nothing to release: {serving} runs exactly this")
                return {"unchanged": True}
            self._adopt(stack, wanted)
            await self._engine.stores.ensure(self._engine.needed_stores([wanted.service]), say)
            release = await self.release(wanted, say)
        return _judged(release).to_json()

    async def rollback(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead rollback`."""
        service = asked["service"]
        self._known(service)
        with self._claims.on([service], "a release"):
            current = self._engine.current(service)
            history = self.history.outcomes(service)
            target = choose_rollback(history, current, asked.get("to"), kept=self._kept(service))
            version = self._version(service, target)
            wanted = Asked(service, version.spec, asked.get("who", ""), "rollback", target, "rollback")
            self._engine.replace_service(service, version.spec)
            release = await self._run(self._begin(wanted, version, "rollback"), version.spec, say)
        return _judged(release).to_json()

    async def release(self, asked: Asked, say: Say) -> Release:
        """Release a version and give its closed record; one that was taken back is not an exception."""
        version = await self._make(asked)
        strategy = asked.strategy or asked.spec.release.strategy
        STRATEGIES.get(strategy)
        release = await self._run(self._begin(asked, version, strategy), asked.spec, say)
        await self._settle(asked.service)
        return release

    async def resume(self, say: Say) -> None:
        """Carry on every release that was cut short. Called once, when the engine is back."""
        await asyncio.gather(*(self._carry_on(book, say) for book in self.history.unfinished()))

    async def _carry_on(self, book: JournalBook, say: Say) -> None:
        record = book.read()
        with self._claims.on([record.service], "a release"):
            say("info", record.service, f"going on with release {record.id} to {record.change.new}")
            spec = self._engine.book.version(record.service, record.change.new).spec
            await self._run(book, spec, say)
            await self._settle(record.service)

    async def _run(self, book: JournalBook, spec: Service, say: Say) -> Release:
        return await run(book, ReleaseStage(self._engine, spec.release, say), self._engine.clock, say=say)

    def _begin(self, asked: Asked, version: Version, strategy: str) -> JournalBook:
        release = Release(
            id=self.history.next_id(),
            service=asked.service,
            change=self.change(asked, version.name),
            strategy=strategy,
            kind=asked.kind,
            who=asked.who,
            began=self._engine.clock.wall(),
        )
        return self.history.begin(release)

    def change(self, asked: Asked, new: str) -> Change:
        """What the strategy is told."""
        engine, policy = self._engine, asked.spec.release
        old = engine.current(asked.service)
        wanted = engine.fleet.wanted(asked.service)
        return Change(
            old=old if old != new else None,
            new=new,
            replicas=max(asked.spec.scale.min, 1) if asked.kind != "rollback" else max(wanted.get(old or "", 1), 1),
            watch_s=policy.watch if old else 0.0,
            warm_s=policy.keep_warm,
            has_migration=policy.migrate is not None,
            has_before=bool(policy.hooks.before),
            has_after=bool(policy.hooks.after),
            surge=policy.surge,
            old_replicas=wanted.get(old) if old else None,
            ready=sum(keeper.report.ready for keeper in engine.fleet.of(asked.service, new)),
            drain_s=policy.drain,
        )

    async def _make(self, asked: Asked) -> Version:
        """The version that is asked for: one that is there already when it would run the same, else a new one."""
        engine = self._engine
        assert engine.applied is not None  # noqa: S101 - whoever releases has applied a stack
        base = engine.applied.file.parent
        digest = await asyncio.to_thread(versions.digest, asked.spec, base)
        name = self._name(asked, digest)
        version = await asyncio.to_thread(
            versions.make, asked.service, name, asked.spec, base, engine.state, at=engine.clock.wall()
        )
        engine.book.add_version(version)
        return version

    def _name(self, asked: Asked, digest: str) -> str:
        """What the version is called: a kept one of the same content keeps its name."""
        kept = {version.name: version.digest for version in self._engine.book.versions(asked.service)}
        same = [name for name in kept if kept[name] == digest]
        return same[-1] if same and asked.version is None else next_version(kept, digest, asked.version)

    async def _settle(self, service: str) -> None:
        """After a release: the stack that is meant is the one that serves, and a copy of the journal is kept."""
        engine = self._engine
        current = engine.current(service)
        if current:
            engine.replace_service(service, engine.book.version(service, current).spec)
        await engine.prune_versions(service)
        engine.journal.keep_copy()

    def _read(self, asked: Mapping[str, Any]) -> tuple[Asked, Stack]:
        environ = asked.get("environ", {})
        self._engine.vault.learn(environ)
        stack = load(Path(asked["file"]), environment=asked.get("environment"), environ=environ)
        service = asked["service"]
        if service not in stack.services:
            raise UsageError(f"unknown service: {service}", hint=hint(service, list(stack.services)))
        spec = override(service, stack.services[service], asked.get("set") or {})
        if spec.release.with_services:
            raise ReleaseError(f"{service}: releasing several services as one is not part of this version of Fairlead")
        command(service, spec)
        strategy = asked.get("strategy")
        STRATEGIES.get(strategy or spec.release.strategy)
        return Asked(service, spec, asked.get("who", ""), "deploy", asked.get("version"), strategy), stack

    def _adopt(self, stack: Stack, asked: Asked) -> None:
        """Mean the service as it is asked for, with the stores and secrets that the file now has."""
        applied = self._applied()
        services = {**applied.stack.services, asked.service: asked.spec}
        news = {"services": services, "stores": stack.stores, "secrets": stack.secrets}
        self._engine.apply(Applied(applied.file, applied.environment, applied.stack.model_copy(update=news)))
        self._engine.vault.check(asked.spec.secrets.values())

    def _dry_run(self, asked: Asked) -> dict[str, Any]:
        new = self._name(asked, versions.digest(asked.spec, self._applied().file.parent))
        strategy = STRATEGIES.get(asked.strategy or asked.spec.release.strategy)
        stack = self._applied().stack
        meant = stack.model_copy(update={"services": {**stack.services, asked.service: asked.spec}})
        return {
            "steps": [words(step) for step in planned(strategy, self.change(asked, new))],
            "changes": describe(diff(stack, meant)),
        }

    def _unchanged(self, asked: Asked) -> str | None:
        """The version that serves, when it runs just what is asked for under no other name."""
        current = self._engine.current(asked.service)
        if current is None or asked.version not in (None, current):
            return None
        serving = self._version(asked.service, current)
        return current if serving.digest == versions.digest(asked.spec, self._applied().file.parent) else None

    def _applied(self) -> Applied:
        if self._engine.applied is None:
            raise ReleaseError("nothing is up", hint="`fairlead up` starts the stack; then release into it")
        return self._engine.applied

    def _known(self, service: str) -> None:
        services = self._applied().stack.services
        if service not in services:
            raise UsageError(f"unknown service: {service}", hint=hint(service, list(services)))

    def _kept(self, service: str) -> list[str]:
        return [version.name for version in self._engine.book.versions(service)]

    def _version(self, service: str, name: str) -> Version:
        return self._engine.book.version(service, name)


def _judged(release: Release) -> Release:
    """A release that did not come in is an error to whoever asked for it."""
    if release.state != "succeeded":
        raise ReleaseError(
            f"{release.service}: {release.outcome}", hint=f"`fairlead logs {release.service}` shows its output"
        )
    return release
