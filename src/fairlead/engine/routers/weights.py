"""How the requests of an upstream are split among its versions, right now."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.engine.router import Backend, Upstream

WHOLE = 1_000_000
"""Weights are integers in Envoy; this many parts keep shares far below one percent."""


def live(backend: Backend) -> bool:
    """Whether a version has an endpoint that may get a new request."""
    return any(not endpoint.draining for endpoint in backend.endpoints)


def weights(upstream: Upstream) -> Mapping[str, int]:
    """Version -> weight, for those that get requests: with a share, and with an endpoint to take them.

    A version that has a share and no endpoint leaves it to its siblings; one whose share is zero never steps in.
    """
    shares = {backend.version: backend.share for backend in upstream.backends if backend.share > 0 and live(backend)}
    total = sum(shares.values())
    return {version: max(1, round(share / total * WHOLE)) for version, share in shares.items()}
