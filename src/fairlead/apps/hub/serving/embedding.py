"""Prompts embedded for the cache, by a model that the hub itself is asked for: with all that a call has (translation,
keys, breakers, fallbacks), on the hub's own account `cache`.

The client waits for it, so it has a short time limit and few are under way at once; without a vector its request goes
on as if nothing like it had been asked before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from fairlead.apps.hub.calls import Plain, Unsayable
from fairlead.apps.hub.serving import inner
from fairlead.apps.hub.serving.desk import Desk
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.embeddings import vectors_of

LONGEST_S = 2.0
"""For one embedding; providers take 50 to 300 ms."""

MOST_UNDER_WAY = 64
WORDS_EVERY_S = 60.0
"""Between two lines of the log about failures."""

Then = Callable[[Sequence[float] | None], None]

log = logging.getLogger(__name__)


class Embedding:
    """One for a process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._account = inner.account("cache")
        self._shape = SHAPES.get("openai_plain")
        self._under_way = 0
        self._told_at = -WORDS_EVERY_S
        self.failures = 0
        """Prompts that could not be embedded."""

    def __call__(self, model: str, text: str, then: Then) -> None:
        """Embed a text; `then` gets the vector, or `None`, once."""
        route = self._desk.table.find(model, {}, frozenset())
        if route is None or self._under_way >= MOST_UNDER_WAY:
            self._failed(model, "too many are under way" if route is not None else "nobody answers for it")
            then(None)
            return
        call = Plain("embedding", model, {"input": text, "encoding_format": "float"})
        errand = inner.Errand(self._account, model, route, self._shape, call)
        self._under_way += 1
        flights: list[Flight] = []
        timer = self._desk.later(LONGEST_S, self._late, flights)

        def answered(body: bytes | None) -> None:
            self._under_way -= 1
            timer.cancel()
            flights.clear()
            then(self._vector(errand, body))

        try:
            flights.append(inner.ask(self._desk, errand, *inner.sent(errand), answered))
        except Unsayable:
            answered(None)

    def _late(self, flights: Sequence[Flight]) -> None:
        for flight in flights:
            flight.exchange.leave()

    def _vector(self, errand: inner.Errand, body: bytes | None) -> Sequence[float] | None:
        if body is None:
            self._failed(errand.label, "it did not answer")
            return None
        try:
            reply = self._shape.read_reply(errand.call, inner.JSON, body)
            if isinstance(reply, Plain) and (vectors := vectors_of(reply)):
                return vectors[0]
        except (Unsayable, KeyError, TypeError, ValueError):
            pass
        self._failed(errand.label, "its answer can't be read")
        return None

    def _failed(self, model: str, why: str) -> None:
        self.failures += 1
        if time.monotonic() >= self._told_at + WORDS_EVERY_S:
            self._told_at = time.monotonic()
            log.warning("prompts are not embedded by %s: %s", model[:200], why)
