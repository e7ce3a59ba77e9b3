"""Answers in memory: the least recently used go first when the bytes are used up, and each at its time.

A dictionary keeps its order, so moving an entry to the end is all that "recently used" takes. cachetools has caches
like this too; the one with a time for each entry and a bound on sizes keeps a heap beside it, which this does not need:
what has had its time is found out when it is asked for, or goes when there has to be room.
"""

from __future__ import annotations

from fairlead.apps.hub.cache.kept import Kept

LARGEST = 8
"""No answer may take more than this part of the whole: 1/8."""


class Memory:
    """Bounded by bytes. Times are seconds since 1970."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.dropped = 0
        """Entries that went before their time, for want of room."""
        self._kept: dict[bytes, Kept] = {}
        self._sizes: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: bytes, now: float) -> Kept | None:
        """What is kept under a key, if it still is good."""
        found = self._kept.pop(key, None)
        if found is None:
            return None
        if found.until <= now:
            self.bytes -= self._sizes.pop(key)
            return None
        self._kept[key] = found
        return found

    def put(self, key: bytes, kept: Kept) -> bool:
        """Keep it, as far as there is room for one so large."""
        size = kept.size
        self.drop(key)
        if size * LARGEST > self.most_bytes:
            return False
        self._kept[key], self._sizes[key] = kept, size
        self.bytes += size
        while self.bytes > self.most_bytes:
            self.drop(next(iter(self._kept)))
            self.dropped += 1
        return True

    def drop(self, key: bytes) -> None:
        """Forget it, if it is there."""
        if self._kept.pop(key, None) is not None:
            self.bytes -= self._sizes.pop(key)

    def grew(self, key: bytes) -> None:
        """What is kept under a key has another size than before."""
        kept = self._kept.get(key)
        if kept is not None:
            self.put(key, kept)

    def resize(self, most_bytes: int) -> None:
        """Another bound."""
        self.most_bytes = most_bytes
        while self.bytes > most_bytes:
            self.drop(next(iter(self._kept)))
            self.dropped += 1
