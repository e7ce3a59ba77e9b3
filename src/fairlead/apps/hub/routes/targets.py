"""What a request can be sent to: a provider as it is configured (`Host`), each of its keys (`Lane`), each of its models
(`Target`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from fairlead.apps.hub.calls import Operation, Unsayable, Usage
from fairlead.apps.hub.config import Timeouts
from fairlead.apps.hub.money import cost
from fairlead.apps.hub.providers import Keeper, Login, Provider
from fairlead.apps.hub.routes.breaker import Breaker
from fairlead.apps.hub.routes.pace import Pace
from fairlead.apps.hub.shapes import SHAPES, Place, Sent, Shape
from fairlead.apps.hub.wire.pool import Pool

PLAIN = b"accept-encoding: identity\r\n"
"""Without it a provider may compress an answer as it likes (RFC 9110, 12.5.3), which could not be passed on unread."""


class Price(Protocol):
    """What a model costs, in nano-dollars."""

    def cost(self, usage: Usage, operation: Operation = "chat") -> int:
        """Of an answer."""

    def most(self, asked: int, output: int) -> int:
        """Of an answer to so many tokens with at most so many."""

    def lacks(self, usage: Usage, operation: Operation = "chat") -> Sequence[str]:
        """What of an answer has no price: what it costs is not known then."""


class Free:
    """Nothing is known about the price, or there is none."""

    def cost(self, usage: Usage, operation: Operation = "chat") -> int:
        """Nothing."""
        return 0

    def most(self, asked: int, output: int) -> int:
        """Nothing."""
        return 0

    def lacks(self, usage: Usage, operation: Operation = "chat") -> Sequence[str]:
        """Nothing."""
        return ()


@dataclass(slots=True, eq=False)
class Lane:
    """One key of a provider."""

    login: Login
    weight: float
    breaker: Breaker
    headers: bytes
    """What authorizes a request, as lines."""
    signs: bool = False
    """Whether each request is authorized on its own."""
    keeper: Keeper | None = None


@dataclass(slots=True, eq=False)
class Host:
    """A provider as it is configured."""

    name: str
    kind: Provider
    address: str
    """`https://host[:port][/path]`, without a `/` at its end."""
    authority: bytes
    """For the `host` header."""
    base: str
    """The path of the address."""
    pool: Pool
    lanes: tuple[Lane, ...]
    timeouts: Timeouts
    settings: Mapping[str, str] = field(default_factory=dict)
    lenient: bool = False
    """Whether settings that it lacks are left out instead of refused."""


@dataclass(slots=True, eq=False)
class Target:
    """A model of a provider. What is prepared for it is made when it is first needed."""

    host: Host
    model: str
    weight: float
    pace: Pace
    price: Price
    _shapes: dict[tuple[str, str], Shape | None] = field(default_factory=dict)
    _heads: dict[tuple[int, str], bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`provider/model`."""
        return f"{self.host.name}/{self.model}"

    @property
    def unpriced(self) -> bool:
        """Whether the tables of prices were asked, and none has it."""
        return isinstance(self.price, cost.Price) and not self.price.known

    def shape(self, operation: Operation, asked: Shape) -> Shape | None:
        """What it is asked in: the client's own protocol if it speaks that; `None` when it can't do such a thing."""
        try:
            return self._shapes[operation, asked.name]
        except KeyError:
            name = self.host.kind.shape_of(operation, asked.name)
            found = asked if name == asked.name else SHAPES.get(name) if name is not None else None
            self._shapes[operation, asked.name] = found
            return found

    def head(self, lane: Lane, place: Place) -> bytes:
        """The head of a request that is passed on as JSON, up to its own headers, its length and its end."""
        key = id(lane), place.path
        try:
            return self._heads[key]
        except KeyError:
            sent = Sent(self.path(place), {}, b"")
            head = self._heads[key] = self.written(lane, place.method, place.operation, sent)
            head += b"content-type: application/json\r\n"
            self._heads[key] = head
            return head

    def path(self, place: Place) -> str:
        """A place with the model's name in it, where it has room for one."""
        return place.path.replace("{model}", quote(self.model, safe="/:@"))

    def written(self, lane: Lane, method: str, operation: Operation, sent: Sent) -> bytes:
        """The same for any request, without a content type. Raises `Unsayable` for what can't stand in a head."""
        host = self.host
        path = host.base + host.kind.path(operation, sent, self.model, lane.login)
        lines = f"{method} {path} HTTP/1.1".encode()
        if not path.isascii() or not path.isprintable() or " " in path:
            raise Unsayable(f"the model {self.model!r} can't be part of a path")
        return b"%b\r\nhost: %b\r\n%b%b%b" % (lines, host.authority, PLAIN, lane.headers, lines_of(sent.headers))


Way = tuple[Target, Lane]
"""A model, and the key it is asked with."""


def lines_of(headers: Mapping[str, str]) -> bytes:
    """Headers as they are sent. Raises `Unsayable` for a value with a line end in it."""
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise Unsayable("a header has a line end in it")
    return text.encode("latin-1", "replace")
