"""One call of a provider for all who ask the same at the same time.

The first asks and pays; the others follow, get every piece that it got and gets, and pay nothing. Only calls whose
answers may be kept are shared, within one tenant, and of the same form (whole or streamed, with usage told or not).

- The first one's client leaves: the call goes on for the others, and is still the first one's to pay, since it was made
  for it. When the last of them has left too, it is given up.
- The call fails before a follower got anything: no failure is shared. The first one's retries and fallbacks were its
  own; every follower now asks for itself, at once, past breakers that know more.
- It fails later: whoever got some of it gets the failure too, as any client of a broken stream.
- A follower reads slowly: what it has not taken waits in the call's pieces, which are bounded; whoever is behind when
  they grow beyond that is cut off. A first one that reads slowly holds up the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fairlead.apps.hub.calls import Usage

MOST_BYTES = 16 * 1024 * 1024
"""Of one answer that is kept for followers."""


def _nothing() -> None:
    """Nobody minds."""


class Follower(Protocol):
    """Whoever waits for another's answer."""

    def piece(self, data: bytes) -> None:
        """Some of it."""

    def end(self) -> None:
        """It was whole."""

    def broke(self) -> None:
        """There will be no more, and some of it was given."""

    def alone(self) -> None:
        """Nothing of it came: ask for yourself."""


class Shared:
    """One call under way."""

    __slots__ = ("_behind", "_ended", "_followers", "_forget", "bytes", "deserted", "overfull", "pieces", "usage")

    def __init__(self, forget: Callable[[], None]) -> None:
        self.pieces: list[bytes] = []
        self.bytes = 0
        self.overfull = False
        """Whether it has grown beyond what is kept."""
        self.usage: Usage | None = None
        """Of the answer, once it has ended."""
        self.deserted: Callable[[], None] = _nothing
        """Called when nobody follows any more."""
        self._forget = forget
        self._followers: dict[Follower, int] = {}
        """Each with how many pieces it has got."""
        self._behind: set[Follower] = set()
        """Those that do not take any at the moment."""
        self._ended: bool | None = None

    @property
    def followed(self) -> bool:
        """Whether anybody waits for it."""
        return bool(self._followers)

    def follow(self, follower: Follower) -> None:
        """Give it what came until now, and then what comes."""
        if self.overfull or self._ended is False:
            follower.alone()
            return
        self._followers[follower] = 0
        self._catch_up(follower)

    def leave(self, follower: Follower) -> None:
        """It wants no more of it."""
        if self._followers.pop(follower, None) is not None:
            self._behind.discard(follower)
            if not self._followers and self._ended is None:
                self.deserted()

    def pause(self, follower: Follower) -> None:
        """It can't take more for now."""
        if follower not in self._followers:
            return
        if self.overfull:
            del self._followers[follower]
            follower.broke()
        else:
            self._behind.add(follower)

    def resume(self, follower: Follower) -> None:
        """It can again."""
        if follower in self._behind:
            self._behind.remove(follower)
            self._catch_up(follower)

    def piece(self, data: bytes) -> None:
        """The first one got some of the answer."""
        self.bytes += len(data)
        if self.bytes > MOST_BYTES:
            self._overflow()
        if self.overfull:
            for follower in list(self._followers):
                follower.piece(data)
            return
        self.pieces.append(data)
        for follower in [one for one in self._followers if one not in self._behind]:
            self._catch_up(follower)

    def end(self, whole: bool) -> None:
        """There is no more of it."""
        if self._ended is not None:
            return
        self._ended = whole
        self._forget()
        self._forget = self.deserted = _nothing  # else it would hold itself
        for follower, got in list(self._followers.items()):
            if follower not in self._behind or not (whole or got):
                self._finish(follower)

    def _catch_up(self, follower: Follower) -> None:
        while follower in self._followers and follower not in self._behind:
            got = self._followers[follower]
            if got == len(self.pieces):
                break
            self._followers[follower] = got + 1
            follower.piece(self.pieces[got])
        if self._ended is not None and follower in self._followers and follower not in self._behind:
            self._finish(follower)

    def _finish(self, follower: Follower) -> None:
        got = self._followers.pop(follower)
        self._behind.discard(follower)
        if self._ended:
            follower.end()
        elif got or self.overfull:
            follower.broke()
        else:
            follower.alone()

    def _overflow(self) -> None:
        """Keep nothing any more; nobody can join, and nobody may be behind."""
        if self.overfull:
            return
        self.overfull = True
        self._forget()
        for follower in list(self._behind):
            self._behind.remove(follower)
            del self._followers[follower]
            follower.broke()
        self.pieces = []


class Sharing:
    """All calls under way that may be shared, by what they are the same by."""

    def __init__(self) -> None:
        self._shared: dict[bytes, Shared] = {}

    def __len__(self) -> int:
        return len(self._shared)

    def find(self, key: bytes) -> Shared | None:
        """One under way."""
        return self._shared.get(key)

    def begin(self, key: bytes) -> Shared:
        """A new one, for others to find until it ends."""
        shared = Shared(lambda: self._forget(key, shared))
        self._shared[key] = shared
        return shared

    def _forget(self, key: bytes, shared: Shared) -> None:
        if self._shared.get(key) is shared:
            del self._shared[key]
