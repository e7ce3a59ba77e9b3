"""promql-parser: every expression of rules and dashboards can be read; needs no server and no program."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import yaml

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing

VARIABLES = {"$__rate_interval": "5m", "$__range": "1h", "$__interval": "1m", "$service": "x"}
"""What Grafana puts in before it asks."""


def version() -> str:
    """Of the package."""
    _parser()
    return installed("promql-parser")


def check(folder: Path) -> Iterator[Finding]:
    """Rule files and dashboards."""
    parse = _parser().parse
    for file in sorted({*folder.glob("rules/*.yml"), *folder.rglob("*.json")}):
        text = file.read_text()
        data = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
        name = str(file.relative_to(folder))
        for expression in _expressions(data):
            for variable, value in VARIABLES.items():
                expression = expression.replace(variable, value)
            try:
                parse(expression)
            except ValueError as error:
                yield Finding(name, f"{expression}: {error}")


def _expressions(data: Any) -> Iterator[str]:
    """Whatever stands under `expr`, but for logs."""
    if isinstance(data, list):
        for item in data:
            yield from _expressions(item)
    elif isinstance(data, dict):
        if (data.get("datasource") or {}) not in ({}, "prometheus") and data["datasource"].get("type") == "loki":
            return
        for key, value in data.items():
            if key == "expr" and isinstance(value, str):
                yield value
            else:
                yield from _expressions(value)


def _parser() -> Any:
    try:
        return importlib.import_module("promql_parser")
    except ImportError:
        raise Missing("promql-parser is not installed: `pip install promql-parser`") from None


CHECKERS.register("promql")(Checker("promql-parser: every expression can be read", version, check))
