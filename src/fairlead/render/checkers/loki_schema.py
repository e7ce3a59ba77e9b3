"""Settings of Loki, Tempo, Jaeger and the OpenTelemetry collector, against the keys that we use of each.

None of these programs can be had from a package registry, so this knows the small part of their settings that is
rendered: an unknown key, a component that nobody declares, or one that nothing uses, is a finding.
https://grafana.com/docs/loki/latest/configure/, https://opentelemetry.io/docs/collector/configuration/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from fairlead.render.checker import CHECKERS, Checker, Finding

SPAN = re.compile(r"[0-9]+(ms|s|m|h)")

LOKI: dict[str, Any] = {
    "auth_enabled": bool,
    "server": {"http_listen_port": int, "grpc_listen_port": int, "log_level": str},
    "common": {
        "instance_addr": str,
        "path_prefix": str,
        "replication_factor": int,
        "storage": {"filesystem": {"chunks_directory": str, "rules_directory": str}},
        "ring": {"kvstore": {"store": str}},
    },
    "schema_config": {
        "configs": [
            {"from": str, "store": str, "object_store": str, "schema": str, "index": {"prefix": str, "period": SPAN}}
        ]
    },
    "compactor": {"working_directory": str, "retention_enabled": bool, "delete_request_store": str},
    "limits_config": {
        "retention_period": SPAN,
        "reject_old_samples": bool,
        "reject_old_samples_max_age": SPAN,
        "allow_structured_metadata": bool,
        "volume_enabled": bool,
    },
    "analytics": {"reporting_enabled": bool},
}
_OTLP = {"protocols": {"grpc": {"endpoint": str}, "http": {"endpoint": str}}}
TEMPO: dict[str, Any] = {
    "server": {"http_listen_port": int, "log_level": str},
    "distributor": {"receivers": {"otlp": _OTLP}},
    "compactor": {"compaction": {"block_retention": SPAN}},
    "storage": {"trace": {"backend": str, "local": {"path": str}, "wal": {"path": str}}},
    "usage_report": {"reporting_enabled": bool},
}
PIPELINE = {"receivers": [str], "processors": [str], "exporters": [str]}
COLLECTOR: dict[str, Any] = {
    "receivers": {
        "otlp": _OTLP,
        "filelog": {
            "include": [str],
            "start_at": str,
            "include_file_path": bool,
            "operators": [{"type": str, "format": str, "add_metadata_from_filepath": bool}],
        },
    },
    "processors": {
        "memory_limiter": {"check_interval": SPAN, "limit_mib": int, "spike_limit_mib": int},
        "probabilistic_sampler": {"sampling_percentage": float},
        "resource": {"attributes": [{"key": str, "value": str, "action": str}]},
        "batch": {"timeout": SPAN, "send_batch_size": int},
    },
    "exporters": {
        "otlp": {
            "endpoint": str,
            "tls": {"insecure": bool},
            "retry_on_failure": {"enabled": bool},
            "sending_queue": {"enabled": bool},
        },
        "otlphttp": {"endpoint": str},
        "jaeger_storage_exporter": {"trace_storage": str},
    },
    "extensions": {
        "health_check": {"endpoint": str},
        "healthcheckv2": {"use_v2": bool, "http": {"endpoint": str}},
        "jaeger_query": {"storage": {"traces": str}},
        "jaeger_storage": {
            "backends": {
                "kept": {
                    "badger": {
                        "directories": {"keys": str, "values": str},
                        "ephemeral": bool,
                        "ttl": {"spans": SPAN},
                    }
                }
            }
        },
    },
    "service": {
        "extensions": [str],
        "pipelines": {"traces": PIPELINE, "logs": PIPELINE},
        "telemetry": {"logs": {"level": str}},
    },
}
KNOWN = {
    "loki.yml": LOKI,
    "tempo.yml": TEMPO,
    "jaeger.yml": COLLECTOR,
    "collector.yml": COLLECTOR,
    "logs.yml": COLLECTOR,
}
PARTS = ("receivers", "processors", "exporters")


def check(folder: Path) -> Iterator[Finding]:
    """Each file by what is known of its program."""
    for name, shape in KNOWN.items():
        if (folder / name).exists():
            data = yaml.safe_load((folder / name).read_text())
            found = [*_unlike(data, shape, ""), *(_wiring(data) if shape is COLLECTOR else ())]
            yield from (Finding(name, message) for message in found)


def _unlike(data: Any, shape: Any, path: str) -> Iterator[str]:
    if isinstance(shape, dict):
        if not isinstance(data, dict):
            yield f"{path}: should be a mapping"
            return
        for key, value in data.items():
            if key not in shape:
                yield f"{path}.{key}: unknown key".lstrip(".")
            else:
                yield from _unlike(value, shape[key], f"{path}.{key}".lstrip("."))
    elif isinstance(shape, list):
        for number, item in enumerate(data if isinstance(data, list) else [None]):
            yield from _unlike(item, shape[0], f"{path}[{number}]")
    elif isinstance(shape, re.Pattern):
        if not isinstance(data, str) or not shape.fullmatch(data):
            yield f"{path}: should be a span of time, got {data!r}"
    elif not isinstance(data, (int, float) if shape is float else shape) or (shape is int and isinstance(data, bool)):
        yield f"{path}: should be of type {shape.__name__}, got {data!r}"


def _wiring(data: Any) -> Iterator[str]:
    """What pipelines name is declared, and what is declared is used; memory is watched first, and batches come last."""
    service = data.get("service", {})
    used: dict[str, set[str]] = {part: set() for part in PARTS}
    for name, pipeline in service.get("pipelines", {}).items():
        for part in PARTS:
            used[part] |= set(pipeline.get(part, ()))
        order = pipeline.get("processors", [])
        if "memory_limiter" in order[1:] or "batch" in order[:-1]:
            yield f"service.pipelines.{name}: memory_limiter has to be first, and batch last"
    used["extensions"] = set(service.get("extensions", ()))
    for part, names in used.items():
        declared = set(data.get(part, {}))
        yield from (f"{part}.{name}: is used and not declared" for name in sorted(names - declared))
        yield from (f"{part}.{name}: is declared and not used" for name in sorted(declared - names))


CHECKERS.register("loki-schema")(
    Checker("settings of Loki, Tempo, Jaeger and the collector, by the keys in use", lambda: "of our own", check)
)
