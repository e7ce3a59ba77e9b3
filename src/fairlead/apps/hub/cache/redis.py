"""Answers in Redis, behind memory: shared by all hubs, and there after a restart.

Nothing waits for it: it is asked off the path with a small time limit, and when it fails it is left alone for a while.
Every value begins with the version of its form, so that a newer hub never reads an older one's answers, and holds its
own key, so that no mix-up gives one tenant another's. It is not encrypted: whoever can read that Redis can read
answers, whoever can write there can change them.
"""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from fairlead.apps.hub.cache.kept import Kept

VERSION = 1
PREFIX = b"fairlead:cache:%d:" % VERSION
PLAIN, PACKED = b"%d." % VERSION, b"%dz" % VERSION
PACKED_FROM = 512
"""Bytes from which a value is worth compressing."""

WAIT_S = 0.025
"""For an answer of Redis: a provider takes ten times as long and more."""

REST_S = 5.0
"""After a failure."""

MOST_UNDER_WAY = 256
"""Questions and answers at once; beyond that Redis is passed over."""

LARGEST = 4 * 1024 * 1024
"""Bytes of a value."""

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[bytes, Kept]).decode


def packed(key: bytes, kept: Kept) -> bytes:
    """An answer as bytes."""
    value = _encode((key, kept))
    return PLAIN + value if len(value) < PACKED_FROM else PACKED + zlib.compress(value, 1)


def unpacked(key: bytes, value: bytes) -> Kept | None:
    """The same again; `None` for anything that this version did not write under this key."""
    form, rest = value[:2], value[2:]
    try:
        if form == PACKED:
            rest = _inflated(rest)
        elif form != PLAIN:
            return None
        whose, kept = _decode(rest)
    except (zlib.error, msgspec.MsgspecError, ValueError):
        return None
    return kept if whose == key and kept.pieces else None


def _inflated(data: bytes) -> bytes:
    """No more than an answer may have: a small value may grow a thousandfold."""
    inflating = zlib.decompressobj()
    found = inflating.decompress(data, 16 * LARGEST)
    if inflating.unconsumed_tail or not inflating.eof:
        raise ValueError("not whole, or too large")
    return found


class RedisLevel:
    """One server."""

    name = "redis"

    def __init__(self, url: str, *, wait_s: float = WAIT_S, wall: Callable[[], float] = time.time) -> None:
        self._pool = BlockingConnectionPool.from_url(
            url, max_connections=16, timeout=wait_s, socket_timeout=1.0, socket_connect_timeout=0.5
        )
        self._redis: Redis = Redis(connection_pool=self._pool, retry=Retry(NoBackoff(), 0))
        self._wait_s = wait_s
        self._wall = wall
        self._tasks: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0
        self.failures = 0

    @property
    def up(self) -> bool:
        """Whether it is worth asking."""
        return time.monotonic() >= self._rests_until and len(self._tasks) < MOST_UNDER_WAY

    def get(self, key: bytes, then: Callable[[Kept | None], None]) -> None:
        """Look a key up."""
        self._start(self._get(key, then))

    def put(self, key: bytes, kept: Kept) -> None:
        """Keep an answer as long as it is good."""
        for_ms = int((kept.until - self._wall()) * 1000)
        if for_ms > 0 and kept.size <= LARGEST:
            self._start(self._put(key, packed(key, msgspec.structs.replace(kept, other=None)), for_ms))

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def end(self) -> None:
        """Let go of it."""
        for task in self._tasks:
            task.cancel()
        await self.settled()
        await self._redis.aclose()
        await self._pool.disconnect()

    async def _get(self, key: bytes, then: Callable[[Kept | None], None]) -> None:
        found = None
        try:
            async with asyncio.timeout(self._wait_s):
                value = await self._redis.get(PREFIX + key)
            found = unpacked(key, value) if isinstance(value, bytes) else None
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
        finally:
            then(found)

    async def _put(self, key: bytes, value: bytes, for_ms: int) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._redis.set(PREFIX + key, value, px=for_ms)
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        if time.monotonic() >= self._rests_until:
            log.warning("the cache in Redis is left alone for %g s: %s", REST_S, type(error).__name__)
        self._rests_until = time.monotonic() + REST_S
