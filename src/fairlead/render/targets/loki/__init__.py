"""Loki: one server for logs, kept as long as the stack says, and a collector that reads the containers' logs.

`loki.yml` is for a single server with its data in `/loki`; nothing is sent to its makers. `logs.yml` is for the
OpenTelemetry collector (the `contrib` edition), which reads the files that the Docker engine writes and sends them to
`loki:3100`. A cluster's own collector sends to the same address.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.render.leaves import left_out
from fairlead.render.parts.dumping import yaml_text
from fairlead.render.parts.narrow import all_but
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.stack.model import Stack

LEFT_OUT = all_but(
    ("name", "watching.logs_keep"),
    {"services.*.logs": "how much the engine itself keeps is a setting of the container"},
)
HOUR_S = 3600
FIRST_DAY = "2024-04-01"
"""From when on the newest form of the index is used; any day in the past will do for a new server."""


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """The server and the collector."""
    yield from left_out(scene.stack, LEFT_OUT)
    yield File("loki.yml", yaml_text(_server(scene.stack)))
    yield File("logs.yml", yaml_text(_collector(scene)))


def _server(stack: Stack) -> dict[str, Any]:
    # Loki deletes by whole tables of a day, and refuses less
    keep = max(24, round(stack.watching.logs_keep / HOUR_S))
    return {
        "auth_enabled": False,
        "server": {"http_listen_port": 3100, "grpc_listen_port": 9095, "log_level": "warn"},
        "common": {
            "instance_addr": "127.0.0.1",
            "path_prefix": "/loki",
            "replication_factor": 1,
            "storage": {"filesystem": {"chunks_directory": "/loki/chunks", "rules_directory": "/loki/rules"}},
            "ring": {"kvstore": {"store": "inmemory"}},
        },
        "schema_config": {
            "configs": [
                {
                    "from": FIRST_DAY,
                    "store": "tsdb",
                    "object_store": "filesystem",
                    "schema": "v13",
                    "index": {"prefix": "index_", "period": "24h"},
                }
            ]
        },
        "compactor": {
            "working_directory": "/loki/compactor",
            "retention_enabled": True,
            "delete_request_store": "filesystem",
        },
        "limits_config": {
            "retention_period": f"{keep}h",
            "reject_old_samples": True,
            "reject_old_samples_max_age": "168h",
            "allow_structured_metadata": True,
            "volume_enabled": True,
        },
        "analytics": {"reporting_enabled": False},
    }


def _collector(scene: Scene) -> dict[str, Any]:
    whose = {"stack": scene.stack.name, **({"environment": scene.environment} if scene.environment else {})}
    return {
        "receivers": {
            "filelog": {
                "include": ["/var/lib/docker/containers/*/*-json.log"],
                "start_at": "end",
                "include_file_path": True,
                "operators": [{"type": "container", "format": "docker", "add_metadata_from_filepath": False}],
            }
        },
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_mib": 256, "spike_limit_mib": 64},
            "resource": {
                "attributes": [{"key": key, "value": value, "action": "upsert"} for key, value in whose.items()]
            },
            "batch": {"timeout": "5s"},
        },
        "exporters": {"otlphttp": {"endpoint": "http://loki:3100/otlp"}},
        "service": {
            "pipelines": {
                "logs": {
                    "receivers": ["filelog"],
                    "processors": ["memory_limiter", "resource", "batch"],
                    "exporters": ["otlphttp"],
                }
            },
            "telemetry": {"logs": {"level": "warn"}},
        },
    }


TARGETS.register("loki")(Target("Loki: logs, kept for as long as the stack says", render, ("loki-schema",)))
