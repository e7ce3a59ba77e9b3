"""Stores that somebody else runs: whether they can be reached, and their address without the password."""

from __future__ import annotations

import asyncio
import contextlib
import os
from urllib.parse import urlsplit

from fairlead.stack.model.store import Store

_CONNECT_S = 3.0

PORTS = {
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "kafka": 9092,
    "http": 80,
    "https": 443,
    "s3": 443,
}
"""The port meant by a URL that names none, by its scheme."""


def outside(store: Store) -> bool:
    """Whether somebody else runs it."""
    return bool(store.external or store.external_secret)


async def ready(store: Store) -> str | None:
    """Whether the store's URL can be reached. One whose URL is a secret is for whoever holds that: see `reachable`."""
    return await reachable(store.external) if store.external else None


async def reachable(url: str) -> str | None:
    """`None` when one of the URL's hosts accepts a connection, else why not; never shows what else the URL holds."""
    try:
        places = addresses(url)
    except ValueError as error:
        return str(error)
    problem = None
    for host, port in places:
        problem = await _connect(host, port)
        if problem is None:
            return None
    return problem


def addresses(url: str) -> list[tuple[str, int]]:
    """Hosts and ports of a URL (Kafka and Postgres name several, with commas). Raises `ValueError`."""
    try:
        parts = urlsplit(url if "://" in url else f"kafka://{url}")
    except ValueError:
        raise ValueError("its URL can't be read") from None
    hosts = parts.netloc.rpartition("@")[2].split(",")
    return [_address(host, PORTS.get(parts.scheme.partition("+")[0])) for host in hosts]


def shown(url: str) -> str:
    """The URL without user, password, query and fragment."""
    scheme, colon, rest = url.partition("://")
    if not colon:
        return ",".join(f"{host}:{port}" for host, port in addresses(url))
    return f"{scheme}://{rest.partition('?')[0].partition('#')[0].rpartition('@')[2]}"


def _address(text: str, default: int | None) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or default
    except ValueError:
        raise ValueError("its URL has a port that is none") from None
    if not host:
        raise ValueError("its URL names no host")
    if port is None:
        raise ValueError(f"its URL names no port for {host}")
    return host, port


async def _connect(host: str, port: int) -> str | None:
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"{host}:{port}: no answer within {_CONNECT_S:g} s"
    except OSError as error:
        return f"{host}:{port}: {_why(error)}"
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return None


def _why(error: OSError) -> str:
    return (os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)).lower()
