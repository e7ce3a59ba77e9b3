"""Probes of a container. Without any, a connection to the first port tells whether requests may come."""

from __future__ import annotations

from typing import Any

from fairlead.render.cluster.quantities import seconds
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service

MOST_FAILURES = 1000


def probes(service: Service) -> dict[str, Any]:
    """By their names in a container."""
    said = service.probes
    readiness = said.readiness or (Probe.model_validate({"tcp": {}}) if _asked(service) else None)
    startup = said.startup or readiness
    found: dict[str, Any] = {}
    if startup is not None:
        every = seconds(startup.every)
        failures = min(MOST_FAILURES, -(-seconds(startup.within) // every))
        found["startupProbe"] = {**_ask(service, startup), "periodSeconds": every, "failureThreshold": failures}
    if readiness is not None:
        found["readinessProbe"] = {
            **_ask(service, readiness),
            **_times(readiness),
            "successThreshold": readiness.successes,
        }
    if said.liveness is not None:
        found["livenessProbe"] = {**_ask(service, said.liveness), **_times(said.liveness)}
    return found


def _asked(service: Service) -> list[str]:
    return [name for name, port in service.ports.items() if port.protocol != "metrics"]


def _times(probe: Probe) -> dict[str, int]:
    return {"periodSeconds": seconds(probe.every), "failureThreshold": probe.failures}


def _ask(service: Service, probe: Probe) -> dict[str, Any]:
    timeout = {"timeoutSeconds": seconds(probe.timeout)}
    if probe.http is not None:
        port = probe.http.port or next(iter(service.ports))
        headers = [{"name": name, "value": value} for name, value in probe.http.headers.items()]
        return {
            "httpGet": {"path": probe.http.path, "port": port, **({"httpHeaders": headers} if headers else {})}
        } | timeout
    if probe.tcp is not None:
        return {"tcpSocket": {"port": probe.tcp.port or _asked(service)[0]}} | timeout
    if probe.grpc is not None:
        return {"grpc": {"port": _grpc_port(service, probe.grpc.port), "service": probe.grpc.service}} | timeout
    return {"exec": {"command": list(probe.command.command) if probe.command else []}} | timeout


def _grpc_port(service: Service, name: str | None) -> int:
    """The cluster asks gRPC by number only."""
    named = name or next((n for n, port in service.ports.items() if port.protocol == "grpc"), next(iter(service.ports)))
    return inner_ports(service)[named]
