"""Which services run in containers, and on which ports inside: the same for whoever builds, starts or renders them."""

from __future__ import annotations

from itertools import count

from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

FIRST_PORT = 8080
"""Inside a container, where the stack file gives no number; the following ports take the following numbers."""


def contained(service: Service, stack: Stack) -> bool:
    """Whether the service runs in a container: it has an image, or the stack says so for every program."""
    ours = service.command is not None or service.uses is not None
    return bool(service.image or service.build) or (stack.runtime == "docker" and ours)


def store_contained(name: str, stack: Stack) -> bool:
    """Whether a store runs in a container: the stack says so, or a service in a container needs it.

    A server that listens on this machine's own address could not be reached from a container.
    """
    return stack.runtime == "docker" or any(
        contained(service, stack) and any(need.name == name for need in service.needs)
        for service in stack.services.values()
    )


def inner_ports(service: Service) -> dict[str, int]:
    """The number of each port inside a container, those without one in the file numbered in their order."""
    taken = {port.port for port in service.ports.values()}
    free = (number for number in count(FIRST_PORT) if number not in taken)
    return {name: port.port or next(free) for name, port in service.ports.items()}
