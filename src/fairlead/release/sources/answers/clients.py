"""Clients, each counted once in a release: what is counted has to be what was assigned, and here that is the client.

Some users send a request a minute, others ten in a second; counted by request, one of the latter would look like a
hundred witnesses who agree. So a client is one unit. What it says:

- `errors`: whether any of its requests failed within its window, which begins with its first one that counts. Failures
  are rare, so that each one tells, and whoever meets one has had a bad time.
- `latency` and `first_byte`: whether its *first* request was slow. Whether any was slow would be true of nearly every
  busy client, with either version: each request has its five chances in a hundred.

It is told when a request of it fails, so that a hard break shows within seconds, or when its window is over. Neither
depends on the version it fell to, which is what the judge's promise rests on. Requests of an open window are dropped
with the share it was opened under; that client is counted later, by its next one.

What is told while the new version warms up is for the watch on hard breaks alone. When that is over everything is
forgotten: since failures are told at once and the rest later, the judge would else miss failures and count the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fairlead.engine.router import Answer

WINDOW_S = 60.0
"""A client that is busy shows its failures in that time; one that is not shows those of its first request."""

MOST = 200_000
"""Clients of one release that are remembered; a verdict takes far fewer."""

Bad = Mapping[str, bool | None]
"""Whether a unit is bad, by indicator; `None` where it doesn't count."""


@dataclass(slots=True)
class Client:
    """One that is being watched. `first` is its earliest request heard of, `opened` is monotonic, in seconds."""

    unit: str
    version: str
    first: float
    opened: float
    slow: Bad
    failed: bool

    @property
    def bad(self) -> Bad:
        """What it is counted as."""
        return {**self.slow, "errors": self.failed}


class Clients:
    """Those watched now, and the names of those that have been counted."""

    def __init__(self, counted: Collection[str], warm_at: float | None = None, window_s: float = WINDOW_S) -> None:
        """`counted` are those of other openings; `warm_at` is when the new version is warm, `None` at once."""
        self._before = counted
        self._warm_at = warm_at
        self._window_s = window_s
        self._begin()

    def _begin(self) -> None:
        self._counted = set(self._before)
        self._watched: dict[str, Client] = {}

    @property
    def full(self) -> bool:
        """Whether there is no room for another one."""
        return len(self._counted) + len(self._watched) >= MOST

    def hear(self, answer: Answer, bad: Bad, now: float) -> None:
        """An answer, told at this moment (monotonic); one without a client, or of a counted one, is passed over."""
        if answer.unit is None or answer.unit in self._counted:
            return
        client = self._watched.get(answer.unit)
        began = now - answer.duration_ms / 1000
        if client is None:
            if not self.full:
                failed = bool(bad["errors"])
                self._watched[answer.unit] = Client(answer.unit, answer.version, answer.began, began, bad, failed)
        elif client.version == answer.version and began <= client.opened + self._window_s:
            client.failed = client.failed or bool(bad["errors"])
            if answer.began < client.first:
                client.first, client.slow = answer.began, bad

    def told(self, now: float) -> tuple[list[Client], frozenset[str]]:
        """Those that have failed or whose window is over, and the names of those that count from now on."""
        found = [one for one in self._watched.values() if one.failed or now >= one.opened + self._window_s]
        names = frozenset(one.unit for one in found)
        for name in names:
            del self._watched[name]
        self._counted |= names
        if self._warm_at is None:
            return found, names
        if now >= self._warm_at:  # what is told from the next time on is what the judge counts
            self._warm_at = None
            self._begin()
        return found, frozenset()
