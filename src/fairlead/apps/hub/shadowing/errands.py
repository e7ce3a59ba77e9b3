"""Asks the other model for an answer to a copy, and tells how it compares.

Never in a client's way: it begins when the client has its answer, few are under way at once and further ones are
dropped, reading and comparing is done in a thread. What it costs is on the account `shadow` in the ledger, under the
name of the client's route.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.calls import Chat, Unsayable
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.serving import inner
from fairlead.apps.hub.serving.desk import Desk
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Comparison
from fairlead.apps.hub.shadowing import comparing
from fairlead.apps.hub.shadowing.budget import Budget
from fairlead.apps.hub.shadowing.copying import Uncopied, copied
from fairlead.apps.hub.shapes import Shape

ACCOUNT = "shadow"
MOST_UNDER_WAY = 8
NANO = 1_000_000_000
AGAIN_S = 10.0
"""Until the ledger is asked again what was spent today, when it could not be."""

REDACTS = ("redact", "block")

Spent = Callable[[], Awaitable[Mapping[str, int]]]
"""What copies have cost today, by route, in nano-dollars. Raises what a store raises."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copy:
    """One, ready to be sent."""

    errand: inner.Errand
    path: str
    body: bytes
    asked: Chat
    """What the client asked."""
    most_nano: int


class Errands:
    """All copies of one process."""

    def __init__(self, desk: Desk, spent: Spent) -> None:
        self._desk = desk
        self._spent = spent
        self._account = inner.account(ACCOUNT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._flights: set[Flight] = set()
        self._knows = False
        self._asks_at = 0.0
        self._learning = asyncio.Lock()
        self.budget = Budget()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """By route: `compared`, `failed`, or why none was sent."""

    def whole(self, flight: Flight, pieces: list[bytes] | None) -> None:
        """A client has its answer."""
        if len(self._tasks) >= MOST_UNDER_WAY:
            self.outcomes[flight.route.label, "busy"] += 1
            return
        task = asyncio.get_running_loop().create_task(self._run(flight, pieces))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Give up what is under way; what came of it is paid."""
        for flight in list(self._flights):
            flight.exchange.leave()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def under_way(self) -> int:
        """Copies."""
        return len(self._tasks)

    async def _run(self, flight: Flight, pieces: list[bytes] | None) -> None:
        label = flight.route.label
        try:
            outcome = await self._copied(flight, pieces)
        except Uncopied as why:
            outcome = str(why)
        except Unsayable:
            outcome = "unsayable"
        self.outcomes[label, outcome] += 1

    async def _copied(self, flight: Flight, pieces: list[bytes] | None) -> str:
        """What became of it. Raises `Uncopied`, `Unsayable`."""
        said, label = flight.route.shadow, flight.route.label
        route = self._desk.table.find(said.to, {}, frozenset()) if said is not None else None
        if said is None or route is None:
            return "unknown"
        if route.guard.prompts in REDACTS and flight.route.guard.prompts not in REDACTS:
            return "guarded"
        if not self._knows and not await self._learnt():
            return "budget"
        copy = await asyncio.to_thread(_prepared, flight, route, said.to, self._account)
        limit = int(said.budget_usd_per_day * NANO)
        if not self.budget.take(label, copy.most_nano, limit, self._desk.wall()):
            return "budget"
        shadow, body = await self._asked(copy, label)
        compared = await asyncio.to_thread(_compared, flight, pieces, copy, shadow, body)
        for told in self._desk.compared:
            told(compared)
        return "compared" if compared.failure is None else "failed"

    async def _asked(self, copy: Copy, label: str) -> tuple[Flight, bytes | None]:
        told: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

        def then(body: bytes | None) -> None:
            if not told.done():
                told.set_result(body)

        flight = None
        try:
            flight = inner.ask(self._desk, copy.errand, copy.path, copy.body, then)
            self._flights.add(flight)
            return flight, await told
        finally:
            if flight is not None:
                self._flights.discard(flight)
            cost = flight.cost_nano if flight is not None else 0
            self.budget.settle(label, copy.most_nano, cost, self._desk.wall())

    async def _learnt(self) -> bool:
        """Whether it is known what was spent today; the first ones wait for it together."""
        async with self._learning:
            now = self._desk.now()
            if self._knows or now < self._asks_at:
                return self._knows
            self._asks_at = now + AGAIN_S
            try:
                self.budget.begin(await self._spent(), self._desk.wall())
            except Exception as error:  # of any store
                log.warning(
                    "no prompts are copied, as the ledger does not tell what was spent: %s", type(error).__name__
                )
                return False
            self._knows = True
            return True


def _prepared(flight: Flight, route: Route, to: str, account: Account) -> Copy:
    """In a thread. Raises `Uncopied`, `Unsayable`."""
    asked = flight.call()
    if not isinstance(asked, Chat):
        raise Uncopied("unsayable")
    call = copied(asked, to)
    errand = inner.Errand(account, flight.route.label, route, flight.shape, call)
    path, body = inner.sent(errand)
    return Copy(errand, path, body, asked, errand.most_nano(body))


def _compared(flight: Flight, pieces: list[bytes] | None, copy: Copy, shadow: Flight, body: bytes | None) -> Comparison:
    """In a thread."""
    shape: Shape = flight.shape
    ours = comparing.read(shape, copy.asked, pieces, stream=flight.asked.stream) if pieces is not None else None
    theirs = None if body is None else comparing.read(shape, _call(copy), [body], stream=False)
    failure = shadow.failure.kind if shadow.failure is not None else "provider" if theirs is None else None
    likeness = comparing.similarity(ours.text, theirs.text) if ours is not None and theirs is not None else None
    return Comparison(
        route=flight.route.label,
        to=shadow.target.name if shadow.target is not None else copy.errand.call.model,
        client_characters=len(ours.text) if ours is not None else 0,
        shadow_characters=len(theirs.text) if theirs is not None else 0,
        similarity=likeness,
        same_finish=ours is not None and theirs is not None and ours.finish == theirs.finish,
        client_refused=ours is not None and ours.refused,
        shadow_refused=theirs is not None and theirs.refused,
        client_s=flight.ended - flight.began,
        shadow_s=shadow.ended - shadow.began,
        client_cost_nano=flight.cost_nano,
        shadow_cost_nano=shadow.cost_nano,
        failure=failure,
    )


def _call(copy: Copy) -> Chat:
    call = copy.errand.call
    return call if isinstance(call, Chat) else copy.asked
