"""What a model costs, at this moment: prepared once per configuration, asked for every answer.

A price may change at midnight (UTC) or, with some vendors, by the hour; the vendor bills by the time at which the
answer is complete, and so does this.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from datetime import time as clock_time

from fairlead.apps.hub.calls import Operation, Usage
from fairlead.apps.hub.money.bills import Bill
from fairlead.apps.hub.money.entries import Entry, Hours, Tariff, Tier

DAY_S = 86_400
NEVER = float("inf")
EPOCH = date(1970, 1, 1)

USUAL_OUTPUT = 4096
"""Tokens that are reserved for an answer when nobody said how long it may get."""


class Price:
    """Of one model. `entries` are in order of their days."""

    __slots__ = ("_bill", "_bills", "_clock", "_entries", "_until", "pattern")

    def __init__(self, entries: Sequence[Entry], pattern: str = "", clock: Callable[[], float] = time.time) -> None:
        self.pattern = pattern
        """What in the table its name matched."""
        self._entries = entries
        self._clock = clock
        self._bills: dict[tuple[int, int], Bill] = {}
        self._bill, self._until = self._at(clock())

    @property
    def known(self) -> bool:
        """Whether there is any."""
        return bool(self._entries)

    def cost(self, usage: Usage, operation: Operation = "chat") -> int:
        """Nano-dollars, of as much of an answer as has a price; see `lacks`. To count tokens costs nothing."""
        return self.bill().cost(usage) if operation != "count" else 0

    def most(self, asked: int, output: int) -> int:
        """Nano-dollars that no answer with so many tokens exceeds; searches and the like come on top."""
        return self.bill().most(asked, output)

    def lacks(self, usage: Usage, operation: Operation = "chat") -> Sequence[str]:
        """What of it has no price: its cost is not known then, and is never to be taken for nothing."""
        if operation == "count":
            return ()
        missing = self.bill().lacks(usage)
        return () if operation == "speech" and missing and _is_enough(missing) else missing

    def bill(self) -> Bill:
        """What is charged now."""
        if self._until != NEVER:
            now = self._clock()
            if now >= self._until:
                self._bill, self._until = self._at(now)
        return self._bill

    def _at(self, now: float) -> tuple[Bill, float]:
        """What is charged at a time, and until when (both in seconds since 1970)."""
        day, second = divmod(now, DAY_S)
        begun = [number for number, entry in enumerate(self._entries) if _day(entry) <= day]
        later = [_day(entry) * DAY_S for entry in self._entries if _day(entry) > day]
        until = min(later, default=NEVER)
        if not begun:
            return self._prepared(-1, -1), until
        number = begun[-1]
        hours = self._entries[number].hours
        at = next((place for place, one in enumerate(hours) if _within(one, second)), -1)
        if hours:
            turns = [moment for one in hours for moment in (_second(one.from_), _second(one.to)) if moment > second]
            until = min(until, day * DAY_S + min(turns, default=DAY_S))
        return self._prepared(number, at), until

    def _prepared(self, number: int, hours: int) -> Bill:
        key = number, hours
        if key not in self._bills:
            self._bills[key] = self._made(number, hours)
        return self._bills[key]

    def _made(self, number: int, hours: int) -> Bill:
        if number < 0:
            return Bill(UNPRICED, {})
        entry = self._entries[number]
        if hours < 0:
            return Bill(entry, entry.tiers)
        now = entry.hours[hours]
        said = {"usd": now.usd, "above": now.above, "each": now.each}
        replaced = entry.model_copy(update={name: value for name, value in said.items() if value is not None})
        return Bill(replaced, dict.fromkeys(entry.tiers, Tier()))


UNPRICED = Tariff()

UNKNOWN = Price(())
"""Of a model that is in no table."""


def cost_nano(price: Price, usage: Usage, operation: Operation = "chat") -> int | None:
    """Nano-dollars, exact to half of one; `None` where any of it has no price."""
    return None if price.lacks(usage, operation) else price.cost(usage, operation)


def estimate(price: Price, tokens: int, most_output: int | None) -> int:
    """Nano-dollars to be reserved for a prompt of so many tokens and an answer of at most so many."""
    return price.most(tokens, USUAL_OUTPUT if most_output is None else most_output)


def _is_enough(missing: Sequence[str]) -> bool:
    """Speech is measured both ways, and billed by its characters or by its tokens."""
    return not ("characters" in missing and any(one.endswith(" tokens") for one in missing))


def _day(entry: Entry) -> int:
    """Days since 1970; a price without a day has always been."""
    return (entry.since - EPOCH).days if entry.since is not None else -1


def _second(moment: clock_time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _within(hours: Hours, second: float) -> bool:
    begin, end = _second(hours.from_), _second(hours.to)
    return begin <= second < end if begin < end else second >= begin or second < end
