"""What every reader of a provider's stream does: take events as they come, and tell a broken stream as a failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from fairlead.apps.hub.calls import Delta, Failure, Unsayable
from fairlead.apps.hub.shapes.fields import Fields, decoded
from fairlead.apps.hub.shapes.sse import Events

NOT_WHOLE = "the provider's stream ended before it was whole"


class Frames(Protocol):
    """Finds events in pieces cut anywhere."""

    def feed(self, piece: bytes, /) -> Iterator[tuple[str, bytes]]:
        """The events that a piece completes: their names and data."""

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """The last one, at the end."""


class Reader:
    """A stream of events, each with one JSON object. A protocol says what one of them tells (`take`)."""

    framing: type[Frames] = Events

    def __init__(self) -> None:
        self._events = self.framing()
        self._found: list[Delta | Failure] = []
        self.whole = False
        """Whether the end was told."""
        self._broken = False

    def feed(self, data: bytes) -> Sequence[Delta | Failure]:
        """What the piece completed; nothing after a failure."""
        return self._guarded(data)

    def close(self) -> Sequence[Delta | Failure]:
        """What is left, and a failure when the end was not told."""
        found = list(self._guarded(None))
        if not self.whole and not self._broken:
            self._broken = True
            found.append(Failure("provider", NOT_WHOLE, 502))
        return found

    def take(self, name: str, event: Fields) -> None:
        """What one event tells, by `tell` and `fail`."""
        raise NotImplementedError

    def done(self, data: bytes) -> bool:
        """Whether it is an end mark that is no JSON."""
        return False

    def tell(self, delta: Delta) -> None:
        """One step."""
        self._found.append(delta)

    def fail(self, failure: Failure) -> None:
        """The stream is broken; nothing that follows is read."""
        self._found.append(failure)
        self._broken = True

    def _guarded(self, data: bytes | None) -> Sequence[Delta | Failure]:
        if self._broken:
            return ()
        found: list[Delta | Failure] = []
        self._found = found
        try:
            for name, payload in self._events.rest() if data is None else self._events.feed(data):
                if not self._broken and not self.done(payload):
                    self.take(name, Fields(decoded(payload, "an event of the stream"), name))
        except Unsayable as error:
            self.fail(Failure("provider", f"the provider's stream can't be read: {error}", 502))
        return found
