"""Which services run in containers, and on which ports."""

from __future__ import annotations

from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Service


def test_a_container_has_its_declared_ports_and_others_counted_up() -> None:
    """Nobody else is in there, so nothing has to be free."""
    declared = {"http": 8080, "admin": {}, "grpc": 9000, "metrics": {}}
    service = Service.model_validate({"image": "web", "ports": declared})
    assert inner_ports(service) == {"http": 8080, "admin": 8081, "grpc": 9000, "metrics": 8082}
