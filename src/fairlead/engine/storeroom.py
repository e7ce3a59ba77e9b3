"""The stack's stores on this machine: started before whoever needs them, kept alive, found again after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairlead.engine import ports
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Instance
from fairlead.engine.keeper import Keeper, State, Tools
from fairlead.engine.runtime import Launch
from fairlead.engine.saying import Say
from fairlead.engine.secrets import Secret
from fairlead.engine.stores import STORES, StoreKind
from fairlead.engine.stores.external import reachable
from fairlead.engine.vault import Vault
from fairlead.errors import CrashLoop, NotReady
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

    def __init__(self, folder: Path, book: FleetBook, tools: Tools, vault: Vault) -> None:
        self._folder = folder
        self._book = book
        self._tools = tools
        self._vault = vault
        self._stores: dict[str, Store] = {}
        self._keepers: dict[str, Keeper] = {}

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
        for store in stores.values():
            if _here(store):
                STORES.get(store.kind).find(store.version)
        await asyncio.gather(*(self._ensure(name, store, say) for name, store in stores.items()))

    def url(self, name: str, store: Store) -> str:
        """Its address with its password: a secret value."""
        if store.external_secret:
            return self._vault.value(store.external_secret)
        if store.external:
            self._vault.remember(f"store {name}", Secret(store.external))
            return store.external
        kind, folder = STORES.get(store.kind), self._folder / name
        for number, password in enumerate(kind.passwords(folder)):
            self._vault.remember(f"store {name} {number}", password)
        return kind.url(store, folder, self._port(name))

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
            if name not in self._keepers:
                say("info", name, f"starting {store.kind}")
                await asyncio.to_thread(STORES.get(store.kind).prepare, store, self._folder / name, self._port(name))
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
        kind = STORES.get(store.kind)
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
            "address": STORES.get(store.kind).address(store, self._folder / name, self._port(name)) if keeper else None,
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
        return replace(self._kind.launch(self._store, self._folder, instance.ports["port"]), id=instance.id)

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
