"""PostgreSQL: a cluster of CloudNativePG with its backups, or one plain server.

Backups to a bucket are made by the plugin for Barman Cloud: what CloudNativePG itself does is deprecated since 1.26.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.addresses import credentials, of_secret
from fairlead.render.cluster.backups import cron
from fairlead.render.cluster.cluster import Cluster, Object, outside_mesh
from fairlead.render.cluster.places import Bucket, bucket
from fairlead.render.cluster.quantities import resources, seconds
from fairlead.render.cluster.stores.servers import Server, disk, servers, storage_class
from fairlead.render.parts.surroundings import text
from fairlead.stack.model.store import Backup, Pooling, Store

API = "postgresql.cnpg.io/v1"
USUAL_VERSION = "17"
FLAVOUR = "standard-trixie"
"""Of CloudNativePG's images: tags of a version alone are given up. Barman is the plugin's, not the image's."""
USER = 999
DAY_S = 86400
BARMAN = "barmancloud.cnpg.io/v1"
SNAPSHOT = "volumeSnapshot"
PLUGIN = "barman-cloud.cloudnative-pg.io"
CREDENTIALS = {
    "aws": ("s3Credentials", {"inheritFromIAMRole": True}),
    "gcp": ("googleCredentials", {"gkeEnvironment": True}),
    "azure": ("azureCredentials", {"inheritFromAzureAD": True}),
}
"""The account of the pods is let in by the cloud: no key stands anywhere. By the bucket's cloud."""


def of(cluster: Cluster, name: str, store: Store) -> Iterator[Object]:
    """By how stores are run."""
    if cluster.stack.kubernetes.stores == "plain":
        yield from servers(cluster, name, store, _server(cluster, name, store))
        return
    policy = store.backup or cluster.stack.backup
    place = bucket(policy) if policy is not None else None
    if policy is not None and place is not None:
        yield cluster.object(BARMAN, "ObjectStore", name, _bucket(name, policy, place))
    yield cluster.object(API, "Cluster", name, _cluster(cluster, name, store, policy))
    if store.pooling is not None:
        yield _pooler(cluster, name, store)
    if policy is not None:
        # six fields, the first of them seconds
        spec: Object = {"schedule": f"0 {cron(policy)}", "cluster": {"name": name}, "backupOwnerReference": "self"}
        way = {"method": "plugin", "pluginConfiguration": {"name": PLUGIN}} if place else {"method": SNAPSHOT}
        yield cluster.object(API, "ScheduledBackup", name, {**spec, **way})


def _bucket(name: str, policy: Backup, place: Bucket) -> Object:
    key, credentials = CREDENTIALS[place.cloud]
    how = {"compression": "gzip", **({"encryption": "AES256"} if policy.encrypt and place.cloud == "aws" else {})}
    return {
        "retentionPolicy": f"{max(1, seconds(policy.keep) // DAY_S)}d",
        "configuration": {"destinationPath": f"{place.url}/{name}", key: credentials, "wal": how, "data": how},
    }


def _cluster(cluster: Cluster, name: str, store: Store, policy: Backup | None) -> Object:
    storage = storage_class(cluster, store)
    version = store.version or USUAL_VERSION
    spec: Object = {
        "instances": store.replicas + store.read_replicas,
        "imageName": f"ghcr.io/cloudnative-pg/postgresql:{version if '-' in version else f'{version}-{FLAVOUR}'}",
        "enableSuperuserAccess": False,
        "bootstrap": {"initdb": {"database": store.database, "owner": store.database, "dataChecksums": True}},
        "storage": {"size": disk(store), **({"storageClass": storage} if storage else {})},
        "resources": resources(store.resources),
        "affinity": {"enablePodAntiAffinity": True, "topologyKey": "kubernetes.io/hostname"},
    }
    if labels := outside_mesh(cluster):
        spec["inheritedMetadata"] = {"labels": labels}
    if store.settings:
        spec["postgresql"] = {"parameters": {key: text(value) for key, value in store.settings.items()}}
    if policy is not None and bucket(policy):
        archiver = {"name": PLUGIN, "isWALArchiver": True, "parameters": {"barmanObjectName": name}}
        spec["plugins"] = [archiver]
    elif policy is not None:
        # without an archive of changes only a server that rests has a whole copy: a replica, where there is one
        rests = store.replicas + store.read_replicas > 1
        spec["backup"] = {SNAPSHOT: {"online": not rests, "snapshotOwnerReference": "none"}}
    return spec


def _pooler(cluster: Cluster, name: str, store: Store) -> Object:
    pooling = store.pooling or Pooling()
    spec = {
        "cluster": {"name": name},
        "instances": min(2, store.replicas + 1),
        "type": "rw",
        **(
            {"template": {"metadata": {"labels": labels}, "spec": {"containers": []}}}
            if (labels := outside_mesh(cluster))
            else {}
        ),
        "pgbouncer": {
            "poolMode": pooling.mode,
            "parameters": {"default_pool_size": str(pooling.size), "max_client_conn": "1000"},
        },
    }
    return cluster.object(API, "Pooler", f"{name}-pooler", spec, owner=name)


def _server(cluster: Cluster, name: str, store: Store) -> Server:
    ask = {"exec": {"command": ["pg_isready", "-U", store.database, "-d", store.database]}}
    settings = [word for key, value in store.settings.items() for word in ("-c", f"{key}={text(value)}")]
    image = cluster.stack.docker.images.get("postgres", "docker.io/library/postgres")
    return Server(
        image=f"{image}:{store.version or USUAL_VERSION}",
        user=USER,
        data="/var/lib/postgresql/data",
        args=("postgres", *settings) if settings else (),
        env=(
            {"name": "POSTGRES_USER", "value": store.database},
            {"name": "POSTGRES_DB", "value": store.database},
            of_secret("POSTGRES_PASSWORD", credentials(cluster, name, store), "password"),
            {"name": "PGDATA", "value": "/var/lib/postgresql/data/pgdata"},
        ),
        probe=ask,
        writable=("/tmp", "/var/run/postgresql"),  # noqa: S108 - inside a container, where it is its own
    )
