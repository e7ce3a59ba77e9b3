"""Which of the two a metric is whose mean is compared: it shows that itself."""

from __future__ import annotations

from fairlead.release.judge import Values
from fairlead.release.sources.metrics.gauge import Gauge
from fairlead.release.sources.metrics.mean import Mean
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import Snapshot
from fairlead.release.sources.metrics.watched import Requests


class MeanOrGauge:
    """A summary or histogram, when there are a sum and a count; else a gauge. Decided once."""

    bound = None

    def __init__(self, metric: Selector, stable: str, canary: str) -> None:
        self._mean, self._gauge = Mean(metric, stable, canary), Gauge(metric, stable, canary)
        self._chosen: Mean | Gauge | None = None
        self.wanted = self._mean.wanted | self._gauge.wanted

    def learn(self, snapshot: Snapshot) -> None:
        """Nothing: it has no bound."""

    def take(self, snapshot: Snapshot, requests: Requests) -> Values:
        """As the one that it is."""
        names = frozenset().union(*(shown.names for shown in snapshot.values()))
        if self._chosen is None and self._mean.wanted <= names:
            self._chosen = self._mean
        elif self._chosen is None and self._gauge.wanted & names:
            self._chosen = self._gauge
        return (self._chosen or self._gauge).take(snapshot, requests)
