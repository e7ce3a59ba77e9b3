"""The services that stories are told with."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]
PYTHON = "@python"
"""The town puts in what its runtime has."""


def web(name: str = "web", *, mood: str = "", release: Spec | None = None, **changes: Any) -> Spec:
    """A small web server of our own; `mood` makes it behave badly."""
    return {
        "directory": "web",
        "command": [PYTHON, "-S", "-u", "web.py"],
        "ports": {"http": 8000},
        "environment": {"MOOD": mood, **changes.pop("environment", {})},
        "probes": {"readiness": {"http": "/health", "every": "500ms"}, **changes.pop("probes", {})},
        "expose": [{"path": f"/{name}", "strip_path": True}],
        "release": {"watch": "300ms", "keep_warm": "0s", "drain": "10s", **(release or {})},
        "stop": {"grace": "3s"},
        **changes,
    }
