"""The windows that limits count in: fixed, in UTC, the same for every process whatever its time of start.

Fixed windows and not a token bucket, because a window has a name: processes can lease slices of "key a, tokens, the
minute 28000000" from a store that knows no time, what is left of one needs no giving back once it is over, and the
sentence "600 between two full minutes" can be checked by anybody with the ledger. The price: up to twice the limit
within a span that crosses the boundary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor, inf
from typing import Protocol

from fairlead.kit import quantity


class Window(Protocol):
    """A way to cut time."""

    @property
    def name(self) -> str:
        """As it stands in the name of a counter."""

    def at(self, now: float) -> tuple[str, float]:
        """The window that `now` (seconds since 1970) lies in: its own name, and when it ends."""


@dataclass(frozen=True, slots=True)
class Span:
    """So many seconds, counted from 1970 on: minutes, hours and days begin where the clock in UTC says."""

    seconds: float

    @property
    def name(self) -> str:
        return quantity.format_duration(self.seconds)

    def at(self, now: float) -> tuple[str, float]:
        number = floor(now / self.seconds)
        if (number + 1) * self.seconds <= now:  # a quotient just below a whole number
            number += 1
        return str(number), (number + 1) * self.seconds


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar."""

    name: str = "month"

    def at(self, now: float) -> tuple[str, float]:
        day = datetime.fromtimestamp(now, UTC)
        following = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)
        return f"{day:%Y-%m}", following.timestamp()


@dataclass(frozen=True, slots=True)
class Ever:
    """All time."""

    name: str = "ever"

    def at(self, now: float) -> tuple[str, float]:
        return "all", inf


@dataclass(frozen=True, slots=True)
class Now:
    """This moment: what is taken is given back (requests under way)."""

    name: str = "now"

    def at(self, now: float) -> tuple[str, float]:
        return "now", inf


NAMED: dict[str, Window] = {
    "minute": Span(60.0),
    "hour": Span(3_600.0),
    "day": Span(86_400.0),
    "month": Month(),
    "ever": Ever(),
}
