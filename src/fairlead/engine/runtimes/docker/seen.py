"""What the engine says of a container, in the words of the seam. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fairlead.engine.runtime import Observed, Phase, Usage

JSON = dict[str, Any]

NEVER = "0001-01-01"
"""How the engine begins a time that has not come."""

KILLED = 137
LOOPBACK = "127.0.0.1"


def observed(container: JSON) -> Observed:
    """The state of an instance from what `inspect` says of its container."""
    state = container["State"]
    began = moment(state.get("StartedAt"))
    if state.get("Running") or state.get("Restarting"):
        return Observed(Phase.RUNNING, state["Pid"] or None, began, address=address(container))
    if began is None:
        return Observed(Phase.ABSENT)  # made, and never started
    code = int(state["ExitCode"])
    return Observed(Phase.ENDED, None, began, code, _reason(state, code))


def running(container: JSON) -> bool:
    """Whether its program runs."""
    return observed(container).running


def _reason(state: JSON, code: int) -> str:
    if state.get("OOMKilled") and code == KILLED:
        return "out of memory"
    return f"ended by signal {code - 128}" if code > 128 else f"exited with {code}"


def address(container: JSON) -> str:
    """Where this machine reaches it."""
    networks = (container.get("NetworkSettings") or {}).get("Networks") or {}
    first = (container.get("HostConfig") or {}).get("NetworkMode")
    ordered = sorted(networks, key=lambda name: name != first)
    return next((networks[name]["IPAddress"] for name in ordered if networks[name].get("IPAddress")), LOOPBACK)


def moment(text: str | None) -> float | None:
    """A time of the engine's in seconds since the epoch; `None` for one that has not come."""
    return datetime.fromisoformat(text).timestamp() if text and not text.startswith(NEVER) else None


def usage(stats: JSON) -> Usage | None:
    """What it uses; `None` when it does not run.

    Memory as `docker stats` counts it: without the file cache that can be dropped, whose name differs between
    cgroup v1 (`total_inactive_file`) and v2 (`inactive_file`).
    """
    memory, cpu = stats.get("memory_stats") or {}, (stats.get("cpu_stats") or {}).get("cpu_usage") or {}
    if "usage" not in memory:
        return None
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return Usage(max(0, memory["usage"] - cache), cpu.get("total_usage", 0) / 1e9)
