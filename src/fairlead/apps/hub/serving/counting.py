"""Counts of tokens for models whose providers count none: answered here, by estimate, and marked as that.

`x-fairlead-tokens: estimated` says so to the client, for whom a protocol has no other words.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.apps.hub.calls import Chat, Failure, Reply, Unsayable
from fairlead.apps.hub.money.conversations import counted
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.following import entered
from fairlead.apps.hub.shapes import Asked

MARK = b"\r\nx-fairlead-tokens: estimated"


class CountingGate:
    """For routes none of whose targets can count."""

    def minds(self, route: Route, asked: Asked, flight: Flight) -> bool:
        """Whether nobody else can."""
        if asked.operation != "count":
            return False
        return all(one.shape("count", flight.shape) is None for one in (*route.targets, *route.fallbacks))

    def enter(self, flight: Flight, go: Callable[[], None]) -> None:
        """Count."""
        try:
            call = flight.call()
        except Unsayable as error:
            flight.refuse(Failure("invalid", str(error), 400))
            return
        if isinstance(call, Chat):
            entered(flight, lambda: told(flight, call))
        else:
            go()


def told(flight: Flight, call: Chat) -> None:
    """Answer with the estimate."""
    usage = counted(call)
    body = flight.shape.write_reply(call, Reply("", call.model, (), usage))
    flight.cached = True  # nobody is asked, and nothing is paid
    flight.source = "estimate"
    flight.finish(200, usage)
    flight.exchange.answer(heads.whole(b"application/json", flight.stamp) + MARK, body)
