"""What Envoy is started with: where its admin socket and files are, and what it counts. Never changes while it runs."""

from __future__ import annotations

from pathlib import Path

from fairlead.engine.routers import clusters
from fairlead.engine.routers.resources import Json, extension, file_source

LATENCY_BOUNDS_MS = (1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 3_600_000)

COUNTED = (
    r"cluster\.[^|]+\|.+\|[^|.]+\.upstream_rq_(completed|5xx|total|active|pending_active|time)",
    r"cluster\.[^|]+\|.+\|[^|.]+\.upstream_cx_connect_fail",
    r"cluster\.[^|]+\|.+\|[^|.]+\.grpc\.(2|4|12|13|14|15)",
    r"(cluster|http|sds|cluster_manager|listener_manager|listener)\..+\.(version_text|update_rejected)",
    r"cluster_manager\.warming_clusters",
    r"listener_manager\.total_listeners_warming",
)
"""The series that somebody reads, of the thousands there would be."""


def bootstrap(folder: Path, admin_socket: Path, *, connections: int = 50_000) -> Json:
    """The whole of it."""
    return {
        "node": {"id": "router", "cluster": "fairlead"},
        "admin": {"address": {"pipe": {"path": str(admin_socket), "mode": 0o600}}},
        "bootstrap_extensions": [extension("envoy.bootstrap.internal_listener", "internal_listener")],
        "dynamic_resources": {
            "cds_config": file_source(folder / "cds.json"),
            "lds_config": file_source(folder / "lds.json"),
        },
        "static_resources": {"clusters": [clusters.nowhere()]},
        "stats_flush_interval": "1s",
        "stats_config": _stats(),
        "overload_manager": {
            "resource_monitors": [
                extension(
                    "envoy.resource_monitors.global_downstream_max_connections",
                    "downstream_connections",
                    max_active_downstream_connections=connections,
                )
            ]
        },
    }


def _stats() -> Json:
    wanted = [{"safe_regex": {"regex": f"^{pattern}$"}} for pattern in COUNTED]
    bounds = {"match": {"suffix": "upstream_rq_time"}, "buckets": list(LATENCY_BOUNDS_MS)}
    return {
        "stats_matcher": {"inclusion_list": {"patterns": wanted}},
        "histogram_bucket_settings": [bounds],
        "use_all_default_tags": False,
    }
