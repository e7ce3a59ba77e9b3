"""Copies of requests for a version that gets none: how Envoy makes them, keeps them few, and tells of them.

A copy goes to a listener inside Envoy, which nobody else can reach. There it is limited, sent to the mirrored version,
and written to the access log as what it is. Whatever becomes of it, the request that it was made of does not notice.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from fairlead.engine.router import Mirror, Upstream
from fairlead.engine.routers import names
from fairlead.engine.routers.access_log import COPY, access_log
from fairlead.engine.routers.resources import BUFFER, RATE_LIMIT, Json, extension, file_source, seconds, typed

AT_ONCE = 128
"""Copies under way at a time, on each upstream: those of a version that hangs must not pile up. More are not made."""

LARGEST_BYTES = 4 * 1024 * 1024
"""Bodies are taken in whole before the mirrored version gets them, and larger ones are not copied: Envoy passes a body
on to the copy as it comes, and lets the client wait when the copy's end does not read."""

LONGEST_S = 600.0
"""A copy is given up after this time, where requests have no limit of their own."""

PARTS_OF_PERCENT = 10_000
"""Envoy counts samples in millionths."""


def copied(match: Json, mirror: Mirror) -> Json:
    """A match that holds for those requests only that may be copied."""
    methods = {"safe_regex": {"regex": "|".join(mirror.methods)}}
    headers = [{"name": ":method", "string_match": methods}, {"name": "upgrade", "present_match": False}]
    return {**match, "headers": headers}


def policy(upstream: Upstream, mirror: Mirror) -> Json:
    """What makes a route copy a sample."""
    sample = {"numerator": round(mirror.sample * PARTS_OF_PERCENT), "denominator": "MILLION"}
    return {
        "request_mirror_policies": [
            {
                "cluster": names.shadow(upstream),
                "runtime_fraction": {"default_value": sample},
                "disable_shadow_host_suffix_append": True,
            }
        ]
    }


def cluster(upstream: Upstream) -> Json:
    """Where copies are sent: the listener inside Envoy, over one connection for each of its threads."""
    name = names.shadow(upstream)
    options = typed("http", explicit_http_config={"http2_protocol_options": {}})
    endpoint = {"address": {"envoy_internal_address": {"server_listener_name": name}}}
    limits = {"priority": "DEFAULT", "max_requests": AT_ONCE, "max_pending_requests": AT_ONCE}
    return typed(
        "cluster",
        name=name,
        type="STATIC",
        connect_timeout="1s",
        load_assignment={"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}]},
        circuit_breakers={"thresholds": [limits]},
        typed_extension_protocol_options={"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
    )


def listener(upstream: Upstream, routes_file: Path) -> Json:
    """Where they arrive. The headers are those of the request already, as the service is to see them."""
    name = names.shadow(upstream)
    manager = extension(
        "envoy.filters.network.http_connection_manager",
        "hcm",
        stat_prefix="shadow",
        rds={"route_config_name": name, "config_source": file_source(routes_file)},
        http_filters=_filters(),
        stream_idle_timeout="0s",
        preserve_external_request_id=True,
        server_header_transformation="PASS_THROUGH",
        access_log=access_log(COPY),
    )
    return typed("listener", name=name, internal_listener={}, filter_chains=[{"filters": [manager]}])


def routes(upstream: Upstream, mirror: Mirror) -> Json:
    """The way on to the mirrored version, so many a second, and never twice."""
    action = {
        "cluster": names.cluster(upstream, mirror.version),
        "timeout": seconds(upstream.policy.timeout_s or LONGEST_S),
    }
    limits = {RATE_LIMIT: _limit(mirror.per_s)}
    route = {"match": {"prefix": "/"}, "route": action, "typed_per_filter_config": limits}
    host = {"name": upstream.name, "domains": ["*"], "routes": [route]}
    return typed("routes", name=names.shadow(upstream), virtual_hosts=[host])


def _filters() -> list[Json]:
    grpc = extension("envoy.filters.http.grpc_stats", "grpc_stats", stats_for_all_methods=False)
    last = extension("envoy.filters.http.router", "router", suppress_envoy_headers=True)
    rate = extension(RATE_LIMIT, "rate_limit", stat_prefix="rate")
    return [grpc, rate, extension(BUFFER, "buffer", max_request_bytes=LARGEST_BYTES), last]


def _limit(per_s: float) -> Json:
    tokens = max(1, math.ceil(per_s))
    always: dict[str, Any] = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    return typed(
        "rate_limit",
        stat_prefix="rate",
        token_bucket={"max_tokens": tokens, "tokens_per_fill": tokens, "fill_interval": seconds(tokens / per_s)},
        filter_enabled=always,
        filter_enforced=always,
    )
