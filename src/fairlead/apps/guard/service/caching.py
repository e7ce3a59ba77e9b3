"""Answers of `/analyze` by a keyed digest of the question: in memory, and in a Redis that several services share.

Neither holds a value: the answer has none, and the digest's key stands nowhere beside it.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

import redis.asyncio
from redis.exceptions import RedisError

PREFIX = "fairlead:guard:analysis:"
ANSWER_S = 0.25
REST_S = 5.0
"""For which Redis is left alone after a failure."""

log = logging.getLogger(__name__)


class Digester:
    """Names questions."""

    def __init__(self, key: bytes) -> None:
        self._base = hashlib.blake2b(key=key[:64], digest_size=16, person=b"guard-answers")

    def of(self, *parts: str) -> str:
        """A name for these, in this order."""
        digest = self._base.copy()
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data) + data)
        return digest.hexdigest()


class Memory:
    """The answers of this process; those that were not asked for the longest time go first."""

    def __init__(self, size: int, ttl_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._ttl_s = ttl_s
        self._now = now
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: str) -> bytes | None:
        """An answer that is not too old."""
        found = self._kept.get(name)
        if found is None:
            return None
        if found[0] < self._now():
            del self._kept[name]
            return None
        self._kept.move_to_end(name)
        return found[1]

    def put(self, name: str, answer: bytes) -> None:
        """Keep it."""
        if not self._size:
            return
        self._kept[name] = (self._now() + self._ttl_s, answer)
        self._kept.move_to_end(name)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()


class Redis:
    """The answers of all processes. Whatever goes wrong is a miss, and said once."""

    def __init__(self, url: str, ttl_s: float) -> None:
        self._client = redis.asyncio.from_url(
            url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, max_connections=32
        )
        self._ttl_s = max(1, int(ttl_s))
        self._away_until = 0.0
        self.up = True

    async def get(self, name: str) -> bytes | None:
        """An answer."""
        if time.monotonic() < self._away_until:
            return None
        try:
            found = await self._client.get(PREFIX + name)
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
            return None
        self._back()
        return found if isinstance(found, bytes) else None

    async def put(self, name: str, answer: bytes) -> None:
        """Keep it."""
        if time.monotonic() < self._away_until:
            return
        try:
            await self._client.set(PREFIX + name, answer, ex=self._ttl_s)
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)

    async def close(self) -> None:
        """Let go."""
        await self._client.aclose()

    def _failed(self, error: BaseException) -> None:
        if self.up:
            log.warning("the cache can't be asked: %s", type(error).__name__)
        self.up = False
        self._away_until = time.monotonic() + REST_S

    def _back(self) -> None:
        if not self.up:
            log.info("the cache answers again")
        self.up = True
