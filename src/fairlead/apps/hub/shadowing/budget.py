"""What copies may still cost today, route by route: set aside before one is sent, settled when it has ended.

Days are of UTC. What was spent earlier in the day, by processes before this one, is read from the ledger once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

DAY_S = 86_400


class Budget:
    """Of one process. Money in nano-dollars, times in seconds since 1970."""

    def __init__(self) -> None:
        self._day = -1
        self._spent: Counter[str] = Counter()
        self._held: Counter[str] = Counter()

    def begin(self, spent: Mapping[str, int], now: float) -> None:
        """What was spent today until now."""
        self._roll(now)
        self._spent.update(spent)

    def take(self, route: str, most: int, limit: int, now: float) -> bool:
        """Set aside what a copy may cost at most, if there is so much left."""
        self._roll(now)
        if self._spent[route] + self._held[route] + most > limit or limit <= 0:
            return False
        self._held[route] += most
        return True

    def settle(self, route: str, most: int, cost: int, now: float) -> None:
        """It has cost this; a copy that began yesterday is paid today."""
        self._roll(now)
        self._held[route] -= most
        self._spent[route] += cost

    def spent(self, route: str, now: float) -> int:
        """Today."""
        self._roll(now)
        return self._spent[route]

    def _roll(self, now: float) -> None:
        day = int(now // DAY_S)
        if day != self._day:
            self._day = day
            self._spent.clear()
