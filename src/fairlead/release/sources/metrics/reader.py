"""Reads declared indicators from snapshots of metrics, wherever these come from.

Metrics count requests. Where clients were assigned instead, they are of no use: one busy client would look like many
witnesses, so they stay silent, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fairlead.errors import FairleadError, UsageError
from fairlead.release.judge import Observed
from fairlead.release.sources import Asked, Reading
from fairlead.release.sources.metrics.histogram import Histogram
from fairlead.release.sources.metrics.mean_or_gauge import MeanOrGauge
from fairlead.release.sources.metrics.ratio import Ratio
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Snapshot
from fairlead.release.sources.metrics.watched import Requests, Watched
from fairlead.stack.model.objectives import Indicator


class Snapshots(Protocol):
    """Where they come from."""

    settled: bool
    """Whether what it shows at the start is of that moment, so that counting can begin there."""

    async def before(self) -> Snapshot:
        """One from which bounds are frozen, when counting is about to begin. Raises `NoEvidence` as `take` does."""

    async def take(self) -> Snapshot:
        """One, whole. Raises `NoEvidence` when any part of it is missing."""

    async def close(self) -> None:
        """Let go of everything."""


class MetricsReader:
    """An open source of declared indicators."""

    def __init__(self, asked: Asked, watched: Mapping[str, Watched], snapshots: Snapshots) -> None:
        self._asked = asked
        self._watched = watched
        self._snapshots = snapshots
        self._told: set[str] = set()

    async def start(self) -> Mapping[str, float]:
        """Freeze the bounds, and begin to count where that can be; silence is told by the first reading."""
        try:
            snapshot, requests = await self._snapshots.before(), await self._requests()
        except NoEvidence:
            return self._new_bounds()
        for watched in self._watched.values():
            try:
                watched.learn(snapshot)
                if self._snapshots.settled:
                    watched.take(snapshot, requests)
            except NoEvidence:
                continue
        return self._new_bounds()

    async def read(self) -> Reading:
        """What every indicator shows; `None` where it can't be told, with the reason."""
        if self._asked.sticky and not self._asked.mirrored:
            return self._silent("it counts requests, but clients were assigned")
        try:
            snapshot, requests = await self._snapshots.take(), await self._requests()
        except NoEvidence as error:
            return self._silent(str(error))
        seen: dict[str, Observed | None] = {}
        why: dict[str, str] = {}
        for name, watched in self._watched.items():
            try:
                seen[name] = watched.take(snapshot, requests)
            except NoEvidence as error:
                seen[name], why[name] = None, str(error)
        return Reading(seen, why, frozen=self._new_bounds())

    async def close(self) -> None:
        """Let go of everything."""
        await self._snapshots.close()

    def _silent(self, why: str) -> Reading:
        return Reading(dict.fromkeys(self._watched), dict.fromkeys(self._watched, why))

    def _new_bounds(self) -> dict[str, float]:
        bounds = {name: one.bound for name, one in self._watched.items() if one.bound is not None}
        new = {name: bound for name, bound in bounds.items() if name not in self._told}
        self._told |= new.keys()
        return new

    async def _requests(self) -> Requests:
        if not any(indicator.gauge for indicator in self._asked.indicators.values()):
            return {}
        try:
            passed = await self._asked.router.observe()
        except FairleadError:
            return {}
        return {version: float(one.requests) for (service, version), one in passed.items() if self._is_ours(service)}

    def _is_ours(self, service: str) -> bool:
        return service == self._asked.service


def watched(asked: Asked) -> dict[str, Watched]:
    """The indicators that are asked about. `UsageError` for a metric that is not written as one."""
    return {name: _watched(asked, name, indicator) for name, indicator in asked.indicators.items()}


def _watched(asked: Asked, name: str, indicator: Indicator) -> Watched:
    try:
        if indicator.errors and indicator.total:
            errors, total = Selector.parse(indicator.errors), Selector.parse(indicator.total)
            return Ratio(errors, total, asked.stable, asked.canary)
        if indicator.histogram:
            metric, bound = Selector.parse(indicator.histogram), asked.frozen.get(name)
            return Histogram(metric, indicator.quantile, indicator.better, asked.stable, asked.canary, bound)
        if indicator.gauge:
            return MeanOrGauge(Selector.parse(indicator.gauge), asked.stable, asked.canary)
    except UsageError as error:
        raise UsageError(f"indicator `{name}`: {error.message}", hint=error.hint) from None
    raise UsageError(
        f"indicator `{name}` names no metric", hint="give it `errors` with `total`, `histogram` or `gauge`"
    )
