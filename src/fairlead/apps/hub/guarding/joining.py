"""Puts the guard into a hub: its gate first of all, so that nobody sees a prompt before it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from fairlead.apps.guard.findings import Guard
from fairlead.apps.guard.placeholders import Numbered
from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.guarding.gate import GuardGate
from fairlead.apps.hub.guarding.looking import Blind, Eyes, Library
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Found
from fairlead.apps.hub.state import Hub

if TYPE_CHECKING:
    from fairlead.apps.hub.guarding.service import Service

NAME = "fairlead_hub_guard_"

log = logging.getLogger(__name__)


class Guarding:
    """The guard of one hub."""

    def __init__(self, hub: Hub, load: Callable[[], Guard]) -> None:
        self._hub = hub
        self._library = Library(load)
        self._services: dict[tuple[str, str | None, float], Service] = {}
        self.counts: Counter[Found] = Counter()
        """How often each kind was found, and what was done."""
        self.unseen: Counter[tuple[str, str]] = Counter()
        """What nobody could look through: prompts and answers, passed and refused."""
        self._loading: asyncio.Task[None] | None = None
        self.gate = GuardGate(self.eyes, Numbered, self._unseen)

    def eyes(self) -> Eyes:
        """Who is asked, by the configuration as it is now."""
        config = self._hub.desk.table.config
        if config.guard_url is None:
            return self._library
        key = self._hub.environ.get(config.guard_key) if config.guard_key else None
        said = (config.guard_url, key, config.guard_timeout)
        return self._services.get(said) or self._made(said)

    def _made(self, said: tuple[str, str | None, float]) -> Service:
        from fairlead.apps.hub.guarding.service import Service  # its client takes memory that others need not have

        made = self._services[said] = Service(*said)
        return made

    def found(self, flight: Flight, findings: Sequence[Found]) -> None:
        """Count them."""
        self.counts.update(findings)

    def _unseen(self, side: str, allowed: bool) -> None:
        self.unseen[side, "passed" if allowed else "refused"] += 1

    def begin(self) -> None:
        """Load the guard of this process, beside all else: calls on guarded routes wait for it, no others."""
        self._loading = asyncio.get_running_loop().create_task(self._prepared(), name="hub-guard")

    async def _prepared(self) -> None:
        try:
            await self._library.prepare()
        except Blind as blind:
            log.error("%s: guarded routes refuse what must not pass without it", blind)

    async def end(self) -> None:
        """Forget what is under way."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await self.gate.end()
        for service in self._services.values():
            await service.end()

    def figures(self) -> Iterable[Figure]:
        """For the metrics."""
        samples = [
            ({"side": one.side, "rule": one.rule, "severity": one.severity, "action": one.action}, float(count))
            for one, count in self.counts.items()
        ]
        yield Figure(f"{NAME}findings_total", "counter", "Secrets found, by side, rule and what was done.", samples)
        words = "Prompts and answers that could not be looked through, by what became of them."
        unseen = [({"side": side, "outcome": outcome}, float(n)) for (side, outcome), n in self.unseen.items()]
        yield Figure(f"{NAME}unseen_total", "counter", words, unseen)


async def guarded(hub: Hub) -> None:
    """Guard what the configuration says, now and after it has changed."""
    guarding = joined(hub, _loaded)
    config = hub.config
    policies = [config.guard, *(route.guard for route in config.models.values() if route.guard is not None)]
    if config.guard_url is None and any(policy.is_on for policy in policies):
        guarding.begin()


def joined(hub: Hub, load: Callable[[], Guard]) -> Guarding:
    """The same, with a way to get at the guard of this process."""
    guarding = Guarding(hub, load)
    hub.desk.gates = (guarding.gate, *hub.desk.gates)
    hub.desk.found = (*hub.desk.found, guarding.found)
    hub.figures.append(guarding.figures)
    hub.endings.append(guarding.end)
    return guarding


def _loaded() -> Guard:
    from fairlead.apps.guard.library import loaded  # takes memory that a hub without guarded routes need not have

    return loaded()
