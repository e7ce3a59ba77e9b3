"""One call under way: its attempts, its time, its one end.

Whatever happens (an answer, a failure, a client that leaves, a time limit), a flight ends exactly once, and is settled
exactly once, before the last byte of its answer is sent. All happens in callbacks of one thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fairlead.apps.hub.accounts import telling
from fairlead.apps.hub.accounts.entries import Entry
from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.calls import Chat, Failure, Plain, Usage
from fairlead.apps.hub.money.tokens import in_body
from fairlead.apps.hub.routes.choosing import soonest
from fairlead.apps.hub.routes.planning import Plan, Step
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.routes.targets import Target
from fairlead.apps.hub.serving import faults, heads
from fairlead.apps.hub.serving.asking import kept
from fairlead.apps.hub.serving.attempt import Attempt
from fairlead.apps.hub.serving.seams import Filter, Found, Screen, Tap
from fairlead.apps.hub.serving.traces import Trace
from fairlead.apps.hub.shapes import Asked, Place, Shape
from fairlead.apps.hub.wire.exchange import Exchange, nothing

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.desk import Desk, Timer

GONE = Failure("gone", "the client left", 499)


class Flight:
    """What watchers may read: everything without an underscore. Most of it is the class's until it differs."""

    hold: Hold | None = None
    target: Target | None = None
    """Who answered, or was asked last."""
    asks = 0
    """How many attempts were made."""
    fell_back = False
    hedged = False
    cached = False
    source = ""
    """Where a cached answer came from: `memory`, `redis`, `semantic`, `shared`, `estimate`; a provider's has none."""
    open = True
    begun = False
    """Whether some of the answer was sent."""
    asked_at = 0.0
    """When who answered was asked."""
    first_at: float | None = None
    ended = 0.0
    ends = float("inf")
    """When its time is over."""
    pieces = 0
    """How many pieces a stream came in."""
    status = 0
    failure: Failure | None = None
    usage: Usage | None = None
    cost_nano = 0
    unpriced: Sequence[str] = ()
    """What of it has no known price; the cost is of the rest then."""
    trace: Trace | None = None
    """Set by whoever traces, before anybody is asked."""
    taps: tuple[Tap, ...] = ()
    filters: tuple[Filter, ...] = ()
    screen: Screen | None = None
    """Where one stands between the answer and the client."""
    findings: tuple[Found, ...] = ()
    """Secrets in the prompt; those of the answer are told to `desk.found`."""
    _call: Chat | Plain | None = None
    _plan: Plan | None = None

    def __init__(
        self, desk: Desk, exchange: Exchange, shape: Shape, place: Place, asked: Asked, account: Account, route: Route
    ) -> None:
        self.desk = desk
        self.exchange = exchange
        self.shape = shape
        self.place = place
        self.asked = asked
        self.account = account
        self.route = route
        self.attempts: list[Attempt] = []
        """Under way; two while hedged."""
        self.began = desk.now()
        self.started = desk.wall()
        """The same in seconds since 1970."""
        self._timer: Timer | None = None  # not on the class: mypyc sets no `None` there for what may be of a protocol
        exchange.gone = self.left

    def call(self) -> Chat | Plain:
        """The whole call, read when it is first needed. Raises `Unsayable`."""
        if self._call is None:
            exchange = self.exchange
            path = exchange.path + b"?" + kept(exchange.query).encode() if exchange.query else exchange.path
            self._call = self.shape.read_call(self.place, path, exchange.headers, exchange.body)
        return self._call

    def rewrite(self, body: bytes) -> None:
        """Another body takes the place of the client's, before anybody is asked."""
        self.exchange.body = body
        self._call = None

    @property
    def is_arrayed(self) -> bool:
        """Whether the client takes a stream as one JSON array, which some protocols have beside events."""
        return bool(self.shape.array_type and self.asked.stream and b"alt=sse" not in self.exchange.query)

    def prompt_tokens(self) -> int:
        """About as many as the prompt has: for when the provider does not tell."""
        return in_body(self.asked.model, self.exchange.body)

    # towards the providers

    def reserved(self, outcome: Hold | Failure) -> None:
        """What it may cost is set aside, or there is not enough."""
        if isinstance(outcome, Failure):
            self.refuse(outcome)
            return
        self.hold = outcome
        if not self.open:
            self._settle()
            return
        self.go()

    def go(self) -> None:
        """Ask the first provider."""
        route = self.route
        sole = route.sole
        if sole is not None and sole[1].breaker.ready(self.began):
            self._send(Attempt(self, sole[0], sole[1]))
        else:
            self._follow(None)
        if route.hedge_s is not None and self.open:
            self._timer = self._timer or self.desk.later(route.hedge_s, self._hedge)

    def plan(self) -> Plan:
        """Who else may be asked."""
        if self._plan is None:
            tried = frozenset((one.target, one.lane) for one in self.attempts)
            self._plan = Plan(self.route, self.route.retries + 1 - self.asks, tried)
        return self._plan

    def _send(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self.asks += 1
        self.target = attempt.target
        attempt.send()

    def _follow(self, failure: Failure | None) -> None:
        """Ask the next one, or give up."""
        step = self.plan().following(self.desk.now(), self.desk.chance)
        if step is None:
            self.refuse(failure or faults.nobody(soonest(self.route.targets), self.desk.now()))
        elif step.wait_s > 0:
            self._forget_timer()
            self._timer = self.desk.later(step.wait_s, self._take, step)
        else:
            self._take(step)

    def _take(self, step: Step) -> None:
        self._timer = None
        if self.open:
            self.fell_back = self.fell_back or step.fallback
            self._send(Attempt(self, *step.way))

    def _hedge(self) -> None:
        self._timer = None
        if not self.open or self.begun or len(self.attempts) != 1:
            return
        step = self.plan().other(self.desk.now(), self.desk.chance)
        if step is not None:
            self.hedged = True
            self._take(step)

    # from the attempts

    def won(self, attempt: Attempt) -> None:
        """It has begun to answer: no other is needed."""
        self.first_at = self.desk.now()
        self.asked_at = attempt.began
        self.target = attempt.target
        if len(self.attempts) > 1:
            for other in [one for one in self.attempts if one is not attempt]:
                other.drop()
            self.attempts = [attempt]

    def missed(self, attempt: Attempt, failure: Failure, elsewhere: bool = False) -> None:
        """It failed before anything of it was sent; `elsewhere`: somebody else may not, whatever the failure."""
        self.plan()  # while it can see which attempts there are
        self.attempts.remove(attempt)
        if self.attempts or not self.open:
            return
        if (elsewhere or failure.kind in faults.ELSEWHERE) and self.desk.now() < self.ends:
            self._follow(failure)
        else:
            self.refuse(failure)

    # its end

    def finish(self, status: int, usage: Usage | None, failure: Failure | None = None) -> None:
        """It is answered, but for the last bytes; called by whoever sends them, once."""
        self.status = status
        self.failure = failure
        self.usage = usage
        self._end()

    def refuse(self, failure: Failure, raw: bytes | None = None) -> None:
        """There will be no answer but this failure; `raw` is its body, where the provider's own can be passed on."""
        if not self.open:
            return
        shown = faults.told(failure)
        self.finish(shown.status, None, failure)
        if raw is None:
            heads.refuse(self.exchange, self.shape, shown, self._limits())
        else:
            head = heads.line(shown.status) + b"\r\ncontent-type: application/json"
            self.exchange.answer(head + self._limits().encode(), raw)

    def answer(self, body: bytes, usage: Usage | None, content_type: bytes = b"application/json") -> None:
        """A whole answer that is there already (from a cache): nobody is asked, and nothing is paid."""
        if self.open:
            self.cached = True
            self.finish(200, usage)
            self.exchange.answer(heads.whole(content_type, self.stamp), body)

    def left(self) -> None:
        """The client is gone: whoever is asked stops, and what came is paid."""
        if not self.open:
            return
        usage = next((found for one in self.attempts if (found := one.came()) is not None), None)
        self.finish(499, usage, GONE)

    def overdue(self, now: float) -> None:
        """Look after time limits; called about twice a second."""
        for attempt in [one for one in self.attempts if one.due < now]:
            attempt.overdue()
        if self.open and self.ends < now:
            name = self.target.host.name if self.target is not None else "the hub"
            failure = faults.late(name, "no whole answer", self.ends - self.began)
            if self.begun:
                self.attempts[0].broke(failure)
            else:
                self.refuse(failure)

    @property
    def id(self) -> str:
        """Of the request; what the ledger and the client call it."""
        return self.hold.id if self.hold is not None else ""

    @property
    def stamp(self) -> str:
        """The id as it stands in a head, with what is left of the limits, where there are any, after it."""
        return self.id + self._limits()

    def _limits(self) -> str:
        if self.hold is not None:
            limits = self.hold.form.told
        else:
            limits = telling.told(self.account.of_model.get(self.asked.model, self.account.meters))
        return telling.lines(limits, self.desk.wall()) if limits else ""

    def _end(self) -> None:
        self.open = False
        self.ended = self.desk.now()
        self.exchange.gone = self.exchange.stalled = self.exchange.flows = nothing
        self._forget_timer()
        for attempt in self.attempts:
            attempt.drop()
        self.attempts = []
        self.desk.flights.discard(self)
        if self.usage is not None and self.target is not None and not self.cached:
            price, operation = self.target.price, self.asked.operation
            self.cost_nano = price.cost(self.usage, operation)
            self.unpriced = price.lacks(self.usage, operation)
        self._settle()
        for tap in self.taps:
            tap.close(self.failure is None)
        for watcher in self.desk.watchers:
            watcher(self)

    def _settle(self) -> None:
        hold = self.hold
        if hold is None:
            return
        if not self.asks and not self.cached:
            self.desk.accounts.release(hold)
            return
        self.desk.accounts.settle(hold, self._entry())

    def _entry(self) -> Entry:
        target, first = self.target, self.first_at
        return Entry(
            target.host.name if target is not None else "",
            target.model if target is not None else "",
            self.status,
            self.started,
            self.started + self.ended - self.began,
            None if first is None else self.started + first - self.began,
            self.usage,
            self.cost_nano,
            self.asked.operation,
            self.cached,
            bool(self.unpriced),
        )

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
