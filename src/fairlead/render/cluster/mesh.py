"""Istio: the entrance and the routes, who has to prove who it is, and how connections are kept."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import Cluster, Object, is_progressive
from fairlead.render.cluster.entrance import hosts, port_of, tls_secret
from fairlead.render.cluster.quantities import seconds
from fairlead.render.parts.watching.scraping import scraped
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.network import Expose
from fairlead.stack.model.service import Service

API = "networking.istio.io/v1"
SECURITY = "security.istio.io/v1"
TLS_VERSIONS = {"1.2": "TLSV1_2", "1.3": "TLSV1_3"}
RETRIES = {"no-answer": "connect-failure,refused-stream,reset-before-request", "connect": "connect-failure"}


def of(cluster: Cluster) -> Iterator[Object]:
    """Nothing without a mesh and without Istio at the entrance."""
    stack = cluster.stack
    if stack.router.gateway == "istio" and any(service.expose for service in stack.services.values()):
        yield _gateway(cluster)
    if stack.mesh.kind == "istio":
        mode = "STRICT" if stack.mesh.mutual_tls else "PERMISSIVE"
        yield cluster.object(SECURITY, "PeerAuthentication", "default", {"mtls": {"mode": mode}}, owner=stack.name)
        if stack.mesh.mutual_tls:
            yield from _asked_from_outside(cluster)
    if stack.mesh.kind != "istio" and stack.router.gateway != "istio":
        return
    for name, service in cluster.services():
        if speaks_http(service):
            yield from _virtual_services(cluster, name, service)
        if service.ports:
            yield from _destinations(cluster, name, service)


def _asked_from_outside(cluster: Cluster) -> Iterator[Object]:
    """Ports that somebody without a certificate asks: Prometheus, and an entrance that is not the mesh's own."""
    for name, service in cluster.services():
        asked = scraped(service)
        ports = {asked.number} if asked else set()
        if cluster.stack.router.gateway != "istio":
            ports |= {port_of(service, expose)[1] for expose in service.expose}
        if ports:
            spec = {
                "selector": {"matchLabels": cluster.selector(name)},
                "mtls": {"mode": "STRICT"},
                "portLevelMtls": {str(port): {"mode": "PERMISSIVE"} for port in sorted(ports)},
            }
            yield cluster.object(SECURITY, "PeerAuthentication", name, spec)


def routes(cluster: Cluster, name: str, service: Service) -> list[Object]:
    """What a release sets the weights of: VirtualServices, each with the names of its routes."""
    found = [{"name": name, "routes": ["primary"]}]
    if outside := _outside(cluster, service):
        found.append({"name": f"{name}-outside", "routes": [f"outside-{number}" for number in range(len(outside))]})
    return found


def _outside(cluster: Cluster, service: Service) -> list[Expose]:
    return service.expose if cluster.stack.router.gateway == "istio" else []


def speaks_http(service: Service) -> bool:
    return any(port.protocol in ("http", "grpc") for port in service.ports.values())


def _gateway(cluster: Cluster) -> Object:
    router = cluster.stack.router
    names = hosts(cluster) if hosts(cluster) and not _any_host(cluster) else ["*"]
    servers: list[Object] = []
    if router.http is not None:
        redirect = {"tls": {"httpsRedirect": True}} if router.tls else {}
        servers.append(
            {"port": {"number": router.http, "name": "http", "protocol": "HTTP"}, "hosts": names, **redirect}
        )
    if router.tls is not None:
        tls = {
            "mode": "SIMPLE",
            "credentialName": tls_secret(cluster),
            "minProtocolVersion": TLS_VERSIONS[router.tls.minimum],
        }
        port = {"number": router.https or 443, "name": "https", "protocol": "HTTPS"}
        servers.append({"port": port, "hosts": names, "tls": tls})
    spec = {"selector": {"istio": "ingressgateway"}, "servers": servers}
    return cluster.object(API, "Gateway", "entrance", spec, owner=cluster.stack.name)


def _any_host(cluster: Cluster) -> bool:
    return any(expose.host == "*" for service in cluster.stack.services.values() for expose in service.expose)


def _virtual_services(cluster: Cluster, name: str, service: Service) -> Iterator[Object]:
    """Apart for who calls from inside and from outside: a host of several services is one thing at an entrance only."""
    inside = {"hosts": [name], "http": [{"name": "primary", **_route(cluster, name, service, None)}]}
    yield cluster.object(API, "VirtualService", name, inside)
    if outside := _outside(cluster, service):
        ways = [
            {"name": f"outside-{number}", **_route(cluster, name, service, expose)}
            for number, expose in enumerate(outside)
        ]
        names = list(dict.fromkeys(expose.host for expose in outside))
        spec = {"hosts": ["*"] if "*" in names else names, "gateways": ["entrance"], "http": ways}
        yield cluster.object(API, "VirtualService", f"{name}-outside", spec, owner=name)


def _route(cluster: Cluster, name: str, service: Service, expose: Expose | None) -> Object:
    numbers = inner_ports(service)
    port = port_of(service, expose)[1] if expose else next(iter(numbers.values()))
    destinations: list[Object] = [{"destination": {"host": name, "port": {"number": port}}}]
    if is_progressive(cluster, service) and service.release.strategy != "blue-green":
        canary = {"destination": {"host": f"{name}-canary", "port": {"number": port}}, "weight": 0}
        destinations = [{**destinations[0], "weight": 100}, canary]
    traffic = service.traffic
    found: Object = {}
    if expose is not None:
        found["match"] = [{"uri": {"prefix": expose.path}}]
        if expose.strip_path and expose.path != "/":
            found["match"] = [{"uri": {"prefix": f"{expose.path}/"}}, {"uri": {"exact": expose.path}}]
            found["rewrite"] = {"uri": "/"}
    found["route"] = destinations
    found["timeout"] = f"{seconds(traffic.timeout)}s" if traffic.timeout else "0s"
    if traffic.retry.on in RETRIES and traffic.retry.attempts:
        found["retries"] = {"attempts": traffic.retry.attempts, "retryOn": RETRIES[traffic.retry.on]}
    else:
        found["retries"] = {"attempts": 0}
    headers = traffic.headers
    sides = {
        "request": {"set": headers.request_set, "remove": list(headers.request_remove)},
        "response": {"set": headers.response_set, "remove": list(headers.response_remove)},
    }
    told = {side: {key: value for key, value in rules.items() if value} for side, rules in sides.items()}
    if told := {side: rules for side, rules in told.items() if rules}:
        found["headers"] = told
    return found


def _destinations(cluster: Cluster, name: str, service: Service) -> Iterator[Object]:
    called = [name]
    if is_progressive(cluster, service):
        called.append(f"{name}-preview" if service.release.strategy == "blue-green" else f"{name}-canary")
    for host in called:
        policy: Object = {
            "connectionPool": {"tcp": {"connectTimeout": "5s"}},
            "outlierDetection": {"consecutive5xxErrors": 5, "interval": "10s", "baseEjectionTime": "30s"},
        }
        if cluster.stack.mesh.mutual_tls:
            policy["tls"] = {"mode": "ISTIO_MUTUAL"}
        if balancer := _sticky(service):
            policy["loadBalancer"] = balancer
        yield cluster.object(API, "DestinationRule", host, {"host": host, "trafficPolicy": policy}, owner=name)


def _sticky(service: Service) -> Object | None:
    traffic = service.traffic
    match traffic.sticky:
        case "cookie":
            return {"consistentHash": {"httpCookie": {"name": "fairlead", "ttl": "3600s"}}}
        case "header" | "api-key":
            return {"consistentHash": {"httpHeaderName": traffic.sticky_header or "x-api-key"}}
        case _:
            return None
