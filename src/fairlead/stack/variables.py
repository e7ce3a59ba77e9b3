"""Which environment variables a service is given, and by what: the one place that knows the default names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.kit.yaml import KeyPath
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a service, and the key below the service that sets it."""

    name: str
    path: KeyPath
    words: str
    mend: str


def variables(service: Service, stack: Stack) -> Iterator[Variable]:
    """Every variable that a service is given, Fairlead's own ones first."""
    for n, (name, port) in enumerate(service.ports.items()):
        variable = port.env or port_variable(name, first=n == 0)
        yield Variable(variable, ("ports", name), f"the port `{name}`", f"name another with `ports.{name}.env`")
    for n, need in enumerate(service.needs):
        store = stack.stores.get(need.name)
        variable = need.env or (store.env if store else None) or url_variable(need.name)
        yield Variable(variable, ("needs", n), f"the need `{need.name}`", "name another with `env` of the need")
    for name, volume in service.volumes.items():
        variable = volume.env or f"{_capitals(name)}_DIR"
        yield Variable(variable, ("volumes", name), f"the volume `{name}`", f"name another with `volumes.{name}.env`")
    for name in service.secrets:
        yield Variable(name, ("secrets", name), "`secrets`", "take one of them out")
    for name in service.environment:
        yield Variable(name, ("environment", name), "`environment`", "take one of them out")


def port_variable(name: str, *, first: bool) -> str:
    """The default variable of a port: `PORT` for the first one, `PORT_<NAME>` for the others."""
    return "PORT" if first else f"PORT_{_capitals(name)}"


def url_variable(name: str) -> str:
    """The default variable of the address of a service or a store."""
    return f"{_capitals(name)}_URL"


def _capitals(name: str) -> str:
    return name.upper().replace("-", "_")
