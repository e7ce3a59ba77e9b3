"""The stream of outcomes, for a judge or an optimizer: `GET /events` on the second listener, as server-sent events;
beside them how other models' answers compare (`event: comparison`).

What has ended is kept in a ring of bounded length. A reader is handed what is new ten times a second, as long as it
takes what it gets; one that falls behind the ring is told how many it missed, and its stream ends. `?from=` or
`last-event-id` continues where a reader was, as far as the ring still knows.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from urllib.parse import parse_qs

import msgspec

from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.watching.comparisons import Compared
from fairlead.apps.hub.watching.outcomes import Outcome
from fairlead.apps.hub.wire.exchange import Exchange

PATH = b"/events"

KEPT = 4_096
"""Outcomes in the ring: some 2 MB."""

EVERY_S = 0.1

AT_ONCE = 500
"""Events that a reader is handed before it is looked at whether it takes them."""

QUIET_S = 15.0
"""After so long without an event a comment is sent, so that nobody on the way takes the stream for dead."""

MOST_READERS = 20

HEAD = (
    heads.line(200)
    + b"\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\nx-accel-buffering: no"
)  # fmt: skip
FULL = heads.line(503) + b"\r\ncontent-type: text/plain"

_encode = msgspec.json.Encoder().encode


class Events:
    """Of one process; `run` names it, since another counts from the beginning."""

    def __init__(self, run: str, kept: int = KEPT) -> None:
        self._run = run
        self._ring: deque[Outcome | Compared] = deque(maxlen=kept)
        self._readers: set[_Reader] = set()
        self._pump: asyncio.Task[None] | None = None
        self.next = 1
        """The number of the next outcome."""

    def add(self, outcome: Outcome | Compared) -> None:
        """One more; called for every request and every comparison."""
        self._ring.append(outcome)
        self.next = outcome.seq + 1

    @property
    def first(self) -> int:
        """The number of the oldest that is still known."""
        return self.next - len(self._ring)

    def page(self, exchange: Exchange) -> bool:
        """`GET /events`."""
        if exchange.path != PATH or exchange.method != b"GET":
            return False
        if len(self._readers) >= MOST_READERS:
            exchange.answer(FULL, b"too many read the events already\n")
            return True
        self._begin(_Reader(exchange, self._wanted(exchange)))
        return True

    async def end(self) -> None:
        """Let all readers go."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        for reader in list(self._readers):
            reader.exchange.end()
        self._readers.clear()

    def _wanted(self, exchange: Exchange) -> int:
        """The first event that a reader wants: by default the next one that comes."""
        asked = parse_qs(exchange.query.decode("latin-1")).get("from", [""])[0]
        if asked.isdecimal():
            return min(int(asked), self.next)
        last = exchange.headers.get(b"last-event-id", b"").decode("latin-1")
        return min(int(last) + 1, self.next) if last.isdecimal() else self.next

    def _begin(self, reader: _Reader) -> None:
        self._readers.add(reader)
        reader.begin({"run": self._run, "next": self.next, "first": self.first})
        if reader.next < self.first:
            reader.missed(self.first)
        self._hand_on(reader)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._keep_on(), name="hub-events")

    async def _keep_on(self) -> None:
        """As long as anybody reads."""
        while self._readers:
            await asyncio.sleep(EVERY_S)
            for reader in list(self._readers):
                self._hand_on(reader)

    def _hand_on(self, reader: _Reader) -> None:
        if reader.next < self.first and not reader.is_stalled:
            reader.missed(self.first)
            reader.exchange.end()
        while reader.takes and reader.next < self.next:
            begin = reader.next - self.first
            some = list(islice(self._ring, begin, begin + AT_ONCE))
            reader.hand(b"".join(_written(one) for one in some), some[-1].seq + 1)
        reader.remind()
        if not reader.exchange.open:
            self._readers.discard(reader)


class _Reader:
    """One who reads."""

    def __init__(self, exchange: Exchange, following: int) -> None:
        self.exchange = exchange
        self.next = following
        self.is_stalled = False
        self._quiet = 0

    def begin(self, said: dict[str, object]) -> None:
        """Say hello, with what there is."""
        self.exchange.stalled = self._stall
        self.exchange.flows = self._flow
        self.exchange.begin(HEAD)
        self.exchange.send(b"event: hello\ndata: %b\n\n" % _encode(said))

    @property
    def takes(self) -> bool:
        """Whether it is there, and takes what it gets."""
        return self.exchange.open and not self.is_stalled

    def hand(self, data: bytes, following: int) -> None:
        """Some events."""
        self._quiet = 0
        self.next = following
        self.exchange.send(data)

    def missed(self, first: int) -> None:
        """Tell it what it will never see."""
        said = {"missed": first - self.next, "next": first}
        self.next = first
        self.exchange.send(b"event: missed\ndata: %b\n\n" % _encode(said))

    def remind(self) -> None:
        """Be there, though nothing happens."""
        self._quiet += 1
        if self._quiet * EVERY_S >= QUIET_S and self.takes:
            self._quiet = 0
            self.exchange.send(b": nothing new\n\n")

    def _stall(self) -> None:
        self.is_stalled = True

    def _flow(self) -> None:
        self.is_stalled = False


def _written(outcome: Outcome | Compared) -> bytes:
    kind = b"event: comparison\n" if isinstance(outcome, Compared) else b""
    return b"id: %d\n%bdata: %b\n\n" % (outcome.seq, kind, _encode(outcome))
