"""How a service is reached and checked: ports, probes, exposure and what the router does on the way."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from fairlead.stack.model.base import (
    Command,
    Duration,
    EnvName,
    HttpPath,
    Kind,
    Model,
    Name,
    PortNumber,
    Rate,
    Size,
    shorthand,
)


class Port(Model):
    """A port that a service listens on."""

    port: PortNumber | None = None
    """The number inside a container. Local processes are leased a free one instead, given in the variable `env`."""

    protocol: Literal["http", "grpc", "tcp", "metrics"] = "http"
    """What is spoken there. `metrics` is scraped and never routed to; `grpc` is HTTP/2 without TLS (h2c)."""

    env: EnvName | None = None
    """The variable that tells the program which port to use. Default: `PORT` for the first one, else `PORT_<NAME>`."""

    path: HttpPath = "/metrics"
    """Where a `metrics` port is scraped."""


def named_ports(ports: Any) -> Any:
    """Ports given as bare numbers, written out; their name says the protocol."""
    if not isinstance(ports, dict):
        return ports
    known = ("grpc", "metrics", "tcp")
    return {
        name: {"port": port, "protocol": name if name in known else "http"} if type(port) is int else port
        for name, port in ports.items()
    }


Ports = Annotated[dict[Name, Port], shorthand(named_ports, dict[Name, Port | PortNumber])]
"""Ports by name."""


class HttpProbe(Model):
    """A GET that has to answer with a status from 200 to 399."""

    path: HttpPath
    """What is asked for."""

    port: Name | None = None
    """The name of the port; the service's first one when left out."""

    headers: dict[str, str] = Field(default_factory=dict)
    """Headers to send along."""


class TcpProbe(Model):
    """A connection that has to be accepted."""

    port: Name | None = None
    """The name of the port; the service's first one when left out."""


class GrpcProbe(Model):
    """A `grpc.health.v1.Health/Check` that has to answer SERVING."""

    port: Name | None = None
    """The name of the port; the service's first `grpc` one when left out."""

    service: str = ""
    """The service name put in the request; empty asks for the server as a whole."""


class CommandProbe(Model):
    """A command, run in the surroundings of the instance, that has to exit with 0."""

    command: Command
    """The command."""


def _under(key: str) -> Any:
    """A probe's short form: its one needed field alone."""
    return lambda value: value if isinstance(value, dict | Model) or value is None else {key: value}


class Probe(Model):
    """One way of asking an instance how it does. Exactly one of `http`, `tcp`, `grpc`, `command`."""

    http: Annotated[HttpProbe | None, shorthand(_under("path"), HttpProbe | HttpPath | None)] = None
    """Ask over HTTP: a path, or a mapping with `path`, `port`, `headers`."""

    tcp: Annotated[TcpProbe | None, shorthand(_under("port"), TcpProbe | Name | None)] = None
    """Connect: the name of a port, or a mapping."""

    grpc: GrpcProbe | None = None
    """Ask over the gRPC health protocol."""

    command: Annotated[CommandProbe | None, shorthand(_under("command"), CommandProbe | str | list[str] | None)] = None
    """Run a command."""

    every: Duration = 5.0
    """Time between two probes (startup probes: at most a quarter of a second while the engine waits for a start)."""

    timeout: Duration = 2.0
    """How long an answer may take."""

    failures: int = Field(default=3, ge=1)
    """Failures in a row after which the probe has failed."""

    successes: int = Field(default=1, ge=1)
    """Successes in a row after which it has passed again."""

    within: Duration = 60.0
    """Startup only: how long an instance may take until its first success."""


class Probes(Model):
    """The three questions asked of an instance. What is left out falls back: startup to readiness, readiness to a TCP
    connection on the first port, liveness to whether the process runs."""

    startup: Probe | None = None
    """Has it started? Until it passes, the other two are not asked; failing for `within` ends the start."""

    readiness: Probe | None = None
    """May it get requests? While it fails, the router sends it none."""

    liveness: Probe | None = None
    """Is it alive? When it fails, the instance is restarted."""


class Expose(Model):
    """A way in from outside: requests for a host and a path go to a port of this service."""

    host: str = "*"
    """Host name, `*.example.com`, or `*` for any."""

    path: HttpPath = "/"
    """Path prefix, matched by whole segments; the longest match wins."""

    port: Name | None = None
    """The name of the port; the first `http` one when left out."""

    strip_path: bool = False
    """Take the prefix off before the service sees the request."""

    example: str | None = None
    """What follows the address in a request to try (`/stream?n=20`); `fairlead up` prints it as a `curl` line."""

    example_body: str | None = None
    """What is sent with that request (`{"model": "echo", …}`), which is a POST then."""


class HeaderRules(Model):
    """Headers set or removed on the way."""

    request_set: dict[str, str] = Field(default_factory=dict)
    """Set on the request."""

    request_remove: list[str] = Field(default_factory=list)
    """Removed from the request."""

    response_set: dict[str, str] = Field(default_factory=dict)
    """Set on the answer."""

    response_remove: list[str] = Field(default_factory=list)
    """Removed from the answer."""


class Retry(Model):
    """When the router tries another instance. LLM calls are billed: never after the first byte of an answer."""

    on: Literal["no-answer", "connect", "never"] = "no-answer"
    """`no-answer`: the connection was refused, reset or closed before any byte came; `connect`: none was made."""

    attempts: int = Field(default=3, ge=0, le=10)
    """How often at most."""


class Traffic(Model):
    """What the router does to this service's requests."""

    timeout: Duration | None = None
    """Whole request, streams included; none by default, since an answer may stream for long."""

    idle_timeout: Duration | None = None
    """How long a stream may be silent; none by default."""

    retry: Retry = Retry()
    """When a request is tried again."""

    rate_limit: Rate | None = None
    """Requests for each client address; 429 beyond."""

    body_limit: Size | None = None
    """Largest request body; 413 beyond. Bodies are held until complete where a limit is set."""

    headers: HeaderRules = HeaderRules()
    """Headers set or removed."""

    sticky: Literal["none", "cookie", "header", "api-key"] = "none"
    """What keeps a client on one version during a canary."""

    sticky_header: str | None = None
    """The header that `sticky: header` looks at."""


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, float) else value


class Tls(Model):
    """TLS for the public entrance."""

    certificate: str | None = None
    """File of the certificate chain (PEM), beside the stack file or absolute. Kubernetes: left to the `issuer`."""

    key: str | None = None
    """File of its private key (PEM)."""

    issuer: str | None = None
    """cert-manager's ClusterIssuer in a cluster."""

    minimum: Annotated[
        Literal["1.2", "1.3"], shorthand(_text, Literal["1.2", "1.3"] | float), Kind("`1.2` or `1.3`")
    ] = "1.2"
    """The oldest version of TLS accepted."""


class RouterSettings(Model):
    """The public entrance of the stack."""

    address: str = "127.0.0.1"
    """The address listened on; `0.0.0.0` lets the network in."""

    http: PortNumber | None = 8080
    """Port for plain HTTP; `null` for none."""

    https: PortNumber | None = None
    """Port for HTTPS; needs `tls` with a certificate and a key on one machine."""

    tls: Tls | None = None
    """Certificates."""

    image: str | None = None
    """Run Envoy in a container of this image (`envoyproxy/envoy:v1.36-latest`) instead of as a local process."""

    load_balancer: bool = False
    """Kubernetes: offer it through a cloud load balancer beside the ingress."""

    ingress_class: str | None = None
    """Kubernetes: the ingress class; the cluster's default when left out."""

    gateway: Literal["ingress", "gateway-api", "istio"] = "ingress"
    """Kubernetes: which kind of entrance is rendered."""
