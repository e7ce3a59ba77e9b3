"""A store as a plain server: pods with disks of their own, under one name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fairlead.render.cluster.addresses import PORTS
from fairlead.render.cluster.cluster import Cluster, Object, outside_mesh
from fairlead.render.cluster.placing import KEYS, WEIGHT
from fairlead.render.cluster.quantities import resources, size
from fairlead.render.cluster.security import SECURITY, pod_security
from fairlead.stack.model.store import Store

GRACE_S = 60
TOGETHER = ("redis", "opensearch")
"""Kinds of stores of which several plain servers are one store."""
USUAL_DISK = 8 * 1024**3


@dataclass(frozen=True, slots=True)
class Server:
    """How the image of a store is run. `user` is the one that the image expects to be."""

    image: str
    user: int
    data: str
    args: tuple[str, ...] = ()
    env: tuple[Object, ...] = ()
    probe: Object = field(default_factory=dict)
    writable: tuple[str, ...] = ("/tmp",)  # noqa: S108 - inside a container, where it is its own
    copied: tuple[str, ...] = ()
    """Directories of the image that the server changes at its start: it gets copies."""
    config: dict[str, str] = field(default_factory=dict)
    """Files of its configuration, under `config_path`."""
    config_path: str = "/etc/fairlead"


def servers(cluster: Cluster, name: str, store: Store, server: Server) -> Iterator[Object]:
    """The account, the addresses, the settings and the pods."""
    port = PORTS[store.kind]
    ports = [{"name": store.kind[:15], "port": port, "targetPort": port}]
    yield cluster.object("v1", "ServiceAccount", name, automountServiceAccountToken=False)
    if server.config:
        yield cluster.object("v1", "ConfigMap", f"{name}-config", owner=name, data=server.config)
    yield cluster.object(
        "v1", "Service", name, {"type": "ClusterIP", "selector": cluster.selector(name), "ports": ports}
    )
    headless = {
        "type": "ClusterIP",
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": cluster.selector(name),
        "ports": ports,
    }
    yield cluster.object("v1", "Service", f"{name}-headless", headless, owner=name)
    yield _stateful_set(cluster, name, store, server)
    if count(store) > 1:
        spec = {"maxUnavailable": 1, "selector": {"matchLabels": cluster.selector(name)}}
        yield cluster.object("policy/v1", "PodDisruptionBudget", name, spec)


def count(store: Store) -> int:
    """How many plain servers: one, where several of its kind would know nothing of one another."""
    return store.replicas + store.read_replicas if store.kind in TOGETHER else 1


def storage_class(cluster: Cluster, store: Store) -> str | None:
    """The cluster's class for the store's kind of disk."""
    return {"ssd": cluster.stack.kubernetes.ssd, "hdd": cluster.stack.kubernetes.hdd}[store.storage]


def disk(store: Store) -> str:
    """How much of it."""
    return size(store.size or USUAL_DISK)


def claim(cluster: Cluster, store: Store) -> Object:
    """The spec of a disk."""
    storage = storage_class(cluster, store)
    return {
        "accessModes": ["ReadWriteOnce"],
        **({"storageClassName": storage} if storage else {}),
        "resources": {"requests": {"storage": disk(store)}},
    }


def apart(cluster: Cluster, labels: dict[str, str]) -> Object:
    """Servers of one store on different machines, where there are any."""
    term = {"labelSelector": {"matchLabels": labels}, "topologyKey": KEYS["host"]}
    return {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": WEIGHT, "podAffinityTerm": term}]
        }
    }


def _stateful_set(cluster: Cluster, name: str, store: Store, server: Server) -> Object:
    volumes: list[Object] = [
        {"name": f"scratch-{n}", "emptyDir": {"sizeLimit": "256Mi"}} for n, _ in enumerate(server.writable)
    ]
    volumes += [{"name": f"copy-{n}", "emptyDir": {"sizeLimit": "64Mi"}} for n, _ in enumerate(server.copied)]
    if server.config:
        volumes.append({"name": "config", "configMap": {"name": f"{name}-config"}})
    pod: Object = {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": pod_security(server.user),
        "terminationGracePeriodSeconds": GRACE_S,
        "affinity": apart(cluster, cluster.selector(name)),
        **(
            {"initContainers": [_copier(server, n, path) for n, path in enumerate(server.copied)]}
            if server.copied
            else {}
        ),
        "containers": [_container(name, store, server)],
        "volumes": volumes,
    }
    spec = {
        "replicas": count(store),
        "revisionHistoryLimit": 10,
        "serviceName": f"{name}-headless",
        "selector": {"matchLabels": cluster.selector(name)},
        "updateStrategy": {"type": "RollingUpdate"},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "template": {"metadata": {"labels": cluster.labels(name, **outside_mesh(cluster))}, "spec": pod},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim(cluster, store)}],
    }
    return cluster.object("apps/v1", "StatefulSet", name, spec)


def _copier(server: Server, number: int, path: str) -> Object:
    small = {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "64Mi"}
    return {
        "name": f"copy-{number}",
        "image": server.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", f"cp -R {path}/. /copy/"],
        "resources": {"requests": small, "limits": small},
        "securityContext": SECURITY,
        "volumeMounts": [{"name": f"copy-{number}", "mountPath": "/copy"}],
    }


def _container(name: str, store: Store, server: Server) -> Object:
    mounts: list[Object] = [{"name": "data", "mountPath": server.data}]
    mounts += [{"name": f"scratch-{n}", "mountPath": path} for n, path in enumerate(server.writable)]
    mounts += [{"name": f"copy-{n}", "mountPath": path} for n, path in enumerate(server.copied)]
    if server.config:
        mounts.append({"name": "config", "mountPath": server.config_path, "readOnly": True})
    tcp = {"tcpSocket": {"port": PORTS[store.kind]}}
    asked = server.probe or tcp
    return {
        "name": name,
        "image": server.image,
        "imagePullPolicy": "IfNotPresent",
        **({"args": list(server.args)} if server.args else {}),
        **({"env": list(server.env)} if server.env else {}),
        "ports": [{"name": store.kind[:15], "containerPort": PORTS[store.kind]}],
        "resources": resources(store.resources),
        "startupProbe": {**asked, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 60},
        "readinessProbe": {**asked, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3},
        "livenessProbe": {**tcp, "periodSeconds": 20, "timeoutSeconds": 5, "failureThreshold": 6},
        "securityContext": SECURITY,
        "volumeMounts": mounts,
    }
