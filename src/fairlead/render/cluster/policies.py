"""Who may connect to whom: nobody, but for what the stack says is needed."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster import exporters
from fairlead.render.cluster.addresses import PORTS, STORE_LABELS, is_outside, pods_of_store
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.entrance import ISTIO
from fairlead.render.parts.watching.scraping import scraped
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Service

API = "networking.k8s.io/v1"
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
"""Not the internet: clusters, machines, and where a cloud tells machines their secrets (RFC 1918, 3927, 6598)."""

ENTRANCES = {"ingress": "ingress-nginx", "gateway-api": "gateway-system", "istio": ISTIO}
"""The namespace of what stands in front, by kind."""

NAMESPACE = "kubernetes.io/metadata.name"
MONITORING = "monitoring"
MESH_PORT = 15012
SOLVER = {"acme.cert-manager.io/http01-solver": "true"}
SOLVER_PORT = 8089
"""Of the pods by which cert-manager shows an authority that a name is ours."""
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
    for name, called, exporter in exporters.asking(cluster):
        ingress = [{"from": [_monitoring()], "ports": [_port(exporter.port)]}]
        yield _policy(
            cluster,
            called,
            {"matchLabels": cluster.selector(called)},
            ingress,
            [_names(), _to_store(cluster, name)],
            owner=called,
        )
    router, exposed = cluster.stack.router, any(service.expose for service in cluster.stack.services.values())
    if exposed and router.tls and router.tls.issuer and router.gateway != "istio":
        entrance = _from_entrance(cluster, [_port(SOLVER_PORT)])
        yield _policy(cluster, "acme-solver", {"matchLabels": SOLVER}, [entrance], [], owner=cluster.stack.name)


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
        yield {"ports": open_ports} if cluster.stack.router.load_balancer else _from_entrance(cluster, open_ports)
    if metrics:
        yield {"from": [_monitoring()], "ports": metrics}


def _from_entrance(cluster: Cluster, ports: list[Object]) -> Object:
    entrance = ENTRANCES[cluster.stack.router.gateway]
    return {"from": [{"namespaceSelector": {"matchLabels": {NAMESPACE: entrance}}}], "ports": ports}


def _out(cluster: Cluster, service: Service) -> Iterator[Object]:
    yield _names()
    outside = service.hardening.internet
    if cluster.stack.mesh.kind == "istio":
        # a sidecar gets its certificate and its routes there, and no pod becomes ready before
        yield {"to": [{"namespaceSelector": {"matchLabels": {NAMESPACE: ISTIO}}}], "ports": [_port(MESH_PORT)]}
    for need in cluster.needed(service):
        store = cluster.stack.stores.get(need.name)
        if store is None:
            numbers = [_port(number) for number in inner_ports(cluster.stack.services[need.name]).values()]
            yield {"to": [_pods(cluster.selector(need.name))], **({"ports": numbers} if numbers else {})}
        else:
            yield _to_store(cluster, need.name)
    if outside:
        yield {
            "to": [
                {"ipBlock": {"cidr": ANYWHERE, "except": list(PRIVATE)}},
                {"ipBlock": {"cidr": ANYWHERE_V6, "except": list(PRIVATE_V6)}},
            ],
            "ports": [_port(443)],
        }


def _to_store(cluster: Cluster, name: str) -> Object:
    store = cluster.stack.stores[name]
    # a managed store is in the private network, at an address that is not known yet
    there = {"ipBlock": {"cidr": ANYWHERE}} if is_outside(store) else _pods(pods_of_store(cluster, name))
    return {"to": [there], "ports": [_port(PORTS[store.kind])]}


def _monitoring() -> Object:
    return {"namespaceSelector": {"matchLabels": {NAMESPACE: MONITORING}}}


def _of_store(cluster: Cluster, name: str) -> Object:
    store = cluster.stack.stores[name]
    pods = pods_of_store(cluster, name)
    watchers = [called for other, called, _ in exporters.asking(cluster) if other == name]
    asking = [_pods(cluster.selector(other)) for other in [*cluster.asked_by(name), *watchers]]
    ingress: list[Object] = [{"from": [*asking, _pods(pods)]}]
    ingress.append({"from": [_monitoring()]})
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
