"""The entrance: an Envoy with the routes, limits and headers that Fairlead's own router has, fixed in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from fairlead.engine.journal.records import Instance
from fairlead.engine.router import Entrance, Upstream
from fairlead.engine.routers import clusters, listeners, names, routes
from fairlead.engine.routers.resources import extension
from fairlead.engine.routing import Lane, Standing, routed_ports, routing
from fairlead.render.parts.dumping import yaml_text
from fairlead.render.targets.compose import networks, secrets
from fairlead.render.targets.compose.containers import container, file
from fairlead.render.targets.compose.health import every
from fairlead.render.targets.compose.project import OUTSIDE, SECRETS, Data, Project
from fairlead.stack.containers import inner_ports

IMAGE = "docker.io/envoyproxy/envoy:v1.36.2"
USER = "1001:1001"
HTTP, HTTPS = 8080, 8443
CONFIG = "front/envoy.yaml"
INSIDE = "/etc/envoy/envoy.yaml"
VERSION = "one"
NOWHERE = PurePosixPath("/")


def of(project: Project) -> Data | None:
    """Its container; `None` where nothing is exposed."""
    exposed, router = networks.exposed(project), project.stack.router
    if not exposed or not (router.http or router.https):
        return None
    found = container(
        router.image or IMAGE,
        user=USER,
        networks=[*networks.to(project, exposed), OUTSIDE],
    )
    found["volumes"].append(file(f"./{CONFIG}", INSIDE))
    published = [(router.http, HTTP), (router.https, HTTPS)]
    found["ports"] = [
        {"target": inside, "published": str(outside), "host_ip": router.address, "protocol": "tcp"}
        for outside, inside in published
        if outside
    ]
    if router.https:
        found["secrets"] = list(secrets.TLS)
    services = project.stack.services
    waits = {name: {"condition": "service_started"} for name in exposed if not services[name].profiles}
    test = ["CMD", "bash", "-c", f"</dev/tcp/127.0.0.1/{HTTP if router.http else HTTPS}"]
    start = {"command": ["envoy", "--config-path", INSIDE, "--concurrency", "2"]}
    return {**found, **start, "depends_on": waits, "healthcheck": every(test, start_s=10)}


def configuration(project: Project) -> str:
    """Envoy's file."""
    found = routing(project.stack, NOWHERE, _lanes(project))  # type: ignore[arg-type] # of the path only names are made
    upstreams = {one.name: one for one in found.upstreams}
    table = routes.of_entrances(found.rules, upstreams)
    wanted = {rule.upstream for rule in found.rules}
    return yaml_text(
        {
            "node": {"id": "front", "cluster": "fairlead"},
            "static_resources": {
                "listeners": [_listener(one, table) for one in _entrances(project)],
                "clusters": [_cluster(one) for name, one in upstreams.items() if name in wanted],
            },
        }
    )


def _lanes(project: Project) -> Iterator[Lane]:
    for name, service in project.stack.services.items():
        if service.expose:
            numbers = inner_ports(service)
            ports = {port: numbers[port] for port in routed_ports(service)}
            instance = Instance(name, name, VERSION, ports=ports)
            yield Lane(name, service, {VERSION: 1.0}, [Standing(instance, False, name)], ports)


def _entrances(project: Project) -> Iterator[tuple[Entrance, str | None]]:
    router = project.stack.router
    if router.http:
        yield Entrance("0.0.0.0", HTTP), None  # noqa: S104 - inside of a container, whose network is its own
    if router.https:
        yield Entrance("0.0.0.0", HTTPS), router.tls.minimum if router.tls else "1.2"  # noqa: S104 - as above


def _listener(one: tuple[Entrance, str | None], table: Data) -> Data:
    """With its table and its certificate inside of it."""
    entrance, minimum = one
    found = listeners.of_entrance(entrance, NOWHERE, NOWHERE)  # type: ignore[arg-type] # replaced below
    chain = found["filter_chains"][0]
    settings = chain["filters"][0]["typed_config"]
    settings.pop("rds")
    settings["route_config"] = _plain(table)
    if minimum:
        certificate, key = ({"filename": f"{SECRETS}/{name}"} for name in secrets.TLS)
        tls = {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": f"TLSv{minimum.replace('.', '_')}"},
            "tls_certificates": [{"certificate_chain": certificate, "private_key": key}],
        }
        chain["transport_socket"] = extension("envoy.transport_sockets.tls", "tls", common_tls_context=tls)
    return _plain(found)


def _cluster(upstream: Upstream) -> Data:
    """All containers behind a name of the network, which is asked again every five seconds."""
    backend = upstream.backends[0]
    found = _plain(clusters.cluster(upstream, backend, NOWHERE))  # type: ignore[arg-type] # replaced below
    found.pop("eds_cluster_config")
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": one.address, "port_value": one.port}}}}
        for one in backend.endpoints
    ]
    assigned = {"cluster_name": names.cluster(upstream, VERSION), "endpoints": [{"lb_endpoints": endpoints}]}
    return {**found, "type": "STRICT_DNS", "dns_lookup_family": "V4_ONLY", "load_assignment": assigned}


def _plain(resource: dict[str, Any]) -> Data:
    """Without the type that a discovery service has to give."""
    return {key: value for key, value in resource.items() if key != "@type"}
