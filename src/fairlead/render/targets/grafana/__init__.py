"""Grafana: its data sources and dashboards, read at its start from the folder that `/etc/grafana/provisioning` is.

Mount `provisioning/` there and `dashboards/` at `/var/lib/grafana/dashboards`. Data sources are the names that a
Compose network gives: `prometheus:9090`, `loki:3100`, `tempo:3200` or `jaeger:16686`, `alertmanager:9093`. Dashboards
can't be changed in the browser: they would differ from what is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fairlead.render.leaves import left_out
from fairlead.render.parts.dumping import json_text, yaml_text
from fairlead.render.parts.watching.scraping import EVERY
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.grafana.boards import BOARDS, panels
from fairlead.render.targets.grafana.leaving import LEFT_OUT, unsupported
from fairlead.render.targets.grafana.panels import dashboard
from fairlead.stack.model import Stack

FOLDER = "/var/lib/grafana/dashboards"


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """Provisioning, and a file for each dashboard."""
    stack = scene.stack
    yield from left_out(stack, LEFT_OUT)
    yield from unsupported(stack)
    sources = {"apiVersion": 1, "datasources": list(_sources(stack))}
    yield File("provisioning/datasources/fairlead.yml", yaml_text(sources))
    yield File("provisioning/dashboards/fairlead.yml", yaml_text({"apiVersion": 1, "providers": [_provider(stack)]}))
    for name in stack.watching.dashboards:
        title = f"{stack.name}: {BOARDS[name][0]}"
        if shown := panels(stack, name):
            found = dashboard(f"{stack.name}-{name}"[:40], title, shown, ["fairlead", stack.name])
            yield File(f"dashboards/{name}.json", json_text(found))


def _provider(stack: Stack) -> dict[str, Any]:
    return {
        "name": stack.name,
        "folder": stack.name,
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "options": {"path": FOLDER},
    }


def _sources(stack: Stack) -> Iterator[dict[str, Any]]:
    steps = {"timeInterval": EVERY}
    yield _source("Prometheus", "prometheus", "http://prometheus:9090", isDefault=True, jsonData=steps)
    if stack.watching.channels:
        told = {"implementation": "prometheus", "handleGrafanaManagedAlerts": False}
        yield _source("Alertmanager", "alertmanager", "http://alertmanager:9093", jsonData=told)
    yield _source("Loki", "loki", "http://loki:3100")
    match stack.watching.traces:
        case "tempo":
            links = {"tracesToLogsV2": {"datasourceUid": "loki"}, "serviceMap": {"datasourceUid": "prometheus"}}
            yield _source("Tempo", "tempo", "http://tempo:3200", jsonData=links)
        case "jaeger":
            yield _source("Jaeger", "jaeger", "http://jaeger:16686")


def _source(name: str, kind: str, url: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "uid": kind, "access": "proxy", "url": url, "editable": False, **more}


TARGETS.register("grafana")(
    Target("Grafana: data sources and dashboards, provisioned", render, ("grafana-schema", "promql"))
)
