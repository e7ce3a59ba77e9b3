"""What the router is to serve, worked out from the stack, the instances and the shares. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairlead.engine.journal.records import Instance, Mirrored
from fairlead.engine.router import (
    Backend,
    Endpoint,
    Entrance,
    HeaderRules,
    HealthCheck,
    Mirror,
    RateLimit,
    Routing,
    Rule,
    Sticky,
    Tls,
    TrafficPolicy,
    Upstream,
    WireProtocol,
)
from fairlead.stack.model import Stack
from fairlead.stack.model.network import Port, Probe
from fairlead.stack.model.service import Service

ROUTED: Mapping[str, WireProtocol] = {"http": "http", "grpc": "grpc", "tcp": "tcp"}
"""Protocols that the router carries; `metrics` is scraped and never routed to."""

COOKIE = "fairlead-client"
"""What a browser is told apart by during a release, where `sticky: cookie` says so."""

KEYS = ("x-api-key", "authorization")
"""Where clients send their API keys; the first that is there counts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An instance that may carry requests: ready, or draining those it has."""

    instance: Instance
    draining: bool
    address: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Lane:
    """One service as the router needs it."""

    name: str
    spec: Service
    shares: Mapping[str, float]
    standing: Sequence[Standing]
    local_ports: Mapping[str, int]
    mirror: Mirrored | None = None
    salt: str = ""
    """A secret of this release: with it, nobody can try out whose hash it is that the access log shows."""


def routing(stack: Stack, base: Path, lanes: Iterable[Lane]) -> Routing:
    """The whole of it; `base` is the folder of the stack file."""
    lanes = list(lanes)
    return Routing(
        entrances=_entrances(stack, base),
        upstreams=tuple(upstream for lane in lanes for upstream in _upstreams(lane)),
        rules=tuple(rule for lane in lanes for rule in _rules(lane)),
    )


def routed_ports(spec: Service) -> dict[str, Port]:
    """The ports of a service that the router carries."""
    return {name: port for name, port in spec.ports.items() if port.protocol in ROUTED}


def _entrances(stack: Stack, base: Path) -> tuple[Entrance, ...]:
    if not any(service.expose for service in stack.services.values()):
        return ()
    router = stack.router
    found = []
    if router.http:
        found.append(Entrance(router.address, router.http))
    if router.https and router.tls and router.tls.certificate and router.tls.key:
        tls = Tls(base / router.tls.certificate, base / router.tls.key, router.tls.minimum)
        found.append(Entrance(router.address, router.https, tls))
    return tuple(found)


def _upstreams(lane: Lane) -> list[Upstream]:
    return [
        Upstream(
            lane.name,
            name,
            ROUTED[port.protocol],
            lane.local_ports[name],
            _backends(lane, name),
            _policy(lane.spec, name),
            sticky=_sticky(lane, ROUTED[port.protocol]),
            mirror=_mirror(lane, ROUTED[port.protocol]),
        )
        for name, port in routed_ports(lane.spec).items()
        if name in lane.local_ports
    ]


def _mirror(lane: Lane, protocol: WireProtocol) -> Mirror | None:
    """Copies are of requests; a TCP connection has none."""
    if lane.mirror is None or protocol == "tcp":
        return None
    shadow = lane.spec.release.shadow
    copies, seconds = shadow.limit
    return Mirror(lane.mirror.version, lane.mirror.sample, copies / seconds, tuple(shadow.methods))


def _sticky(lane: Lane, protocol: WireProtocol) -> Sticky | None:
    """Only while two versions share the requests; no cookie is set, and nothing is hashed, at other times."""
    sharing = sorted(version for version, share in lane.shares.items() if share > 0)
    if len(sharing) < 2 or protocol == "tcp":
        return None
    salt, traffic = " ".join([lane.salt, lane.name, *sharing]), lane.spec.traffic
    if traffic.sticky == "cookie":
        return Sticky("cookie", COOKIE, salt)
    if traffic.sticky == "api-key":
        return Sticky("header", KEYS[0], salt, KEYS[1:])
    if traffic.sticky == "header" and traffic.sticky_header:
        return Sticky("header", traffic.sticky_header, salt)
    return None


def _backends(lane: Lane, port: str) -> tuple[Backend, ...]:
    versions = dict.fromkeys([*lane.shares, *(standing.instance.version for standing in lane.standing)])
    return tuple(
        Backend(version, lane.shares.get(version, 0.0), tuple(_endpoints(lane.standing, version, port)))
        for version in versions
    )


def _endpoints(standing: Iterable[Standing], version: str, port: str) -> list[Endpoint]:
    return [
        Endpoint(one.instance.id, one.address, one.instance.ports[port], one.draining)
        for one in standing
        if one.instance.version == version and port in one.instance.ports
    ]


def _rules(lane: Lane) -> list[Rule]:
    first = next((name for name, port in lane.spec.ports.items() if port.protocol in ("http", "grpc")), None)
    return [
        Rule(way.host, way.path, f"{lane.name}.{way.port or first}", way.strip_path)
        for way in lane.spec.expose
        if way.port or first
    ]


def _policy(spec: Service, port: str) -> TrafficPolicy:
    traffic = spec.traffic
    return TrafficPolicy(
        timeout_s=traffic.timeout,
        idle_timeout_s=traffic.idle_timeout,
        retry_on=traffic.retry.on,
        retry_attempts=traffic.retry.attempts,
        rate_limit=RateLimit(*traffic.rate_limit) if traffic.rate_limit else None,
        body_limit_bytes=traffic.body_limit,
        headers=HeaderRules(
            traffic.headers.request_set,
            tuple(traffic.headers.request_remove),
            traffic.headers.response_set,
            tuple(traffic.headers.response_remove),
        ),
        health=_health(spec.probes.readiness, spec, port),
    )


def _health(probe: Probe | None, spec: Service, port: str) -> HealthCheck:
    """The router asks what the readiness probe asks, where that is an HTTP path on this very port; else it connects."""
    if probe is None or probe.http is None:
        return HealthCheck()
    asked = probe.http.port or next((name for name, p in spec.ports.items() if p.protocol == "http"), None)
    path = probe.http.path if asked == port and not probe.http.headers else None
    return HealthCheck(path, min(probe.every, 2.0), probe.timeout, probe.failures, 1)
