"""A Prometheus server that scrapes the instances: for those that can't be reached from here, or are scraped already.

The raw series are asked for, never `rate()` or `increase()`: what grew is found here, where a counter that went back is
seen. All queries of a reading are about the same moment. Samples are as old as the server's last scrape: what it knows
of before the start is left out, and what is too old is no evidence. Ages are by the server's own clock, so that it does
not matter what time it is here. https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from math import inf

import httpx

from fairlead.errors import FairleadError, UsageError
from fairlead.release.sources import SOURCES, Asked, Reader
from fairlead.release.sources.metrics.fetching import all_of
from fairlead.release.sources.metrics.querying import Query, Series
from fairlead.release.sources.metrics.reader import MetricsReader, watched
from fairlead.release.sources.metrics.snapshot import Labels, NoEvidence, Shown, Snapshot
from fairlead.stack.model.objectives import PrometheusServer

BEGAN = "process_start_time_seconds"
"""What the usual clients tell of their process; it tells a restart from a counter that went back."""

UP = "up"
"""What the server itself says of each instance: 0 when its last scrape of it failed."""


@SOURCES.register("prometheus")
def prometheus(asked: Asked) -> Reader:
    """Reads the server of `canary.prometheus`."""
    server = asked.policy.prometheus
    if server is None:
        raise UsageError(
            "an indicator has `source: prometheus`, but there is no server",
            hint="add `prometheus: {url: http://127.0.0.1:9090}` to `canary`",
        )
    indicators = watched(asked)
    wanted = frozenset().union(*(one.wanted for one in indicators.values()))
    return MetricsReader(asked, indicators, Samples(asked, server, wanted))


class Samples:
    """Snapshots made of what the server answers."""

    settled = False

    def __init__(self, asked: Asked, server: PrometheusServer, wanted: frozenset[str]) -> None:
        self._asked = asked
        self._server = server
        self._wanted = sorted(wanted)
        self._http = httpx.AsyncClient(trust_env=False)
        self._opened: float | None = None

    async def before(self) -> Snapshot:
        """All series of both versions as they are; from now on, what was sampled before it does not count."""
        query = self._query()
        self._opened = now = await query.now()
        snapshot, _ = await self._read(query, now)
        return snapshot

    async def take(self) -> Snapshot:
        """All series of both versions, sampled lately and after the start."""
        query = self._query()
        now = await query.now()
        self._opened = now if self._opened is None else self._opened
        snapshot, sampled = await self._read(query, now)
        for name, at in sampled.items():
            self._check_age(name, now, at)
        return snapshot

    async def close(self) -> None:
        await self._http.aclose()

    def _query(self) -> Query:
        try:
            return Query(self._http, self._server, self._asked.secret)
        except FairleadError as error:
            raise NoEvidence(error.message) from None

    async def _read(self, query: Query, now: float) -> tuple[Snapshot, dict[str, float]]:
        """All series, and when the oldest of each metric was sampled."""
        series, began, names, *sampled = await all_of(
            query.series(f"{{{self._of(_any([*self._wanted, UP]))}}}", now),
            query.series(f"max by ({self._by}) ({BEGAN}{{{self._of()}}})", now),
            query.series(f"count by ({self._by}, __name__) ({{{self._of()}}})", now),
            *(query.series(f"min(timestamp({name}{{{self._of()}}}))", now) for name in self._wanted),
        )
        oldest = {name: told[0][1] for name, told in zip(self._wanted, sampled, strict=True) if told}
        return self._snapshot(series, began, names), oldest

    def _check_age(self, name: str, now: float, sampled: float) -> None:
        if now - sampled > self._server.stale:
            raise NoEvidence(f"the last sample of {name} is {now - sampled:.0f} s old")
        if self._opened is not None and sampled < self._opened:
            raise NoEvidence(f"waiting for samples of {name} from after the start")

    def _snapshot(self, series: Series, began: Series, names: Series) -> Snapshot:
        shown: dict[str, dict[str, list[tuple[Labels, float]]]] = defaultdict(lambda: defaultdict(list))
        for labels, value in series:
            if _name(labels) == UP and not value:
                raise NoEvidence(f"the server can't scrape {labels.get('instance')}")
            shown[self._instance(labels)][_name(labels)].append((labels, value))
        starts = {self._instance(labels): value for labels, value in began}
        known: dict[str, set[str]] = defaultdict(set)
        for labels, _ in names:
            known[self._instance(labels)].add(_name(labels))
        versions = {self._instance(labels): labels.get(self._server.version_label, "") for labels, _ in names}
        self._check_all(versions)
        return {
            name: Shown(version, starts.get(name, -inf), shown[name], frozenset(known[name]))
            for name, version in versions.items()
        }

    def _check_all(self, versions: Mapping[str, str]) -> None:
        """`NoEvidence` when the server has samples of fewer instances than there are."""
        for version in (self._asked.stable, self._asked.canary):
            seen = sum(found == version for found in versions.values())
            runs = sum(target.version == version for target in self._asked.targets())
            if seen < max(runs, 1):
                raise NoEvidence(f"the server has samples of {seen} of {max(runs, 1)} instances of {version}")

    def _instance(self, labels: Labels) -> str:
        return " ".join(labels.get(label, "") for label in ("job", "instance", self._server.version_label))

    @property
    def _by(self) -> str:
        return f"job, instance, {self._server.version_label}"

    def _of(self, *also: str) -> str:
        """Matchers for the series of both versions of this service."""
        versions = "|".join(re.escape(version) for version in (self._asked.stable, self._asked.canary))
        own = [f"{label}={_quoted(value)}" for label, value in self._server.labels.items()]
        return ", ".join([*also, f"{self._server.version_label}=~{_quoted(versions)}", *own])


def _name(labels: Labels) -> str:
    return labels.get("__name__", "")


def _any(names: list[str]) -> str:
    return f"__name__=~{_quoted('|'.join(names))}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
