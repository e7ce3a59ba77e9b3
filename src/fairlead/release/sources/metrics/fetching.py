"""One page over HTTP, within limits of time and size; whatever goes wrong is a reason for no evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import httpx

from fairlead.release.sources.metrics.snapshot import NoEvidence

WITHIN_S = 2.0
LARGEST_BYTES = 8 * 1024 * 1024

T = TypeVar("T")


async def fetch(
    client: httpx.AsyncClient, url: str, *, headers: Mapping[str, str], query: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Status and text. Raises `NoEvidence` without either; bytes that are no UTF-8 are replaced."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await _read(client, url, headers, query)
    except TimeoutError:
        raise NoEvidence(f"no answer within {WITHIN_S:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise NoEvidence(_plain(error)) from None


async def _read(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str], query: Mapping[str, str] | None
) -> tuple[int, str]:
    async with client.stream("GET", url, headers=headers, params=query, timeout=None) as answer:
        read = bytearray()
        async for piece in answer.aiter_bytes():
            read += piece
            if len(read) > LARGEST_BYTES:
                raise NoEvidence(f"its answer is larger than {LARGEST_BYTES // 1024**2} MiB")
        return answer.status_code, read.decode(errors="replace")


async def all_of(*fetches: Coroutine[Any, Any, T]) -> list[T]:
    """What all of them brought, when none is under way any more. Raises what the first one to fail in turn raised."""
    brought = await asyncio.gather(*fetches, return_exceptions=True)
    for one in brought:
        if isinstance(one, BaseException):
            raise one
    return [one for one in brought if not isinstance(one, BaseException)]


def _plain(error: Exception) -> str:
    if "connection attempts failed" in str(error):
        return "connection refused"
    return str(error) or type(error).__name__
