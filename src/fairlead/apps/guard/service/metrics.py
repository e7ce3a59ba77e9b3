"""The metrics, by the names that the service promises. Labels are from closed lists: no text of a request gets in."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS_S = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5)


class Metrics:
    """Of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "llm_http_requests_total", "Requests that were answered.", ["method", "endpoint", "status_code"],
            registry=self._registry,
        )  # fmt: skip
        self.durations = Histogram(
            "llm_analysis_duration_seconds", "Seconds that judging a value or a text took.", ["secret_type"],
            buckets=BUCKETS_S, registry=self._registry,
        )  # fmt: skip
        self.hits = Counter(
            "llm_cache_hits_total", "Analyses that were answered from the cache.", registry=self._registry
        )
        self.misses = Counter("llm_cache_misses_total", "Analyses that were not in the cache.", registry=self._registry)
        self.secrets = Counter(
            "llm_secrets_detected_total", "Secrets that were found.", ["risk_level", "secret_type"],
            registry=self._registry,
        )  # fmt: skip
        ProcessCollector(registry=self._registry)
        self._children: dict[tuple[str, str, str], Counter] = {}
        self._timed: dict[str, Histogram] = {}
        self._found: dict[tuple[str, str], Counter] = {}

    def answered(self, method: str, endpoint: str, status: int) -> None:
        """One more."""
        name = (method, endpoint, str(status))
        child = self._children.get(name)
        if child is None:
            child = self._children[name] = self.requests.labels(*name)
        child.inc()

    def judged(self, kind: str, took_s: float) -> None:
        """A value or a text was, in this time."""
        child = self._timed.get(kind)
        if child is None:
            child = self._timed[kind] = self.durations.labels(kind)
        child.observe(took_s)

    def found(self, risk: str, kind: str) -> None:
        """A secret."""
        child = self._found.get((risk, kind))
        if child is None:
            child = self._found[risk, kind] = self.secrets.labels(risk, kind)
        child.inc()

    def cache(self) -> tuple[int, int]:
        """Hits and misses."""
        found = [one.samples[0].value for counter in (self.hits, self.misses) for one in counter.collect()]
        return int(found[0]), int(found[1])

    def text(self) -> bytes:
        """As Prometheus reads them; when a counter began is left out: no name stands there that was not promised."""
        lines = generate_latest(self._registry).splitlines(keepends=True)
        return b"".join(line for line in lines if b"_created" not in line.split(b" ", 3)[2 if line[:1] == b"#" else 0])
