"""Health checks: the one question that Compose asks, with what the image has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from fairlead.dockerfile import Asker, asking
from fairlead.render.targets.compose.project import Data, Project
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service

ANY = (
    "url=http://127.0.0.1:{port}{path}\n"
    'if command -v wget >/dev/null; then exec wget -q -O /dev/null{wget} "$url"; fi\n'
    'if command -v curl >/dev/null; then exec curl -fsS -o /dev/null{curl} "$url"; fi\n'
    "if command -v node >/dev/null; then exec node -e \"fetch('$url').then(a => process.exit(a.ok ? 0 : 1))\"; fi\n"
    "exec python3 -c \"import urllib.request as r; r.urlopen('$url', timeout={timeout:g})\""
)
CONNECT = (
    "if command -v nc >/dev/null; then exec nc -z 127.0.0.1 {port}; fi\n"
    "if command -v bash >/dev/null; then exec bash -c '</dev/tcp/127.0.0.1/{port}'; fi\n"
    "exec python3 -c \"import socket; socket.create_connection(('127.0.0.1', {port}), {timeout:g}).close()\""
)


def chosen(service: Service) -> tuple[str, Probe] | None:
    """Which probe is asked: whether requests may come, else what there is; a connection where nothing is said."""
    probes = service.probes
    for name, probe in (("readiness", probes.readiness), ("startup", probes.startup), ("liveness", probes.liveness)):
        if probe is not None:
            return name, probe
    asked = [name for name, port in service.ports.items() if port.protocol != "metrics"]
    return ("", Probe.model_validate({"tcp": {"port": asked[0]}})) if asked else None


def healthcheck(project: Project, name: str) -> Data | None:
    """Of a service; `None` where nothing can be asked, or nothing in the image can ask."""
    service = project.stack.services[name]
    found = chosen(service)
    asker = project.asker(name)
    if found is None or service.schedule is not None or not (asker or found[1].command):
        return None
    _, probe = found
    within = (service.probes.startup or probe).within
    test = _question(service, probe, asker)
    return _times(test, probe.every, probe.timeout, probe.failures, within) if test else None


def every(test: Sequence[str], *, start_s: float = 60.0, timeout_s: float = 5.0) -> Data:
    """The health check of a store or of what watches: every five seconds."""
    return _times(list(test), 5.0, timeout_s, 12, start_s)


def shell(line: str) -> list[str]:
    """A test that a shell runs."""
    return ["CMD-SHELL", line]


def fetched(port: int, path: str) -> list[str]:
    """A test by the wget of BusyBox, which small images have."""
    return ["CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}{path}"]


def _times(test: list[str], interval: float, timeout: float, failures: int, within: float) -> Data:
    """Without `start_interval`, which engines before 25 refuse."""
    return {
        "test": test,
        "interval": f"{max(1, round(interval))}s",
        "timeout": f"{max(1, round(timeout))}s",
        "retries": failures,
        "start_period": f"{max(1, round(within))}s",
    }


def _question(service: Service, probe: Probe, asker: str) -> list[str] | None:
    if probe.grpc is not None:
        probe = Probe.model_validate({"tcp": {"port": _grpc_port(service, probe.grpc.port)}, "timeout": _text(probe)})
    if asker not in ("unknown", ""):
        found = asking(service, probe, cast("Asker", asker))
        return ["CMD", *found] if found else None
    numbers = inner_ports(service)
    first = next(iter(numbers), "")
    if probe.command is not None:
        return ["CMD", *probe.command.command]
    if probe.http is not None:
        headers = [f"{key}: {value}" for key, value in probe.http.headers.items()]
        given = {
            "wget": "".join(f" --header '{one}'" for one in headers),
            "curl": "".join(f" --header '{one}'" for one in headers),
        }
        port = numbers[probe.http.port or first]
        return shell(ANY.format(port=port, path=probe.http.path, timeout=probe.timeout, **given))
    port = numbers[(probe.tcp.port if probe.tcp else None) or first]
    return shell(CONNECT.format(port=port, timeout=probe.timeout))


def _text(probe: Probe) -> str:
    return f"{probe.timeout:g}s"


def _grpc_port(service: Service, named: str | None) -> str:
    return named or next((n for n, port in service.ports.items() if port.protocol == "grpc"), next(iter(service.ports)))
