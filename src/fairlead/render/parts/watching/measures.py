"""A question to Prometheus together with the series that would give a wanted answer, so that every alert is rehearsed.

Each measure is one PromQL expression with one number as its answer, and its feeds: how series have to move, minute by
minute, for that number to be what a rehearsal wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

REQUESTS_PER_MINUTE = 600.0
"""Traffic in rehearsals."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A series, and what it is for a wanted value: a gauge's number, or how much a counter rises in a minute."""

    series: str
    of: Callable[[float], float]
    kind: Literal["gauge", "counter"] = "gauge"


Feeds = Callable[[float], tuple[Feed, ...]]
"""The feeds for an alert with that bound."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An expression, its feeds, and what has to be known to rehearse it.

    `window_m` is how many minutes it looks back, `lead_m` how many have to pass before it has an answer at all, and
    `most` what it can't exceed.
    """

    text: str
    feeds: Feeds
    window_m: int = 5
    lead_m: int = 0
    most: float | None = None
    unit: Literal["ratio", "seconds", "usd", "number", "days"] = "number"


def picked(metric: str, labels: Mapping[str, str], *matchers: str) -> str:
    """A selector."""
    inside = ",".join([*(f'{key}="{value}"' for key, value in labels.items()), *(one for one in matchers if one)])
    return f"{metric}{{{inside}}}" if inside else metric


def gauge(
    metric: str, labels: Mapping[str, str], shape: str = "max({})", *, times: float = 1.0, **told: str
) -> Measure:
    """A number that is there to be read; `times` turns the expression's number into the series' own."""
    series = picked(metric, {**labels, **told})
    feeds = (Feed(series, lambda value: value * times),)
    return Measure(shape.format(picked(metric, labels)), lambda _: feeds)


def part(bad: str, bad_series: str, total: str, total_series: str, window: str = "5m") -> Measure:
    """Events of one kind among all of them."""
    feeds = (
        Feed(bad_series, lambda value: value * REQUESTS_PER_MINUTE, "counter"),
        Feed(total_series, lambda _: REQUESTS_PER_MINUTE, "counter"),
    )
    # a counter of failures may not exist before the first one: that is no failures, not no answer
    text = f"({summed(bad, window)} or vector(0)) / {summed(total, window)}"
    return Measure(text, lambda _: feeds, most=1.0, unit="ratio")


def summed(selector: str, window: str = "5m") -> str:
    """How fast a counter rises, over all instances."""
    return f"sum(rate({selector}[{window}]))"


def quantile(histogram: str, labels: Mapping[str, str], percent: float) -> Measure:
    """The value under which that part of the events is."""
    rate = f"rate({picked(f'{histogram}_bucket', labels)}[5m])"

    def feeds(bound: float) -> tuple[Feed, ...]:
        def bucket(le: str, holds: Callable[[float], bool]) -> Feed:
            series = picked(f"{histogram}_bucket", {**labels, "le": le})
            return Feed(series, lambda value: REQUESTS_PER_MINUTE if holds(value) else 0.0, "counter")

        quick = bound / 2
        return (
            bucket(f"{quick:.10g}", lambda value: value <= quick),
            bucket(f"{bound * 4:.10g}", lambda _: True),
            bucket("+Inf", lambda _: True),
        )

    return Measure(f"histogram_quantile({percent / 100:g}, sum by (le) ({rate}))", feeds, unit="seconds")


def mean(total: str, count: str, window: str = "5m") -> Measure:
    """A counter's rise for each event of another."""
    feeds = (
        Feed(total, lambda value: value * REQUESTS_PER_MINUTE, "counter"),
        Feed(count, lambda _: REQUESTS_PER_MINUTE, "counter"),
    )
    return Measure(f"{summed(total, window)} / {summed(count, window)}", lambda _: feeds, unit="usd")


DAY_M = 24 * 60


def growth(total: str, count: str) -> Measure:
    """By what part a mean of an hour is above the same hour of the day before."""

    def side(offset: str) -> str:
        return f"(sum(rate({total}[1h]{offset})) / sum(rate({count}[1h]{offset})))"

    feeds = (
        Feed(total, lambda value: (1 + value) * REQUESTS_PER_MINUTE, "counter"),
        Feed(count, lambda _: REQUESTS_PER_MINUTE, "counter"),
    )
    text = f"{side('')} / {side(' offset 1d')} - 1"
    return Measure(text, lambda _: feeds, window_m=60, lead_m=DAY_M + 60, unit="ratio")


def rate(selector: str, *, times: float = 1.0, shape: str = "{}") -> Measure:
    """Events in a second."""
    feeds = (Feed(selector, lambda value: value * times * 60, "counter"),)
    return Measure(shape.format(summed(selector)), lambda _: feeds)


def increase(selector: str, window: str, window_m: int) -> Measure:
    """How many events there were in a time."""
    feeds = (Feed(selector, lambda value: value / window_m, "counter"),)
    return Measure(f"sum(increase({selector}[{window}]))", lambda _: feeds, window_m=window_m)
