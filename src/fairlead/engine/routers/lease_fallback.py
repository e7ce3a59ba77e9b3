"""What a router is to serve when nobody has renewed the lease of its routing. Pure."""

from __future__ import annotations

from dataclasses import replace

from fairlead.engine.router import Lease, Routing, Upstream


def without_lease(routing: Routing) -> Routing:
    """What is to be served when nobody has renewed the lease of a routing."""
    if routing.lease is None:
        return routing
    upstreams = tuple(_fallen_back(one, routing.lease) for one in routing.upstreams)
    return replace(routing, upstreams=upstreams, lease=None)


def _fallen_back(upstream: Upstream, lease: Lease) -> Upstream:
    if upstream.service not in lease.fallback:
        return upstream
    shares = lease.fallback[upstream.service]
    backends = tuple(replace(backend, share=shares.get(backend.version, 0.0)) for backend in upstream.backends)
    return replace(upstream, backends=backends, mirror=None)
