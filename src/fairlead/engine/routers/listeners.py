"""Where requests come in: a loopback listener for each upstream, and the public entrances.

A listener that changes is built anew and its connections are drained, so nothing that changes in daily life is in here
(but for the shares of a TCP upstream, which have no other place: its open connections stay on the listener before).
"""

from __future__ import annotations

from pathlib import Path

from fairlead.engine.router import Entrance, Tls, Upstream
from fairlead.engine.routers import names, sticky
from fairlead.engine.routers.access_log import HTTP, TCP, access_log
from fairlead.engine.routers.resources import BUFFER, RATE_LIMIT, Json, extension, file_source, seconds, typed
from fairlead.engine.routers.weights import weights

HEADERS_WITHIN_S = 30.0
"""How long a client may take to send its headers at an entrance: slow ones hold a connection each."""

ERROR_BODY = {
    "error": {"status": "%RESPONSE_CODE%", "message": "%LOCAL_REPLY_BODY%", "request_id": "%REQ(X-REQUEST-ID)%"}
}
"""What the router answers by itself."""


def of_upstream(upstream: Upstream, routes_file: Path, address: str = names.LOOPBACK) -> Json:
    """The listener that other services of this machine use, on one of its addresses."""
    chain = _tcp(upstream) if upstream.protocol == "tcp" else _http(upstream.name, routes_file, public=False)
    return _listener(names.local(upstream, address), address, upstream.local_port, {"filters": [chain]})


def of_entrance(entrance: Entrance, routes_file: Path, secret_file: Path) -> Json:
    """A public listener."""
    name = names.entrance(entrance)
    chain: Json = {"filters": [_http(names.PUBLIC, routes_file, public=True)]}
    if entrance.tls:
        chain["transport_socket"] = extension(
            "envoy.transport_sockets.tls",
            "tls",
            common_tls_context={
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": f"TLSv{entrance.tls.minimum.replace('.', '_')}"},
                "tls_certificate_sds_secret_configs": [{"name": name, "sds_config": file_source(secret_file)}],
            },
        )
    return _listener(name, entrance.address, entrance.port, chain)


def secret(name: str, tls: Tls) -> Json:
    """Where the certificate of an entrance is; read again when a file is renamed into its folder."""
    return typed(
        "secret",
        name=name,
        tls_certificate={
            "certificate_chain": {"filename": str(tls.certificate)},
            "private_key": {"filename": str(tls.key)},
            "watched_directory": {"path": str(tls.certificate.parent)},
        },
    )


def _listener(name: str, address: str, port: int, chain: Json) -> Json:
    """Without SO_REUSEPORT: with it, a second router on the same port would silently take half of the requests.

    An address of a container network is listened on before it is there: Docker makes it again after a reboot.
    """
    own = {} if address in ("127.0.0.1", "0.0.0.0", "::") else {"freebind": True}  # noqa: S104  # compared, not bound
    return typed(
        "listener",
        name=name,
        address={"socket_address": {"address": address, "port_value": port}},
        enable_reuse_port=False,
        **own,
        connection_balance_config={"exact_balance": {}},
        filter_chains=[chain],
    )


def _tcp(upstream: Upstream) -> Json:
    shares = weights(upstream) or {}
    clusters = [{"name": names.cluster(upstream, version), "weight": weight} for version, weight in shares.items()]
    where = {"weighted_clusters": {"clusters": clusters}} if clusters else {"cluster": names.NOWHERE}
    idle = seconds(upstream.policy.idle_timeout_s)
    return extension(
        "envoy.filters.network.tcp_proxy",
        "tcp_proxy",
        stat_prefix="tcp",
        idle_timeout=idle,
        max_connect_attempts=1 + upstream.policy.retry_attempts,
        access_log=access_log(TCP),
        **where,
    )


def _http(routes: str, routes_file: Path, *, public: bool) -> Json:
    return extension(
        "envoy.filters.network.http_connection_manager",
        "hcm",
        stat_prefix="public" if public else "local",
        rds={"route_config_name": routes, "config_source": file_source(routes_file)},
        http_filters=_filters(whole_bodies=True),
        upgrade_configs=[{"upgrade_type": "websocket", "filters": _filters(whole_bodies=False)}],
        stream_idle_timeout="0s",
        request_headers_timeout=seconds(HEADERS_WITHIN_S if public else 0),
        use_remote_address=True,
        skip_xff_append=not public,
        normalize_path=public,
        preserve_external_request_id=True,
        always_set_request_id_in_response=True,
        request_id_extension={"typed_config": typed("request_id", pack_trace_reason=False)},
        server_header_transformation="PASS_THROUGH",
        http_protocol_options={"accept_http_10": True, "default_host_for_http_10": "localhost"},
        local_reply_config={"body_format": {"json_format": ERROR_BODY}},
        access_log=access_log(HTTP),
    )


def _filters(*, whole_bodies: bool) -> list[Json]:
    """An upgraded connection has no end of its request: nothing may wait for one there."""
    grpc = extension("envoy.filters.http.grpc_stats", "grpc_stats", stats_for_all_methods=False)
    rate = extension(RATE_LIMIT, "rate_limit", stat_prefix="rate")
    body = {**extension(BUFFER, "buffer", max_request_bytes=1), "disabled": True}
    last = extension("envoy.filters.http.router", "router", suppress_envoy_headers=True)
    told_apart = sticky.http_filter()
    return [told_apart, grpc, rate, body, last] if whole_bodies else [told_apart, rate, last]
