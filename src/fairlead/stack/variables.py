"""Which environment variables a service is given, and by what: the one place that knows the default names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.kit.yaml import KeyPath
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Need, Service


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a service, and the key below the service that sets it."""

    name: str
    path: KeyPath
    words: str
    mend: str


def variables(service: Service, stack: Stack) -> Iterator[Variable]:
    """Every variable that a service is given, Fairlead's own ones first."""
    for name in service.ports:
        mend = f"name another with `ports.{name}.env`"
        yield Variable(of_port(service, name), ("ports", name), f"the port `{name}`", mend)
    for n, need in enumerate(service.needs):
        variable = of_need(need, stack)
        yield Variable(variable, ("needs", n), f"the need `{need.name}`", "name another with `env` of the need")
    for name in service.volumes:
        mend = f"name another with `volumes.{name}.env`"
        yield Variable(of_volume(service, name), ("volumes", name), f"the volume `{name}`", mend)
    for name in service.secrets:
        yield Variable(name, ("secrets", name), "`secrets`", "take one of them out")
    for name in service.environment:
        yield Variable(name, ("environment", name), "`environment`", "take one of them out")


def of_port(service: Service, name: str) -> str:
    """The variable that tells a program one of its ports."""
    return service.ports[name].env or port_variable(name, first=name == next(iter(service.ports)))


def of_need(need: Need, stack: Stack) -> str:
    """The variable that tells a program where something it needs is."""
    store = stack.stores.get(need.name)
    return need.env or (store.env if store else None) or url_variable(need.name)


def of_volume(service: Service, name: str) -> str:
    """The variable that tells a program the directory of a volume."""
    return service.volumes[name].env or f"{_capitals(name)}_DIR"


def port_variable(name: str, *, first: bool) -> str:
    """The default variable of a port: `PORT` for the first one, `PORT_<NAME>` for the others."""
    return "PORT" if first else f"PORT_{_capitals(name)}"


def url_variable(name: str) -> str:
    """The default variable of the address of a service or a store."""
    return f"{_capitals(name)}_URL"


def _capitals(name: str) -> str:
    return name.upper().replace("-", "_")
