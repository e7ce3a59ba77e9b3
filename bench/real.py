"""Stack files with real servers in them: what each needs to run as a service, and where its load goes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SERVERS = Path(__file__).parent / "servers"
ADMIN_PATHS = "/usr/sbin:/usr/local/sbin"
"""Where nginx is on Debian, outside a user's own PATH."""

Spec = dict[str, Any]

COMMANDS: Mapping[str, str] = {
    "uvicorn": 'exec @python -m uvicorn app:app --host "$HOST" --port "$PORT" --log-level warning',
    "node": "exec node server.js",
    "nginx": "exec sh run.sh",
    "static": 'exec @python -m http.server --bind "$HOST" "$PORT"',
}
FOLDERS = {"uvicorn": "starlette", "node": "node", "nginx": "nginx", "static": "static"}
SWITCHED = ("uvicorn", "node", "nginx")
"""The servers that releases are measured on; `static` has threads that it does not end gracefully."""


def missing() -> list[str]:
    """The servers that are not on this machine."""
    return [name for name in ("node", "nginx") if _where(name) is None]


def _where(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:{ADMIN_PATHS}")


def copy(name: str, folder: Path) -> None:
    """Put a server's files beside a stack file."""
    shutil.copytree(SERVERS / FOLDERS[name], folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def service(name: str, **release: Any) -> Spec:
    """A server as a service, exposed under its own name."""
    spec: Spec = {
        "directory": name,
        "command": ["sh", "-c", COMMANDS[name]],
        "ports": {"http": 8000},
        "environment": {"ROUND": "0"},
        "probes": {"readiness": {"http": "/", "every": "1s"}},
        "expose": [{"path": f"/{name}", "strip_path": True}],
        "release": {"strategy": "blue-green", "watch": "500ms", "keep_warm": "1s", **release},
    }
    if name == "nginx":
        spec["environment"]["NGINX"] = _where("nginx") or "nginx"
        spec |= {"volumes": {"run": {}}, "stop": {"signal": "SIGQUIT"}}
    return spec


def paths(*names: str) -> dict[str, list[str]]:
    """Where the load on these servers goes."""
    return {
        "plain": [f"/{name}/" for name in names],
        "stream": [f"/{name}/stream" for name in names if name != "static"],
        "socket": ["/uvicorn/echo"] if "uvicorn" in names else [],
    }
