"""Stores in a cluster, one kind a file: as objects of their operators, or as plain servers with disks."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.addresses import is_outside
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.stores import buckets, kafka, postgres, redis, search

KINDS = {
    "postgres": postgres.of,
    "redis": redis.of,
    "kafka": kafka.of,
    "elasticsearch": search.of,
    "opensearch": search.of,
    "objects": buckets.of,
}


def of(cluster: Cluster) -> Iterator[Object]:
    """Of the stores that run in the cluster."""
    for name, store in cluster.stack.stores.items():
        if not is_outside(store):
            yield from KINDS[store.kind](cluster, name, store)
