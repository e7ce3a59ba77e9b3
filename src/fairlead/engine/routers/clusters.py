"""Where requests go: a cluster for each version, and its endpoints, which come from a file of their own.

What changes often (endpoints) stays out of the cluster itself, since Envoy builds a changed cluster anew.
"""

from __future__ import annotations

from pathlib import Path

from fairlead.engine.router import Backend, Endpoint, HealthCheck, Upstream, WireProtocol
from fairlead.engine.routers import names
from fairlead.engine.routers.resources import Json, file_source, seconds, typed

NO_LIMIT = 4_294_967_295
"""Envoy's own limits (1,024 connections, 3 retries at a time) answer 503 just when a replica has died."""

KEEP_ALIVE_S = 1.5
"""Idle connections are closed before the servers close them (gunicorn after 2 s, uvicorn and Node.js after 5 s): a
request sent on one that is just being closed is lost."""

EJECTION_S = 2.0
"""How long an endpoint that breaks connections is left alone at first."""

PANIC_PERCENT = 1.0
"""When no endpoint passes its checks, all are tried: an answer that is late is better than none."""

AT_ONCE = "0s"
"""By default Envoy gathers changes of health, draining among them, for a second before its workers hear of them."""

LIVE_WEIGHT, DRAINING_WEIGHT = 1000, 1
"""Should all live endpoints fail their checks, the draining ones still get next to nothing."""


def cluster(upstream: Upstream, backend: Backend, endpoints_file: Path) -> Json:
    """The cluster of one version."""
    name = names.cluster(upstream, backend.version)
    return typed(
        "cluster",
        name=name,
        type="EDS",
        connect_timeout="1s",
        lb_policy="LEAST_REQUEST",
        eds_cluster_config={"service_name": name, "eds_config": file_source(endpoints_file)},
        ignore_health_on_host_removal=True,
        common_lb_config={"healthy_panic_threshold": {"value": PANIC_PERCENT}, "update_merge_window": AT_ONCE},
        circuit_breakers={"thresholds": [_no_limits("DEFAULT"), _no_limits("HIGH")]},
        health_checks=[_health_check(upstream.policy.health, upstream.protocol)],
        outlier_detection=_outliers(),
        **_protocol(upstream.protocol),
    )


def endpoints(name: str, found: tuple[Endpoint, ...]) -> Json:
    """The endpoints of a cluster."""
    return typed("endpoints", cluster_name=name, endpoints=[{"lb_endpoints": [_endpoint(one) for one in found]}])


def nowhere() -> Json:
    """The cluster with no endpoint."""
    return {"name": names.NOWHERE, "type": "STATIC", "connect_timeout": "1s"}


def _endpoint(endpoint: Endpoint) -> Json:
    socket = {"address": endpoint.address, "port_value": endpoint.port}
    return {
        "endpoint": {"address": {"socket_address": socket}, "hostname": endpoint.instance},
        "health_status": "DRAINING" if endpoint.draining else "HEALTHY",
        "load_balancing_weight": DRAINING_WEIGHT if endpoint.draining else LIVE_WEIGHT,
    }


def _protocol(protocol: WireProtocol) -> Json:
    if protocol == "tcp":
        return {}
    spoken = "http2_protocol_options" if protocol == "grpc" else "http_protocol_options"
    options = typed(
        "http",
        common_http_protocol_options={"idle_timeout": seconds(KEEP_ALIVE_S)},
        explicit_http_config={spoken: {}},
    )
    return {"typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options}}


def _no_limits(priority: str) -> Json:
    limits = ("max_connections", "max_pending_requests", "max_requests", "max_retries")
    return {"priority": priority, **dict.fromkeys(limits, NO_LIMIT)}


def _health_check(health: HealthCheck, protocol: WireProtocol) -> Json:
    every, soon = seconds(health.interval_s), seconds(min(health.interval_s, 0.5))
    return {
        "timeout": seconds(health.timeout_s),
        "interval": every,
        "no_traffic_interval": every,
        "no_traffic_healthy_interval": every,
        "unhealthy_interval": soon,
        "unhealthy_edge_interval": soon,
        "interval_jitter_percent": 10,
        "unhealthy_threshold": health.unhealthy_after,
        "healthy_threshold": health.healthy_after,
        **_question(health.path, protocol),
    }


def _question(path: str | None, protocol: WireProtocol) -> Json:
    if path is None or protocol == "tcp":
        return {"tcp_health_check": {}}
    codec = "HTTP2" if protocol == "grpc" else "HTTP1"
    statuses = [{"start": "200", "end": "400"}]
    return {
        "http_health_check": {
            "host": "localhost",
            "path": path,
            "codec_client_type": codec,
            "expected_statuses": statuses,
        }
    }


def _outliers() -> Json:
    """Only broken connections count: a 5xx of an LLM service mostly tells of its provider, not of the replica.

    At most half of the endpoints are left out, so a single one never is.
    """
    return {
        "split_external_local_origin_errors": True,
        "consecutive_local_origin_failure": 3,
        "enforcing_consecutive_local_origin_failure": 100,
        "enforcing_local_origin_success_rate": 0,
        "enforcing_consecutive_5xx": 0,
        "enforcing_consecutive_gateway_failure": 0,
        "enforcing_success_rate": 0,
        "interval": "1s",
        "base_ejection_time": seconds(EJECTION_S),
        "max_ejection_time": "10s",
        "max_ejection_percent": 50,
    }
