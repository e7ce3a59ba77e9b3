"""What others do about a call, and how they hook in: gates before it, taps while it is answered, watchers after it.

All of them are called by the thread of the event loop and must return at once; whoever has to wait for something starts
a task and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from fairlead.apps.hub.calls import Delta, Failure, Reply
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.shapes import Asked

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.flight import Flight

Watcher = Callable[["Flight"], None]
"""Told of a flight that has ended, once; not to be kept. What it may read stands under `Flight`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a prompt or an answer, and what was done about it; never the secret."""

    side: Literal["prompt", "answer"]
    rule: str
    severity: str
    action: Literal["flag", "redact", "block"]


FoundWatcher = Callable[["Flight", Sequence[Found]], None]
"""Told of secrets when they are found: those of an answer often after the flight has ended."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What another model answered to a copy of a prompt, beside what the client got. Shares are 0 to 1."""

    route: str
    """Its label."""
    to: str
    """Who answered the copy, as `provider/model`."""
    client_characters: int
    shadow_characters: int
    similarity: float | None
    """Of the words of both; `None` where an answer was too long to be kept, or there were none."""
    same_finish: bool
    client_refused: bool
    shadow_refused: bool
    client_s: float
    shadow_s: float
    client_cost_nano: int
    shadow_cost_nano: int
    failure: str | None = None
    """Why there is no answer to the copy: the kind of the failure; the figures of the copy are zero then."""


ComparisonWatcher = Callable[[Comparison], None]


class Screen(Protocol):
    """Looks through an answer after everything else, on its way to the client."""

    def when_clean(self, do: Callable[[], None]) -> None:
        """Do it once the whole answer has been looked through and nothing was found; else never."""


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
