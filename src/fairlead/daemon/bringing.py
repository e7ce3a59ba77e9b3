"""Bringing the stack up, service by service in the order of their needs, and down again."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairlead.daemon.claims import Claims
from fairlead.daemon.drafts import Asked
from fairlead.daemon.ordering import levels, selected, units
from fairlead.daemon.releasing import Releasing, why
from fairlead.daemon.status import exposed
from fairlead.engine import ports
from fairlead.engine.engine import Engine
from fairlead.engine.journal.records import Applied
from fairlead.engine.launching import command, limits
from fairlead.engine.plan import ServiceChange, compare, current_versions
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError, RouterError, UsageError
from fairlead.kit.suggest import hint
from fairlead.release.strategies import STRATEGIES
from fairlead.stack.containers import contained
from fairlead.stack.load import load
from fairlead.stack.model import Stack


class Bringing:
    """`up`, `down`, `restart` and `scale`."""

    def __init__(self, engine: Engine, releasing: Releasing, claims: Claims) -> None:
        self._engine = engine
        self._releasing = releasing
        self._claims = claims

    async def up(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead up`."""
        engine = self._engine
        file, environ = Path(asked["file"]), asked.get("environ", {})
        engine.vault.learn(environ)
        stack = load(file, environment=asked.get("environment"), environ=environ)
        names = selected(stack, asked.get("services") or [], asked.get("profiles") or [])
        changes = [
            change
            for change in compare(stack, file.parent, engine.applied, current_versions(engine.book)).services
            if change.service in names or change.action == "stop"
        ]
        kept = [change.service for change in changes if change.action == "keep"]
        with self._claims.on([change.service for change in changes if change.service not in kept], "`up`"):
            with self._claims.on(kept, "`up`"):  # only so long: a canary of another service may take hours
                await self._prepare(Applied(file, asked.get("environment"), stack), names, say)
            together = units(stack, changes)
            for level in levels(stack, [change for change in changes if change.service in together]):
                await _all(self._bring(together[change.service], asked.get("who", ""), say) for change in level)
            gone = [change.service for change in changes if change.action == "stop"]
            await _all(self._stop(service, say) for service in gone)
            await engine.switchboard.routed()
        return {"addresses": self._addresses(names), "changed": [c.service for c in changes if c.action != "keep"]}

    async def _prepare(self, applied: Applied, names: list[str], say: Say) -> None:
        """Everything that can be refused is refused before anything is touched."""
        engine, stack = self._engine, applied.stack
        for name in names:
            command(name, stack.services[name])
            STRATEGIES.get(stack.services[name].release.strategy)
            asked = limits(stack.services[name].resources)
            for sentence in engine.runtime.unsupported(asked, contained=contained(stack.services[name], stack)):
                say("warning", name, sentence)
        engine.vault.open(stack, applied.file.parent)
        engine.vault.check(secret for name in names for secret in stack.services[name].secrets.values())
        self._check_entrances(stack)
        stopped = engine.applied.stack.services if engine.applied else {}
        leaving = {name: spec for name, spec in stopped.items() if name not in stack.services}
        meant = stack.model_copy(update={"services": {**stack.services, **leaving}})
        engine.apply(Applied(applied.file, applied.environment, meant))
        await engine.stores.ensure(engine.needed_stores(names), say)
        await engine.begin_routing()

    def _check_entrances(self, stack: Stack) -> None:
        """A public port that somebody else holds is an error before anything starts."""
        before = self._engine.applied.stack.router if self._engine.applied else None
        ours = {before.http, before.https} if before else set()
        if not any(service.expose for service in stack.services.values()):
            return
        for key, port in (("http", stack.router.http), ("https", stack.router.https)):
            if port and port not in ours and not ports.free(port, stack.router.address):
                raise RouterError(
                    f"router.{key}: port {port} on {stack.router.address} is taken by another program",
                    hint=f"end that program, or set `router.{key}` to another port",
                )

    async def _bring(self, together: Sequence[ServiceChange], who: str, say: Say) -> None:
        """Do what is to be done with one service, or release several as one; a judged release ends with its verdict."""
        change = together[0]
        engine, name = self._engine, change.service
        assert engine.applied is not None  # noqa: S101 - `_prepare` applied it
        services = engine.applied.stack.services
        spec = services[name]
        if change.action in ("start", "release"):
            way_in = change.strategy or None
            unit = [Asked(one.service, services[one.service], who, "up", strategy=way_in) for one in together]
            release = await self._releasing.release(unit, say)
            if release.state != "succeeded":
                raise ReleaseError(f"{name}: {release.outcome}", hint=why(release))
        elif change.action == "adjust" and (current := engine.current(name)):
            for reason in change.reasons:
                say("info", name, reason)
            engine.book.add_version(replace(engine.book.version(name, current), spec=spec))
            await self._scale(name, current, spec.scale.min, say)

    async def scale(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead scale`."""
        name, count = asked["service"], asked.get("count")
        if not isinstance(count, int) or count < 0:
            raise UsageError(f"{name}: the number of instances should be 0 or more, got {count!r}")
        current = self._serving(name)
        with self._claims.on([name], "`scale`"):
            say("info", name, f"{current} to {count} instances")
            await self._scale(name, current, count, say)
        return {}

    async def _scale(self, name: str, version: str, count: int, say: Say) -> None:
        assert self._engine.applied is not None  # noqa: S101 - a version serves
        policy = self._engine.applied.stack.services[name].release
        await self._engine.stage.scale(name, version, count, policy=policy, drain_s=policy.drain, say=say)

    async def restart(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead restart`: each instance is replaced by a fresh one, without losing a request."""
        stack = self._engine.applied.stack if self._engine.applied else None
        names = asked.get("services") or (list(stack.services) if stack else [])
        for name in names:
            current = self._serving(name)
            with self._claims.on([name], "`restart`"):
                await self._replace_each(name, current, say)
        return {}

    async def _replace_each(self, name: str, version: str, say: Say) -> None:
        fleet = self._engine.fleet
        assert self._engine.applied is not None  # noqa: S101 - a version serves
        policy = self._engine.applied.stack.services[name].release
        old = [keeper for keeper in fleet.of(name, version) if not keeper.instance.leaving]
        for keeper in old:
            say("info", name, f"replacing {keeper.instance.id}")
            if policy.strategy == "recreate":
                await keeper.restart()
                await fleet.ready(name, version, len(old), policy.ready_within, say)
                continue
            await self._scale(name, version, len(old) + 1, say)
            fleet.part_with([keeper])
            await self._engine.drain.finish(name, version, policy.drain, say)

    async def down(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to `fairlead down`; with `data`, volumes and stores are removed too."""
        engine = self._engine
        stack = engine.applied.stack if engine.applied else None
        if stack is None:
            return {"ended": True}
        names = selected(stack, asked.get("services") or [], None)
        running = [name for name in stack.services if engine.fleet.of(name)]
        with self._claims.on(names, "`down`"):
            for level in reversed(levels(stack, [ServiceChange(name, "stop") for name in names])):
                await _all(self._stop(change.service, say) for change in level)
        if set(running) - set(names):
            return {"ended": False}
        await engine.forget_all()
        if asked.get("data"):
            await asyncio.to_thread(_remove, engine.state / "data", engine.state / "stores")
            say("info", "stack", "volumes and stores have been removed")
        return {"ended": True}

    async def _stop(self, name: str, say: Say) -> None:
        engine = self._engine
        spec = engine.applied.stack.services.get(name) if engine.applied else None
        found = engine.fleet.of(name)
        if found:
            say("info", name, "stopping")
        engine.book.shift(name, {})
        for version in dict.fromkeys(keeper.instance.version for keeper in found):
            engine.book.cool(name, version)
            await engine.drain.down_to(name, version, 0, spec.release.drain if spec else 30.0, say)

    def _serving(self, name: str) -> str:
        services = self._engine.applied.stack.services if self._engine.applied else {}
        if name not in services:
            raise UsageError(f"unknown service: {name}", hint=hint(name, list(services)))
        current = self._engine.current(name)
        if current is None:
            raise ReleaseError(f"{name}: does not run", hint=f"`fairlead up {name}` starts it")
        return current

    def _addresses(self, names: Iterable[str]) -> list[dict[str, Any]]:
        found = []
        for name in names:
            found += [
                {"service": name, "url": url, "exposed": True, **example}
                for url, example in zip(exposed(self._engine, name), self._examples(name), strict=False)
            ]
            if (url := self._engine.address(name)) is not None:
                found.append({"service": name, "url": url, "exposed": False, "example": None})
        return found

    def _examples(self, name: str) -> list[dict[str, str | None]]:
        spec = self._engine.applied.stack.services[name] if self._engine.applied else None
        return [{"example": way.example, "body": way.example_body} for way in spec.expose] if spec else []


async def _all(work: Iterable[Any]) -> None:
    """Do these side by side; the first error is raised when all have ended."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
