"""Who may connect to whom: nobody, but for what the stack says is needed."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.addresses import PORTS, STORE_LABELS, is_outside, pods_of_store
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.parts.watching.scraping import scraped
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Service

API = "networking.k8s.io/v1"
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
"""Not the internet: clusters, machines, and where a cloud tells machines their secrets (RFC 1918, 3927, 6598)."""

ENTRANCES = {"ingress": "ingress-nginx", "gateway-api": "gateway-system", "istio": "istio-system"}
"""The namespace of what stands in front, by kind."""

NAMESPACE = "kubernetes.io/metadata.name"
MONITORING = "monitoring"
ANYWHERE = "0.0.0.0/0"
ANYWHERE_V6 = "::/0"
PRIVATE_V6 = ("fc00::/7", "fe80::/10")


def of(cluster: Cluster) -> Iterator[Object]:
    """Nothing where the mesh lets everybody connect."""
    if not cluster.stack.mesh.default_deny:
        return
    yield _policy(cluster, "default-deny", {}, [], [], owner=cluster.stack.name)
    for name, service in cluster.stack.services.items():
        ingress, egress = list(_in(cluster, name, service)), list(_out(cluster, service))
        yield _policy(cluster, name, {"matchLabels": cluster.selector(name)}, ingress, egress, owner=name)
    for name, store in cluster.stack.stores.items():
        if not is_outside(store):
            yield _of_store(cluster, name)


def _policy(
    cluster: Cluster, name: str, pods: Object, ingress: list[Object], egress: list[Object], *, owner: str
) -> Object:
    spec = {"podSelector": pods, "policyTypes": ["Ingress", "Egress"], "ingress": ingress, "egress": egress}
    return cluster.object(API, "NetworkPolicy", name, spec, owner=owner)


def _in(cluster: Cluster, name: str, service: Service) -> Iterator[Object]:
    ports = inner_ports(service)
    open_ports = [_port(n) for key, n in ports.items() if service.ports[key].protocol != "metrics"]
    asked = scraped(service)
    metrics = [_port(asked.number)] if asked else []
    if open_ports and (asking := cluster.asked_by(name)):
        yield {"from": [_pods(cluster.selector(other)) for other in asking], "ports": open_ports}
    if open_ports and service.expose:
        if cluster.stack.router.load_balancer:
            yield {"ports": open_ports}
        else:
            entrance = ENTRANCES[cluster.stack.router.gateway]
            yield {"from": [{"namespaceSelector": {"matchLabels": {NAMESPACE: entrance}}}], "ports": open_ports}
    if metrics:
        yield {"from": [{"namespaceSelector": {"matchLabels": {NAMESPACE: MONITORING}}}], "ports": metrics}


def _out(cluster: Cluster, service: Service) -> Iterator[Object]:
    yield _names()
    outside = service.hardening.internet
    for need in cluster.needed(service):
        store = cluster.stack.stores.get(need.name)
        if store is None:
            numbers = [_port(number) for number in inner_ports(cluster.stack.services[need.name]).values()]
            yield {"to": [_pods(cluster.selector(need.name))], **({"ports": numbers} if numbers else {})}
        elif is_outside(store):
            # a managed store is in the private network, at an address that is not known yet
            yield {"to": [{"ipBlock": {"cidr": ANYWHERE}}], "ports": [_port(PORTS[store.kind])]}
        else:
            yield {"to": [_pods(pods_of_store(cluster, need.name))], "ports": [_port(PORTS[store.kind])]}
    if outside:
        yield {
            "to": [
                {"ipBlock": {"cidr": ANYWHERE, "except": list(PRIVATE)}},
                {"ipBlock": {"cidr": ANYWHERE_V6, "except": list(PRIVATE_V6)}},
            ],
            "ports": [_port(443)],
        }


def _of_store(cluster: Cluster, name: str) -> Object:
    store = cluster.stack.stores[name]
    pods = pods_of_store(cluster, name)
    asking = [_pods(cluster.selector(other)) for other in cluster.asked_by(name)]
    ingress: list[Object] = [{"from": [*asking, _pods(pods)]}]
    ingress.append({"from": [{"namespaceSelector": {"matchLabels": {NAMESPACE: MONITORING}}}]})
    if cluster.stack.kubernetes.stores == "operators" and store.kind in STORE_LABELS:
        ingress.append({"from": [{"namespaceSelector": {"matchLabels": {NAMESPACE: OPERATORS[store.kind]}}}]})
    # an operator's pods ask the cluster's own API, whose address no policy can name
    egress: list[Object] = [_names(), {"to": [_pods(pods)]}, {"ports": [_port(443), _port(6443)]}]
    return _policy(cluster, name, {"matchLabels": pods}, ingress, egress, owner=name)


OPERATORS = {"postgres": "cnpg-system", "kafka": "strimzi", "elasticsearch": "elastic-system"}
"""The namespaces of the operators."""


def _names() -> Object:
    dns = {
        "namespaceSelector": {"matchLabels": {NAMESPACE: "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    return {"to": [dns], "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def _pods(labels: dict[str, str]) -> Object:
    return {"podSelector": {"matchLabels": labels}}


def _port(number: int) -> Object:
    return {"protocol": "TCP", "port": number}
