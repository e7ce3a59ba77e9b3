"""Where requests arrive: who asks, what for, whether it is allowed and can be paid, and off it goes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from fairlead.apps.hub.accounts.accounts import Accounts
from fairlead.apps.hub.accounts.keys import UNKNOWN, Account
from fairlead.apps.hub.accounts.refusals import Short
from fairlead.apps.hub.calls import Failure, Operation, Unsayable
from fairlead.apps.hub.money.cost import USUAL_OUTPUT
from fairlead.apps.hub.money.tokens import in_body
from fairlead.apps.hub.routes.table import Table
from fairlead.apps.hub.routes.targets import Target
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.places import Places
from fairlead.apps.hub.serving.pricing import BY_THEMSELVES, UNPAID, most_by_itself, priceless
from fairlead.apps.hub.serving.seams import ComparisonWatcher, FoundWatcher, Gate, Watcher
from fairlead.apps.hub.shapes import SHAPES, Place, Shape
from fairlead.apps.hub.wire.exchange import Exchange

BYTES_PER_TOKEN = 4
"""Of a prompt, for what is set aside: about what English text in JSON takes."""

LARGE_BYTES = 64 * 1024
"""From here on it matters whether a prompt is text or an image in base64, and counting is worth its time."""

Page = Callable[[Exchange], bool]
"""Answers a request that is no call (health, metrics, administration), now or later; `False`: it is none of its."""

Own = Callable[["Desk", Exchange, Account, Shape, Place], None]
"""Answers an operation that the hub answers itself (the list of models)."""


TurnedAway = Callable[[Failure, Account | None, Place | None], None]
"""Told of a request that did not become a flight."""

Missed = Callable[[Target, Failure], None]
"""Told of a provider that failed, whatever becomes of the call."""


Strangers = Callable[[bytes, Callable[[], object]], bool]
"""Looks for a key that nobody here knows, and then does something; `False`: it is known to be nobody's."""


class Timer(Protocol):
    """Something that will be done."""

    def cancel(self) -> None:
        """It will not."""


class Later(Protocol):
    """Does something after so many seconds."""

    def __call__(self, seconds: float, do: Callable[..., None], /, *arguments: Any) -> Timer:
        """Unless it is cancelled before."""


def on_the_loop(seconds: float, do: Callable[..., None], /, *arguments: Any) -> Timer:
    """By the running event loop."""
    return asyncio.get_running_loop().call_later(seconds, do, *arguments)


class Desk:
    """One for a process. `table` may be replaced at any time: flights keep what they began with."""

    def __init__(
        self,
        table: Table,
        accounts: Accounts,
        *,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        later: Later = on_the_loop,
    ) -> None:
        self.table = table
        self.accounts = accounts
        self.now = now
        self.wall = wall
        self.chance = chance
        self.later = later
        self.flights: set[Flight] = set()
        """All that are under way."""
        self.gates: tuple[Gate, ...] = ()
        self.watchers: tuple[Watcher, ...] = ()
        self.turned_away: tuple[TurnedAway, ...] = ()
        self.missed: tuple[Missed, ...] = ()
        self.found: tuple[FoundWatcher, ...] = ()
        self.compared: tuple[ComparisonWatcher, ...] = ()
        self.pages: tuple[Page, ...] = ()
        self.own: Mapping[Operation, Own] = {}
        self.strangers: Strangers = lambda secret, then: False
        self._places = Places(SHAPES.get(name) for name in SHAPES)
        self._usual = SHAPES.get("openai_chat")

    def serve(self, exchange: Exchange) -> None:
        """Take a request."""
        spoken = self._places.find(exchange.method, exchange.path, exchange.headers.get(b"user-agent", b""))
        if spoken is None:
            self._page(exchange)
            return
        shape, place = spoken
        account = self.accounts.admit(secret_of(exchange))
        if isinstance(account, Failure):
            if not self.looks_for(account, exchange, self.serve):
                self._refuse(exchange, shape, account, None, place)
        elif place.operation in self.own:
            self.own[place.operation](self, exchange, account, shape, place)
        else:
            self._call(exchange, shape, place, account)

    def looks_for(self, failure: Failure, exchange: Exchange, serve: Callable[[Exchange], object]) -> bool:
        """Whether a key that is not known is looked for elsewhere; the request is then served again."""
        return failure is UNKNOWN and self.strangers(
            secret_of(exchange), lambda: serve(exchange) if exchange.open else None
        )

    def sweep(self) -> None:
        """Look after the time limits of all flights; called about twice a second."""
        now = self.now()
        for flight in list(self.flights):
            flight.overdue(now)

    def _call(self, exchange: Exchange, shape: Shape, place: Place, account: Account) -> None:
        try:
            asked = shape.glance(place, exchange.path, exchange.headers, exchange.body)
        except Unsayable as error:
            self._refuse(exchange, shape, Failure("invalid", str(error), 400), account, place)
            return
        tags = account.tags.union(asked.tags) if asked.tags else account.tags
        route = self.table.find(asked.model, exchange.headers, tags)
        refused = account.may(asked.model)
        if refused is not None or route is None:
            self._refuse(exchange, shape, refused or unknown(asked.model), account, place)
            return
        flight = Flight(self, exchange, shape, place, asked, account, route)
        self.flights.add(flight)
        if self.gates:
            self._through(flight, 0)
        else:
            self._reserve(flight)

    def _through(self, flight: Flight, number: int) -> None:
        """Past the gates that mind, one after another."""
        route, asked, gates = flight.route, flight.asked, self.gates
        for gate in gates[number:]:
            if gate.minds(route, asked, flight):
                gate.enter(flight, partial(self._through, flight, gates.index(gate, number) + 1))
                return
        if flight.open:
            self._reserve(flight)

    def _reserve(self, flight: Flight) -> None:
        """Set aside what it may use at most."""
        asked = flight.asked
        body = flight.exchange.body
        prompt = len(body) // BYTES_PER_TOKEN + 1 if len(body) < LARGE_BYTES else in_body(asked.model, body)
        output = USUAL_OUTPUT if asked.most_output is None else asked.most_output
        if flight.account.pays and flight.route.unpriced and self._refuses_unpriced(flight):
            return
        cost = flight.route.most(prompt, output)
        if asked.operation in BY_THEMSELVES:
            cost = max(cost, most_by_itself(flight))
        wall = flight.started
        held = self.accounts.reserve(flight.account, asked.model, prompt + output, cost, wall)
        if type(held) is Short:
            self.accounts.obtain(flight.account, asked.model, prompt + output, cost, wall, flight.reserved)
        else:
            flight.reserved(held)

    def _refuses_unpriced(self, flight: Flight) -> bool:
        if self.table.config.unpriced == "allow" or flight.asked.operation in UNPAID:
            return False
        flight.refuse(priceless(flight.asked.model, flight.route.unpriced))
        return True

    def _page(self, exchange: Exchange) -> None:
        if any(page(exchange) for page in self.pages):
            return
        allowed = self._places.allowed(exchange.path)
        if not allowed:
            path = exchange.path.decode("latin-1")
            heads.refuse(
                exchange, self._usual, Failure("unknown", f"there is nothing at {path[:200]}", 404, "not_found")
            )
        elif exchange.method == b"OPTIONS":
            exchange.answer(heads.line(200) + b"\r\nallow: " + b", ".join([*allowed, b"OPTIONS"]), b"")
        else:
            wrong = Failure(
                "invalid", f"this path is asked by {b', '.join(allowed).decode()}", 405, "method_not_allowed"
            )
            self._refuse(exchange, self._usual, wrong, None, None)

    def _refuse(
        self, exchange: Exchange, shape: Shape, failure: Failure, account: Account | None, place: Place | None
    ) -> None:
        heads.refuse(exchange, shape, failure)
        for told in self.turned_away:
            told(failure, account, place)


def unknown(model: str) -> Failure:
    """Nobody answers for this model."""
    message = f"there is no model {model[:200]!r} here"
    return Failure("unknown", message, 404, code="model_not_found", param="model")


def secret_of(exchange: Exchange) -> bytes:
    """The key that a request bears, where any of the protocols has it; empty without one."""
    headers = exchange.headers
    value = headers.get(b"authorization")
    if value is not None:
        return value[7:].strip() if value[:7].lower() == b"bearer " else b""
    for name in (b"x-api-key", b"api-key", b"x-goog-api-key"):
        if (value := headers.get(name)) is not None:
            return value
    return _asked_for(exchange.query) if b"key=" in exchange.query else b""


def _asked_for(query: bytes) -> bytes:
    """The key in the address, as Gemini's clients send it."""
    return next((pair[4:] for pair in query.split(b"&") if pair.startswith(b"key=")), b"")
