"""What Prometheus asks for metrics: services, the exporters beside stores and machines, and public addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.stack.containers import inner_ports
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

NODE = "node-exporter"
BLACKBOX = "blackbox-exporter"
EVERY = "15s"
TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class Scraped:
    """The port and the path at which a service gives its metrics."""

    port: str
    number: int
    path: str


@dataclass(frozen=True, slots=True)
class Exporter:
    """A program that tells a store's metrics: its image, its port, and the variable that it takes the address from."""

    image: str
    port: int
    variable: str


EXPORTERS = {
    "postgres": Exporter("quay.io/prometheuscommunity/postgres-exporter:v0.17.1", 9187, "DATA_SOURCE_NAME"),
    "redis": Exporter("quay.io/oliver006/redis_exporter:v1.74.0", 9121, "REDIS_ADDR"),
    "kafka": Exporter("docker.io/danielqsj/kafka-exporter:v1.9.0", 9308, "KAFKA_SERVER"),
    "elasticsearch": Exporter("quay.io/prometheuscommunity/elasticsearch-exporter:v1.9.0", 9114, "ES_URI"),
    "opensearch": Exporter("quay.io/prometheuscommunity/elasticsearch-exporter:v1.9.0", 9114, "ES_URI"),
}
"""By kind of store. Object storage tells its own, by means of its own."""

NODE_EXPORTER = Exporter("quay.io/prometheus/node-exporter:v1.9.1", 9100, "")
BLACKBOX_EXPORTER = Exporter("quay.io/prometheus/blackbox-exporter:v0.27.0", 9115, "")


def scraped(service: Service) -> Scraped | None:
    """Where its metrics are: a `metrics` port, or the first HTTP one of an app of ours; nowhere for jobs and others."""
    if service.schedule is not None:
        return None
    numbers = inner_ports(service)
    ports = service.ports.items()
    told = next((name for name, port in ports if port.protocol == "metrics"), None)
    if told is None and service.uses:
        told = next((name for name, port in ports if port.protocol == "http"), None)
    return Scraped(told, numbers[told], service.ports[told].path) if told else None


def services(stack: Stack) -> Iterator[tuple[str, Service, Scraped]]:
    """Those that give metrics."""
    for name, service in stack.services.items():
        if (where := scraped(service)) is not None:
            yield name, service, where


def stores(stack: Stack) -> Iterator[tuple[str, str, Exporter]]:
    """Each store that has an exporter, which is called `<store>-exporter`: its name, its kind and the exporter."""
    for name, store in stack.stores.items():
        if store.kind in EXPORTERS:
            yield name, store.kind, EXPORTERS[store.kind]


def watches_machines(stack: Stack) -> bool:
    """Whether somebody asks for what machines tell."""
    watching = stack.watching
    asked = any(alert.metric.startswith(("disk", "node-", "node_")) for alert in watching.alerts.values())
    return watching.node_metrics or asked or "infrastructure" in watching.dashboards


def public_addresses(stack: Stack) -> list[str]:
    """What is reached over HTTPS from outside, where certificates end one day."""
    if stack.router.https is None:
        return []
    hosts = [expose.host for service in stack.services.values() for expose in service.expose]
    return [f"https://{host}/" for host in dict.fromkeys(hosts) if "*" not in host]
