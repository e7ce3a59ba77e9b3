"""Addresses inside the cluster, and a load balancer in front where one is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import Cluster, Object, is_progressive, is_stateful
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Service

APP_PROTOCOLS = {"http": "http", "grpc": "kubernetes.io/h2c", "tcp": None, "metrics": "http"}


def of(cluster: Cluster) -> Iterator[Object]:
    """For every service that listens."""
    for name, service in cluster.services():
        if not service.ports:
            continue
        yield _service(cluster, name, name, service)
        if is_progressive(cluster, service):
            second = "preview" if service.release.strategy == "blue-green" else "canary"
            yield _service(cluster, f"{name}-{second}", name, service)
        if is_stateful(service) or cluster.stack.router.load_balancer:
            yield _headless(cluster, name, service)
        if cluster.stack.router.load_balancer and service.expose:
            yield _load_balancer(cluster, name, service)


def ports(service: Service) -> list[Object]:
    """As an object of kind Service lists them."""
    found = []
    for name, number in inner_ports(service).items():
        protocol = APP_PROTOCOLS[service.ports[name].protocol]
        port: Object = {"name": name[:15].rstrip("-"), "port": number, "targetPort": name[:15].rstrip("-")}
        found.append(port | ({"appProtocol": protocol} if protocol else {}))
    return found


def _service(cluster: Cluster, called: str, name: str, service: Service) -> Object:
    spec = {"type": "ClusterIP", "selector": cluster.selector(name), "ports": ports(service)}
    return cluster.object("v1", "Service", called, spec, owner=name)


def _headless(cluster: Cluster, name: str, service: Service) -> Object:
    """The instances one by one."""
    spec = {
        "type": "ClusterIP",
        "clusterIP": "None",
        "publishNotReadyAddresses": is_stateful(service),
        "selector": cluster.selector(name),
        "ports": ports(service),
    }
    return cluster.object("v1", "Service", f"{name}-headless", spec, owner=name)


def _load_balancer(cluster: Cluster, name: str, service: Service) -> Object:
    router = cluster.stack.router
    wanted = {expose.port or _first_http(service) for expose in service.expose}
    open_ports: list[Object] = []
    for port in ports(service):
        if port["name"] in wanted:
            outside = router.http or 80 if not open_ports else port["port"]
            open_ports.append({**port, "port": outside})
    spec = {
        "type": "LoadBalancer",
        "externalTrafficPolicy": "Local",
        "selector": cluster.selector(name),
        "ports": open_ports,
    }
    return cluster.object("v1", "Service", f"{name}-public", spec, owner=name)


def _first_http(service: Service) -> str:
    return next((name for name, port in service.ports.items() if port.protocol == "http"), next(iter(service.ports)))
