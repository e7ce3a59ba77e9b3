"""Reads Envoy's series as what passed to each version."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from fairlead.engine.router import Traffic
from fairlead.engine.routers.admin import Stats
from fairlead.engine.routers.names import ClusterName
from fairlead.engine.routers.resources import Json

UNDER_WAY = ("upstream_rq_active", "upstream_rq_pending_active")

GRPC_FAILURES = (2, 4, 12, 13, 14, 15)
"""UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: what a 5xx is for HTTP (google.rpc.Code,
and OpenTelemetry's conventions for servers)."""

GRPC_ERRORS = tuple(f"grpc.{code}" for code in GRPC_FAILURES)

REQUESTS, ERRORS = ("upstream_rq_completed",), ("upstream_rq_5xx", *GRPC_ERRORS)

BARE_REQUESTS, BARE_ERRORS = ("upstream_rq_total", "upstream_cx_connect_fail"), ("upstream_cx_connect_fail",)
"""For TCP: connections that were made, and those that could not be."""

_SERIES = {*UNDER_WAY, *REQUESTS, *ERRORS, *BARE_REQUESTS, *BARE_ERRORS, "upstream_rq_time"}

PASSED = r"cluster\.[^|]+\|.+\|[^|.]+\.(" + "|".join(re.escape(name) for name in sorted(_SERIES)) + ")"
"""The series that `traffic` reads."""

Version = tuple[str, str]
"""Service and version."""

_NAME = re.compile(r"cluster\.(?P<cluster>[^|]+\|.+\|[^|.]+)\.(?P<series>[^|]+)")


def clusters(service: str, version: str | None) -> str:
    """A regular expression for the clusters of a service, or of one version of it."""
    return re.escape(f"{service}|") + (re.escape(version) if version is not None else ".+") + r"\|[^|]+"


def under_way(service: str, version: str | None) -> str:
    """A regular expression for the gauges of what is under way."""
    return rf"cluster\.{clusters(service, version)}\.({'|'.join(UNDER_WAY)})"


def bare(clusters: Mapping[str, Json]) -> frozenset[str]:
    """The clusters that carry TCP: those for which no kind of HTTP is set."""
    return frozenset(name for name, cluster in clusters.items() if "typed_extension_protocol_options" not in cluster)


def traffic(stats: Stats, tcp: Collection[str]) -> dict[Version, Traffic]:
    """What passed, by service and version, all ports added up; `tcp` names the clusters that carry no HTTP."""
    counts: dict[Version, Counter[str]] = defaultdict(Counter)
    latency: dict[Version, Counter[float]] = defaultdict(Counter)
    for name, value in stats.numbers.items():
        if (found := _NAME.fullmatch(name)) and (version := _version(found)):
            counts[version].update(_meaning(found["series"], value, tcp=found["cluster"] in tcp))
    for name, buckets in stats.histograms.items():
        if (found := _NAME.fullmatch(name)) and (version := _version(found)):
            latency[version].update(buckets)
    return {version: _traffic(count, latency[version]) for version, count in counts.items()}


def _version(found: re.Match[str]) -> Version | None:
    cluster = ClusterName.parse(found["cluster"])
    return (cluster.service, cluster.version) if cluster else None


def _meaning(series: str, value: int, *, tcp: bool) -> dict[str, int]:
    """What a series adds to; one may add to two."""
    requests, errors = (BARE_REQUESTS, BARE_ERRORS) if tcp else (REQUESTS, ERRORS)
    kinds = {"requests": requests, "errors": errors, "in_flight": UNDER_WAY}
    return {kind: value for kind, names in kinds.items() if series in names}


def _traffic(count: Counter[str], latency: Mapping[float, int]) -> Traffic:
    return Traffic(
        requests=count["requests"],
        errors=count["errors"],
        in_flight=count["in_flight"],
        latency_ms={**latency, math.inf: max(latency.values())} if latency else {},
    )
