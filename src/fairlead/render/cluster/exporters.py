"""What tells Prometheus how stores are: an exporter for each, with the address that services are given."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.addresses import PORTS, host, is_outside, of_store
from fairlead.render.cluster.cluster import Cluster, Object, outside_mesh
from fairlead.render.cluster.security import SECURITY, pod_security
from fairlead.render.parts.watching.scraping import Exporter, stores

NOBODY = 65534
PORT = "metrics"
RESOURCES = {
    "requests": {"cpu": "10m", "memory": "32Mi", "ephemeral-storage": "64Mi"},
    "limits": {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "64Mi"},
}


def of(cluster: Cluster) -> Iterator[Object]:
    """An account, a pod and an address for each."""
    for store, called, exporter in asking(cluster):
        yield cluster.object("v1", "ServiceAccount", called, automountServiceAccountToken=False)
        port = {"name": PORT, "port": exporter.port, "targetPort": PORT, "appProtocol": "http"}
        spec = {"type": "ClusterIP", "selector": cluster.selector(called), "ports": [port]}
        yield cluster.object("v1", "Service", called, spec)
        yield _deployment(cluster, store, called, exporter)


def asking(cluster: Cluster) -> Iterator[tuple[str, str, Exporter]]:
    """Each store that is asked, what its exporter is called, and the exporter.

    The Kafka of somebody else is not asked: its exporter takes no address out of a Secret.
    """
    if not cluster.stack.kubernetes.monitors:
        return
    for name, kind, exporter in stores(cluster.stack):
        if kind != "kafka" or not is_outside(cluster.stack.stores[name]):
            yield name, f"{name}-exporter", exporter


def _deployment(cluster: Cluster, store: str, called: str, exporter: Exporter) -> Object:
    pod = {
        "serviceAccountName": called,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": pod_security(NOBODY),
        "containers": [_container(cluster, store, called, exporter)],
    }
    spec = {
        "replicas": 1,
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": cluster.selector(called)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": cluster.labels(called, **outside_mesh(cluster))}, "spec": pod},
    }
    return cluster.object("apps/v1", "Deployment", called, spec)


def _container(cluster: Cluster, name: str, called: str, exporter: Exporter) -> Object:
    ask = {"httpGet": {"path": "/", "port": PORT}, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6}
    return {
        "name": called,
        "image": exporter.image,
        "imagePullPolicy": "IfNotPresent",
        **_told(cluster, name, exporter),
        "ports": [{"name": PORT, "containerPort": exporter.port}],
        "resources": RESOURCES,
        "startupProbe": ask,
        "readinessProbe": ask,
        "livenessProbe": ask,
        "securityContext": SECURITY,
    }


def _told(cluster: Cluster, name: str, exporter: Exporter) -> Object:
    """Where its store is: Kafka's is told by a flag, all others by a variable."""
    store = cluster.stack.stores[name]
    if store.kind == "kafka":
        return {"args": [f"--kafka.server={host(cluster, name, store)}:{PORTS[store.kind]}"]}
    env = list(of_store(cluster, name, store, exporter.variable))
    if store.kind == "postgres" and "value" in env[-1] and cluster.stack.kubernetes.stores == "plain":
        env[-1] = {**env[-1], "value": env[-1]["value"] + "?sslmode=disable"}
    # servers of a search have certificates of their own making
    checks = ["--es.ssl-skip-verify"] if store.kind in ("elasticsearch", "opensearch") else []
    return {**({"args": checks} if checks else {}), "env": env}
