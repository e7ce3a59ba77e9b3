"""What the Prometheus operator scrapes."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import Cluster, Object

API = "monitoring.coreos.com/v1"
EVERY = "15s"


def of(cluster: Cluster) -> Iterator[Object]:
    """Nothing where the stack wants none."""
    if not cluster.stack.kubernetes.monitors:
        return
    for name, service in cluster.services():
        endpoints = [
            {"port": port[:15].rstrip("-"), "path": said.path, "interval": EVERY, "scrapeTimeout": "10s"}
            for port, said in service.ports.items()
            if said.protocol == "metrics"
        ]
        if endpoints:
            spec = {
                "selector": {"matchLabels": cluster.selector(name)},
                "namespaceSelector": {"matchNames": [cluster.namespace]},
                "podTargetLabels": ["app.kubernetes.io/version", "rollouts-pod-template-hash"],
                "endpoints": endpoints,
            }
            yield cluster.object(API, "ServiceMonitor", name, spec)
