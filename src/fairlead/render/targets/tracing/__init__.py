"""Traces: the OpenTelemetry collector that services send to, and the server that keeps them (Tempo or Jaeger).

Services send to `collector:4318` (`OTEL_EXPORTER_OTLP_ENDPOINT`); the collector keeps the share that the stack says,
by the trace's identity, so that a trace is whole or not there. With `traces: otlp` it sends to the address in its
variable `OTLP_ENDPOINT`. How long traces are kept is a week: the stack says how long metrics and logs are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.render.leaves import left_out
from fairlead.render.parts.dumping import yaml_text
from fairlead.render.parts.narrow import all_but
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported

LEFT_OUT = all_but(("name", "watching.traces", "watching.trace_share"))
KEEP = "168h"


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """Nothing where the stack wants no traces."""
    watching = scene.stack.watching
    yield from left_out(scene.stack, LEFT_OUT)
    if watching.traces == "none":
        why = "`watching.traces` is `none`"
        yield Unsupported("watching.trace_share", why)
        return
    yield File("collector.yml", yaml_text(_collector(scene)))
    if watching.traces == "tempo":
        yield File("tempo.yml", yaml_text(TEMPO))
    if watching.traces == "jaeger":
        yield File("jaeger.yml", yaml_text(JAEGER))


def _collector(scene: Scene) -> dict[str, Any]:
    watching = scene.stack.watching
    whose = {"deployment.stack": scene.stack.name}
    whose |= {"deployment.environment.name": scene.environment} if scene.environment else {}
    exporter = {
        "tempo": {"endpoint": "tempo:4317", "tls": {"insecure": True}},
        "jaeger": {"endpoint": "jaeger:4317", "tls": {"insecure": True}},
    }.get(watching.traces, {"endpoint": "${env:OTLP_ENDPOINT}"})
    return {
        "receivers": {
            "otlp": {"protocols": {"grpc": {"endpoint": "0.0.0.0:4317"}, "http": {"endpoint": "0.0.0.0:4318"}}}
        },
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_mib": 512, "spike_limit_mib": 128},
            "probabilistic_sampler": {"sampling_percentage": watching.trace_share},
            "resource": {
                "attributes": [{"key": key, "value": value, "action": "upsert"} for key, value in whose.items()]
            },
            "batch": {"timeout": "5s", "send_batch_size": 8192},
        },
        "exporters": {"otlp": {**exporter, "retry_on_failure": {"enabled": True}, "sending_queue": {"enabled": True}}},
        "extensions": {"health_check": {"endpoint": "0.0.0.0:13133"}},
        "service": {
            "extensions": ["health_check"],
            "pipelines": {
                "traces": {
                    "receivers": ["otlp"],
                    "processors": ["memory_limiter", "probabilistic_sampler", "resource", "batch"],
                    "exporters": ["otlp"],
                }
            },
            "telemetry": {"logs": {"level": "warn"}},
        },
    }


OTLP = {"protocols": {"grpc": {"endpoint": "0.0.0.0:4317"}, "http": {"endpoint": "0.0.0.0:4318"}}}

TEMPO = {
    "server": {"http_listen_port": 3200, "log_level": "warn"},
    "distributor": {"receivers": {"otlp": OTLP}},
    "compactor": {"compaction": {"block_retention": KEEP}},
    "storage": {
        "trace": {"backend": "local", "local": {"path": "/var/tempo/blocks"}, "wal": {"path": "/var/tempo/wal"}}
    },
    "usage_report": {"reporting_enabled": False},
}

JAEGER = {
    "extensions": {
        "jaeger_storage": {
            "backends": {
                "kept": {
                    "badger": {
                        "directories": {"keys": "/badger/keys", "values": "/badger/values"},
                        "ephemeral": False,
                        "ttl": {"spans": KEEP},
                    }
                }
            }
        },
        "jaeger_query": {"storage": {"traces": "kept"}},
        "healthcheckv2": {"use_v2": True, "http": {"endpoint": "0.0.0.0:13133"}},
    },
    "receivers": {"otlp": OTLP},
    "processors": {"batch": {}},
    "exporters": {"jaeger_storage_exporter": {"trace_storage": "kept"}},
    "service": {
        "extensions": ["jaeger_storage", "jaeger_query", "healthcheckv2"],
        "pipelines": {
            "traces": {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["jaeger_storage_exporter"]}
        },
        "telemetry": {"logs": {"level": "warn"}},
    },
}
"""Jaeger 2, which is an OpenTelemetry collector itself."""


TARGETS.register("tracing")(Target("OpenTelemetry collector, with Tempo or Jaeger: traces", render, ("loki-schema",)))
