"""Redis by Memorystore and Kafka by Managed Service for Apache Kafka."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import GIB, Site, gib, snake
from fairlead.render.parts.hcl import Block, Inner, Raw, resource
from fairlead.render.parts.surroundings import text
from fairlead.render.targets.terraform_gcp.identity import member
from fairlead.render.targets.terraform_gcp.keys import KEY, MAY
from fairlead.render.targets.terraform_gcp.network import NETWORK, SUBNET
from fairlead.stack.model.store import Backup, Store

LEAST_CORES = 3
PERIODS = ((3600, "ONE_HOUR"), (6 * 3600, "SIX_HOURS"), (12 * 3600, "TWELVE_HOURS"))
VERSIONS = {"6": "REDIS_6_X", "7": "REDIS_7_2"}


def of(site: Site) -> Iterator[Block]:
    """Reached from the network only."""
    for name, store in site.stores("redis"):
        yield _redis(site, name, store)
    for name, store in site.stores("kafka"):
        yield _kafka(site, name, store)
        for service in site.needing(name):
            yield resource(
                "google_project_iam_member",
                snake(f"{service}-{name}"),
                {
                    "project": Raw("var.project"),
                    "role": "roles/managedkafka.client",
                    "member": member(site.namespace, service),
                },
            )


def _redis(site: Site, name: str, store: Store) -> Block:
    several = store.replicas + store.read_replicas > 1
    policy = site.policy(store)
    return resource(
        "google_redis_instance",
        snake(name),
        {
            "name": f"{site.name}-{name}",
            "region": site.region,
            "tier": "STANDARD_HA" if several else "BASIC",
            "memory_size_gb": _memory(store),
            "redis_version": VERSIONS.get((store.version or "7").partition(".")[0], "REDIS_7_2"),
            "replica_count": min(5, max(1, store.replicas + store.read_replicas - 1)) if several else None,
            "read_replicas_mode": "READ_REPLICAS_ENABLED" if several else None,
            "authorized_network": NETWORK,
            "connect_mode": "PRIVATE_SERVICE_ACCESS",
            "auth_enabled": True,
            "transit_encryption_mode": "SERVER_AUTHENTICATION",
            "customer_managed_key": KEY,
            "redis_configs": {key: text(value) for key, value in store.settings.items()} or None,
            "depends_on": [*MAY, Raw("google_service_networking_connection.stores")],
            "persistence_config": _snapshots(policy) if policy else None,
        },
    )


def _memory(store: Store) -> int:
    return max(1, -(-(store.resources.memory.request or store.size or GIB) // GIB))


def _snapshots(policy: Backup) -> Inner:
    every = policy.every or 86400
    period = next((word for span, word in PERIODS if every <= span), "TWENTY_FOUR_HOURS")
    return Inner({"persistence_mode": "RDB", "rdb_snapshot_period": period})


def _kafka(site: Site, name: str, store: Store) -> Block:
    cores = max(LEAST_CORES, round((store.resources.cpu.request or 1) * store.replicas))
    memory = max(cores, -(-(store.resources.memory.request or 0) * store.replicas // GIB))
    network = Inner({"network_configs": Inner({"subnet": SUBNET})})
    return resource(
        "google_managed_kafka_cluster",
        snake(name),
        {
            "cluster_id": f"{site.name}-{name}",
            "location": site.region,
            "capacity_config": Inner({"vcpu_count": str(cores), "memory_bytes": str(memory * GIB)}),
            "gcp_config": Inner({"kms_key": KEY, "access_config": network}),
            "rebalance_config": Inner({"mode": "AUTO_REBALANCE_ON_SCALE_UP"}),
            "labels": {"disk-gib": str(gib(store, 100))},
            "depends_on": [*MAY, Raw("google_project_service.managedkafka")],
        },
    )
