"""What a load counts: answers, failures by kind, what was cut, latency, and which version answered until when."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, TextIO

QUANTILES = (0.5, 0.9, 0.99, 0.999, 1.0)
FAILURES_KEPT = 100_000


class Tally:
    """Counters of one run. `trace` gets a line for each answer: when (seconds since the epoch), path, version."""

    def __init__(self, trace: TextIO | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.failures: list[dict[str, Any]] = []
        self._latencies_ms: list[float] = []
        self._versions: dict[str, dict[str, Any]] = {}
        self._trace = trace
        self._began = time.time()

    def answered(self, path: str, version: str, latency_s: float) -> None:
        """A plain request was answered well."""
        now = time.time()
        self.counts["requests"] += 1
        self._latencies_ms.append(latency_s * 1000)
        self._seen(path, version, now)
        if self._trace:
            self._trace.write(f"{now:.4f} {path} {version}\n")

    def failed(self, what: str, path: str, why: str, detail: str = "") -> None:
        """A request ("request failed"), a stream or a WebSocket ("stream cut", "stream refused") did not do well."""
        self.counts[what] += 1
        self.counts[f"{what}: {why}"] += 1
        if len(self.failures) < FAILURES_KEPT:
            self.failures.append({"at": time.time(), "what": what, "path": path, "why": why, "detail": detail[:200]})

    def summary(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {
            "began": self._began,
            "seconds": time.time() - self._began,
            "counts": dict(sorted(self.counts.items())),
            "latency_ms": quantiles(self._latencies_ms),
            "versions": self._versions,
            "failures": self.failures,
        }

    def _seen(self, path: str, version: str, now: float) -> None:
        seen = self._versions.setdefault(f"{path} {version}", {"answers": 0, "first": now})
        seen["answers"] += 1
        seen["last"] = now


def quantiles(values: Sequence[float], shares: Sequence[float] = QUANTILES) -> dict[str, float]:
    """The values below which these shares lie, by the nearest rank."""
    ranked = sorted(values)
    if not ranked:
        return {}
    last = len(ranked) - 1
    return {f"p{share * 100:g}" if share < 1 else "worst": round(ranked[round(share * last)], 3) for share in shares}
