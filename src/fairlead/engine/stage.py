"""What a release can do to the running stack: scale a version, shift shares, watch, run a hook, keep warm.

Every call is idempotent: after a crash the release repeats the one that was under way.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engine.draining import Drain
from fairlead.engine.fleet import Fleet
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Instance, Mirrored, Version, Warm
from fairlead.engine.keeper import Keeper, State
from fairlead.engine.launching import commanded
from fairlead.engine.leasing import Leasing
from fairlead.engine.router import Router
from fairlead.engine.routing import routed_ports
from fairlead.engine.saying import Say
from fairlead.engine.switchboard import Switchboard
from fairlead.errors import HookFailed, NotReady
from fairlead.stack.model.release import Hook, ReleasePolicy

HEALTH_POLL_S = 0.01
ROUTER_HEALTH_S = 15.0
"""How long the router's own health check may take to agree with an instance that says it is ready."""

WATCH_POLL_S = 0.25

OUTPUT_LINES = 20
"""Lines of a hook's output that are shown."""

TIMED_OUT = 124
"""The exit code of a command whose time ran out, as `timeout(1)` has it."""


class EngineStage:
    """The engine as a release sees it."""

    def __init__(
        self,
        book: FleetBook,
        fleet: Fleet,
        router: Router,
        switchboard: Switchboard,
        drain: Drain,
        leasing: Leasing,
    ) -> None:
        self._book = book
        self._fleet = fleet
        self._router = router
        self._switchboard = switchboard
        self._drain = drain
        self._leasing = leasing

    async def counts(self, service: str) -> Mapping[str, int]:
        """Version -> instances wanted."""
        return self._fleet.wanted(service)

    async def shares(self, service: str) -> Mapping[str, float]:
        """Version -> share of the requests, in percent."""
        return self._book.shares(service)

    async def scale(
        self, service: str, version: str, count: int, *, policy: ReleasePolicy, drain_s: float | None, say: Say
    ) -> None:
        """Bring a version to `count` instances. Up: returns when all are ready and the router agrees. Down: drained.

        Without `drain_s` it is a way up, repeated after a crash too; with it, as many as there are is enough.
        """
        self._book.cool(service, version)
        if drain_s is not None and count <= self._fleet.wanted(service).get(version, 0):
            await self._drain.down_to(service, version, count, drain_s, say)
            return
        kept = self._book.version(service, version)
        self._fleet.want(kept, count)
        await self._fleet.ready(service, version, count, policy.ready_within, say)
        await self._agreed(kept, count)

    async def shift(
        self, service: str, shares: Mapping[str, float], *, leased: bool = False, fallback: str | None = None
    ) -> None:
        """Give each version its share; returns when the router serves by it.

        Leased shares hold while somebody renews them (`Leasing.renew`); else everything goes to the version `fallback`,
        which is the one that had the most before, unless another one is named.
        """
        for version, share in shares.items():
            if share > 0:
                self._book.cool(service, version)
        if leased:
            self._book.shift(service, shares, self._fallback(service, fallback))
            self._leasing.take(service)
        else:
            self._book.shift(service, shares)
            self._leasing.drop(service)
        await self._switchboard.routed()

    async def mirror(self, service: str, version: str, sample: float) -> None:
        """Send a version copies of `sample` percent of the requests, while somebody renews that; 0 ends it."""
        shares, leased = self._book.shares(service), self._book.fallbacks().get(service)
        if sample > 0:
            self._book.mirror(Mirrored(service, version, sample), shares if leased is None else leased)
            self._leasing.take(service)
        else:
            kept = None if leased == shares else leased
            self._book.mirror(Mirrored(service, version, 0.0), kept)
            if kept is None:
                self._leasing.drop(service)
        await self._switchboard.routed()

    def _fallback(self, service: str, named: str | None) -> Mapping[str, float]:
        """That of a lease there is already stays: the shares are no longer those from before the release."""
        if named is not None:
            return {named: 100.0}
        leased, shares = self._book.fallbacks().get(service), self._book.shares(service)
        if leased is not None:
            return leased
        return {max(shares, key=lambda version: shares[version]): 100.0} if shares else {}

    async def watch(self, service: str, version: str, seconds: float, say: Say) -> str | None:
        """Watch a version; returns at once with the reason when one of its instances fails, else `None` at the end."""
        clock = self._fleet.tools.clock
        restarts = {keeper.instance.id: keeper.report.restarts for keeper in self._fleet.of(service, version)}
        began, told = clock.monotonic(), -1.0
        while (watched := clock.monotonic() - began) < seconds:
            for keeper in self._fleet.of(service, version):
                if failed := _failed(keeper, restarts):
                    return failed
            if watched - told >= 1.0 and (told := watched):
                say("progress", service, f"watching {version}: {seconds - watched:.0f} s to go")
            await clock.sleep(min(WATCH_POLL_S, seconds - watched))
        return None

    async def run_hook(self, version: Version, hook: Hook, name: str, say: Say) -> None:
        """Run a command in the surroundings of a version, with its output shown. Raises `HookFailed`."""
        ports = next((keeper.instance.ports for keeper in self._fleet.of(version.service, version.name)), {})
        instance = Instance(f"{version.service}-{version.name}-{name}", version.service, version.name, ports=ports)
        launch = commanded(self._fleet.launch(version, instance), hook.command)
        code, output = await self._fleet.tools.runtime.execute(launch, timeout_s=hook.timeout)
        for line in output.splitlines()[-OUTPUT_LINES:]:
            say("output", version.service, self._fleet.tools.redact(line))
        if code == TIMED_OUT:
            raise HookFailed(f"{version.service} {version.name}: {name}: did not end within {hook.timeout:g} s")
        if code:
            last = self._fleet.tools.redact(output.strip()[-300:])
            raise HookFailed(f"{version.service} {version.name}: {name}: exited with {code}: {last}")

    def keep_warm(self, service: str, version: str, seconds: float) -> None:
        """Keep a version without requests for that long; it is drained and stopped then."""
        self._book.keep_warm(Warm(service, version, self._fleet.tools.clock.wall(), seconds))

    async def _agreed(self, version: Version, count: int) -> None:
        """Wait until the router, which asks for itself, would send a request to every instance."""
        await self._switchboard.routed()
        clock = self._fleet.tools.clock
        end = clock.monotonic() + ROUTER_HEALTH_S
        for port in routed_ports(version.spec):
            while len(healthy := await self._router.healthy(f"{version.service}.{port}", version.name)) < count:
                if clock.monotonic() > end:
                    raise NotReady(
                        f"{version.service} {version.name}: ready by its own probe, but the router reaches only "
                        f"{len(healthy)} of {count} on port `{port}`",
                        hint="does the program listen on the address in HOST and the port it was given?",
                    )
                await clock.sleep(HEALTH_POLL_S)
                await self._switchboard.routed()


def _failed(keeper: Keeper, restarts: Mapping[str, int]) -> str | None:
    report = keeper.report
    if keeper.instance.leaving or (report.ready and report.restarts <= restarts.get(keeper.instance.id, 0)):
        return None
    if report.state in (State.STOPPING, State.STOPPED):
        return None
    return f"{keeper.instance.id} is {report.state}: {report.problem or 'it was restarted'}"
