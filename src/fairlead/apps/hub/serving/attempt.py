"""One request to one provider, as part of a flight: what `wire` calls back.

Whatever comes after the flight has dropped it is not heard: its connection ends with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fairlead.apps.hub.calls import Failure, Unsayable, Usage
from fairlead.apps.hub.providers import Unready
from fairlead.apps.hub.routes.targets import Lane, Target
from fairlead.apps.hub.serving import faults, heads
from fairlead.apps.hub.serving.asking import passed_on, translated
from fairlead.apps.hub.serving.bytewise import BYTES, Raw
from fairlead.apps.hub.serving.passing import Passing
from fairlead.apps.hub.serving.pricing import BY_THEMSELVES, by_itself
from fairlead.apps.hub.serving.translating import Translating, answer_of
from fairlead.apps.hub.shapes import Shape
from fairlead.apps.hub.shapes.openai_plain import owners
from fairlead.apps.hub.shapes.seals import held_in
from fairlead.apps.hub.wire.upstream import Upstream

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.flight import Flight

NEVER = float("inf")


class Relay(Protocol):
    """Hands a stream on."""

    begun: bool
    """Whether the client has got some of it."""

    def piece(self, data: bytes) -> None:
        """More of it."""

    def complete(self) -> None:
        """It has ended as it should."""

    def broke(self, failure: Failure) -> None:
        """It will not end as it should; something of it was sent."""

    def came(self) -> Usage | None:
        """What has come of it."""


class Attempt:
    """Of one flight."""

    __slots__ = ("_request", "_upstream", "began", "due", "flight", "lane", "relay", "same", "shape", "target")

    def __init__(self, flight: Flight, target: Target, lane: Lane) -> None:
        self.flight = flight
        self.target = target
        self.lane = lane
        self.shape: Shape = flight.shape
        """What it is asked in."""
        self.same = True
        """Whether bytes are passed on as they are, both ways."""
        self.began = 0.0
        self.due = NEVER
        """When the next of its time limits is over."""
        self.relay: Relay | None = None
        self._upstream: Upstream | None = None
        self._request = b""

    def send(self) -> None:
        """Ask."""
        flight, target = self.flight, self.target
        try:
            request = self._written()
        except Unsayable as error:
            flight.plan().bar(target)
            flight.missed(self, Failure("invalid", str(error), 400), elsewhere=True)
            return
        except Unready as error:
            self._fail(Failure("overloaded", f"{target.host.name}: {error}", 503, provider=target.host.name))
            return
        limits = flight.route.timeouts or target.host.timeouts
        self.began = flight.desk.now()
        self.due = self.began + limits.first_token if limits.first_token else NEVER
        if flight.asks == 1 and limits.whole:
            flight.ends = flight.began + limits.whole
        if self.lane.breaker.trouble:
            self.lane.breaker.asked()
        target.pace.under_way += 1
        self._request = request
        self._upstream = target.host.pool.ask(self, request, connect_s=limits.connect)

    def drop(self) -> None:
        """Nobody wants its answer any more; the provider sees that at once."""
        upstream = self._upstream
        if upstream is not None:
            self.over()
            self.lane.breaker.given_up()
            upstream.drop()

    def came(self) -> Usage | None:
        """What has come of an answer until now. A provider that has read the prompt asks to be paid for it."""
        if self.relay is not None:
            return self.relay.came()
        return Usage(input=self.flight.prompt_tokens(), estimated=True)

    def overdue(self) -> None:
        """It took too long."""
        limits = self.flight.route.timeouts or self.target.host.timeouts
        name = self.target.host.name
        if self.relay is not None and self.relay.begun:
            self.broke(faults.late(name, "no further token", limits.between_tokens))
        else:
            self._fail(faults.late(name, "no token", limits.first_token))

    def broke(self, failure: Failure) -> None:
        """Its stream ends here, after some of it was sent."""
        self.note(failure)
        if self.relay is not None:
            self.relay.broke(failure)

    def _written(self) -> bytes:
        flight, target = self.flight, self.target
        shape = target.shape(flight.asked.operation, flight.shape)
        if shape is None:
            raise Unsayable(f"{target.host.name} has no words for a call of the kind `{flight.asked.operation}`")
        self.shape = shape
        self.same = (
            shape is flight.shape
            and not flight.filters
            and not flight.is_arrayed
            and not held_in(flight.exchange.body, shape.name)
        )
        if self.same:
            return passed_on(flight, target, self.lane)
        return translated(flight, target, self.lane, shape)

    # from the provider's connection

    def begun(self, status: int, headers: dict[bytes, bytes]) -> bool:
        """The head of an answer."""
        flight, shape = self.flight, self.shape
        self._request = b""
        if status != 200 or faults.encoded(headers):
            return False
        if not flight.asked.stream:
            return self._is_sound(headers)
        if not headers.get(b"content-type", b"").startswith(shape.stream_type.partition(b";")[0]):
            return False
        self.relay = Passing(self) if self.same else Translating(self)
        return True

    def _is_sound(self, headers: dict[bytes, bytes]) -> bool:
        """Whether it is bytes of a sound or a file, which are passed on as they come."""
        content = headers.get(b"content-type", b"")
        if (
            not self.same
            or self.flight.asked.operation not in BYTES
            or content.startswith((b"application/json", b"text/"))
        ):
            return False
        self.relay = Raw(self, content)
        return True

    def piece(self, data: bytes) -> None:
        """Some of a stream."""
        if self.relay is not None and self._upstream is not None:
            self.relay.piece(data)

    def complete(self) -> None:
        """The end of a stream."""
        if self.relay is not None and self._upstream is not None:
            self.relay.complete()

    def answered(self, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        """A whole answer."""
        flight = self.flight
        if self._upstream is None:
            return
        self.over()  # the connection serves others again, whatever this answer says
        if not 200 <= status < 300:
            failure = faults.by(self.target.host.name, self.shape.read_failure(status, headers, body))
            own = self.same and failure.kind not in faults.ELSEWHERE
            self._fail(failure, body if own else None)
            return
        if flight.asked.stream and self.shape.stream_type != b"application/json":
            self._fail(faults.broken(self.target.host.name, "its answer is no stream"))
            return
        self._answer(headers, body)

    def lost(self, why: str, *, untouched: bool) -> None:
        """No answer, or no more of it. A kept connection may have been closed just when it was used."""
        upstream = self._upstream
        if upstream is None:
            return
        if untouched and upstream.used:
            limits = self.flight.route.timeouts or self.target.host.timeouts
            pool = self.target.host.pool
            self._upstream = pool.ask(self, self._request, fresh=True, connect_s=limits.connect)
            return
        failure = faults.broken(self.target.host.name, why)
        if self.relay is not None and self.relay.begun:
            self.broke(failure)
        else:
            self._fail(failure)

    # for its stream

    def first(self, content: bytes | None = None) -> None:
        """Its first token is there, of a stream of this content type (that of the client's protocol)."""
        flight, now = self.flight, self.flight.desk.now()
        self._well(now)
        flight.won(self)
        flight.begun = True
        flight.exchange.stalled = self._stall
        flight.exchange.flows = self._flow
        if content is None:
            content = flight.shape.array_type if flight.is_arrayed else flight.shape.stream_type
        flight.exchange.begin(heads.stream(content, flight.stamp))
        self.ticks(now)

    def ticks(self, now: float) -> None:
        """A token came; the next may take its time."""
        limits = self.flight.route.timeouts or self.target.host.timeouts
        self.due = now + limits.between_tokens if limits.between_tokens else NEVER

    def missed(self, failure: Failure) -> None:
        """A stream that broke before its first token."""
        self._fail(faults.by(self.target.host.name, failure))

    def over(self) -> None:
        """Its answer is whole, or will never be; the connection is no longer its own."""
        self.relay = None  # which holds this attempt: a circle that would wait for the garbage collector
        if self._upstream is not None:
            self._upstream = None
            self.target.pace.under_way -= 1

    def _stall(self) -> None:
        if self._upstream is not None:
            self.due = NEVER
            self._upstream.pause()

    def _flow(self) -> None:
        if self._upstream is not None:
            self.ticks(self.flight.desk.now())
            self._upstream.resume()

    # its end

    def _answer(self, headers: dict[bytes, bytes], body: bytes) -> None:
        flight = self.flight
        try:
            usage = self.shape.usage(flight.asked.operation, body)
            if usage is None and (failure := faults.hidden(flight.asked.operation, self.shape, headers, body)):
                self._fail(faults.by(self.target.host.name, failure))
                return
            if not self.same:
                body, content = answer_of(self, headers, body), b"application/json"
            else:
                content = headers.get(b"content-type", b"application/json")
            if flight.asked.operation in owners.OWNED:
                body = owners.marked(self.target.host.name, body)
        except Unsayable as error:
            self._fail(faults.broken(self.target.host.name, f"its answer can't be read: {error}"))
            return
        self._well(flight.desk.now())
        flight.won(self)
        for tap in flight.taps:
            tap.piece(body)
        exchange = flight.exchange
        flight.finish(200, usage or self._guess(body))
        if content == b"application/json":
            exchange.answer(heads.JSON + flight.stamp.encode(), body)
        else:
            exchange.answer(heads.whole(content, flight.stamp), body)

    def _guess(self, body: bytes) -> Usage | None:
        """What an answer without usage is taken for."""
        operation = self.flight.asked.operation
        if operation in BY_THEMSELVES:
            return by_itself(self.flight)
        if operation not in ("chat", "completion"):
            return None
        return Usage(input=self.flight.prompt_tokens(), output=len(body) // 4, estimated=True)

    def _well(self, now: float) -> None:
        breaker = self.lane.breaker
        if breaker.trouble:
            breaker.succeeded(now)
        if self.flight.route.balance == "latency":
            self.target.pace.seen(now - self.began, now)

    def _fail(self, failure: Failure, raw: bytes | None = None) -> None:
        flight = self.flight
        self.note(failure)
        upstream = self._upstream
        self.over()
        if upstream is not None:
            upstream.drop()
        if raw is not None and flight.attempts == [self]:
            flight.refuse(failure, raw)
        else:
            flight.missed(self, failure)

    def note(self, failure: Failure) -> None:
        """For the breaker, and for those who watch."""
        desk = self.flight.desk
        faults.noted(self.lane.breaker, failure, desk.now())
        for told in desk.missed:
            told(self.target, failure)
