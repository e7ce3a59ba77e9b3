"""What is limited, taken apart: one `Rule` for each measure, with the name that its counter has in every process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from fairlead.apps.hub.accounts.windows import NAMED, Now, Span, Window
from fairlead.apps.hub.config import Limit

REQUESTS, TOKENS, MONEY, CONCURRENT = range(4)
"""The measures; places in what a request needs. Money is in nano-dollars."""

MEASURES = ("requests", "tokens", "money", "concurrent")

NANO = 1_000_000_000
"""Nano-dollars in a dollar."""

CONCURRENT_ENDS = "@now"
"""How the names of counters end whose amounts are given back; they alone lapse with time: the dead hold none."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `most` of one measure in a window."""

    counter: str
    """Who, what, which window, which model: without the amount, so that a changed limit goes on counting."""
    measure: int
    most: int
    window: Window
    model: str | None

    def __str__(self) -> str:
        scope, name, *_ = self.counter.split("|")
        of = f" of {self.model}" if self.model else ""
        return f"{MEASURES[self.measure]}{of} of the {scope} {name} per {self.window.name}"


def rules(scope: str, name: str, limits: Iterable[Limit]) -> list[Rule]:
    """The rules of a key or a team; of two for the same counter the stricter one."""
    found: dict[str, Rule] = {}
    for limit in limits:
        for measure, most, window in _parts(limit):
            counter = "|".join(
                [scope, quote(name), MEASURES[measure], window.name, quote(limit.model) if limit.model else "*"]
            )
            rule = Rule(counter, measure, most, window, limit.model)
            found[counter] = min(found.get(counter, rule), rule, key=lambda one: one.most)
    return list(found.values())


def _parts(limit: Limit) -> Iterator[tuple[int, int, Window]]:
    if limit.requests:
        yield REQUESTS, limit.requests[0], Span(limit.requests[1])
    if limit.tokens:
        yield TOKENS, limit.tokens[0], Span(limit.tokens[1])
    if limit.usd:
        yield MONEY, round(limit.usd * NANO), NAMED[limit.per]
    if limit.concurrent:
        yield CONCURRENT, limit.concurrent, Now()
