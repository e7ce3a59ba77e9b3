"""Panels of a dashboard as Grafana's JSON has them, laid out in rows of two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from fairlead.render.parts.watching.measures import Measure

PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT, COLUMNS = 12, 8, 24
SCHEMA = 39
"""Of Grafana 10.4 and later, which move older ones up by themselves."""

Unit = Literal["percentunit", "s", "reqps", "currencyUSD", "bytes", "short", "none"]
UNITS: dict[str, Unit] = {"ratio": "percentunit", "seconds": "s", "usd": "currencyUSD"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph: what is asked, by the name that each answer is shown under."""

    title: str
    asked: tuple[tuple[str, str], ...]
    unit: Unit = "short"
    description: str = ""


def of_measures(
    title: str, measures: Iterable[tuple[str, Measure]], unit: Unit | None = None, words: str = ""
) -> Panel:
    """A graph of the same measure of several subjects."""
    found = list(measures)
    usual = UNITS.get(found[0][1].unit, "short") if found else "short"
    return Panel(title, tuple((name, measure.text) for name, measure in found), unit or usual, words)


def dashboard(uid: str, title: str, panels: Iterable[Panel], tags: list[str]) -> dict[str, Any]:
    """The whole of it; without panels that ask nothing."""
    shown = [panel for panel in panels if panel.asked]
    return {
        "uid": uid,
        "title": title,
        "tags": tags,
        "timezone": "browser",
        "editable": False,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA,
        "version": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": []},
        "annotations": {"list": []},
        "panels": [_panel(number, panel) for number, panel in enumerate(shown)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS // WIDTH)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        **({"description": panel.description} if panel.description else {}),
        "datasource": PROMETHEUS,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "custom": {"lineWidth": 1, "fillOpacity": 10}},
            "overrides": [],
        },
        "options": {
            "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": [
            {"refId": _letter(n), "datasource": PROMETHEUS, "expr": text, "legendFormat": name, "range": True}
            for n, (name, text) in enumerate(panel.asked)
        ],
    }


def _letter(number: int) -> str:
    """A, B, …, Z, A1, B1, …"""
    turn, letter = divmod(number, 26)
    return chr(ord("A") + letter) + (str(turn) if turn else "")
