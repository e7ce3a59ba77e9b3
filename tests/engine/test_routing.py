"""What the router is to serve, from stack, instances and shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fairlead.engine.journal.records import Instance, Mirrored
from fairlead.engine.router import Entrance, Mirror, Routing, Rule, Sticky, Tls
from fairlead.engine.routing import Lane, Standing, routing
from fairlead.stack.model import Stack

BASE = Path("/stack")


def routed(
    service: dict[str, Any],
    *,
    shares: dict[str, float] | None = None,
    mirror: Mirrored | None = None,
    **stack: Any,
) -> Routing:
    """The routing of a stack with one service `web`, v1 ready twice and v2 once, of which one v1 drains."""
    whole = Stack.model_validate({"name": "town", "services": {"web": {"command": "web", **service}}, **stack})
    standing = [
        Standing(Instance("web-v1-1", "web", "v1", ports={"http": 20001, "metrics": 20002}), draining=False),
        Standing(Instance("web-v1-2", "web", "v1", ports={"http": 20003, "metrics": 20004}), draining=True),
        Standing(Instance("web-v2-1", "web", "v2", ports={"http": 20005, "metrics": 20006}), draining=False),
    ]
    ports = {"http": 20000, "grpc": 20100}
    lane = Lane("web", whole.services["web"], shares or {"v1": 100.0}, standing, ports, mirror)
    return routing(whole, BASE, [lane])


def test_every_version_with_an_instance_is_a_backend_with_its_share() -> None:
    """A version without a share is kept warm: it is there and gets nothing."""
    upstream = routed({"ports": {"http": 80}}, shares={"v1": 75.0, "v3": 25.0}).upstreams[0]
    assert [(backend.version, backend.share, len(backend.endpoints)) for backend in upstream.backends] == [
        ("v1", 75.0, 2),
        ("v3", 25.0, 0),
        ("v2", 0.0, 1),
    ]


def test_a_leaving_instance_is_there_and_draining() -> None:
    """Its requests are still counted."""
    endpoints = routed({"ports": {"http": 80}}).upstreams[0].backends[0].endpoints
    assert [(endpoint.instance, endpoint.draining) for endpoint in endpoints] == [
        ("web-v1-1", False),
        ("web-v1-2", True),
    ]


def test_a_metrics_port_is_never_routed_to() -> None:
    """It is for whoever scrapes."""
    found = routed({"ports": {"http": 80, "metrics": 9090, "grpc": 50051}})
    assert [upstream.name for upstream in found.upstreams] == ["web.http", "web.grpc"]


def test_the_entrance_is_there_only_when_something_is_exposed() -> None:
    """A stack of internal services takes no public port."""
    assert routed({"ports": {"http": 80}}).entrances == ()
    assert routed({"ports": {"http": 80}, "expose": [{}]}).entrances == (Entrance("127.0.0.1", 8080),)


def test_certificates_are_looked_for_beside_the_stack_file() -> None:
    """And the TLS entrance stands beside the plain one."""
    tls = {"certificate": "tls/town.pem", "key": "/etc/town.key", "minimum": "1.3"}
    found = routed({"ports": {"http": 80}, "expose": [{}]}, router={"http": None, "https": 8443, "tls": tls})
    assert found.entrances == (Entrance("127.0.0.1", 8443, Tls(BASE / "tls/town.pem", Path("/etc/town.key"), "1.3")),)


def test_a_way_in_leads_to_the_port_it_names_or_the_first() -> None:
    """`metrics` does not count."""
    ports = {"metrics": 9090, "http": 80, "grpc": 50051}
    found = routed({"ports": ports, "expose": [{"path": "/a", "strip_path": True}, {"host": "x.y", "port": "grpc"}]})
    assert found.rules == (Rule("*", "/a", "web.http", True), Rule("x.y", "/", "web.grpc", False))


def test_the_router_asks_what_the_readiness_probe_asks() -> None:
    """Where that is a path on the routed port; else it connects."""
    probes = {"readiness": {"http": "/ready", "every": "1s", "failures": 2}}
    health = routed({"ports": {"http": 80}, "probes": probes}).upstreams[0].policy.health
    assert (health.path, health.interval_s, health.unhealthy_after) == ("/ready", 1.0, 2)

    elsewhere = {"readiness": {"http": {"path": "/ready", "port": "metrics"}}}
    assert routed({"ports": {"http": 80, "metrics": 1}, "probes": elsewhere}).upstreams[0].policy.health.path is None


def test_the_traffic_policy_is_passed_on_whole() -> None:
    """Every field."""
    traffic = {
        "timeout": "5s", "idle_timeout": "1m", "retry": {"on": "connect", "attempts": 1}, "rate_limit": "10/m",
        "body_limit": "1Mi", "headers": {"request_set": {"a": "b"}, "response_remove": ["server"]},
    }  # fmt: skip
    policy = routed({"ports": {"http": 80}, "traffic": traffic}).upstreams[0].policy
    assert (policy.timeout_s, policy.idle_timeout_s, policy.retry_on, policy.retry_attempts) == (
        5.0,
        60.0,
        "connect",
        1,
    )
    assert policy.rate_limit is not None
    assert (policy.rate_limit.requests, policy.rate_limit.per_s) == (10, 60.0)
    assert policy.body_limit_bytes == 1024 * 1024
    assert policy.headers.request_set == {"a": "b"}
    assert policy.headers.response_remove == ("server",)


def test_copies_are_made_as_the_policy_of_the_service_says() -> None:
    """Of requests: a TCP connection is never copied."""
    shadow = {"limit": "30/m", "methods": ["GET", "POST"]}
    service = {"ports": {"http": 80, "grpc": {"port": 81, "protocol": "tcp"}}, "release": {"shadow": shadow}}
    found = routed(service, mirror=Mirrored("web", "v2", 10.0)).upstreams
    assert [one.mirror for one in found] == [Mirror("v2", 10.0, 0.5, ("GET", "POST")), None]
    assert routed(service).upstreams[0].mirror is None


def sticky(traffic: dict[str, Any], shares: dict[str, float], **service: Any) -> Sticky | None:
    return routed({"ports": {"http": 80}, "traffic": traffic, **service}, shares=shares).upstreams[0].sticky


def test_clients_are_told_apart_while_two_versions_share_the_requests() -> None:
    """By cookie, by a header, or by the API key where it may be; the salt is one for all shares of a release."""
    both = {"v1": 99.0, "v2": 1.0}
    assert sticky({"sticky": "cookie"}, both) == Sticky("cookie", "fairlead-client", " web v1 v2")
    assert sticky({"sticky": "api-key"}, both) == Sticky("header", "x-api-key", " web v1 v2", ("authorization",))
    assert sticky({"sticky": "header", "sticky_header": "x-user"}, both) == Sticky("header", "x-user", " web v1 v2")
    assert sticky({"sticky": "cookie"}, {"v2": 50.0, "v1": 50.0}) == sticky({"sticky": "cookie"}, both)
    assert sticky({"sticky": "cookie"}, {"v2": 50.0, "v3": 50.0}) != sticky({"sticky": "cookie"}, both)


def test_nobody_is_told_apart_at_other_times() -> None:
    """No cookie is set when all requests go to one version, nor where the service does not ask for it."""
    assert sticky({"sticky": "cookie"}, {"v1": 100.0, "v2": 0.0}) is None
    assert sticky({}, {"v1": 99.0, "v2": 1.0}) is None
    assert (
        sticky({"sticky": "cookie"}, {"v1": 99.0, "v2": 1.0}, ports={"http": {"port": 80, "protocol": "tcp"}}) is None
    )
