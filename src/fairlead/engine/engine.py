"""The engine: one stack on one machine, put together from runtime, router, journal, fleet and stores."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from fairlead.engine import ports
from fairlead.engine.draining import Drain
from fairlead.engine.fleet import Fleet
from fairlead.engine.guard import RouterGuard
from fairlead.engine.images.images import Images
from fairlead.engine.journal import Journal
from fairlead.engine.journal.events import EventBook
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Applied, Instance, Version
from fairlead.engine.keeper import Tools
from fairlead.engine.launching import Surroundings
from fairlead.engine.leasing import Leasing
from fairlead.engine.probes import Prober
from fairlead.engine.router import Router, Routing
from fairlead.engine.routing import Lane, routed_ports, routing
from fairlead.engine.runtime import ROUTER, Runtime
from fairlead.engine.saying import Say
from fairlead.engine.stage import EngineStage
from fairlead.engine.storeroom import Storeroom
from fairlead.engine.switchboard import Switchboard
from fairlead.engine.vault import Vault
from fairlead.engine.warmth import Warmth
from fairlead.errors import FairleadError
from fairlead.kit.background import Background
from fairlead.kit.clock import Clock
from fairlead.stack.apps import APPS
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service
from fairlead.stack.model.store import Store
from fairlead.stack.variables import of_need


class Engine:
    """Owns everything that runs. `state` is the state folder; `say` hears what happens outside any operation."""

    def __init__(self, state: Path, journal: Journal, runtime: Runtime, router: Router, clock: Clock, say: Say) -> None:
        self.state = state
        self.journal = journal
        self.runtime = runtime
        self.router = router
        self.clock = clock
        self.book = FleetBook(journal)
        self.events = EventBook(journal)
        self.vault = Vault()
        self.prober = Prober()
        tools = Tools(runtime, clock, self.vault.redact)
        self.applied: Applied | None = None
        self.switchboard = Switchboard(router, clock, self._routing)
        self.leasing = Leasing(self.book, router, self.switchboard, clock, say)
        self.fleet = Fleet(self.book, tools, self.prober, self._surroundings, self.switchboard.touch)
        self.images = Images(state, self.vault.value, self.vault.redact)
        self.stores = Storeroom(state / "stores", self.book, tools, self.vault, self.images)
        self.drain = Drain(self.fleet, router, self.switchboard.routed)
        self.stage = EngineStage(self.book, self.fleet, router, self.switchboard, self.drain, self.leasing)
        self._say = say
        self._leaving = Background("leaving")
        self._guard = RouterGuard(router, self.switchboard, clock, say)
        self._warmth = Warmth(self.book, self.drain, clock, self._service, say)

    async def open(self, environ: Mapping[str, str]) -> None:
        """Take up what the journal says: adopt what runs, start what should run and does not."""
        self.vault.learn(environ)
        applied = self.book.applied()
        if applied:
            self._take(applied)
            self._guard.take_over()
            await self.stores.adopt(applied.stack.stores)
            await self.fleet.adopt()
            self._follow()
            self._leaving.begin(self._finish_leaving)

    async def begin_routing(self) -> None:
        """Start the router if it does not run, and keep it true to the fleet from now on."""
        await self._guard.begin()
        self._follow()

    def _follow(self) -> None:
        self.switchboard.begin()
        self.switchboard.touch()
        self._warmth.begin()

    def apply(self, applied: Applied) -> None:
        """Mean this stack from now on; services are brought to it one by one by whoever asked."""
        self.book.apply(applied)
        self._take(applied)
        self.switchboard.touch()

    def _take(self, applied: Applied) -> None:
        self.applied = applied
        self.vault.open(applied.stack, applied.file.parent)
        self.images.open(applied.stack, applied.file.parent)
        self.stores.open(applied.stack)
        self._lease_service_ports(applied)

    async def close(self) -> None:
        """End the engine; instances, stores and the router go on and are adopted by the next one."""
        await self._leaving.end()
        await self._warmth.end()
        await self.leasing.end()
        await self._guard.end()
        await self.switchboard.end()
        await self.fleet.let_go()
        await self.stores.let_go()
        await self.prober.close()
        await self.router.close()
        await self.runtime.close()
        await self.images.close()
        self.journal.close()

    async def forget_all(self) -> None:
        """The last service has been stopped: end the router, the stores and what watches them."""
        await self._warmth.end()
        await self.leasing.end()
        await self._guard.end()
        await self.switchboard.end()
        await self.router.stop()
        await self.stores.stop()
        await self.runtime.tidy()
        self.book.apply(None)
        self.applied = None

    async def _finish_leaving(self) -> None:
        """Drain and stop what an engine before this one had begun to."""
        leaving = {
            (keeper.instance.service, keeper.instance.version)
            for keeper in self.fleet.keepers.values()
            if keeper.instance.leaving
        }
        await asyncio.gather(*(self._finish(service, version) for service, version in leaving))

    async def _finish(self, service: str, version: str) -> None:
        spec = self._service(service) or self.book.version(service, version).spec
        await self.drain.finish(service, version, spec.release.drain, self._say)

    def address(self, service: str, port: str | None = None, *, host: str = "127.0.0.1") -> str | None:
        """Where the router offers a service on this machine, for as long as the service exists.

        `host` is what the one who asks knows the router by: containers know it as `ROUTER`.
        """
        spec = self._service(service)
        routed = routed_ports(spec) if spec else {}
        name = port or next(iter(routed), None)
        leased = self.book.leased().get(f"{service}.{name}")
        if name not in routed or leased is None:
            return None
        scheme = "http://" if routed[name].protocol == "http" else ""
        return f"{scheme}{host}:{leased}"

    def current(self, service: str) -> str | None:
        """The version that holds most of the requests."""
        shares = self.book.shares(service)
        return max(shares, key=lambda version: shares[version], default=None)

    def replace_service(self, name: str, spec: Service) -> None:
        """Mean this service so from now on: what needs no new version (exposure, traffic, policy) takes effect."""
        assert self.applied is not None  # noqa: S101 - only services of an applied stack are replaced
        stack = self.applied.stack
        if stack.services.get(name) != spec:
            services = {**stack.services, name: spec}
            self.apply(replace(self.applied, stack=stack.model_copy(update={"services": services})))

    def needed_stores(self, services: Iterable[str]) -> dict[str, Store]:
        """The stores that these services need, by name."""
        stack = self.applied.stack if self.applied else None
        names = [need.name for service in services for need in stack.services[service].needs] if stack else []
        return {name: stack.stores[name] for name in names if stack and name in stack.stores}

    async def prune_versions(self, service: str) -> None:
        """Forget the oldest versions beyond the number that the policy keeps, with files, images and output.

        Never one in use. The output of every version that is kept stays.
        """
        spec = self._service(service)
        kept = self.book.versions(service)
        used = {*self.fleet.wanted(service), *self.book.shares(service)}
        spare = [version for version in kept if version.name not in used]
        surplus = len(kept) - (spec.release.keep_versions if spec else len(kept))
        for version in spare[: max(0, surplus)]:
            self.book.forget_version(service, version.name)
            for instance in await self.runtime.instances():
                if instance.rpartition("-")[0] == f"{service}-{version.name}":
                    await self.runtime.remove(instance)
            if version.tree and not any(other.tree == version.tree for other in self.book.versions(service)):
                shutil.rmtree(version.tree, ignore_errors=True)
            await self._forget_image(version)

    async def _forget_image(self, version: Version) -> None:
        kept = [other for service in self._services() for other in self.book.versions(service)]
        try:
            await self.images.forget(version, kept)
        except FairleadError as error:  # it only takes room
            self._say("warning", version.service, f"the image of {version.name} stays: {error.message}")

    def _services(self) -> list[str]:
        return list(self.applied.stack.services) if self.applied else []

    def _service(self, name: str) -> Service | None:
        return self.applied.stack.services.get(name) if self.applied else None

    def _lease_service_ports(self, applied: Applied) -> None:
        leased = self.book.leased()
        for name, spec in applied.stack.services.items():
            for port in routed_ports(spec):
                owner = f"{name}.{port}"
                if owner not in leased:
                    self.book.lease(owner, ports.lease(set(leased.values())))
                    leased = self.book.leased()

    def _routing(self) -> Routing:
        if self.applied is None:
            return Routing()
        leased = self.book.leased()
        lanes = [
            Lane(
                name,
                spec,
                self.leasing.shares(name),
                self.fleet.standing(name),
                {port: leased[f"{name}.{port}"] for port in routed_ports(spec) if f"{name}.{port}" in leased},
                self.leasing.mirror(name),
            )
            for name, spec in self.applied.stack.services.items()
            if self.fleet.of(name)
        ]
        found = routing(self.applied.stack, self.applied.file.parent, lanes)
        local = (*found.local_addresses, *self.runtime.gateways)
        return replace(found, lease=self.leasing.lease, local_addresses=local)

    def _surroundings(self, version: Version, instance: Instance) -> Surroundings:
        assert self.applied is not None  # noqa: S101 - nothing is launched before a stack is applied
        return Surroundings(
            stack_name=self.applied.stack.name,
            base=self.applied.file.parent,
            data=self.state / "data",
            addresses=self._addresses(version, self.applied.stack),
            secrets=self.vault.values(version.spec.secrets),
        )

    def _addresses(self, version: Version, stack: Stack) -> dict[str, str]:
        found: dict[str, str] = {}
        host = ROUTER if version.image else "127.0.0.1"
        for need in version.spec.needs:
            store = stack.stores.get(need.name)
            if store:
                address: str | None = self.stores.url(need.name, store, inside=bool(version.image))
            else:
                address = self.address(need.name, need.port, host=host)
            if address is not None:
                found[of_need(need, stack)] = address
                app = APPS.get(version.spec.uses or "")
                if app and store and store.kind in app.stores:
                    found.setdefault(app.stores[store.kind], address)
        return found

    async def memory_bytes(self) -> int:
        """Resident memory of this process, from /proc."""
        pages = (await asyncio.to_thread(Path("/proc/self/statm").read_text)).split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
