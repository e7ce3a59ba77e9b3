"""The service as a whole: what it is made of, how it begins and ends."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from fairlead.apps.guard.service.caching import Digester, Memory, Redis
from fairlead.apps.guard.service.judging.bench import Bench
from fairlead.apps.guard.service.keys import Ring
from fairlead.apps.guard.service.looking import Aside, Engine
from fairlead.apps.guard.service.metrics import Metrics
from fairlead.apps.guard.service.settings import DIGESTS, Misconfigured, Settings
from fairlead.apps.guard.service.sightings import Sightings
from fairlead.apps.guard.service.storage import StoreAway
from fairlead.apps.guard.service.storage.database import database
from fairlead.apps.guard.service.storage.store import Store
from fairlead.kit.files import private_folder, write_atomically

REFRESH_EVERY_S = 1.0
"""How soon a process learns of keys, versions and trials of another."""
LOCAL = ("127.0.0.1", "::1", "localhost")
SHORTEST_KEY = 16

log = logging.getLogger(__name__)


class Service:
    """Of one process; `begin` before the first request."""

    def __init__(self, settings: Settings) -> None:
        config = settings.config
        self.settings = settings
        self.config = config
        self.store = Store(database(settings.store_url))
        self.metrics = Metrics()
        self.memory = Memory(config.cache_size, config.cache_ttl)
        self.redis = Redis(settings.redis, config.cache_ttl) if settings.redis else None
        self.ring = Ring(config.rate, settings.api_key, local=settings.host in LOCAL)
        self.sightings = Sightings(self.store, config.keep)
        self.counts: Counter[str] = Counter()
        self.began = time.monotonic()
        self.begun = False
        self.ready = False
        self.store_up = True
        self.engine: Engine
        self.aside: Aside
        self.bench: Bench
        self.digester: Digester
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Open the store, load the rules, learn of keys and versions. Raises `StoreAway`, `RulesError`, `OSError`."""
        await self.store.open()
        key = await self._digest_key()
        rules, cache = self.config.rules, self.settings.patterns
        self.engine = await asyncio.to_thread(lambda: Engine(rules, key, cache).warm())  # long, the first time
        self.aside = Aside(rules, key, cache)
        self.digester = Digester(key)
        self.bench = Bench(self.store, self.engine.shipped)
        for problem in self.engine.library.left_out:
            log.warning("%s", problem)
        await self.refresh()
        if self.ring.is_open:
            log.warning("no key was made yet: whoever reaches this address may ask; `fairlead guard keys create NAME`")
        self._tasks = [asyncio.create_task(self.sightings.run()), asyncio.create_task(self._refreshing())]
        self.begun = self.ready = True

    async def refresh(self) -> None:
        """Learn what is kept. Raises `StoreAway`."""
        self.ring.take(await self.store.keys())
        await self.bench.refresh()

    async def end(self) -> None:
        """Write down what waits, and let go."""
        self.ready = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.begun:
            await self.bench.end()
            self.aside.end()
        await self.sightings.flush()
        await self.store.close()
        if self.redis is not None:
            await self.redis.close()

    async def _refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_EVERY_S)
            try:
                await self.refresh()
            except StoreAway as away:
                if self.store_up:
                    log.warning("keys and versions stay as they are: %s", away)
                self.store_up = False
            else:
                self.store_up = True

    async def _digest_key(self) -> bytes:
        """From the environment; else one of this folder; where several share a database, one of that."""
        said = self.settings.digest_key
        if said is not None:
            if len(said) < SHORTEST_KEY:
                raise Misconfigured([f"{DIGESTS}: should have at least {SHORTEST_KEY} characters"])
            return hashlib.sha256(said.encode()).digest()
        if self.settings.store_url.startswith("sqlite:"):
            return bytes.fromhex(_kept(self.settings.folder / "digest.key", lambda: os.urandom(32).hex()))
        return bytes.fromhex(await self.store.shared("digest-key"))


def _kept(path: Path, made: Callable[[], str]) -> str:
    """What a file holds, which is made when it is not there."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    private_folder(path.parent)
    text = made()
    write_atomically(path, text)
    return path.read_text().strip()
