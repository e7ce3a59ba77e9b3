"""The way in from outside: an Ingress, or routes of the Gateway API. Istio's is in `mesh`."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import Cluster, Object, is_progressive
from fairlead.render.cluster.quantities import seconds
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.network import Expose, Tls
from fairlead.stack.model.service import Service

GATEWAY = "gateway.networking.k8s.io/v1"
NGINX = "nginx.ingress.kubernetes.io"
CERTIFICATES = "cert-manager.io"
ISTIO = "istio-system"
"""Where Istio's entrance is, and looks for certificates."""


def of(cluster: Cluster) -> Iterator[Object]:
    """By what the stack's router is in a cluster."""
    exposed = [(name, service) for name, service in cluster.services() if service.expose]
    if not exposed:
        return
    kind = cluster.stack.router.gateway
    if kind == "ingress":
        for name, service in exposed:
            yield from _ingresses(cluster, name, service)
    elif kind == "gateway-api":
        yield _gateway(cluster)
        for name, service in exposed:
            for number, expose in enumerate(service.expose):
                yield _route(cluster, name, service, expose, number)
    if kind != "ingress" and (certificate := _certificate(cluster)):
        yield certificate


def hosts(cluster: Cluster) -> list[str]:
    """The names that are asked for, without the one that is any."""
    found = {expose.host: None for service in cluster.stack.services.values() for expose in service.expose}
    return [host for host in found if host != "*"]


def tls_secret(cluster: Cluster) -> str:
    """The Secret of the entrance's certificate; beside those of other stacks where the entrance is shared."""
    return f"{cluster.namespace}-entrance-tls" if cluster.stack.router.gateway == "istio" else "entrance-tls"


def port_of(service: Service, expose: Expose) -> tuple[str, int]:
    """The port that a way in leads to."""
    numbers = inner_ports(service)
    name = expose.port or next((n for n, port in service.ports.items() if port.protocol == "http"), next(iter(numbers)))
    return name, numbers[name]


def _ingresses(cluster: Cluster, name: str, service: Service) -> Iterator[Object]:
    """One for each way in, since what is told to nginx holds for the whole of an Ingress."""
    for number, expose in enumerate(service.expose):
        called = name if number == 0 else f"{name}-{number}"
        path, kind = (
            (f"{expose.path}(/|$)(.*)", "ImplementationSpecific") if _strips(expose) else (expose.path, "Prefix")
        )
        _, port = port_of(service, expose)
        backend = {"service": {"name": name, "port": {"number": port}}}
        rule: Object = {"http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
        if expose.host != "*":
            rule = {"host": expose.host, **rule}
        spec: Object = {"rules": [rule]}
        if cluster.stack.router.ingress_class:
            spec = {"ingressClassName": cluster.stack.router.ingress_class, **spec}
        if cluster.stack.router.tls is not None:
            named = [expose.host] if expose.host != "*" else hosts(cluster)
            spec["tls"] = [{"secretName": f"{called}-tls", **({"hosts": named} if named else {})}]
        annotations = dict(_told(cluster, service, expose))
        yield cluster.object("networking.k8s.io/v1", "Ingress", called, spec, owner=name, annotations=annotations)


def _strips(expose: Expose) -> bool:
    return expose.strip_path and expose.path != "/"


def _told(cluster: Cluster, service: Service, expose: Expose) -> Iterator[tuple[str, str]]:
    """What an Ingress has no fields for, in the words of ingress-nginx and of cert-manager."""
    traffic, tls = service.traffic, cluster.stack.router.tls
    if tls is not None and tls.issuer and (expose.host != "*" or hosts(cluster)):
        yield f"{CERTIFICATES}/cluster-issuer", tls.issuer
    if tls is not None:
        yield f"{NGINX}/ssl-redirect", "true"
    if _strips(expose):
        yield f"{NGINX}/use-regex", "true"
        yield f"{NGINX}/rewrite-target", "/$2"
    if service.ports[port_of(service, expose)[0]].protocol == "grpc":
        yield f"{NGINX}/backend-protocol", "GRPC"
    yield f"{NGINX}/proxy-buffering", "off"
    yield f"{NGINX}/proxy-read-timeout", str(seconds(traffic.idle_timeout or traffic.timeout or 3600))
    yield (
        f"{NGINX}/proxy-next-upstream",
        {"no-answer": "error timeout", "connect": "error", "never": "off"}[traffic.retry.on],
    )
    yield f"{NGINX}/proxy-next-upstream-tries", str(traffic.retry.attempts + 1)
    if traffic.rate_limit is not None:
        count, span_s = traffic.rate_limit
        yield f"{NGINX}/limit-rpm", str(max(1, round(count / span_s * 60)))
    yield f"{NGINX}/proxy-body-size", str(traffic.body_limit) if traffic.body_limit else "0"
    if traffic.sticky == "cookie":
        yield f"{NGINX}/affinity", "cookie"
        yield f"{NGINX}/affinity-canary-behavior", "sticky"
    if traffic.sticky in ("header", "api-key"):
        header = traffic.sticky_header or "x-api-key"
        yield f"{NGINX}/upstream-hash-by", f"$http_{header.lower().replace('-', '_')}"


def _gateway(cluster: Cluster) -> Object:
    router = cluster.stack.router
    here = {"allowedRoutes": {"namespaces": {"from": "Same"}}}
    listeners: list[Object] = []
    if router.http is not None:
        listeners.append({"name": "http", "port": router.http, "protocol": "HTTP", **here})
    if router.tls is not None:
        tls = {"mode": "Terminate", "certificateRefs": [{"name": tls_secret(cluster)}]}
        listeners.append({"name": "https", "port": router.https or 443, "protocol": "HTTPS", "tls": tls, **here})
    spec = {"gatewayClassName": router.ingress_class or "default", "listeners": listeners}
    return cluster.object(GATEWAY, "Gateway", "entrance", spec, owner=cluster.stack.name)


def _route(cluster: Cluster, name: str, service: Service, expose: Expose, number: int) -> Object:
    port, at = port_of(service, expose)
    grpc = service.ports[port].protocol == "grpc"
    backends: list[Object] = [{"name": name, "port": at}]
    if is_progressive(cluster, service) and service.release.strategy != "blue-green":
        backends = [{"name": name, "port": at, "weight": 100}, {"name": f"{name}-canary", "port": at, "weight": 0}]
    rule: Object = {"backendRefs": backends}
    if not grpc:
        rule["matches"] = [{"path": {"type": "PathPrefix", "value": expose.path}}]
        if filters := list(_filters(service, expose)):
            rule["filters"] = filters
        if service.traffic.timeout is not None:
            rule["timeouts"] = {"request": f"{seconds(service.traffic.timeout)}s"}
    spec: Object = {"parentRefs": [{"name": "entrance"}], "rules": [rule]}
    if expose.host != "*":
        spec["hostnames"] = [expose.host]
    called = name if number == 0 else f"{name}-{number}"
    return cluster.object(GATEWAY, "GRPCRoute" if grpc else "HTTPRoute", called, spec, owner=name)


def _filters(service: Service, expose: Expose) -> Iterator[Object]:
    if _strips(expose):
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}
        yield {"type": "URLRewrite", "urlRewrite": {"path": path}}
    headers = service.traffic.headers
    for kind, key, sets, removes in (
        ("RequestHeaderModifier", "requestHeaderModifier", headers.request_set, headers.request_remove),
        ("ResponseHeaderModifier", "responseHeaderModifier", headers.response_set, headers.response_remove),
    ):
        if sets or removes:
            named = [{"name": header, "value": value} for header, value in sets.items()]
            yield {
                "type": kind,
                key: {**({"set": named} if sets else {}), **({"remove": list(removes)} if removes else {})},
            }


def _certificate(cluster: Cluster) -> Object | None:
    tls: Tls | None = cluster.stack.router.tls
    if tls is None or not tls.issuer or not hosts(cluster):
        return None
    spec = {
        "secretName": tls_secret(cluster),
        "dnsNames": hosts(cluster),
        "issuerRef": {"kind": "ClusterIssuer", "name": tls.issuer},
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
    }
    shared = cluster.stack.router.gateway == "istio"
    called = f"{cluster.namespace}-entrance" if shared else "entrance"
    found = cluster.object("cert-manager.io/v1", "Certificate", called, spec, owner=cluster.stack.name)
    if shared:
        found["metadata"]["namespace"] = ISTIO
    return found
