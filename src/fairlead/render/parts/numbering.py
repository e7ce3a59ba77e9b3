"""Ports on one machine: what the stack file says where it is free, else the next free number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from fairlead.stack.containers import inner_ports
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

Numbers = dict[str, int]
"""Port -> its number."""


def numbers(stack: Stack) -> dict[str, list[Numbers]]:
    """Service -> the ports of each of its instances."""
    taken: set[int] = set()
    found: dict[str, list[Numbers]] = {}
    for name, service in stack.services.items():
        found[name] = [dict(_free(service, taken)) for _ in range(instances(service))]
    return found


def instances(service: Service) -> int:
    """How many run; one that is run at times runs alone."""
    return 1 if service.schedule is not None else max(1, service.scale.min)


def _free(service: Service, taken: set[int]) -> Iterator[tuple[str, int]]:
    for port, wanted in inner_ports(service).items():
        number = next(one for one in count(wanted) if one not in taken)
        taken.add(number)
        yield port, number
