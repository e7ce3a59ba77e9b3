"""Puts the guard into a hub: its gate first of all, so that nobody sees a prompt before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from fairlead.apps.guard.findings import Guard
from fairlead.apps.guard.placeholders import Numbered
from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.guarding.gate import GuardGate
from fairlead.apps.hub.guarding.looking import Eyes, Library
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Found
from fairlead.apps.hub.state import Hub


class Guarding:
    """The guard of one hub."""

    def __init__(self, hub: Hub, load: Callable[[], Guard]) -> None:
        self._hub = hub
        self._library = Library(load)
        self._service: Eyes | None = None
        self.counts: Counter[Found] = Counter()
        """How often each kind was found, and what was done."""
        self.gate = GuardGate(self.eyes, Numbered)

    def eyes(self) -> Eyes:
        """Who is asked, by the configuration as it is now."""
        return self._library

    def found(self, flight: Flight, findings: Sequence[Found]) -> None:
        """Count them."""
        self.counts.update(findings)

    async def end(self) -> None:
        """Forget what is under way."""
        await self.gate.end()

    def figures(self) -> Iterable[Figure]:
        """For the metrics."""
        samples = [
            ({"side": one.side, "rule": one.rule, "severity": one.severity, "action": one.action}, float(count))
            for one, count in self.counts.items()
        ]
        yield Figure("fairlead_hub_guard_findings_total", "counter", "secrets found, by what was done", samples)


async def guarded(hub: Hub) -> None:
    """Guard what the configuration says, now and after it has changed."""
    joined(hub, _loaded)


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
