"""What things are called inside Envoy, so that what it reports can be told apart again."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from fairlead.engine.router import Entrance, Upstream

PUBLIC = "public"
"""The route table of every entrance."""

NOWHERE = "nowhere"
"""A cluster with no endpoint: where TCP connections go while no version can take them."""


LOOPBACK = "127.0.0.1"

SHADOW = "shadow"


class ClusterName(NamedTuple):
    """A cluster holds the endpoints of one version behind one port; written `notes|v2|http`."""

    service: str
    version: str
    port: str

    def __str__(self) -> str:
        return "|".join(self)

    @classmethod
    def parse(cls, text: str) -> ClusterName | None:
        """Read a name back; `None` for a cluster that holds no version."""
        parts = text.split("|")
        return cls(*parts) if len(parts) == 3 else None


def cluster(upstream: Upstream, version: str) -> str:
    """The cluster of a version behind an upstream."""
    return str(ClusterName(upstream.service, version, upstream.port))


def shadow(upstream: Upstream) -> str:
    """The listener, cluster and route table for copies of an upstream's requests."""
    return f"{SHADOW}|{upstream.name}"


def local(upstream: Upstream, address: str) -> str:
    """The listener of an upstream on an address of this machine."""
    return upstream.name if address == LOOPBACK else f"{upstream.name}|{address}"


def entrance(entrance: Entrance) -> str:
    """The listener of an entrance."""
    return f"entrance|{entrance.address}|{entrance.port}"


def file(name: str) -> str:
    """A file name for something named so."""
    return quote(name, safe="|") + ".json"
