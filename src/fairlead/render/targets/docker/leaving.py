"""What an image has no place for: everything but what is in it is said where it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic.fields import FieldInfo

from fairlead.render.parts.images import is_built
from fairlead.render.target import Unsupported
from fairlead.stack.model.docker import Docker
from fairlead.stack.model.network import RouterSettings, Tls
from fairlead.stack.model.platform import Pipeline
from fairlead.stack.model.resources import Hardening, Placement
from fairlead.stack.model.service import Service
from fairlead.stack.model.stack import Stack
from fairlead.stack.model.store import Secret

RUN = "is said where the image runs: the targets that run the stack render it"
ONE = "an image asks one question: its readiness"
GRPC = "nothing in an image asks over gRPC; it is asked from outside"
PIPELINE = "is for the pipeline, which another target renders"

_WHOLE = {"name", "labels", "services", "docker", "pipeline", "secrets", "router", "environments"}
_INSIDE = {
    "build", "command", "description", "directory", "hardening", "ignore", "image", "labels", "placement", "ports",
    "probes", "stop", "uses",
}  # fmt: skip


def _others(pattern: str, fields: Mapping[str, FieldInfo], kept: set[str], why: str = RUN) -> dict[str, str]:
    return {f"{pattern}{field.alias or key}": why for key, field in fields.items() if key not in kept}


LEFT_OUT: dict[str, str] = {
    **_others("", Stack.model_fields, _WHOLE),
    **_others("services.*.", Service.model_fields, _INSIDE),
    **_others("services.*.hardening.", Hardening.model_fields, {"user"}),
    **_others("services.*.placement.", Placement.model_fields, {"architectures"}),
    **_others("secrets.*.", Secret.model_fields, {"file"}),
    **_others("router.", RouterSettings.model_fields, {"tls"}),
    **_others("router.tls.", Tls.model_fields, {"key"}),
    **_others("docker.", Docker.model_fields, {"images", "pull"}),
    **_others("pipeline.", Pipeline.model_fields, {"registry", "platforms"}, PIPELINE),
    "services.*.stop.grace": RUN,
    "services.*.image": "nothing is built for it",
    "services.*.ports.*.protocol": RUN,
    "services.*.ports.*.path": RUN,
    "services.*.probes.startup.grpc": GRPC,
    "services.*.probes.readiness.grpc": GRPC,
    "services.*.probes.liveness.grpc": GRPC,
}
"""Pattern -> why."""


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """Questions that an image does not ask: it has one health check, whether requests may come."""
    for name, service in stack.services.items():
        probes = service.probes
        if not is_built(service) or probes.readiness is None:
            continue
        for kind, probe in (("startup", probes.startup), ("liveness", probes.liveness)):
            for key in sorted((probe.model_fields_set if probe else set()) - {"within"}):
                yield Unsupported(f"services.{name}.probes.{kind}.{key}", ONE)
