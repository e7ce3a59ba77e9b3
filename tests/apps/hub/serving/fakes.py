"""Everything around a flight, driven by hand: providers' connections, the client's, money, time and timers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.apps.hub.routes.tables import table

from fairlead.apps.hub.accounts.accounts import Accounts
from fairlead.apps.hub.accounts.entries import Entry
from fairlead.apps.hub.accounts.forms import form_of
from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.keys import Account, Models
from fairlead.apps.hub.calls import Failure, Operation, Usage
from fairlead.apps.hub.routes.table import Table
from fairlead.apps.hub.serving.desk import Desk
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.wire.exchange import Exchange
from fairlead.apps.hub.wire.upstream import Caller

JSON = {b"content-type": b"application/json"}
STREAM = {b"content-type": b"text/event-stream; charset=utf-8"}

ANSWER = (
    b'{"id":"c-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"hello"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}'
)
ROLE = (
    b'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":'
    b'{"role":"assistant","content":""},"finish_reason":null}]}\n\n'
)
FINISH = (
    b'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},'
    b'"finish_reason":"stop"}]}\n\n'
)
USAGE = (
    b'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],'
    b'"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}\n\n'
)
DONE = b"data: [DONE]\n\n"


def word(text: str) -> bytes:
    """A chunk with some text."""
    return (
        b'data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":'
        b'{"content":"%b"},"finish_reason":null}]}\n\n' % text.encode()
    )


class Each:
    """A nano-dollar for each token."""

    def cost(self, usage: Usage, operation: Operation = "chat") -> int:
        """Of an answer."""
        return usage.input + usage.output

    def most(self, asked: int, output: int) -> int:
        """At most."""
        return asked + output

    def lacks(self, usage: Usage, operation: Operation = "chat") -> Sequence[str]:
        """Nothing."""
        return ()


@dataclass(eq=False)
class FakeUpstream:
    """A connection that keeps the contract of a real one: after its end, or when dropped, it says nothing."""

    caller: Caller | None
    request: bytes
    used: int = 1
    dropped: bool = False
    paused: bool = False
    in_pieces: bool = False
    touched: bool = False
    head: tuple[int, dict[bytes, bytes]] | None = None

    @property
    def alive(self) -> bool:
        """Whether anything may still come of it."""
        return self.caller is not None

    def drop(self) -> None:
        """Nobody wants it."""
        self.dropped = True
        self.caller = None

    def pause(self) -> None:
        """The client does not keep up."""
        self.paused = True

    def resume(self) -> None:
        """It does again."""
        self.paused = False

    def begins(self, status: int = 200, headers: dict[bytes, bytes] = JSON) -> FakeUpstream:
        """The head of an answer."""
        assert self.caller is not None
        self.touched = True
        self.head = status, headers
        self.in_pieces = self.caller.begun(status, headers)
        return self

    def says(self, *pieces: bytes) -> FakeUpstream:
        """Some of a stream."""
        for piece in pieces:
            if self.caller is not None and self.in_pieces:
                self.caller.piece(piece)
        return self

    def ends(self, body: bytes = b"") -> None:
        """The end of an answer."""
        caller, self.caller = self.caller, None
        if caller is None or self.head is None:
            return
        if self.in_pieces:
            caller.complete()
        else:
            caller.answered(*self.head, body)

    def answers(self, body: bytes = ANSWER, status: int = 200, headers: dict[bytes, bytes] = JSON) -> None:
        """A whole answer."""
        self.begins(status, headers).ends(body)

    def breaks(self, why: str = "the connection was reset") -> None:
        """No answer, or no more of it."""
        caller, self.caller = self.caller, None
        if caller is not None:
            caller.lost(why, untouched=not self.touched)


@dataclass
class FakePool:
    """Gives out connections that a test drives."""

    made: list[FakeUpstream] = field(default_factory=list)

    def ask(self, caller: Caller, request: bytes, *, fresh: bool = False, connect_s: float = 5) -> FakeUpstream:
        """A request."""
        one = FakeUpstream(caller, request, used=0 if fresh else 1)
        self.made.append(one)
        return one


class FakeLine:
    """The client's connection, which takes everything."""

    peer = "192.0.2.1"

    def __init__(self) -> None:
        self.data = b""
        self.ended: list[str] = []

    def write(self, data: bytes) -> None:
        """Bytes for the client."""
        assert not self.ended
        self.data += data

    def done(self, keep: bool) -> None:
        """A whole answer."""
        self.ended.append("done")

    def cut(self) -> None:
        """No whole answer."""
        self.ended.append("cut")


class FakeAccounts(Accounts):
    """Sees that everything is settled or released, once."""

    def __init__(self) -> None:
        self.account = Account("alice", "0" * 64, None, frozenset(), Models(None), float("inf"))
        self.entries: list[Entry] = []
        self.held: list[Hold] = []
        self.released: list[Hold] = []
        self.refuses: Failure | None = None

    def admit(self, secret: bytes) -> Account | Failure:
        """Everybody is alice."""
        return self.account

    def reserve(self, account: Account, model: str, tokens: int, cost_nano: int, now: float) -> Hold | Failure:
        """There is enough, unless told otherwise."""
        if self.refuses is not None:
            return self.refuses
        hold = Hold(
            f"id-{len(self.held)}", account, model, form_of(account, model, now), (1, tokens, cost_nano, 1), now
        )
        self.held.append(hold)
        return hold

    def settle(self, hold: Hold, entry: Entry) -> None:
        """Once."""
        assert hold.open
        hold.open = False
        self.entries.append(entry)

    def release(self, hold: Hold) -> None:
        """Once."""
        assert hold.open
        hold.open = False
        self.released.append(hold)


@dataclass
class Timer:
    """Something that will be done."""

    at: float
    do: Callable[..., None]
    arguments: tuple[Any, ...]
    waits: bool = True

    def cancel(self) -> None:
        """It will not."""
        self.waits = False


class Town:
    """A desk whose providers, clients, money and time are in the hands of the test."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.time = 1000.0
        self.timers: list[Timer] = []
        self.accounts = FakeAccounts()
        self.table: Table = table(said, pricing=lambda kind, model: Each())
        self.pools: dict[str, FakePool] = {}
        for name, host in self.table.hosts.items():
            self.pools[name] = FakePool()
            host.pool = self.pools[name]  # type: ignore[assignment]  # as much of a pool as an attempt uses
        self.desk = Desk(
            self.table,
            self.accounts,
            now=lambda: self.time,
            wall=lambda: 1_700_000_000 + self.time,
            chance=lambda: 0.5,
            later=self._later,
        )
        self.ended: list[Flight] = []
        self.desk.watchers = (self.ended.append,)

    def asks(self, body: bytes, path: bytes = b"/v1/chat/completions", **headers: bytes) -> tuple[Exchange, FakeLine]:
        """A client's request."""
        line = FakeLine()
        said = {name.replace("_", "-").encode(): value for name, value in headers.items()}
        exchange = Exchange(line, b"POST", path, {b"content-type": b"application/json"} | said, body, keep=True)
        self.desk.serve(exchange)
        return exchange, line

    def asked(self, name: str, number: int = -1) -> FakeUpstream:
        """A request that a provider got; the last one, mostly."""
        return self.pools[name].made[number]

    def passes(self, seconds: float) -> None:
        """Time goes by: timers ring in their order, and time limits are looked after."""
        end = self.time + seconds
        while due := [one for one in self.timers if one.waits and one.at <= end]:
            first = min(due, key=lambda one: one.at)
            first.waits = False
            self.time = max(self.time, first.at)
            first.do(*first.arguments)
        self.time = end
        self.desk.sweep()

    def _later(self, seconds: float, do: Callable[..., None], /, *arguments: Any) -> Timer:
        timer = Timer(self.time + seconds, do, arguments)
        self.timers.append(timer)
        return timer

    @property
    def made(self) -> list[FakeUpstream]:
        """All requests that providers got."""
        return [one for pool in self.pools.values() for one in pool.made]

    def check_all_is_over(self) -> None:
        """Nothing is left: no flight, no connection, no timer, no hold."""
        assert not self.desk.flights
        assert not any(one.alive for one in self.made)
        assert not any(one.waits for one in self.timers)
        assert not any(hold.open for hold in self.accounts.held)
        assert len(self.accounts.entries) + len(self.accounts.released) == len(self.accounts.held)
        for route in (one for routes in self.table.routes.values() for one in routes):
            for target in (*route.targets, *route.fallbacks):
                assert target.pace.under_way == 0
