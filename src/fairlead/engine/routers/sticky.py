"""Keeps a client with one version: the hash that it is known by, and the number drawn from that hash.

Versions share the numbers below `WHOLE` in the order of their names, each its part. When shares change, only the bounds
between the parts move: of two versions, the one whose share rises keeps all clients that it has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import accumulate

from fairlead.engine.router import Sticky
from fairlead.engine.routers.resources import LUA, Json, extension, typed
from fairlead.engine.routers.weights import WHOLE

DRAW = "x-fairlead-draw"
"""The header in which the number reaches the route; it is neither taken from a client nor given to a service."""

LONGEST = 1024
"""Bytes of a client's mark that are hashed, the last ones: of two tokens it is the signatures that differ."""

SCRIPT = "sticky"


def unit(salt: str, mark: str) -> str:
    """What a client is known by: 16 hexadecimal digits that do not tell its mark (an API key, perhaps)."""
    return hashlib.sha256(salt.encode() + b"\0" + mark.encode()[-LONGEST:]).hexdigest()[:16]


def draw(unit: str) -> int:
    """The number of a client, below `WHOLE`."""
    return int(unit[:8], 16) * WHOLE >> 32


def chosen(weights: Mapping[str, int], number: int) -> str:
    """The version that has a number among its part."""
    versions = sorted(weights)
    bounds = accumulate(weights[version] for version in versions)
    return next((version for version, bound in zip(versions, bounds, strict=True) if number < bound), versions[-1])


def http_filter() -> Json:
    """Does nothing until a route asks for it, so that no listener changes."""
    script = {SCRIPT: {"inline_string": _script()}}
    return {**extension(LUA, "lua", source_codes=script), "disabled": True}


def on_route(sticky: Sticky) -> Json:
    """What makes a route ask for it."""
    told = {"by": sticky.by, "names": [sticky.name, *sticky.otherwise], "salt": sticky.salt}
    return {
        "metadata": {"filter_metadata": {LUA: told}},
        "typed_per_filter_config": {LUA: typed("lua_per_route", name=SCRIPT)},
    }


@cache
def _script() -> str:
    return resources.files(__package__).joinpath("sticky.lua").read_text()
