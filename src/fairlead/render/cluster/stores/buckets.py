"""Object storage that speaks S3, as a plain server; a cloud's own is better, and is what `managed: true` asks for."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.addresses import credentials, of_secret
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.stores.servers import Server, servers
from fairlead.render.parts.surroundings import text
from fairlead.stack.model.store import Store

USUAL_VERSION = "RELEASE.2025-09-07T16-13-09Z"
USER = 1000


def of(cluster: Cluster, name: str, store: Store) -> Iterator[Object]:
    """One server; several of MinIO's would have to know each other by names that can't change."""
    env = (
        {"name": "MINIO_ROOT_USER", "value": name},
        of_secret("MINIO_ROOT_PASSWORD", credentials(cluster, name, store), "password"),
        *({"name": key, "value": text(value)} for key, value in store.settings.items()),
    )
    image = cluster.stack.docker.images.get("minio/minio", "docker.io/minio/minio")
    server = Server(
        image=f"{image}:{store.version or USUAL_VERSION}",
        user=USER,
        data="/data",
        args=("server", "/data"),
        env=env,
        probe={"httpGet": {"path": "/minio/health/ready", "port": 9000}},
    )
    yield from servers(cluster, name, store, server)
