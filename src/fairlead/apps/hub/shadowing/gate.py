"""Picks some conversations of the routes that want it, and listens to their answers: that is all a client could notice.

Nothing is copied before the client's answer is whole. What comes then is `errands`' work.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.shapes import Asked

MOST_KEPT = 1024 * 1024
"""Bytes of an answer that are held to be compared."""

Whole = Callable[[Flight, list[bytes] | None], None]
"""Gets a flight that went well, with its answer; `None`: it was too long to be kept."""


class ShadowGate:
    """One for a process."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole

    def minds(self, route: Route, asked: Asked, flight: Flight) -> bool:
        """Whether it is picked."""
        said = route.shadow
        return said is not None and asked.operation == "chat" and flight.desk.chance() < said.sample

    def enter(self, flight: Flight, go: Callable[[], None]) -> None:
        """Listen."""
        flight.taps = (*flight.taps, Listening(flight, self._whole))
        go()


class Listening:
    """Holds what the client gets until it is whole."""

    def __init__(self, flight: Flight, whole: Whole) -> None:
        self._flight: Flight | None = flight
        self._whole = whole
        self._pieces: list[bytes] | None = []
        self._bytes = 0

    def piece(self, data: bytes) -> None:
        """Some of it."""
        self._bytes += len(data)
        if self._bytes > MOST_KEPT:
            self._pieces = None
        elif self._pieces is not None:
            self._pieces.append(data)

    def close(self, whole: bool) -> None:
        """There is no more; the last bytes are sent right after this, so the copy waits for the loop's next turn."""
        flight, self._flight = self._flight, None
        if whole and flight is not None and not flight.cached and flight.status == 200:
            flight.desk.later(0.0, self._whole, flight, self._pieces)
        self._pieces = None
