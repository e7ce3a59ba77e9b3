"""Elasticsearch as an object of ECK; OpenSearch, and either of them plain, as servers with disks."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.addresses import credentials, of_secret
from fairlead.render.cluster.cluster import Cluster, Object, outside_mesh
from fairlead.render.cluster.quantities import resources
from fairlead.render.cluster.security import OPERATED, pod_security
from fairlead.render.cluster.stores.servers import Server, claim, count, servers
from fairlead.render.parts.surroundings import text
from fairlead.stack.model.store import Store

API = "elasticsearch.k8s.elastic.co/v1"
USER = 1000
VERSIONS = {"elasticsearch": "8.19.0", "opensearch": "2.19.1"}
IMAGES = {
    "elasticsearch": "docker.elastic.co/elasticsearch/elasticsearch",
    "opensearch": "docker.io/opensearchproject/opensearch",
}


def of(cluster: Cluster, name: str, store: Store) -> Iterator[Object]:
    """By kind, and by how stores are run."""
    if cluster.stack.kubernetes.stores == "operators" and store.kind == "elasticsearch":
        yield cluster.object(API, "Elasticsearch", name, _elasticsearch(cluster, store))
    else:
        yield from servers(cluster, name, store, _server(cluster, name, store))


def _version(store: Store) -> str:
    """Images have no tag for a major version alone."""
    return store.version if store.version and store.version.count(".") == 2 else VERSIONS[store.kind]


def _elasticsearch(cluster: Cluster, store: Store) -> Object:
    # the kernel's limit of maps can't be raised from inside of a restricted pod
    config: Object = {"node.store.allow_mmap": False, **store.settings}
    container = {"name": "elasticsearch", "resources": resources(store.resources), "securityContext": OPERATED}
    pod = {"automountServiceAccountToken": False, "securityContext": pod_security(USER), "containers": [container]}
    labels = outside_mesh(cluster)
    nodes = {
        "name": "default",
        "count": store.replicas,
        "config": config,
        "podTemplate": {**({"metadata": {"labels": labels}} if labels else {}), "spec": pod},
        "volumeClaimTemplates": [{"metadata": {"name": "elasticsearch-data"}, "spec": claim(cluster, store)}],
    }
    # a deleted object would take its disks along otherwise
    return {"version": _version(store), "volumeClaimDeletePolicy": "DeleteOnScaledownOnly", "nodeSets": [nodes]}


def _server(cluster: Cluster, name: str, store: Store) -> Server:
    password = "OPENSEARCH_INITIAL_ADMIN_PASSWORD" if store.kind == "opensearch" else "ELASTIC_PASSWORD"
    settings: dict[str, str] = {
        "cluster.name": name,
        "discovery.type": "single-node",
        "node.store.allow_mmap": "false",
        **{key: text(value) for key, value in store.settings.items()},
    }
    if store.kind == "elasticsearch":
        # nobody signs certificates here, and the network policy lets only those in who need it
        settings["xpack.security.http.ssl.enabled"] = "false"
    if count(store) > 1:
        first = ",".join(f"{name}-{number}" for number in range(count(store)))
        settings.pop("discovery.type")
        settings |= {"discovery.seed_hosts": f"{name}-headless", "cluster.initial_master_nodes": first}
    return Server(
        image=f"{cluster.stack.docker.images.get(store.kind, IMAGES[store.kind])}:{_version(store)}",
        user=USER,
        data=f"/usr/share/{store.kind}/data",
        env=(
            *({"name": key, "value": value} for key, value in settings.items()),
            of_secret(password, credentials(cluster, name, store), "password"),
        ),
        copied=(f"/usr/share/{store.kind}/config",),
        writable=("/tmp", f"/usr/share/{store.kind}/logs"),  # noqa: S108 - inside a container, where it is its own
    )
