"""HEALTHCHECK from a service's probes, asked with what the image has."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.dockerfile.subject import Asker, exec_form
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.network import HttpProbe, Probe
from fairlead.stack.model.service import Service
from fairlead.stack.variables import of_port

UNASKED = (
    "# No HEALTHCHECK: nothing in this image can ask {what}; the engine asks from outside.",
    "# checkov:skip=CKV_DOCKER_2:nothing in this image can ask",
)


def healthcheck(service: Service, asker: Asker | None) -> Iterator[str]:
    """The lines for the question whether requests may come; a comment where the image itself can't ask it."""
    probe = service.probes.readiness or service.probes.startup or service.probes.liveness
    if probe is None:
        return
    command = asking(service, probe, asker)
    if command is None:
        yield from (line.format(what="over gRPC" if probe.grpc else "over the network") for line in UNASKED)
        return
    within = (service.probes.startup or probe).within
    times = {"interval": probe.every, "timeout": probe.timeout, "start-period": within}
    options = [f"--{name}={max(1.0, value):g}s" for name, value in times.items()]
    yield f"HEALTHCHECK {' '.join(options)} --retries={probe.failures} \\"
    yield f"    CMD {exec_form(command)}"


def asking(service: Service, probe: Probe, asker: Asker | None) -> list[str] | None:
    """The command that asks a probe's question inside of the container; `None` where nothing there can."""
    if probe.command is not None:
        return list(probe.command.command)
    if probe.http is not None:
        return _http(service, probe.http, probe.timeout, asker)
    if probe.tcp is not None:
        return _tcp(service, probe.tcp.port, probe.timeout, asker)
    return None


def _port(service: Service, name: str | None) -> tuple[str, int]:
    """The variable that holds the port, and its number where that is not set."""
    ports = inner_ports(service)
    name = name or next(iter(ports))
    return of_port(service, name), ports[name]


def _http(service: Service, probe: HttpProbe, timeout_s: float, asker: Asker | None) -> list[str] | None:
    if not service.ports:
        return None
    variable, port = _port(service, probe.port)
    match asker:
        case "python":
            url = f"'http://127.0.0.1:' + os.environ.get({variable!r}, '{port}') + {probe.path!r}"
            asked = f"r.urlopen(r.Request({url}, headers={dict(probe.headers)!r}), timeout={timeout_s:g})"
            return ["python", "-c", f"import os, urllib.request as r; {asked}"]
        case "node":
            url = f"'http://127.0.0.1:' + (process.env.{variable} || {port}) + {_script(probe.path)}"
            headers = ", ".join(f"{_script(name)}: {_script(value)}" for name, value in probe.headers.items())
            options = f"{{redirect: 'manual', headers: {{{headers}}}}}"
            done = "a => process.exit(a.status < 400 ? 0 : 1), () => process.exit(1)"
            return ["node", "-e", f"fetch({url}, {options}).then({done})"]
        case "wget":
            headers_given = [word for name, value in probe.headers.items() for word in ("--header", f"{name}: {value}")]
            return ["wget", "-q", "-O", "/dev/null", *headers_given, f"http://127.0.0.1:{port}{probe.path}"]
        case _:
            return None


def _tcp(service: Service, name: str | None, timeout_s: float, asker: Asker | None) -> list[str] | None:
    if not service.ports:
        return None
    variable, port = _port(service, name)
    match asker:
        case "python":
            where = f"('127.0.0.1', int(os.environ.get({variable!r}, '{port}')))"
            return ["python", "-c", f"import os, socket; socket.create_connection({where}, {timeout_s:g}).close()"]
        case "node":
            where = f"{{host: '127.0.0.1', port: process.env.{variable} || {port}}}"
            done = "() => process.exit(0)).on('error', () => process.exit(1))"
            return ["node", "-e", f"require('net').connect({where}, {done}"]
        case "wget":
            return ["nc", "-z", "127.0.0.1", str(port)]
        case _:
            return None


def _script(text: str) -> str:
    """A JavaScript string."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
