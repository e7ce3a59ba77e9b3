"""A service that can be made worse, released by canary: what the benchmarks of judged releases share.

Its rates of bad units are high and its pace is quick, so that a verdict takes seconds and not the minutes or hours of
a usual service: what a verdict needs is a number of bad units, not a time.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.town import Town

SERVER = Path(__file__).parent / "servers" / "llm"
RATE = 250.0
"""Requests a second in the benchmarks; two cores carry the load, the router and both versions."""

Spec = dict[str, Any]

COMMAND = 'exec @python -m uvicorn app:app --host "$HOST" --port "$PORT" --log-level warning'

POLICY: Mapping[str, Any] = {
    "steps": ["5%", "25%", "50%", "100%"],
    "pace": "4s",
    "warm_up": "2s",
    "deadline": "10m",
    "errors": {"negligible": "1%"},
    "latency": {"quantile": "90%"},
    "first_byte": {"judged": False},
    "indicators": {
        "cost": {"histogram": "llm_cost_usd", "quantile": "90%"},
        "quality": {"histogram": "llm_quality_score", "quantile": "10%", "better": "higher"},
    },
}
"""The time to the first byte is left out: this service answers at once or not at all, so it would be counted twice."""


def service(town: Town, name: str = "llm", **changes: Any) -> Spec:
    """The service, with its files beside the stack file."""
    folder = town.folder / name
    if not folder.exists():
        shutil.copytree(SERVER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return {
        "directory": name,
        "command": ["sh", "-c", COMMAND],
        "ports": {"http": 8000},
        "environment": {"FAULT": "", "ROUND": "0"},
        "volumes": {"state": {"path": "/state"}},
        "probes": {"readiness": {"http": "/health", "every": "1s"}},
        "resources": {"memory": {"request": "64Mi", "limit": "256Mi"}},
        "restart": {"backoff": "100ms", "backoff_max": "500ms"},
        "expose": [{"path": f"/{name}", "strip_path": True}],
        "release": {"strategy": "canary", "watch": "300ms", "keep_warm": "0s", "canary": dict(POLICY)},
        **changes,
    }


@dataclass(frozen=True, slots=True)
class Judged:
    """One release: how it ended, why, and the seconds from the command to the end of the way in or out."""

    fault: str
    state: str
    reason: str
    seconds: float


def deploy(town: Town, fault: str, number: int, name: str = "llm") -> Judged:
    """Release a version with a fault (none: a good one) and wait for how it is judged."""
    began = time.monotonic()
    command = ["deploy", name, "--set", f"environment.FAULT={fault}", "--set", f"environment.ROUND={number}"]
    with town.begin(*command) as process:
        process.communicate(timeout=900)
    newest = town.releases(name)[0]
    return Judged(fault, newest["state"], newest["reason"] or "", time.monotonic() - began)
