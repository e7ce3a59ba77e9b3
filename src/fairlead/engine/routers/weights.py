"""How the requests of an upstream are split among its versions, and which one gets copies, right now."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, pairwise

from fairlead.engine.router import Backend, Mirror, Upstream

WHOLE = 1_000_000
"""Weights are integers in Envoy; this many parts keep shares far below one percent."""


def live(backend: Backend) -> bool:
    """Whether a version has an endpoint that may get a new request."""
    return any(not endpoint.draining for endpoint in backend.endpoints)


def weights(upstream: Upstream) -> Mapping[str, int]:
    """Version -> weight, for those that get requests: with a share, and with an endpoint to take them.

    They add up to `WHOLE` (but for versions that would have less than one part and get that one).
    A version that has a share and no endpoint leaves it to its siblings; one whose share is zero never steps in.
    """
    shares = {backend.version: backend.share for backend in upstream.backends if backend.share > 0 and live(backend)}
    total = sum(shares.values()) or 1.0
    bounds = [round(bound / total * WHOLE) for bound in accumulate(shares.values(), initial=0.0)]
    return {version: max(1, end - begin) for version, (begin, end) in zip(shares, pairwise(bounds), strict=True)}


def mirror(upstream: Upstream) -> Mirror | None:
    """The mirror of an upstream, if there is anything to copy and somebody to take it."""
    found = upstream.mirror
    if found is None or upstream.protocol == "tcp" or found.sample <= 0:
        return None
    return found if any(one.version == found.version and live(one) for one in upstream.backends) else None
