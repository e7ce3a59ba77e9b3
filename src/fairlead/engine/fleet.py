"""All instances of the stack: which are wanted, which are ready, and which may carry requests.

The wanted state is in the journal; the fleet writes it there first and then makes it true, so that repeating any call
after a crash is safe.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from fairlead.engine import ports
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Instance, Version
from fairlead.engine.keeper import Keeper, Report, State, Tools
from fairlead.engine.launching import Surroundings, launch
from fairlead.engine.probes import Prober, Target
from fairlead.engine.routing import Standing
from fairlead.engine.runtime import Launch
from fairlead.engine.saying import Say
from fairlead.errors import CrashLoop, NotReady
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.network import Probe

ADOPTION_S = 15.0
"""How long the engine waits on its return for the first answer of everything it adopts."""


class Fleet:
    """Keepers by instance id."""

    def __init__(
        self,
        book: FleetBook,
        tools: Tools,
        prober: Prober,
        surroundings: Callable[[Version, Instance], Surroundings],
        changed: Callable[[], None],
    ) -> None:
        self.keepers: dict[str, Keeper] = {}
        self.tools = tools
        self.prober = prober
        self._book = book
        self._surroundings = surroundings
        self._changed = asyncio.Event()
        self._tell = changed

    def of(self, service: str, version: str | None = None) -> list[Keeper]:
        """The keepers of a service, oldest first."""
        return [
            keeper
            for keeper in self.keepers.values()
            if keeper.instance.service == service and version in (None, keeper.instance.version)
        ]

    def wanted(self, service: str) -> dict[str, int]:
        """Version -> instances wanted; those leaving are not counted."""
        return dict(Counter(keeper.instance.version for keeper in self.of(service) if not keeper.instance.leaving))

    def standing(self, service: str) -> list[Standing]:
        """The instances that may carry requests: ready ones, and those draining."""
        return [
            Standing(keeper.instance, keeper.instance.leaving, keeper.report.address)
            for keeper in self.of(service)
            if keeper.report.ready or (keeper.instance.leaving and keeper.report.pid)
        ]

    async def adopt(self) -> None:
        """Take up every instance of the journal again, and wait until each has been asked once."""
        for instance in self._book.instances():
            self._keep(instance, self._book.version(instance.service, instance.version))
        clock = self.tools.clock
        end = clock.monotonic() + ADOPTION_S
        while any(_unknown(keeper.report) for keeper in self.keepers.values()) and clock.monotonic() < end:
            await self.change(1.0)

    def want(self, version: Version, count: int) -> None:
        """Want `count` instances of a version at least, and begin to start those that lack."""
        lacking = count - self.wanted(version.service).get(version.name, 0)
        fresh = [self._instance(version, id) for id in itertools.islice(self._free_ids(version), max(0, lacking))]
        self._book.add_instances(fresh)
        for instance in fresh:
            self._keep(instance, version)

    def part_with(self, keepers: Iterable[Keeper]) -> None:
        """Write down that these are wanted no longer; from now on the router sends them nothing new."""
        keepers = list(keepers)
        self._book.mark_leaving([keeper.instance.id for keeper in keepers])
        for keeper in keepers:
            keeper.instance = replace(keeper.instance, leaving=True)
        self._notice()

    def forget(self, keepers: Iterable[Keeper]) -> None:
        """Forget instances that have been stopped."""
        keepers = list(keepers)
        self._book.drop_instances([keeper.instance.id for keeper in keepers])
        for keeper in keepers:
            self.keepers.pop(keeper.instance.id, None)
        self._notice()

    async def ready(self, service: str, version: str, count: int, within_s: float, say: Say) -> None:
        """Return once `count` instances of a version are ready. Raises `CrashLoop` or `NotReady`."""
        clock = self.tools.clock
        began, told = clock.monotonic(), -1.0
        reports: list[Report] = []
        while (waited := clock.monotonic() - began) < within_s:
            reports = [keeper.report for keeper in self.of(service, version) if not keeper.instance.leaving]
            if sum(report.ready for report in reports) >= count:
                return
            _startable(f"{service} {version}", reports)
            if waited - told >= 1.0 and (told := waited):
                say("progress", service, _waiting(version, count, reports, waited))
            await self.change(0.5)
        raise NotReady(
            f"{service} {version}: not ready within {within_s:g} s: {_problem(reports)}",
            hint=f"`fairlead logs {service}` shows its output",
        )

    async def change(self, within_s: float) -> None:
        """Return when a report changed, or after that many seconds."""
        self._changed.clear()
        waiting = asyncio.create_task(self._changed.wait())
        pause = asyncio.create_task(self.tools.clock.sleep(within_s))
        try:
            await asyncio.wait({waiting, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            pause.cancel()
            await asyncio.gather(waiting, pause, return_exceptions=True)

    async def let_go(self) -> None:
        """Stop keeping all instances; they go on."""
        await asyncio.gather(*(keeper.let_go() for keeper in self.keepers.values()))

    def _notice(self) -> None:
        self._changed.set()
        self._tell()

    def _keep(self, instance: Instance, version: Version) -> None:
        keeper = Keeper(instance, version.spec, self.tools, VersionSupply(self, version), self._notice)
        self.keepers[instance.id] = keeper
        keeper.begin()

    def _free_ids(self, version: Version) -> Iterator[str]:
        ids = (f"{version.service}-{version.name}-{number}" for number in itertools.count(1))
        return (id for id in ids if id not in self.keepers)

    def _instance(self, version: Version, id: str) -> Instance:
        return Instance(id, version.service, version.name, created=self.tools.clock.wall())

    def renewed(self, instance: Instance) -> Instance:
        """The instance with ports to listen on, written down before they are used."""
        version = self._book.version(instance.service, instance.version)
        found = inner_ports(version.spec) if version.image else self._leased(version, instance)
        if found == instance.ports:
            return instance
        fresh = replace(instance, ports=found)
        self._book.add_instances([fresh])
        return fresh

    def _leased(self, version: Version, instance: Instance) -> dict[str, int]:
        """A free port of this machine for each of a version's; the ones it had before, where they still are."""
        taken = {port for keeper in self.keepers.values() for port in keeper.instance.ports.values()}
        taken |= set(self._book.leased().values())
        leased: dict[str, int] = {}
        for name in version.spec.ports:
            before = instance.ports.get(name)
            leased[name] = before if before and ports.free(before) else ports.lease(taken | set(leased.values()))
        return leased

    def launch(self, version: Version, instance: Instance) -> Launch:
        """What an instance of a version is started with."""
        return launch(version, instance, self._surroundings(version, instance))


class VersionSupply:
    """What the keepers of one version ask their fleet for."""

    def __init__(self, fleet: Fleet, version: Version) -> None:
        self._fleet = fleet
        self._version = version

    async def ask(self, instance: Instance, probe: Probe | None) -> str | None:
        """One question to a running instance."""

        async def execute(argv: list[str], timeout_s: float) -> tuple[int, str]:
            asked = replace(self.launch(instance), id=f"{instance.id}-probe", argv=tuple(argv), beside=instance.id)
            return await self._fleet.tools.runtime.execute(asked, timeout_s=timeout_s)

        address = self._fleet.keepers[instance.id].report.address
        return await self._fleet.prober.ask(probe, Target(self._version.spec, instance.ports, execute, address))

    def renew(self, instance: Instance) -> Instance:
        """The instance with ports that are free now."""
        return self._fleet.renewed(instance)

    def launch(self, instance: Instance) -> Launch:
        """Everything the runtime needs."""
        return self._fleet.launch(self._version, instance)


def _unknown(report: Report) -> bool:
    return not report.asked and report.state is State.STARTING


def _startable(what: str, reports: Iterable[Report]) -> None:
    """Waiting longer helps neither what can't be started nor what keeps ending."""
    for report in reports:
        if report.refused and report.problem:
            raise NotReady(f"{what}: can't be started: {report.problem}")
        if report.state is State.CRASH_LOOPING:
            raise CrashLoop(f"{what}: ended {report.failures} times in a row: {report.problem}")


def _waiting(version: str, count: int, reports: list[Report], waited: float) -> str:
    ready = sum(report.ready for report in reports)
    return f"waiting for {version}: {ready} of {count} ready ({waited:.0f} s){_because(reports)}"


def _because(reports: list[Report]) -> str:
    problem = next((report.problem for report in reports if report.problem), None)
    return f": {problem.splitlines()[0]}" if problem else ""


def _problem(reports: list[Report]) -> str:
    return next((report.problem for report in reports if report.problem), None) or "it has not answered"
