"""Dashboards and provisioning, against a schema of our own: stricter than Grafana, which passes over what it ignores.

It holds what the JSON schema that Grafana publishes (`grafana-foundation-sdk`, `dashboard.jsonschema.json`) says of the
keys that we use, refuses every other key, and knows the kinds of panels, which that schema does not.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **optional},
    }


def _list(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


SOURCE = _object({"type": TEXT, "uid": TEXT})
POSITION = _object(
    {
        "x": {**WHOLE, "maximum": 23},
        "y": WHOLE,
        "w": {**WHOLE, "minimum": 1, "maximum": 24},
        "h": {**WHOLE, "minimum": 1},
    }
)
TARGET = _object({"refId": TEXT, "expr": TEXT}, datasource=SOURCE, legendFormat=TEXT, range={"type": "boolean"})
FIELDS = _object(
    {"defaults": _object({"unit": TEXT}, min={"type": "number"}, custom={"type": "object"}), "overrides": _list({})}
)
PANEL = _object(
    {
        "id": {**WHOLE, "minimum": 1},
        "type": {"enum": ["timeseries", "stat", "gauge", "table", "logs", "row", "text", "bargauge", "heatmap"]},
        "title": TEXT,
        "gridPos": POSITION,
        "targets": _list(TARGET, minItems=1),
    },
    description={"type": "string"},
    datasource=SOURCE,
    fieldConfig=FIELDS,
    options={"type": "object"},
)
MARK = _object(
    {"name": TEXT, "datasource": SOURCE, "enable": {"type": "boolean"}, "iconColor": TEXT},
    hide={"type": "boolean"},
)
DASHBOARD = _object(
    {
        "uid": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,40}$"},
        "title": TEXT,
        "schemaVersion": {"type": "integer", "minimum": 36},
        "templating": _object({"list": _list({"type": "object"})}),
        "annotations": _object({"list": _list(MARK)}),
        "panels": _list(PANEL, minItems=1),
    },
    tags=_list(TEXT),
    timezone={"enum": ["browser", "utc"]},
    editable={"type": "boolean"},
    graphTooltip={"enum": [0, 1, 2]},
    version=WHOLE,
    refresh={"type": "string", "pattern": "^[0-9]+[smhd]$"},
    time=_object({"from": TEXT, "to": TEXT}),
)
ONE = {"const": 1}
SOURCES = _object(
    {
        "apiVersion": ONE,
        "datasources": _list(
            _object(
                {"name": TEXT, "type": {"enum": ["prometheus", "alertmanager", "loki", "tempo", "jaeger"]}, "uid": TEXT,
                 "access": {"enum": ["proxy"]}, "url": {"type": "string", "pattern": "^https?://"}},
                isDefault={"type": "boolean"}, editable={"type": "boolean"}, jsonData={"type": "object"},
            )
        ),
    }
)  # fmt: skip
PROVIDERS = _object(
    {
        "apiVersion": ONE,
        "providers": _list(
            _object(
                {"name": TEXT, "type": {"const": "file"}, "options": _object({"path": TEXT})},
                folder=TEXT, disableDeletion={"type": "boolean"}, allowUiUpdates={"type": "boolean"},
            )
        ),
    }
)  # fmt: skip


def version() -> str:
    """Of the schema: that of the oldest Grafana it is for."""
    _validator()
    return "for Grafana 10.4"


def check(folder: Path) -> Iterator[Finding]:
    """Each file by its own part of the schema; panels that lie over one another; identities given twice."""
    for file in sorted(folder.glob("dashboards/*.json")):
        data = json.loads(file.read_text())
        name = str(file.relative_to(folder))
        yield from _judged(name, data, DASHBOARD)
        yield from _layout(name, data.get("panels", []))
    for part, schema in (("datasources", SOURCES), ("dashboards", PROVIDERS)):
        for file in sorted(folder.glob(f"provisioning/{part}/*.yml")):
            yield from _judged(str(file.relative_to(folder)), yaml.safe_load(file.read_text()), schema)


def _judged(name: str, data: Any, schema: dict[str, Any]) -> Iterator[Finding]:
    for error in _validator()(schema).iter_errors(data):
        yield Finding(name, f"{error.json_path}: {error.message}")


def _layout(name: str, panels: list[dict[str, Any]]) -> Iterator[Finding]:
    taken: dict[tuple[int, int], str] = {}
    seen: set[int] = set()
    for panel in panels:
        at, title = panel["gridPos"], panel["title"]
        if panel["id"] in seen:
            yield Finding(name, f"two panels have the id {panel['id']}")
        seen.add(panel["id"])
        if at["x"] + at["w"] > 24:
            yield Finding(name, f"{title}: leads out of the page")
        cells = [(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
        if over := {taken[cell] for cell in cells if cell in taken}:
            yield Finding(name, f"{title}: lies over {', '.join(sorted(over))}")
        taken |= dict.fromkeys(cells, title)


def _validator() -> Any:
    try:
        return importlib.import_module("jsonschema").Draft7Validator
    except ImportError:
        raise Missing("jsonschema is not installed: `pip install jsonschema`") from None


CHECKERS.register("grafana-schema")(Checker("dashboards and provisioning of Grafana, by their schema", version, check))
