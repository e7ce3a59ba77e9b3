"""What is left of a key's limits, in the headers of each answer, as OpenAI names them: `x-ratelimit-limit-requests`,
`…-remaining-tokens`, `…-reset-tokens` (`6m0s`). https://platform.openai.com/docs/guides/rate-limits#headers

Of several limits of one measure the one with the least left is told. Requests under way count with what they reserved.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, inf

from fairlead.apps.hub.accounts.limits import MEASURES, REQUESTS, TOKENS
from fairlead.apps.hub.accounts.slices import Meter


def lines(meters: Iterable[Meter], now: float) -> str:
    """Headers, each after a line end; `now` in seconds since 1970. Empty where neither requests nor tokens are limited.

    Takes about a microsecond for each limit.
    """
    said = ""
    for measure in (REQUESTS, TOKENS):
        least, tightest = inf, None
        for meter in meters:
            if meter.rule.measure == measure and (left := _left(meter, now)) < least:
                least, tightest = left, meter
        if tightest is not None:
            said += _said(tightest, int(least), now)
    return said


def _left(meter: Meter, now: float) -> int:
    """All of it where the window is over and nothing was asked since."""
    most = meter.rule.most
    return most if now >= meter.slice.ends else min(most, meter.slice.remaining)


def _said(meter: Meter, left: int, now: float) -> str:
    what, ends = MEASURES[meter.rule.measure], meter.slice.ends
    said = f"\r\nx-ratelimit-limit-{what}: {meter.rule.most}\r\nx-ratelimit-remaining-{what}: {left}"
    return said if ends == inf else f"{said}\r\nx-ratelimit-reset-{what}: {duration(max(0, ceil(ends - now)))}"


def duration(seconds: int) -> str:
    """`59s`, `6m0s`, `1h0m0s`: as Go writes it, and so OpenAI."""
    if seconds < 60:
        return f"{seconds}s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}m{seconds}s"
    return f"{minutes // 60}h{minutes % 60}m{seconds}s"
