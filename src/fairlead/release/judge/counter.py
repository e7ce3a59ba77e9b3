"""By how much a counter grew: monotone while its process lives, 0 after a restart, sometimes silent.

What can't be known is `None`, never a guess. Prometheus' `increase()` takes any step back for a restart, so that a
counter that stutters from 1,000 to 998 counts 998 events which never were.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import inf


@dataclass(frozen=True, slots=True)
class Counter:
    """One series of one instance; `value` is its latest reading, `None` before the first."""

    value: float | None = None

    def read(self, value: float | None, *, restarted: bool = False) -> tuple[Counter, float | None]:
        """The counter after this reading, and its growth since the one before.

        A reading that is `None`, NaN, negative or infinite changes nothing: the next good one covers its time too.
        `restarted`: the process is known to be another one, so that it counts from 0. Going back without it is unknown.
        """
        if value is None or not 0 <= value < inf:
            return self, None
        if restarted:
            return Counter(value), value
        grown = None if self.value is None or value < self.value else value - self.value
        return Counter(value), grown


@dataclass(frozen=True, slots=True)
class Counters:
    """The same series of all instances of one version. Never summed before differencing: one restart would hide."""

    by_instance: Mapping[str, Counter] = field(default_factory=dict)

    def read(
        self, values: Mapping[str, float | None], *, restarted: Collection[str] = ()
    ) -> tuple[Counters, float | None]:
        """The counters after these readings, and their growth together; `None` unless it is known for every instance.

        `restarted`: instances known to have begun since the reading before. An instance that is gone took its last
        events with it, so the stretch in which it went is unknown.
        """
        read = {
            name: self.by_instance.get(name, Counter()).read(value, restarted=name in restarted)
            for name, value in values.items()
        }
        grown = [growth for _, growth in read.values()]
        whole = None if self.by_instance.keys() - read.keys() else _sum(grown)
        return Counters({name: counter for name, (counter, _) in read.items()}), whole


def _sum(grown: list[float | None]) -> float | None:
    known = [growth for growth in grown if growth is not None]
    return sum(known) if grown and len(known) == len(grown) else None
