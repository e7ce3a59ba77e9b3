"""A status as the daemon tells it, for the tests of what is shown."""

from __future__ import annotations

from typing import Any

NOW = 1_700_000_000.0


def version(name: str, share: float, **facts: Any) -> dict[str, Any]:
    """One version with one ready instance."""
    instance = {"id": f"notes-{name}-1", "state": "ready", "pid": 12, "ports": {}, "restarts": 0}
    instance |= {"memory_bytes": 64 * 2**20, "cpu_seconds": 1.0, "since": NOW - 60, "problem": None}
    plain: dict[str, Any] = {"version": name, "share": share, "wanted": 1, "ready": 1, "in_flight": 0}
    plain |= {"requests": 12_345, "errors": 0, "p95_ms": 12.4, "since": NOW - 60, "warm_until": None}
    return plain | {"instances": [instance]} | facts


def service(name: str, *versions: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """One ready service."""
    plain: dict[str, Any] = {"name": name, "state": "ready", "description": "", "problem": None}
    plain |= {"address": "http://127.0.0.1:20011", "exposed": [], "versions": list(versions), "release": None}
    return plain | facts


def status(*services: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """The whole."""
    plain: dict[str, Any] = {"stack": "shop", "environment": None, "services": list(services), "stores": []}
    plain["daemon"] = {"pid": 99, "since": NOW - 200, "version": "1.0", "memory_bytes": 48 * 2**20}
    plain["router"] = {"name": "envoy", "alive": True, "pid": 7, "entrances": ["http://127.0.0.1:8080"]}
    return plain | {"notes": []} | facts


def release(**facts: Any) -> dict[str, Any]:
    """One release that went well."""
    plain: dict[str, Any] = {"id": "r12", "service": "notes", "from": "v1", "to": "v2", "strategy": "blue-green"}
    plain |= {"state": "succeeded", "who": "alice@host", "began": NOW - 60, "ended": NOW - 48, "reason": None}
    return plain | {"kind": "deploy", "steps": []} | facts


def indicator(name: str, **facts: Any) -> dict[str, Any]:
    """What one indicator says so far."""
    return {"name": name, "worse": 0.0, "within": 0.5, "ratio": 1.04, "silent": None} | facts


def judging(**facts: Any) -> dict[str, Any]:
    """A release under judgement, four minutes old."""
    plain: dict[str, Any] = {"release": "r12", "services": ["hub"], "strategy": "canary", "from": "v1", "to": "v2"}
    plain |= {"began": NOW - 252, "share": 25.0, "steps": [1, 5, 25, 50, 100], "mirrored": False}
    plain |= {"requests": {"v1": 3120, "v2": 1043}, "requests_per_s": 21.3, "indicators": [indicator("errors")]}
    plain |= {"paused": None, "waits": None, "seconds_left": 720.0, "deadline": NOW + 13_740, "at_deadline": "hold"}
    return plain | facts
