"""What Prometheus has no place for: all that is neither scraped nor promised nor told of."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.narrow import all_but
from fairlead.render.parts.watching import silent
from fairlead.render.target import Unsupported
from fairlead.stack.model import Stack

KEPT = (
    "name",
    "labels",
    "services.*.uses",
    "services.*.ports.*.protocol",
    "services.*.ports.*.path",
    "services.*.ports.*.port",
    "services.*.expose.*.host",
    "services.*.resources.cpu.limit",
    "services.*.resources.memory.limit",
    "services.*.objectives",
    "services.*.labels",
    "stores.*.kind",
    "objectives",
    "watching.metrics_keep",
    "watching.remote_write",
    "watching.dashboards",
    "watching.alerts",
    "watching.node_metrics",
    "watching.runbooks",
)

LEFT_OUT = all_but(KEPT, {"services.*.schedule": "a job is over before anybody could ask it for metrics"})


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """Beside those: rules that would never fire, and figures that no rule needs."""
    yield from silent.unsupported(stack)
    words = {alert.metric for alert in stack.watching.alerts.values()}
    for name, service in stack.services.items():
        for what, said in (("cpu", service.resources.cpu), ("memory", service.resources.memory)):
            if said.limit is not None and what not in words:
                why = f"no alert is on `{what}`, which is told as a part of it"
                yield Unsupported(f"services.{name}.resources.{what}.limit", why)
        for port, told in service.ports.items():
            if told.port is not None and not silent.is_asked(service, port):
                yield Unsupported(f"services.{name}.ports.{port}.port", "it is not the one with metrics")
