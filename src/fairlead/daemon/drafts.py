"""What is to be released, before anything is done: which services, which version of each, and what would change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from fairlead.daemon.overrides import override
from fairlead.engine import versions
from fairlead.engine.engine import Engine
from fairlead.engine.journal.records import Applied, Version
from fairlead.engine.launching import command
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError, UsageError
from fairlead.kit.suggest import hint
from fairlead.release.history import ReleaseKind
from fairlead.release.steps import Change
from fairlead.release.strategies import STRATEGIES
from fairlead.release.together import planned_together
from fairlead.release.versions import next_version
from fairlead.release.words import of_service, words
from fairlead.stack.check.canaries import JUDGED, can_be_shared
from fairlead.stack.containers import contained
from fairlead.stack.diff import describe, diff
from fairlead.stack.load import load
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants released of one service, and who."""

    service: str
    spec: Service
    who: str
    kind: ReleaseKind = "deploy"
    version: str | None = None
    strategy: str | None = None
    image: str | None = None
    """The pinned image that `spec.image` names now, once its registry has been asked."""

    @property
    def way_in(self) -> str:
        """The strategy that is meant."""
        return self.strategy or self.spec.release.strategy


Unit = Sequence[Asked]
"""Services released as one, the one that leads first; its strategy is that of all."""


class Drafts:
    """Works releases out from the stack file, the journal and what runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, asked: Mapping[str, Any]) -> tuple[list[Asked], Stack]:
        """What `deploy` is asked for: a service, and those that its policy says go `with` it.

        A version's name and changed keys are meant for the service itself. Raises what is wrong with any of it.
        """
        environ = asked.get("environ", {})
        self._engine.vault.learn(environ)
        stack = load(Path(asked["file"]), environment=asked.get("environment"), environ=environ)
        service = asked["service"]
        if service not in stack.services:
            raise UsageError(f"unknown service: {service}", hint=hint(service, list(stack.services)))
        spec = override(service, stack.services[service], asked.get("set") or {})
        who, strategy = asked.get("who", ""), asked.get("strategy") or spec.release.strategy
        unit = [Asked(service, spec, who, "deploy", asked.get("version"), strategy)]
        unit += [Asked(name, stack.services[name], who, strategy=strategy) for name in spec.release.with_services]
        check(unit)
        return unit, stack

    def changed(self, unit: Unit) -> list[Asked]:
        """Those that do not run already just as they are asked for."""
        return [asked for asked in unit if self._serving(asked) is None]

    def _serving(self, asked: Asked) -> str | None:
        """The version that serves, when it runs just what is asked for under no other name."""
        current = self._engine.current(asked.service)
        if current is None or asked.version not in (None, current):
            return None
        serving = self._engine.book.version(asked.service, current)
        return current if _content(serving, asked) == _wanted(asked, self.digest(asked)) else None

    async def resolved(self, unit: Unit, say: Say) -> list[Asked]:
        """With the images that their tags name now; a tag that has moved makes a new version."""
        return [
            replace(one, image=await self._engine.images.ensure(one.service, one.spec, "", say))
            if one.spec.image
            else one
            for one in unit
        ]

    def steps(self, unit: Unit) -> dict[str, Any]:
        """What a release would do, at most, and what it would change."""
        changes = {asked.service: self.change(asked, self._name(asked, self.digest(asked))) for asked in unit}
        meant = self.meant(unit)
        steps = planned_together(STRATEGIES.get(unit[0].way_in), changes)
        return {
            "steps": [of_service(service, words(step), changes) for service, step in steps],
            "changes": describe(diff(self.applied().stack, meant)),
        }

    def meant(self, unit: Unit) -> Stack:
        """The stack that is applied, with these services as they are asked for."""
        stack = self.applied().stack
        return stack.model_copy(update={"services": {**stack.services, **{one.service: one.spec for one in unit}}})

    def adopt(self, stack: Stack, unit: Unit) -> None:
        """Mean the services as they are asked for, with the stores and secrets that the file now has."""
        applied = self.applied()
        parts = {"stores": stack.stores, "secrets": stack.secrets, "docker": stack.docker}
        news = {"services": self.meant(unit).services, **parts}
        self._engine.apply(Applied(applied.file, applied.environment, applied.stack.model_copy(update=news)))
        self._engine.vault.check(secret for asked in unit for secret in asked.spec.secrets.values())

    async def make(self, asked: Asked, say: Say) -> Version:
        """The version that is asked for: one that is there already when it would run the same, else a new one.

        In containers its image is fetched or built, unless it is here.
        """
        base, stack = self.applied().file.parent, self.meant([asked])
        if asked.spec.image and asked.image is None:
            [asked] = await self.resolved([asked], say)
        name = self._name(asked, await asyncio.to_thread(self.digest, asked))
        made = partial(versions.make, at=self._engine.clock.wall(), stack=stack)
        version = await asyncio.to_thread(made, asked.service, name, asked.spec, base, self._engine.state)
        if contained(asked.spec, stack):
            version = replace(version, image=asked.image or await self._built(version, say))
            await self._engine.images.keep(version)
        self._engine.book.add_version(version)
        return version

    async def _built(self, version: Version, say: Say) -> str:
        """The image of a version that is kept, where it is still here, else a new one."""
        kept = {one.name: one for one in self._engine.book.versions(version.service)}.get(version.name)
        if kept and kept.image and await self._engine.images.here(kept.image):
            return kept.image
        return await self._engine.images.ensure(version.service, version.spec, version.name, say)

    def digest(self, asked: Asked) -> str:
        """Of what would run."""
        base = self.applied().file.parent
        return versions.digest(asked.spec, base, self.meant([asked]), service=asked.service)

    def _name(self, asked: Asked, digest: str) -> str:
        """What the version is called: a kept one of the same content keeps its name."""
        kept = {version.name: _content(version, asked) for version in self._engine.book.versions(asked.service)}
        wanted = _wanted(asked, digest)
        same = [name for name in kept if kept[name] == wanted]
        return same[-1] if same and asked.version is None else next_version(kept, wanted, asked.version)

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
            canary_steps=tuple(policy.canary.steps),
            pace_s=policy.canary.pace,
            shadow_sample=policy.shadow.sample,
            shadow_pace_s=policy.shadow.pace,
            after_shadow=policy.shadow.then,
        )

    def applied(self) -> Applied:
        """What is meant now. Raises `ReleaseError` when nothing is."""
        if self._engine.applied is None:
            raise ReleaseError("nothing is up", hint="`fairlead up` starts the stack; then release into it")
        return self._engine.applied


def _content(version: Version, asked: Asked) -> str:
    """What tells a version's content from others: where tags may move, the image too."""
    return f"{version.digest} {version.image}" if asked.image else version.digest


def _wanted(asked: Asked, digest: str) -> str:
    return f"{digest} {asked.image}" if asked.image else digest


def check(unit: Unit) -> None:
    """Refuse what can't be started, and a strategy that does not exist or can't work. Raises `FairleadError`."""
    STRATEGIES.get(unit[0].way_in)
    for asked in unit:
        command(asked.service, asked.spec)
    for service in _not_shared(unit):
        raise UsageError(
            f"{service}: `{unit[0].way_in}` needs a port of protocol `http` or `grpc`, this service has none",
            hint="`--strategy blue-green` needs none",
        )


def _not_shared(unit: Unit) -> Iterator[str]:
    return (one.service for one in unit if unit[0].way_in in JUDGED and not can_be_shared(one.spec))
