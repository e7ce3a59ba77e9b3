"""What the echo served, for whoever checks a bill against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fairlead.apps.hub.calls import Json, Usage


@dataclass(slots=True)
class Counts:
    """Since its start."""

    requests: int = 0
    whole: int = 0
    """Answers that were told to their end, streams too."""
    streams: int = 0
    broken: int = 0
    """Cut, as was wished."""
    gone: int = 0
    """The client left before the end."""
    statuses: Counter[int] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    """Of conversations, as answered; a stream's in full, whether it was told to its end or not."""

    def add(self, usage: Usage) -> None:
        """The tokens of one answer."""
        told = {"input": usage.input, "output": usage.output, "cached": usage.cached, "reasoning": usage.reasoning}
        self.tokens.update(told)

    def told(self) -> Json:
        """All of it."""
        whole = {"requests": self.requests, "whole": self.whole, "streams": self.streams}
        lost = {"broken": self.broken, "gone": self.gone}
        statuses = {str(status): count for status, count in sorted(self.statuses.items())}
        return whole | lost | {"statuses": statuses, "tokens": dict(self.tokens)}
