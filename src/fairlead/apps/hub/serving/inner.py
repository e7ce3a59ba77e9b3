"""Calls that the hub makes for itself (embeddings for its cache, copies of prompts): flights like any other, whose
client is the hub. No gate stands before them, and they are on the hub's own account: no client pays for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.keys import Account, Models
from fairlead.apps.hub.calls import Chat, Failure, Plain, Unsayable
from fairlead.apps.hub.money.cost import USUAL_OUTPUT
from fairlead.apps.hub.money.tokens import in_body
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.serving.desk import Desk
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.places import Places
from fairlead.apps.hub.shapes import Asked, Shape
from fairlead.apps.hub.wire.exchange import Exchange


def account(name: str) -> Account:
    """One of the hub's own in the ledger; no key has it, and nothing is limited."""
    return Account(name, "", None, frozenset(), Models(None), float("inf"))


class NoLine:
    """Nothing is sent by it."""

    peer = ""

    def write(self, data: bytes) -> None:
        """Not here."""

    def done(self, keep: bool) -> None:
        """Not here."""

    def cut(self) -> None:
        """Not here."""


NOWHERE = NoLine()
JSON = {b"content-type": b"application/json"}
"""Headers of what is asked, and of what is answered."""


class InnerExchange(Exchange):
    """A request of the hub's. `then` gets the whole answer, or `None`; once, when its flight has ended."""

    __slots__ = ("_then",)

    def __init__(self, path: str, body: bytes, then: Callable[[bytes | None], None]) -> None:
        super().__init__(NOWHERE, b"POST", path.encode(), dict(JSON), body, keep=True)
        self._then: Callable[[bytes | None], None] | None = then

    def answer(self, head: bytes, body: bytes) -> None:
        """What came of it."""
        self.open = False
        self._tell(body if head.startswith(b"HTTP/1.1 200") else None)

    def begin(self, head: bytes) -> None:
        """Nothing is asked for as a stream, and no stream is taken."""

    def send(self, data: bytes) -> None:
        """Nor any of one."""

    def end(self) -> None:
        """Nor its end."""
        self.fail()

    def fail(self) -> None:
        """There is no answer."""
        self.open = False
        self._tell(None)

    def leave(self) -> None:
        """Nobody waits for it any more."""
        super().leave()
        self._tell(None)

    def _tell(self, body: bytes | None) -> None:
        then, self._then = self._then, None
        if then is not None:
            then(body)


@dataclass(frozen=True, slots=True)
class Errand:
    """A call of the hub's. `label` is what the ledger calls the model."""

    account: Account
    label: str
    route: Route
    shape: Shape
    call: Chat | Plain

    def most_nano(self, body: bytes) -> int:
        """What it may cost at most, in nano-dollars."""
        return self.route.most(in_body(self.call.model, body), _most_output(self.call))


def sent(errand: Errand) -> tuple[str, bytes]:
    """Path and body. Raises `Unsayable`."""
    written = errand.shape.write_call(errand.call)
    return written.path, written.body


def ask(desk: Desk, errand: Errand, path: str, body: bytes, then: Callable[[bytes | None], None]) -> Flight:
    """Ask it; `then` gets the whole answer in the errand's protocol, or `None`, once. Raises `Unsayable`."""
    shape, call = errand.shape, errand.call
    spoken = Places([shape]).find(b"POST", path.partition("?")[0].encode())
    if spoken is None:
        raise Unsayable(f"nothing of {shape.name} is asked at this path")
    operation = call.operation if isinstance(call, Plain) else "chat"
    exchange = InnerExchange(path, body, then)
    most_output = call.max_tokens if isinstance(call, Chat) else None
    asked = Asked(operation, call.model, most_output=most_output)
    flight = Flight(desk, exchange, shape, spoken[1], asked, errand.account, errand.route)
    desk.flights.add(flight)
    tokens = in_body(call.model, body)
    cost = errand.route.most(tokens, _most_output(call))

    def held(outcome: Hold | Failure) -> None:
        flight.reserved(outcome)

    desk.accounts.obtain(errand.account, errand.label, tokens, cost, flight.started, held)
    return flight


def _most_output(call: Chat | Plain) -> int:
    if isinstance(call, Plain):
        return 0
    return USUAL_OUTPUT if call.max_tokens is None else call.max_tokens
