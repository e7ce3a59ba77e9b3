"""Who is told of an alert, and who is told next when nobody reacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.render.parts.watching.alert import Severity
from fairlead.stack.model import Stack


@dataclass(frozen=True, slots=True)
class Told:
    """A channel, and how long after the alert began it is told."""

    channel: str
    after_s: float


def told_of(stack: Stack, severity: Severity) -> list[Told]:
    """In the order in which they are told, each once; who is told twice is told at the earlier time."""
    soonest: dict[str, float] = {}
    for first in getattr(stack.watching, severity):
        for one in _chain(stack, first):
            soonest[one.channel] = min(one.after_s, soonest.get(one.channel, one.after_s))
    return [Told(channel, after) for channel, after in sorted(soonest.items(), key=lambda item: item[1])]


def _chain(stack: Stack, first: str) -> Iterator[Told]:
    """A channel, whom it escalates to, and so on, until somebody stands there twice."""
    seen: set[str] = set()
    channel: str | None = first
    after_s = 0.0
    while channel is not None and channel not in seen and channel in stack.watching.channels:
        yield Told(channel, after_s)
        seen.add(channel)
        said = stack.watching.channels[channel]
        after_s += said.escalate_after
        channel = said.escalate_to
