"""The seam between the engine and the proxy that carries requests: Envoy, or memory for the tests.

The engine hands over a whole `Routing`, the router applies it and *confirms* that it serves by it; nothing is hoped for
and nothing is slept for. A routing is plain data, so two of them can be compared, journalled and printed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

WireProtocol = Literal["http", "grpc", "tcp"]
RetryOn = Literal["no-answer", "connect", "never"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One instance of a version: where it listens. A draining one gets no new request and keeps those it has."""

    instance: str
    address: str
    port: int
    draining: bool = False


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How the router itself checks an endpoint: an HTTP path, or a bare connection when `path` is None."""

    path: str | None = None
    interval_s: float = 2.0
    timeout_s: float = 2.0
    unhealthy_after: int = 3
    healthy_after: int = 1


@dataclass(frozen=True, slots=True)
class Backend:
    """One version of a service behind one of its ports; `share` is relative to its siblings, 0 or more."""

    version: str
    share: float
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `requests` per `per_s` seconds for each client address, on each router process; then 429."""

    requests: int
    per_s: float


@dataclass(frozen=True, slots=True)
class HeaderRules:
    """Headers set on, or removed from, what passes through."""

    request_set: Mapping[str, str] = field(default_factory=dict)
    request_remove: tuple[str, ...] = ()
    response_set: Mapping[str, str] = field(default_factory=dict)
    response_remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrafficPolicy:
    """What the router does to a request on its way; times are seconds, `None` or 0 means without limit.

    `retry_on`: "no-answer" retries on another endpoint while no byte of the answer has arrived (refused, reset or
    closed connections), "connect" only when no connection could be made, "never" not at all.
    """

    timeout_s: float | None = None
    idle_timeout_s: float | None = None
    retry_on: RetryOn = "no-answer"
    retry_attempts: int = 3
    rate_limit: RateLimit | None = None
    body_limit_bytes: int | None = None
    headers: HeaderRules = HeaderRules()
    health: HealthCheck = HealthCheck()


@dataclass(frozen=True, slots=True)
class Sticky:
    """What a client is told by, so that all its requests go to one version while shares do not change.

    A client keeps its version when the share of another one rises, unless it is among those that are to move. `name` is
    that of the cookie (which the router sets) or of the header; without that header, the first of `otherwise` that is
    there counts. `salt` makes the draw a new one for each release. What identifies a client is hashed before it is
    used: the value of an API key is never written anywhere.
    """

    by: Literal["cookie", "header"]
    name: str
    salt: str = ""
    otherwise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mirror:
    """Copies of requests for a version that gets none itself; its answers are thrown away, and told by `answers`.

    `sample` is a part of the requests, in percent; `per_s` the most copies in a second. Only requests with one of
    `methods` are copied (safe to repeat: RFC 9110, 9.2.1). An upgraded connection never is.
    """

    version: str
    sample: float
    per_s: float
    methods: tuple[str, ...] = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Upstream:
    """One port of one service: its versions with their shares, and the loopback port where the router offers it.

    `local_port` is stable for as long as the service exists: that is the address other services are given.
    """

    service: str
    port: str
    protocol: WireProtocol
    local_port: int
    backends: tuple[Backend, ...]
    policy: TrafficPolicy = TrafficPolicy()
    sticky: Sticky | None = None
    mirror: Mirror | None = None

    @property
    def name(self) -> str:
        return f"{self.service}.{self.port}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A way in from outside: requests for `host` (`*` for any) under `path` go to the upstream named so."""

    host: str
    path: str
    upstream: str
    strip_path: bool = False


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate chain and its key (PEM files) for the public listener, and the oldest TLS version allowed."""

    certificate: Path
    key: Path
    minimum: Literal["1.2", "1.3"] = "1.2"


@dataclass(frozen=True, slots=True)
class Entrance:
    """A public listener."""

    address: str
    port: int
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Shares that must not outlive whoever renews them.

    When `seconds` pass without `Router.renew`, the router serves by `fallback` (service -> version -> share, of the
    services that are leased; without their mirrors), whether or not anybody is left to tell it so.
    """

    seconds: float
    fallback: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything the router serves, whole: applying one replaces the one before.

    `local_addresses` are those of this machine on which upstreams are offered (a container reaches another one than
    a local process does).
    """

    entrances: tuple[Entrance, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    rules: tuple[Rule, ...] = ()
    lease: Lease | None = None
    local_addresses: tuple[str, ...] = ("127.0.0.1",)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What passed to one version of one service since the router started (counters), and what is under way (gauge).

    `latency_ms` is a cumulative histogram: upper bound in milliseconds -> number of requests at or below it; the bound
    `inf` holds all. Keys of the mapping that `observe` returns are `(service, version)`, ports added up.
    """

    requests: int = 0
    errors: int = 0  # answers with a 5xx status, and requests that got none
    in_flight: int = 0
    latency_ms: Mapping[float, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One request that has ended, as the router saw it.

    `began` is when its head arrived, seconds since the epoch by the clock of this machine; `first_byte_ms` is counted
    from there and `None` when no byte came. `failed`: a 5xx status, a failing gRPC status, no answer at all, or one cut
    by the version (what the client gave up is not the version's failure). `unit` is the hash of the client where
    clients are told apart (`Sticky`). `mirrored`: a copy, whose answer nobody got. `method` is HTTP's, where known.
    """

    service: str
    version: str
    instance: str
    began: float
    duration_ms: float
    first_byte_ms: float | None
    status: int
    failed: bool
    unit: str | None = None
    mirrored: bool = False
    method: str | None = None


class Router(Protocol):
    """Carries requests to versions by their shares."""

    name: str

    async def start(self) -> None:
        """Start the proxy, or find it running already. Raises `BinaryMissing` or `RouterError`."""

    async def ended(self) -> None:
        """Return once the proxy no longer runs, for whatever reason; at once if it does not run."""

    async def stop(self) -> None:
        """End the proxy; every connection through it ends."""

    async def close(self) -> None:
        """Let go of the proxy; it goes on as it is."""

    async def apply(self, routing: Routing) -> str:
        """Hand over a routing and return its revision. Never leaves a moment in which a request has nowhere to go."""

    async def confirm(self, revision: str, *, timeout_s: float = 10.0) -> None:
        """Return once requests are served by that revision; `RouterError`, in the proxy's words, if not in time."""

    async def healthy(self, upstream: str, version: str) -> frozenset[str]:
        """The instances of a version that the router would send a new request to right now."""

    async def in_flight(self, service: str, *, version: str | None = None, instance: str | None = None) -> int:
        """Requests, streams and upgraded connections under way, of one version or one instance (draining included)."""

    async def observe(self) -> Mapping[tuple[str, str], Traffic]:
        """What has passed, per (service, version)."""

    def answers(self, since: float) -> AsyncIterator[Answer]:
        """Every request that ends from now on, and those known to have ended after `since` (seconds since the epoch).

        Never ends by itself; each is told within a second or so of its end, in no certain order.
        """

    async def renew(self) -> bool:
        """Hold the lease of the routing for another while; `False` when it had lapsed, or there is none.

        After `False` the fallback is served until a routing with a lease is applied anew.
        """

    async def alive(self) -> bool:
        """Whether the proxy answers."""
