"""What the Prometheus operator scrapes, and the rules it loads: the same groups as the `prometheus` target's files."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster import exporters
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.parts import alerting
from fairlead.render.parts.watching import scraping
from fairlead.render.parts.watching.where import Where

API = "monitoring.coreos.com/v1"


def of(cluster: Cluster) -> Iterator[Object]:
    """Nothing where the stack wants none."""
    if not cluster.stack.kubernetes.monitors:
        return
    for name, _, where in scraping.services(cluster.stack):
        endpoint = {"port": where.port[:15].rstrip("-"), "path": where.path}
        told = {"service": name}
        yield _monitor(cluster, name, endpoint, told, "app.kubernetes.io/version", "rollouts-pod-template-hash")
    for store, called, _ in exporters.asking(cluster):
        yield _monitor(cluster, called, {"port": exporters.PORT, "path": "/metrics"}, {"store": store})
    yield from _rules(cluster)


def _monitor(cluster: Cluster, name: str, endpoint: Object, told: dict[str, str], *labels: str) -> Object:
    """Several Services lead to the same pods (stable, canary, headless): each pod is asked once, by the name it has.

    Targets whose labels are all the same are one for Prometheus, so no label may tell by which Service it was found.
    """
    same = [{"targetLabel": label, "replacement": value} for label, value in {"service": name, **told}.items()]
    spec = {
        "selector": {"matchLabels": cluster.selector(name)},
        "namespaceSelector": {"matchNames": [cluster.namespace]},
        "jobLabel": "app.kubernetes.io/name",
        **({"podTargetLabels": list(labels)} if labels else {}),
        "endpoints": [{**endpoint, "interval": scraping.EVERY, "scrapeTimeout": scraping.TIMEOUT, "relabelings": same}],
    }
    return cluster.object(API, "ServiceMonitor", name, spec)


def _rules(cluster: Cluster) -> Iterator[Object]:
    base = alerting.runbooks(cluster.stack)
    for name, groups in alerting.files(Where(cluster.stack, cluster.namespace)).items():
        spec = {"groups": [group.data(base) for group in groups]}
        yield cluster.object(API, "PrometheusRule", f"{cluster.stack.name}-{name}", spec, owner=cluster.stack.name)
