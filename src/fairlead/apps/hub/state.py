"""What a running hub consists of, and how another configuration takes the place of the one it has.

A reload makes a whole new table or none: with any problem the old one stays. Requests under way go on by the table they
began with; connections, breakers and what was spent stay.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from fairlead.apps.hub.accounts.office import Office
from fairlead.apps.hub.accounts.strangers import Strangers
from fairlead.apps.hub.config import Config
from fairlead.apps.hub.figures import Figures
from fairlead.apps.hub.loading import Source
from fairlead.apps.hub.money.prices import PricesError, PriceTable
from fairlead.apps.hub.providers import PROVIDERS
from fairlead.apps.hub.routes.compiling import Misconfigured, Pricing, Surroundings, compiled
from fairlead.apps.hub.routes.renewing import Renewing
from fairlead.apps.hub.routes.standing import Standing
from fairlead.apps.hub.routes.table import Table
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.serving.caching import gate_of
from fairlead.apps.hub.serving.counting import CountingGate
from fairlead.apps.hub.serving.desk import Desk, Page
from fairlead.apps.hub.serving.embedding import Embedding
from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.exchange import Exchange
from fairlead.apps.hub.wire.server import Clients

log = logging.getLogger(__name__)

SWEEP_S = 0.5
"""Between two looks at time limits."""


class Hub:
    """All parts of one process. `begin` before the first request, `end` after the last."""

    def __init__(
        self,
        source: Source,
        folder: Path,
        *,
        store: str | None = None,
        budgets: str | None = None,
    ) -> None:
        self._source = source
        self._stamp = source.stamp()
        self._addresses: dict[str, str] = {}
        self._renewing = Renewing()
        self._loops: list[asyncio.Task[None]] = []
        self._reloading = asyncio.Lock()
        self.config = source.read()
        self.standing = Standing(time.monotonic)
        self.office = Office(self.config, folder, store=store or f"sqlite:{folder / 'hub.db'}", budgets=budgets)
        self.desk = Desk(Table(self.config, {}, {}, lambda _: None), self.office.accounts)
        self.strangers = Strangers(self.office.look)
        self.desk.strangers = self.strangers.wait
        self.cache = gate_of(self.config, redis=budgets, embed=Embedding(self.desk))
        self.desk.gates = (CountingGate(), self.cache)
        self.clients = Clients(self.desk.serve, time.monotonic, Bounds(body_bytes=self.config.body_limit))
        self.private_pages: tuple[Page, ...] = ()
        """Pages of the second listener; `desk.pages` are those of the first."""
        self.backstage = Clients(self._serve_backstage, time.monotonic)
        self.has_backstage = False
        """Whether there is a second listener; said before the parts join."""
        self.figures: list[Figures] = []
        """What parts tell when the metrics are read, beside what is counted."""
        self.endings: list[Callable[[], Awaitable[None]]] = []
        """What parts do after the last request."""
        self.ready = False
        """Whether requests should be sent here; told by the readiness page."""
        self.problems: tuple[str, ...] = ()
        """Why the newest configuration was refused."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables that the configuration names."""
        return self._source.environ

    @property
    def table(self) -> Table:
        """Who answers for what."""
        return self.desk.table

    async def begin(self) -> None:
        """Take up work. Raises `Misconfigured`."""
        self.desk.table = await self._compiled(self.config)
        await self.office.begin()
        self._loops = [asyncio.create_task(loop(), name=f"hub-{loop.__name__}") for loop in (self._sweep, self._watch)]
        self.ready = True

    async def reload(self) -> None:
        """Read the configuration again and go on by it. Raises `Misconfigured`, and then the old one stays."""
        async with self._reloading:
            self._stamp = self._source.stamp()
            try:
                read = await asyncio.to_thread(self._source.read)
                table = await self._compiled(read)
            except Misconfigured as error:
                self.problems = error.problems
                log.error("the new configuration is refused, the old one stays: %s", error)
                raise
            self.office.declare(read)
            self.config, self.desk.table, self.problems = read, table, ()
            self.clients.bounds = Bounds(body_bytes=read.body_limit)
            log.info("a new configuration: %d models, %d providers", len(read.models), len(read.providers))

    async def end(self) -> None:
        """Close what is left open."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for ending in self.endings:
            try:
                await ending()
            except Exception:  # of one part; the others still have to end
                log.exception("a part of the hub failed to end")
        await self.strangers.end()
        await self._renewing.end()
        await self.cache.end()
        for pool in self.standing.pools():
            pool.close()
        for kind in self._addresses:
            await PROVIDERS.get(kind).stop()
        await self.office.end()

    def _serve_backstage(self, exchange: Exchange) -> None:
        if not any(page(exchange) for page in self.private_pages):
            exchange.answer(heads.line(404) + b"\r\ncontent-type: text/plain", b"there is nothing here\n")

    async def _compiled(self, config: Config) -> Table:
        await self._start_providers(config)
        around = Surroundings(self.standing, self._source.environ, priced(config), self._addresses)
        table = compiled(config, around)
        await self._renewing.keep(table)
        return table

    async def _start_providers(self, config: Config) -> None:
        """Those that are part of this process, once each."""
        for name, said in config.providers.items():
            kind = said.kind or name
            if kind in PROVIDERS and kind not in self._addresses and said.url is None:
                address = await PROVIDERS.get(kind).start()
                if address is not None:
                    self._addresses[kind] = address

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self.clients.sweep()
            self.backstage.sweep()
            self.desk.sweep()
            self.standing.sweep()

    async def _watch(self) -> None:
        """Look whether the file has changed, once a second."""
        while True:
            await asyncio.sleep(1.0)
            if self._source.stamp() not in (None, self._stamp):
                try:
                    await self.reload()
                except Misconfigured:
                    continue


def priced(config: Config) -> Pricing:
    """The prices that a configuration asks for. Raises `Misconfigured`."""
    try:
        return PriceTable.of(config.prices).price
    except PricesError as error:
        raise Misconfigured([str(problem) for problem in error.problems]) from None
