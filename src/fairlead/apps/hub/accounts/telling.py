"""What is left of a key's limits, in the headers of each answer, as OpenAI names them: `x-ratelimit-limit-requests`,
`…-remaining-tokens`, `…-reset-tokens` (`6m0s`). https://platform.openai.com/docs/guides/rate-limits#headers

Of several limits of one measure the one with the least left is told. Requests under way count with what they reserved.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import ceil, inf

from fairlead.apps.hub.accounts.limits import MEASURES, REQUESTS, TOKENS
from fairlead.apps.hub.accounts.slices import Meter

Told = tuple[tuple[Meter, ...], ...]
"""Limits by their measure; of several the one with the least left is told."""


def told(meters: Iterable[Meter]) -> Told:
    """Those limits of which something is told: of requests and of tokens, in this order."""
    kinds = [tuple(one for one in meters if one.rule.measure == measure) for measure in (REQUESTS, TOKENS)]
    return tuple(kind for kind in kinds if kind)


def lines(limits: Told, now: float) -> str:
    """Headers, each after a line end; `now` in seconds since 1970. Empty where neither requests nor tokens are limited.

    Takes about a microsecond for each limit.
    """
    said = ""
    for meters in limits:
        tightest = meters[0] if len(meters) == 1 else min(meters, key=lambda one: _left(one, now))
        said += _said(tightest, now)
    return said


def _left(meter: Meter, now: float) -> int:
    """All of it where the window is over and nothing was asked since."""
    most, part = meter.rule.most, meter.slice
    return most if now >= part.ends else min(most, part.remaining)


def _said(meter: Meter, now: float) -> str:
    what, ends = MEASURES[meter.rule.measure], meter.slice.ends
    said = f"\r\nx-ratelimit-limit-{what}: {meter.rule.most}\r\nx-ratelimit-remaining-{what}: {_left(meter, now)}"
    return said if ends == inf else f"{said}\r\nx-ratelimit-reset-{what}: {duration(max(0, ceil(ends - now)))}"


@lru_cache(maxsize=1024)
def duration(seconds: int) -> str:
    """`59s`, `6m0s`, `1h0m0s`: as Go writes it, and so OpenAI."""
    if seconds < 60:
        return f"{seconds}s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}m{seconds}s"
    return f"{minutes // 60}h{minutes % 60}m{seconds}s"
