"""Which request goes where: one route table for each upstream, and one for all entrances together.

Shares, header rules, limits and retries live here and not in the listeners: changing them touches no connection.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from fairlead.engine.router import HeaderRules, RateLimit, RetryOn, Rule, TrafficPolicy, Upstream
from fairlead.engine.routers import names, shadowing, sticky
from fairlead.engine.routers.matching import covers, precedence, prefix
from fairlead.engine.routers.resources import BUFFER, RATE_LIMIT, Json, extension, seconds, typed
from fairlead.engine.routers.weights import mirror as mirrored
from fairlead.engine.routers.weights import weights

RETRIES: Mapping[RetryOn, str] = {
    "no-answer": "connect-failure,refused-stream,reset",
    "connect": "connect-failure,refused-stream,reset-before-request",
}
"""None of these retries once a byte of the answer has arrived: Envoy passes it on at once, and can't take it back."""

OTHER_HOST_ATTEMPTS = 64
"""How often an endpoint is drawn again when one comes up that has failed this request already: the draw prefers those
with the fewest requests, and a dead one has none. With 5, one request in 1,000 had no answer when a replica died."""

LARGEST_RETRIED_BYTES = 16 * 1024 * 1024
"""Bodies are kept up to this size for a retry."""

CLIENTS_REMEMBERED = 20_000
"""Clients whose rate is counted at a time; the one not seen for longest is forgotten first."""

SHORTEST_FILL_S = 0.05
"""Envoy fills its token buckets no more often than that."""


def of_upstream(upstream: Upstream) -> Json:
    """The table of a loopback listener: every path goes to the service."""
    host = _virtual_host(upstream.name, "*", _routes({"prefix": "/"}, upstream, {}))
    return _table(upstream.name, [host])


def of_entrances(rules: Iterable[Rule], upstreams: Mapping[str, Upstream]) -> Json:
    """The table of the entrances. A host's own rules come first, then those of wider ones; the longest path wins."""
    rules = [rule for rule in rules if rule.upstream in upstreams and upstreams[rule.upstream].protocol != "tcp"]
    hosts = sorted({rule.host for rule in rules} | {"*"})
    return _table(names.PUBLIC, [_public_host(host, rules, upstreams) for host in hosts])


def _public_host(host: str, rules: Iterable[Rule], upstreams: Mapping[str, Upstream]) -> Json:
    fitting = sorted((rule for rule in rules if covers(rule.host, host)), key=precedence)
    routes = [route for rule in fitting for route in _routes(_match(rule), upstreams[rule.upstream], _strip(rule))]
    return _virtual_host(host, host, [*routes, _answer(404, "nothing is exposed here")])


def _table(name: str, hosts: list[Json]) -> Json:
    return typed("routes", name=name, virtual_hosts=hosts, ignore_port_in_host_matching=True)


def _virtual_host(name: str, domain: str, routes: list[Json]) -> Json:
    return {
        "name": name,
        "domains": [domain],
        "routes": routes,
        "request_body_buffer_limit": LARGEST_RETRIED_BYTES,
    }


def _match(rule: Rule) -> Json:
    path = prefix(rule.path)
    return {"path_separated_prefix": path} if path else {"prefix": "/"}


def _strip(rule: Rule) -> Json:
    path = prefix(rule.path)
    if not (rule.strip_path and path):
        return {}
    pattern = {"regex": f"^{re.escape(path)}/?"}
    return {"regex_rewrite": {"pattern": pattern, "substitution": "/"}}


def _routes(match: Json, upstream: Upstream, rewrite: Json) -> list[Json]:
    """Those that are copied have a route of their own before that of the others."""
    route = _route(match, upstream, rewrite)
    mirror = mirrored(upstream)
    if mirror is None or "route" not in route:
        return [route]
    action = {**route["route"], **shadowing.policy(upstream, mirror)}
    return [{**route, "match": shadowing.copied(match, mirror), "route": action}, route]


def _route(match: Json, upstream: Upstream, rewrite: Json) -> Json:
    policy, shares = upstream.policy, weights(upstream)
    if not shares:
        return {**_answer(503, f"no version of {upstream.service} is ready"), "match": match}
    action = {
        "weighted_clusters": _split(upstream, shares),
        "timeout": seconds(policy.timeout_s),
        "idle_timeout": seconds(policy.idle_timeout_s),
        **_retries(policy),
        **rewrite,
    }
    told = sticky.on_route(upstream.sticky) if upstream.sticky else {}
    filters = {**_limits(upstream), **told.pop("typed_per_filter_config", {})}
    return {"match": match, "route": action, **told, **_headers(policy.headers), "typed_per_filter_config": filters}


def _split(upstream: Upstream, shares: Mapping[str, int]) -> Json:
    """At random, or by the number of the client; in the order of names, so that clients keep their version."""
    clusters = [{"name": names.cluster(upstream, version), "weight": shares[version]} for version in sorted(shares)]
    return {"clusters": clusters, **({"header_name": sticky.DRAW} if upstream.sticky else {})}


def _answer(status: int, text: str) -> Json:
    return {"match": {"prefix": "/"}, "direct_response": {"status": status, "body": {"inline_string": text}}}


def _retries(policy: TrafficPolicy) -> Json:
    if policy.retry_on == "never" or not policy.retry_attempts:
        return {}
    return {
        "retry_policy": {
            "retry_on": RETRIES[policy.retry_on],
            "num_retries": policy.retry_attempts,
            "retry_back_off": {"base_interval": "0.005s", "max_interval": "0.1s"},
            "retry_host_predicate": [extension("envoy.retry_host_predicates.previous_hosts", "previous_hosts")],
            "host_selection_retry_max_attempts": OTHER_HOST_ATTEMPTS,
        }
    }


def _headers(rules: HeaderRules) -> Json:
    return {
        "request_headers_to_add": _set(rules.request_set),
        "request_headers_to_remove": [*rules.request_remove, sticky.DRAW],
        "response_headers_to_add": _set(rules.response_set),
        "response_headers_to_remove": list(rules.response_remove),
    }


def _set(headers: Mapping[str, str]) -> list[Json]:
    """A percent sign would begin one of Envoy's own variables."""
    return [
        {"header": {"key": name, "value": value.replace("%", "%%")}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        for name, value in headers.items()
    ]


def _limits(upstream: Upstream) -> Json:
    policy = upstream.policy
    found = {}
    if policy.rate_limit:
        found[RATE_LIMIT] = _rate_limit(policy.rate_limit)
    if policy.body_limit_bytes is not None and upstream.protocol == "http":
        found[BUFFER] = typed("buffer_per_route", buffer={"max_request_bytes": policy.body_limit_bytes})
    return found


def _rate_limit(limit: RateLimit) -> Json:
    """A bucket for each client address; the one that Envoy wants beside them is never asked."""
    fills = max(1, math.ceil(SHORTEST_FILL_S / limit.per_s))
    tokens = limit.requests * fills
    bucket = {"max_tokens": tokens, "tokens_per_fill": tokens, "fill_interval": seconds(limit.per_s * fills)}
    always = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    wait = str(max(1, math.ceil(limit.per_s)))
    return typed(
        "rate_limit",
        stat_prefix="rate",
        token_bucket=bucket,
        always_consume_default_token_bucket=False,
        filter_enabled=always,
        filter_enforced=always,
        rate_limits=[{"actions": [{"remote_address": {}}]}],
        descriptors=[{"entries": [{"key": "remote_address"}], "token_bucket": bucket}],
        max_dynamic_descriptors=CLIENTS_REMEMBERED,
        response_headers_to_add=_set({"retry-after": wait}),
    )
