"""The stack's stores on this machine: started before whoever needs them, kept alive, found again after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairlead.engine import ports
from fairlead.engine.images.images import Images
from fairlead.engine.images.reference import replaced
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Instance
from fairlead.engine.keeper import Keeper, State, Tools
from fairlead.engine.runtime import Launch
from fairlead.engine.saying import Say
from fairlead.engine.secrets import Secret
from fairlead.engine.stores import STORES, StoreKind
from fairlead.engine.stores.contained import CONTAINED, ContainedKind, pinned
from fairlead.engine.stores.external import reachable
from fairlead.engine.vault import Vault
from fairlead.errors import CrashLoop, NotReady
from fairlead.stack.containers import store_contained
from fairlead.stack.model import Stack
from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service
from fairlead.stack.model.store import Store

READY_WITHIN_S = 60.0
"""How long a store may take to its first answer (initdb on a slow disk included)."""

POLL_S = 0.1

STOP_WITHIN = "60s"
"""What a database may take to write everything down."""


class Storeroom:
    """Keepers of the stores that run here, by name."""

    def __init__(self, folder: Path, book: FleetBook, tools: Tools, vault: Vault, images: Images) -> None:
        self._folder = folder
        self._images = images
        self._stack: Stack | None = None
        self._book = book
        self._tools = tools
        self._vault = vault
        self._stores: dict[str, Store] = {}
        self._keepers: dict[str, Keeper] = {}
        self._kinds: dict[str, StoreKind] = {}

    def open(self, stack: Stack) -> None:
        """Run stores as this stack says from now on: as processes, or in containers."""
        self._stack = stack

    async def adopt(self, stores: Mapping[str, Store]) -> None:
        """Take up again every store that was started before."""
        leased = self._book.leased()
        self._stores = dict(stores)
        for name, store in stores.items():
            if _here(store) and _owner(name) in leased:
                self._keep(name, store)

    async def ensure(self, stores: Mapping[str, Store], say: Say) -> None:
        """Return once every one of these answers. Raises `MissingError`, `StateError`, `CrashLoop` or `NotReady`."""
        self._stores |= stores
        for name, store in stores.items():
            if _here(store):
                await self._find(name, store, say)
        await asyncio.gather(*(self._ensure(name, store, say) for name, store in stores.items()))

    async def _find(self, name: str, store: Store, say: Say) -> None:
        """Make sure of the server before anything is started: an installed one, or an image, which is pinned then."""
        kind, folder = self._kind(name, store), self._folder / name
        if not isinstance(kind, ContainedKind):
            kind.find(store.version)
            return
        asked = replaced(kind.image(store, folder), self._stack.docker.images if self._stack else {})
        before = pinned.read(folder)
        if name not in self._keepers or before is None or before[0] != asked:
            pinned.write(folder, asked, await self._images.fetch(name, asked, say))

    def _kind(self, name: str, store: Store) -> StoreKind:
        contained = self._stack is not None and store_contained(name, self._stack)
        return CONTAINED.get(store.kind) if contained and store.kind in CONTAINED.names() else STORES.get(store.kind)

    def url(self, name: str, store: Store, *, inside: bool = False) -> str:
        """Its address with its password, as a container (`inside`) or a process sees it: a secret value."""
        if store.external_secret:
            return self._vault.value(store.external_secret)
        if store.external:
            self._vault.remember(f"store {name}", Secret(store.external))
            return store.external
        kind, folder = self._kind(name, store), self._folder / name
        for number, password in enumerate(kind.passwords(folder)):
            self._vault.remember(f"store {name} {number}", password)
        if inside and isinstance(kind, ContainedKind):
            return kind.inner_url(store, folder)
        return kind.url(store, folder, self._port(name))

    @property
    def stack_name(self) -> str:
        """Whose stores these are."""
        return self._stack.name if self._stack else ""

    async def status(self) -> list[dict[str, Any]]:
        """Each store for people; no passwords."""
        return [self._status(name, store) for name, store in self._stores.items()]

    async def let_go(self) -> None:
        """Stop keeping them; they go on."""
        await asyncio.gather(*(keeper.let_go() for keeper in self._keepers.values()))

    async def stop(self) -> None:
        """Stop them all, by their own way of stopping; their data stay."""
        await asyncio.gather(*(keeper.end() for keeper in self._keepers.values()))
        self._book.release_ports([_owner(name) for name in self._keepers])
        self._keepers.clear()

    async def _ensure(self, name: str, store: Store, say: Say) -> None:
        if _here(store):
            kind = self._kind(name, store)
            if name in self._keepers and self._kinds[name] is not kind:
                say("info", name, "stopping it, to start it in the other runtime")
                await self._keepers.pop(name).end()
            if name not in self._keepers:
                say("info", name, f"starting {store.kind}")
                await asyncio.to_thread(kind.prepare, store, self._folder / name, self._port(name))
                self._keep(name, store)
            await self._ready(name, say)
        else:
            problem = await reachable(self.url(name, store))
            if problem:
                say("warning", name, f"{store.kind} at its external address: {problem}")

    async def _ready(self, name: str, say: Say) -> None:
        clock, keeper = self._tools.clock, self._keepers[name]
        began, told = clock.monotonic(), 0.0
        while (waited := clock.monotonic() - began) < READY_WITHIN_S:
            if keeper.report.ready:
                return
            if keeper.report.state is State.CRASH_LOOPING:
                raise CrashLoop(f"{name}: {keeper.report.problem}")
            if waited - told >= 1.0:
                told = waited
                say("progress", name, f"waiting for {name} ({waited:.0f} s): {keeper.report.problem or 'starting'}")
            await clock.sleep(POLL_S)
        raise NotReady(f"{name}: not ready within {READY_WITHIN_S:g} s: {keeper.report.problem}")

    def _keep(self, name: str, store: Store) -> None:
        kind = self._kinds[name] = self._kind(name, store)
        folder = self._folder / name
        supply = _StoreSupply(self, name, store, kind, folder)
        instance = Instance(_owner(name), name, store.kind, ports={"port": self._port(name)})
        keeper = Keeper(instance, _spec(store, kind), self._tools, supply, lambda: None)
        self._keepers[name] = keeper
        keeper.begin()

    def _port(self, name: str) -> int:
        leased = self._book.leased()
        if _owner(name) not in leased:
            self._book.lease(_owner(name), ports.lease(set(leased.values())))
            leased = self._book.leased()
        return leased[_owner(name)]

    def moved(self, name: str) -> int:
        """A port that is free now: the one the store had, unless somebody else took it."""
        port = self._port(name)
        if not ports.free(port):
            self._book.lease(_owner(name), ports.lease(set(self._book.leased().values())))
        return self._port(name)

    def _status(self, name: str, store: Store) -> dict[str, Any]:
        keeper = self._keepers.get(name)
        if not _here(store):
            return {"name": name, "kind": store.kind, "version": store.version, "state": "external", "address": None,
                    "problem": None}  # fmt: skip
        return {
            "name": name,
            "kind": store.kind,
            "version": store.version,
            "state": keeper.report.state if keeper else "stopped",
            "address": self._kind(name, store).address(store, self._folder / name, self._port(name))
            if keeper
            else None,
            "problem": keeper.report.problem if keeper else None,
        }


class _StoreSupply:
    """What the keeper of one store asks for."""

    def __init__(self, room: Storeroom, name: str, store: Store, kind: StoreKind, folder: Path) -> None:
        self._room = room
        self._name = name
        self._store = store
        self._kind = kind
        self._folder = folder

    def renew(self, instance: Instance) -> Instance:
        """On a port that is free, with its folder made."""
        port = self._room.moved(self._name)
        self._kind.prepare(self._store, self._folder, port)
        return replace(instance, ports={"port": port})

    def launch(self, instance: Instance) -> Launch:
        """What the kind says, under our id."""
        launch = self._kind.launch(self._store, self._folder, instance.ports["port"])
        return replace(launch, id=instance.id, labels={"stack": self._room.stack_name, "service": self._name})

    async def ask(self, instance: Instance, probe: Probe | None) -> str | None:
        """Whether it answers in its own protocol."""
        return await self._kind.ready(self._store, self._folder, instance.ports["port"])


def _here(store: Store) -> bool:
    return not store.external and not store.external_secret


def _owner(name: str) -> str:
    return f"store-{name}"


def _spec(store: Store, kind: StoreKind) -> Service:
    """The little of a service's spec that a keeper looks at."""
    stop = {"signal": kind.stop_signal, "grace": STOP_WITHIN}
    return Service.model_validate({"command": [store.kind], "stop": stop})
