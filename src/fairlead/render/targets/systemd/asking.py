"""Probes as command lines of the `probe` script, and where it is."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service
from fairlead.stack.variables import of_port

HERE = "127.0.0.1"


def quoted(words: list[str]) -> str:
    """A command line: `%` and `$` as they are, words with blanks in quotes (systemd.service(5), "Command lines")."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    text = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"' if not text or any(one in text for one in " \t;'\"\\#") else text


def seconds(value: float) -> str:
    """Without an exponent, which systemd does not read."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def line(library: str, service: Service, probe: Probe, *, within: float | None = None) -> str:
    """The whole command. Ports are taken from the variables of the instance."""
    options = {
        "--every": probe.every,
        "--timeout": probe.timeout,
        "--failures": probe.failures,
        "--successes": probe.successes,
        **({"--within": within} if within is not None else {}),
    }
    told = [word for name, value in options.items() for word in (name, seconds(value))]
    return " ".join(["/bin/bash", f"{library}/probe", *told, *_asked(service, probe)])


def _asked(service: Service, probe: Probe) -> Iterator[str]:
    first = next(iter(service.ports), "")
    if probe.http is not None:
        yield "http"
        yield f"http://{HERE}:{_port(service, probe.http.port or first)}{quoted([probe.http.path])}"
        for name, value in probe.http.headers.items():
            yield quoted([f"{name}: {value}"])
    elif probe.grpc is not None:
        speaking = (name for name, port in service.ports.items() if port.protocol == "grpc")
        yield "grpc"
        yield f"{HERE}:{_port(service, probe.grpc.port or next(speaking, first))}"
        yield quoted([probe.grpc.service])
    elif probe.tcp is not None:
        yield f"tcp {HERE} {_port(service, probe.tcp.port or first)}"
    elif probe.command is not None:
        yield f"command {quoted(probe.command.command)}"


def _port(service: Service, name: str) -> str:
    return f"${{{of_port(service, name)}}}"
