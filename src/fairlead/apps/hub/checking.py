"""A configuration looked at without serving it: for `fairlead hub check`, and for who declares a hub elsewhere."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from fairlead.apps.hub import complaints
from fairlead.apps.hub.complaints import Complaint
from fairlead.apps.hub.config import Config
from fairlead.apps.hub.loading import Source
from fairlead.apps.hub.routes.compiling import Misconfigured, Surroundings, compiled, unpriced
from fairlead.apps.hub.routes.standing import Standing
from fairlead.apps.hub.routes.table import Route, Table
from fairlead.apps.hub.routes.targets import Target
from fairlead.apps.hub.state import priced

IN_PROCESS = {"echo": "http://127.0.0.1:9/v1"}
"""Providers that are part of a hub's own process, and for now are not."""


def table_of(source: Source) -> Table:
    """Who would answer. Raises `Misconfigured`, with every problem."""
    config = source.read()
    around = Surroundings(Standing(time.monotonic), source.environ, priced(config), IN_PROCESS)
    try:
        return compiled(config, around)
    except Misconfigured as error:
        raise source.located(error) from None


def routed(source: Source) -> list[dict[str, Any]]:
    """A row for each model that can be asked by name. Raises `Misconfigured`."""
    table = table_of(source)
    return [_row(route) for name in table.names() for route in table.routes[name]]


def found(data: Any, given: Collection[str]) -> list[Complaint]:
    """What is wrong with a configuration whose process is given these variables; their values are not known yet."""
    wrong = complaints.of_form(data)
    if wrong:
        return wrong
    around = Surroundings(Standing(time.monotonic), dict.fromkeys(given, "given"), unpriced, IN_PROCESS)
    try:
        compiled(Config.model_validate(data), around)
    except Misconfigured as error:
        return [complaints.placed(problem, data) for problem in error.problems]
    return []


def _row(route: Route) -> dict[str, Any]:
    return {
        "model": route.label,
        "targets": [_named(target, weighted=len(route.targets) > 1) for target in route.targets],
        "fallbacks": [_named(target) for target in route.fallbacks],
        "balance": route.balance,
    }


def _named(target: Target, *, weighted: bool = False) -> str:
    name = f"{target.host.name}/{target.model}"
    return f"{name} ({target.weight:g})" if weighted else name
