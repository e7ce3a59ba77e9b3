"""Each instance's own page of metrics, as Prometheus would scrape it, without a Prometheus.

All of them or none: while one instance is silent nothing is counted, and once it answers again, the counters of all
tell what was missed.
"""

from __future__ import annotations

import asyncio

import httpx

from fairlead.release.sources import SOURCES, Asked, Reader, Target
from fairlead.release.sources.metrics.fetching import all_of, fetch
from fairlead.release.sources.metrics.page import read_page
from fairlead.release.sources.metrics.reader import MetricsReader, watched
from fairlead.release.sources.metrics.snapshot import NoEvidence, Shown, Snapshot

ACCEPT = {"accept": "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1"}

LONG = 100_000
"""Characters of a page that is read beside everything else, not in between."""


@SOURCES.register("scrape")
def scrape(asked: Asked) -> Reader:
    """Reads `Target.metrics` of all instances of both versions."""
    indicators = watched(asked)
    wanted = frozenset().union(*(one.wanted for one in indicators.values()))
    return MetricsReader(asked, indicators, Pages(asked, wanted))


class Pages:
    """Snapshots made of pages."""

    settled = True

    def __init__(self, asked: Asked, wanted: frozenset[str]) -> None:
        self._asked = asked
        self._wanted = wanted
        self._http = httpx.AsyncClient(trust_env=False, verify=False, limits=httpx.Limits(max_keepalive_connections=0))  # noqa: S501 - an instance on this machine

    async def take(self) -> Snapshot:
        """The pages of all instances, read at once."""
        targets = self._targets()
        pages = await all_of(*(self._page(target) for target in targets))
        if self._targets() != targets:
            raise NoEvidence("an instance was started or stopped meanwhile")
        return {target.instance: page for target, page in zip(targets, pages, strict=True)}

    async def before(self) -> Snapshot:
        """A page shows what is now, so that counting can begin with it."""
        return await self.take()

    async def close(self) -> None:
        await self._http.aclose()

    def _targets(self) -> list[Target]:
        versions = (self._asked.stable, self._asked.canary)
        found = [target for target in self._asked.targets() if target.version in versions]
        for version in versions:
            if version not in {target.version for target in found}:
                raise NoEvidence(f"no instance of {version} runs")
        return sorted(found, key=lambda target: target.instance)

    async def _page(self, target: Target) -> Shown:
        try:
            return await self._read(target)
        except NoEvidence as error:
            raise NoEvidence(f"{target.instance}: {error}") from None

    async def _read(self, target: Target) -> Shown:
        if target.metrics is None:
            raise NoEvidence("it has no port for metrics")
        status, text = await fetch(self._http, target.metrics, headers=ACCEPT)
        if status != httpx.codes.OK:
            raise NoEvidence(f"its metrics answered {status}")
        if len(text) > LONG:
            return await asyncio.to_thread(read_page, text, self._wanted, version=target.version, began=target.began)
        return read_page(text, self._wanted, version=target.version, began=target.began)
