"""Reads Envoy's series as what passed to each version."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from fairlead.engine.router import Traffic
from fairlead.engine.routers.admin import Stats
from fairlead.engine.routers.names import ClusterName

UNDER_WAY = ("upstream_rq_active", "upstream_rq_pending_active")

GRPC_ERRORS = tuple(f"grpc.{code}" for code in (2, 12, 13, 14, 15))
"""UNKNOWN, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: what a 5xx is for HTTP (gRPC's own HTTP mapping)."""

_SERIES = (*UNDER_WAY, "upstream_rq_completed", "upstream_rq_5xx", "upstream_rq_time", *GRPC_ERRORS)

PASSED = r"cluster\.[^|]+\|.+\|[^|.]+\.(" + "|".join(re.escape(name) for name in _SERIES) + ")"
"""The series that `traffic` reads."""

_NAME = re.compile(r"cluster\.(?P<cluster>[^|]+\|.+\|[^|.]+)\.(?P<series>[^|]+)")


def clusters(service: str, version: str | None) -> str:
    """A regular expression for the clusters of a service, or of one version of it."""
    return re.escape(f"{service}|") + (re.escape(version) if version is not None else ".+") + r"\|[^|]+"


def under_way(service: str, version: str | None) -> str:
    """A regular expression for the gauges of what is under way."""
    return rf"cluster\.{clusters(service, version)}\.({'|'.join(UNDER_WAY)})"


def traffic(stats: Stats) -> dict[tuple[str, str], Traffic]:
    """What passed, by service and version, all ports added up."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    latency: dict[tuple[str, str], Counter[float]] = defaultdict(Counter)
    for name, value in stats.numbers.items():
        if found := _read(name):
            counts[found[0]][found[1]] += value
    for name, buckets in stats.histograms.items():
        if found := _read(name):
            latency[found[0]].update(buckets)
    return {key: _traffic(count, latency[key]) for key, count in counts.items()}


def _read(name: str) -> tuple[tuple[str, str], str] | None:
    match = _NAME.fullmatch(name)
    cluster = ClusterName.parse(match["cluster"]) if match else None
    return ((cluster.service, cluster.version), match["series"]) if match and cluster else None


def _traffic(count: Counter[str], latency: Mapping[float, int]) -> Traffic:
    return Traffic(
        requests=count["upstream_rq_completed"],
        errors=count["upstream_rq_5xx"] + sum(count[name] for name in GRPC_ERRORS),
        in_flight=sum(count[name] for name in UNDER_WAY),
        latency_ms={**latency, math.inf: max(latency.values())} if latency else {},
    )
