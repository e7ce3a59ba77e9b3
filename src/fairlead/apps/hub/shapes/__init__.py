"""Protocols, each one file: how a call, its answer and its failures are written. Pure: bytes and data in, data and
bytes out. A shape serves both sides, the client's and the provider's; a call that came in one goes out in any other.

Where both sides speak the same shape the hub passes bytes on as they are (but for the model's name), so a shape is only
asked to translate when they differ, and for what the hub itself has to know: model, stream, usage, failure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fairlead.apps.hub.calls import Chat, Delta, Failure, Operation, Plain, Reply, Usage
from fairlead.kit.registry import Registry

Headers = Mapping[bytes, bytes]
"""Names in lower case."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shape is spoken: a path pattern with `{model}` where it names one, and what it asks for."""

    method: str
    path: str
    operation: Operation
    agent: bytes = b""
    """Only for clients whose `user-agent` begins so: another vendor's, at a path that both have."""


@dataclass(slots=True)
class Asked:
    """What the hub needs of a request before it is sent anywhere, read in one pass over the bytes.

    Not to be changed; freezing it would take a third of the time of the pass.

    `most_output` is the most tokens that the answer may have, for what has to be reserved; `None`: nothing was said.
    """

    operation: Operation
    model: str
    stream: bool = False
    most_output: int | None = None
    user: str | None = None
    tags: tuple[str, ...] = ()
    usage: bool = True
    """Whether the client wants to see the usage in its stream. Where it does not, and its protocol only tells it on
    request (OpenAI's chat completions and completions), the event that holds nothing else is not for it."""
    settled: bool | None = field(default=None, compare=False)
    """Whether it asks for temperature 0; `None` where that was not looked at."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as a provider gets it: path with query, headers of the shape, body."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class StreamReader(Protocol):
    """Reads a provider's stream, in pieces cut anywhere."""

    def feed(self, data: bytes) -> Sequence[Delta | Failure]:
        """What the piece completed."""

    def close(self) -> Sequence[Delta | Failure]:
        """What is left at the end; a `Failure` when the stream ended before it was whole."""


class StreamWriter(Protocol):
    """Writes a stream for the client."""

    def write(self, delta: Delta) -> bytes:
        """One step; may be nothing."""

    def close(self) -> bytes:
        """The end of a whole stream."""

    def fail(self, failure: Failure) -> bytes:
        """The end of a stream that broke, in the protocol's own form for it."""


class Shape(Protocol):
    """One protocol."""

    @property
    def name(self) -> str:
        """As calls and answers name who read them."""

    @property
    def places(self) -> Sequence[Place]:
        """Where clients speak it."""

    @property
    def stream_type(self) -> bytes:
        """The content type of a stream: `text/event-stream`, mostly."""

    @property
    def array_type(self) -> bytes:
        """The same for a client that did not ask for events in its path (`alt=sse`): it gets one JSON array. Empty
        where a protocol has no such thing."""

    @property
    def ended(self) -> re.Pattern[bytes] | None:
        """What stands in the last events of a stream that is whole; `None` where nobody knows."""

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked, without reading all of it. Raises `Unsayable` for what is no request of this protocol."""

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The same body with another model's name, and with usage asked for in a stream; the rest byte by byte."""

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call. Raises `Unsayable`."""

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider. Raises `Unsayable` for what this protocol has no words for."""

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer of a provider."""

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""

    def writer(self, call: Chat) -> StreamWriter:
        """For the stream of a client."""

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage in a whole answer, or in one event of a stream, without reading the rest of it."""

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of an error for the client."""


SHAPES: Registry[Shape] = Registry(kind="protocol", package="fairlead.apps.hub.shapes", group="fairlead.hub.shapes")
"""Every protocol by its name."""
