"""The words that all parts of Envoy's configuration share. Data only: it is dumped once, as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Json = dict[str, Any]

_TYPES = {
    "cluster": "envoy.config.cluster.v3.Cluster",
    "endpoints": "envoy.config.endpoint.v3.ClusterLoadAssignment",
    "listener": "envoy.config.listener.v3.Listener",
    "routes": "envoy.config.route.v3.RouteConfiguration",
    "secret": "envoy.extensions.transport_sockets.tls.v3.Secret",
    "http": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    "hcm": "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    "tcp_proxy": "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    "router": "envoy.extensions.filters.http.router.v3.Router",
    "buffer": "envoy.extensions.filters.http.buffer.v3.Buffer",
    "buffer_per_route": "envoy.extensions.filters.http.buffer.v3.BufferPerRoute",
    "rate_limit": "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    "lua": "envoy.extensions.filters.http.lua.v3.Lua",
    "lua_per_route": "envoy.extensions.filters.http.lua.v3.LuaPerRoute",
    "grpc_stats": "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig",
    "previous_hosts": "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
    "request_id": "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
    "stdout": "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
    "tls": "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    "internal_listener": "envoy.extensions.bootstrap.internal_listener.v3.InternalListener",
    "downstream_connections": "envoy.extensions.resource_monitors.downstream_connections.v3"
    ".DownstreamConnectionsConfig",
}

BUFFER = "envoy.filters.http.buffer"
LUA = "envoy.filters.http.lua"
RATE_LIMIT = "envoy.filters.http.local_ratelimit"


def typed(kind: str, **fields: Any) -> Json:
    """A resource or extension, with the type that Envoy finds it by."""
    return {"@type": f"type.googleapis.com/{_TYPES[kind]}", **fields}


def extension(name: str, kind: str, **fields: Any) -> Json:
    """An extension under its name."""
    return {"name": name, "typed_config": typed(kind, **fields)}


def seconds(value: float | None) -> str:
    """A duration as protobuf's JSON has it; nothing is `0s`, which Envoy takes as without limit."""
    return f"{value or 0:.9f}".rstrip("0").rstrip(".") + "s"


def file_source(path: Path) -> Json:
    """A configuration read from a file, and read again whenever another file is renamed over it."""
    return {"resource_api_version": "V3", "initial_fetch_timeout": "5s", "path_config_source": {"path": str(path)}}
