"""All objects of an environment, in an order in which they can be applied."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster import (
    access,
    backups,
    config,
    entrance,
    exporters,
    mesh,
    monitors,
    policies,
    scaling,
    services,
    stores,
    workloads,
)  # fmt: skip
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.standing import standing
from fairlead.render.target import Scene

PARTS = {
    "access": access.of,
    "config": config.of,
    "policies": policies.of,
    "stores": stores.of,
    "services": services.of,
    "workloads": workloads.of,
    "exporters": exporters.of,
    "scaling": scaling.of,
    "entrance": entrance.of,
    "mesh": mesh.of,
    "monitors": monitors.of,
    "backups": backups.of,
}
"""By the file that they stand in."""


def objects(scene: Scene) -> Iterator[tuple[str, Object]]:
    """Each object with the part that it belongs to."""
    cluster = Cluster(standing(scene))
    for part, of in PARTS.items():
        for found in of(cluster):
            yield part, found


def identity(found: Object) -> tuple[str, str, str, str]:
    """What tells it from all others: API group, kind, namespace and name."""
    group = found["apiVersion"].rpartition("/")[0]
    return group, found["kind"], found["metadata"].get("namespace", ""), found["metadata"]["name"]
