"""What runbooks have no use for: settings that nobody looks at when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.narrow import all_but
from fairlead.render.parts.watching import silent
from fairlead.render.target import Unsupported
from fairlead.stack.model import Stack

RENDERED = "it is in what other targets render, where one looks it up"

KEPT = (
    "name",
    "description",
    "services.*.uses",
    "services.*.ports.*.protocol",
    "services.*.resources.cpu.limit",
    "services.*.resources.memory.limit",
    "services.*.scale.min",
    "services.*.scale.max",
    "services.*.scale.targets",
    "services.*.volumes.*.temporary",
    "services.*.expose.*.host",
    "services.*.objectives",
    "services.*.release.strategy",
    "services.*.release.watch",
    "services.*.release.keep_warm",
    *(f"stores.*.{key}" for key in ("kind", "version", "managed", "size", "replicas", "database")),
    *(
        f"{whose}.{key}"
        for whose in ("stores.*.backup", "backup", "cluster_backup")
        for key in ("every", "at", "keep", "where", "region", "point_in_time")
    ),
    "stores.*.recovery.rpo",
    "stores.*.recovery.rto",
    "router.https",
    "router.tls",
    "objectives",
    "recovery",
    "watching.alerts",
    "watching.channels.*.kind",
    "watching.channels.*.to",
    "watching.channels.*.escalate_to",
    "watching.channels.*.escalate_after",
    "watching.critical",
    "watching.warning",
    "security.frameworks",
    "pipeline.approve",
    "kubernetes.namespace",
    "kubernetes.stores",
    "kubernetes.rollouts",
)

LEFT_OUT = all_but(KEPT) | {
    pattern: RENDERED
    for pattern in all_but(KEPT)
    if pattern.startswith(("services.*.probes", "services.*.environment", "services.*.secrets", "stores.*.settings"))
}


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """Alerts that are about nothing have no page."""
    yield from silent.unsupported(stack)
