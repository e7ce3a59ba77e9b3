"""Everything a client can ask of the daemon, in one place: what changes things, and what only looks."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fairlead.daemon import metrics, status
from fairlead.daemon.bringing import Bringing
from fairlead.daemon.claims import Claims
from fairlead.daemon.output import ROUTER, Output
from fairlead.daemon.records import History
from fairlead.daemon.releasing import Releasing
from fairlead.daemon.telling import Hub
from fairlead.engine.engine import Engine
from fairlead.engine.runtimes.docker import labels
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError, RouterError, UsageError
from fairlead.kit.suggest import hint
from fairlead.stack.load import load


class Operations:
    """The daemon's answers."""

    def __init__(self, engine: Engine, hub: Hub, ending: asyncio.Event) -> None:
        claims = Claims()
        self._engine = engine
        self._hub = hub
        self._ending = ending
        self._since = engine.clock.wall()
        self._tasks: set[asyncio.Task[None]] = set()
        self.releasing = Releasing(engine, History(engine.journal), claims)
        self._bringing = Bringing(engine, self.releasing, claims)
        self.up, self.restart, self.scale = self._bringing.up, self._bringing.restart, self._bringing.scale
        self.deploy, self.rollback = self.releasing.deploy, self.releasing.rollback
        board = self.releasing.board
        self.words = {"promote": board.promote, "abort": board.abort, "pause": board.pause, "resume": board.resume}
        """What can be said to a release under way."""
        self.judging = board.judging
        self.meter = self.releasing.meter

    def intervene(self, word: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Say one of the words to the release of a service that is under way."""
        return self.words[word](asked, self._tell)

    def _tell(self, level: str, subject: str, text: str) -> None:
        self._hub.say(level, subject, text)

    async def forecast(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """By service: how long a judged release would take, by what the stack file says and the present traffic."""
        stack = load(Path(asked["file"]), environment=asked.get("environment"), environ=asked.get("environ", {}))
        specs = {name: stack.services[name] for name in asked.get("services") or [] if name in stack.services}
        return await self.meter.forecasts({name: (spec, spec.release.strategy) for name, spec in specs.items()})

    def released_with(self, service: str) -> list[str]:
        """The service and those that its release may bring along, by what is applied."""
        services = self._engine.applied.stack.services if self._engine.applied else {}
        return [service, *(services[service].release.with_services if service in services else [])]

    def release(self, name: str) -> dict[str, Any]:
        """One release, whole."""
        return self.releasing.history.one(name).to_json()

    async def down(self, asked: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """Stop services; when none is left the daemon ends too, once its answer is out."""
        result = await self._bringing.down(asked, say)
        if result["ended"]:
            asyncio.get_running_loop().call_later(0.2, self._ending.set)
        return result

    def shutdown(self) -> None:
        """End the daemon; services keep running."""
        self._ending.set()

    def remember(self, task: asyncio.Task[None]) -> None:
        """Keep an operation alive although nobody waits for it."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Leave what is under way as it is: the journal says how to go on with it."""
        await self.meter.end()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def status(self) -> dict[str, Any]:
        """What runs."""
        services = self._engine.applied.stack.services if self._engine.applied else {}
        newest = {name: found[0].to_json() for name in services if (found := self.releasing.history.of(name, 1))}
        shown = {service: one for one in self.judging() for service in one["services"]}
        return await status.status(self._engine, newest, {"pid": os.getpid(), "since": self._since}, shown)

    async def metrics(self) -> str:
        """The same as Prometheus reads it."""
        try:
            traffic = dict(await self._engine.router.observe())
        except RouterError:
            traffic = {}
        services = self._engine.applied.stack.services if self._engine.applied else {}
        ended = {name: [release.state for release in self.releasing.history.outcomes(name)] for name in services}
        failed = {name: states.count("taken back") + states.count("failed") for name, states in ended.items()}
        return metrics.text(await self.status(), traffic, failed)

    def history(self, service: str | None, limit: int) -> list[dict[str, Any]]:
        """Releases, newest first."""
        if service:
            self._known(service)
        return [release.to_json() for release in self.releasing.history.of(service, limit)]

    def surroundings(self, service: str) -> dict[str, Any]:
        """Where and with what environment a command of the user runs beside a service. Holds secret values."""
        self._known(service)
        keepers = [keeper for keeper in self._engine.fleet.of(service) if not keeper.instance.leaving]
        if not keepers:
            raise ReleaseError(f"{service}: does not run", hint=f"`fairlead up {service}` starts it")
        current = self._engine.current(service)
        instance = next((k.instance for k in keepers if k.instance.version == current), keepers[0].instance)
        version = self._engine.book.version(service, instance.version)
        if version.image:
            return self._inside(instance.id)
        launch = self._engine.fleet.launch(version, instance)
        return {"argv_prefix": [], "cwd": str(launch.cwd), "environment": dict(launch.environment)}

    def _inside(self, instance: str) -> dict[str, Any]:
        """The same for a container, which has its environment already: by Docker's own client."""
        stack = self._engine.applied.stack if self._engine.applied else None
        container = labels.name(stack.name if stack else None, labels.state_label(self._engine.state), instance)
        host = {"DOCKER_HOST": stack.docker.host} if stack and stack.docker.host else {}
        return {
            "argv_prefix": ["docker", "exec", "--interactive", container],
            "terminal_prefix": ["docker", "exec", "--interactive", "--tty", container],
            "cwd": str(self._engine.state),
            "environment": host,
        }

    def logs(
        self, services: list[str], *, tail: int | None, since: float | None, follow: bool
    ) -> AsyncIterator[dict[str, Any]]:
        """The output of services, oldest first; of every one when none is named."""
        stack = self._engine.applied.stack if self._engine.applied else None
        known = [*stack.services, *stack.stores, ROUTER] if stack else services
        for service in services:
            if service not in known:
                raise UsageError(f"unknown service: {service}", hint=hint(service, known))
        output = Output(self._engine.runtime, stack.services if stack else [], stack.stores if stack else [])
        follows = output.follow if follow else output.whole
        return self._redacted(follows(services, tail=tail, since=since))

    async def _redacted(self, lines: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        """A program that writes a secret of its own does not show it to whoever reads along."""
        async for line in lines:
            yield {**line, "text": self._engine.vault.redact(line["text"])}

    async def follow(self, after: int, follow: bool) -> AsyncIterator[dict[str, Any]]:
        """What has happened, and with `follow` what happens."""
        with self._hub.following() as queue:
            for event in self._engine.events.after(after):
                yield asdict(event)
            while follow:
                yield await queue.get()

    def _known(self, service: str) -> None:
        services = self._engine.applied.stack.services if self._engine.applied else {}
        if service not in services:
            raise UsageError(f"unknown service: {service}", hint=hint(service, list(services)))
