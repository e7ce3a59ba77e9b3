"""What others do about a call, and how they hook in: gates before it, taps while it is answered, watchers after it.

All of them are called by the thread of the event loop and must return at once; whoever has to wait for something starts
a task and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from fairlead.apps.hub.calls import Delta, Failure, Reply
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.shapes import Asked

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.flight import Flight

Watcher = Callable[["Flight"], None]
"""Told of a flight that has ended, once; not to be kept. What it may read stands under `Flight`."""


class Tap(Protocol):
    """Sees an answer as the client gets it. `flight.tap(...)` adds one before the answer begins."""

    def piece(self, data: bytes) -> None:
        """Some of it; a whole answer is one piece."""

    def close(self, whole: bool) -> None:
        """There is no more; `whole`: nothing is missing."""


class Filter(Protocol):
    """Changes an answer on its way, event by event; with one, an answer is always taken apart."""

    def feed(self, delta: Delta) -> Sequence[Delta | Failure]:
        """What becomes of a step; a failure ends the answer."""

    def close(self) -> Sequence[Delta | Failure]:
        """What was held back."""

    def reply(self, reply: Reply) -> Reply | Failure:
        """What becomes of a whole answer."""


class Gate(Protocol):
    """Stands before a call: a cache, a guard of prompts, a copy for another model."""

    def minds(self, route: Route, asked: Asked, flight: Flight) -> bool:
        """Whether it has anything to do with such a call; cheap."""

    def enter(self, flight: Flight, go: Callable[[], None]) -> None:
        """Let it go on by `go`, now or later; or end it by `flight.refuse` or `flight.answer`.

        It may change `flight.exchange.body` before, and add taps and filters. A flight whose client has left meanwhile
        is no longer `flight.open`.
        """
