"""Which services run in containers, and on which ports."""

from __future__ import annotations

import pytest

from fairlead.stack.containers import contained, inner_ports, store_contained
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


def test_a_container_has_its_declared_ports_and_others_counted_up() -> None:
    """Nobody else is in there, so nothing has to be free."""
    declared = {"http": 8080, "admin": {}, "grpc": 9000, "metrics": {}}
    service = Service.model_validate({"image": "web", "ports": declared})
    assert inner_ports(service) == {"http": 8080, "admin": 8081, "grpc": 9000, "metrics": 8082}


@pytest.mark.parametrize(
    ("runtime", "service", "inside"),
    [
        ("process", {"command": "serve"}, False),
        ("docker", {"command": "serve"}, True),
        ("process", {"image": "web:1"}, True),
        ("process", {"build": "."}, True),
    ],
)
def test_an_image_means_a_container_and_so_does_the_stacks_runtime(
    runtime: str, service: dict[str, str], inside: bool
) -> None:
    """The stores that such a service needs go with it: from inside, a process of this machine is out of reach."""
    services = {"web": {**service, "needs": ["db"]}}
    stores = {"db": {"kind": "postgres"}, "other": {"kind": "redis"}}
    stack = Stack.model_validate({"name": "town", "runtime": runtime, "services": services, "stores": stores})
    assert contained(stack.services["web"], stack) is inside
    assert store_contained("db", stack) is inside
    assert store_contained("other", stack) is (runtime == "docker")
