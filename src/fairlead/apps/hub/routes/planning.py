"""The order of attempts for one request: a pure state, told of each failure and asked who is next.

Targets of the route first, each key and model once before any comes again, as often as `retries` allows; then each
fallback, in order; what is not ready is left out. When nobody is ready but somebody soon will be, that is waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fairlead.apps.hub.routes.choosing import Chance, Tried, soonest, way
from fairlead.apps.hub.routes.table import Route
from fairlead.apps.hub.routes.targets import Target, Way

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 8.0
"""Before the n-th repetition: anything up to the first wait times 2^n, and up to the longest (full jitter, M. Brooker,
Exponential backoff and jitter, AWS 2015)."""

PATIENCE_S = 5.0
"""How long a client is let wait for a key that rests."""


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to ask, after waiting so long."""

    way: Way
    wait_s: float = 0.0
    fallback: bool = False


@dataclass(slots=True)
class Plan:
    """For one request. `left`: how many more times the targets may be asked."""

    route: Route
    left: int
    tried: Tried = frozenset()
    rounds: int = 0
    barred: frozenset[Target] = frozenset()
    """Those that can't do what is asked, now or later."""
    _fallen: int = field(default=0)

    def bar(self, target: Target) -> None:
        """Never ask it again."""
        self.barred |= {target}

    @property
    def _targets(self) -> Sequence[Target]:
        targets = self.route.targets
        return [one for one in targets if one not in self.barred] if self.barred else targets

    def following(self, now: float, chance: Chance) -> Step | None:
        """Who is next; `None` when nobody is left."""
        step = self._target(now, chance) or self._fallback(now, chance) or self._patient(now)
        if step is not None:
            self.tried |= {step.way}
        return step

    def other(self, now: float, chance: Chance) -> Step | None:
        """Somebody who was not asked yet, at once: for a hedge."""
        found = way(self._targets, self.route.balance, now, chance, self.tried)
        if found is None:
            return None
        self.tried |= {found}
        return Step(found)

    def _target(self, now: float, chance: Chance) -> Step | None:
        if self.left <= 0:
            return None
        targets, balance = self._targets, self.route.balance
        found = way(targets, balance, now, chance, self.tried)
        if found is not None:
            self.left -= 1
            return Step(found)
        found = way(targets, balance, now, chance)
        if found is None:
            return None
        self.left -= 1
        self.rounds += 1
        longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (self.rounds - 1))
        return Step(found, chance() * longest)

    def _fallback(self, now: float, chance: Chance) -> Step | None:
        while self._fallen < len(self.route.fallbacks):
            target = self.route.fallbacks[self._fallen]
            self._fallen += 1
            if (found := way([target], "weighted", now, chance)) is not None:
                return Step(found, fallback=True)
        return None

    def _patient(self, now: float) -> Step | None:
        found = soonest(self._targets) if self.left > 0 else None
        if found is None or found[0] - now > PATIENCE_S:
            return None
        self.left -= 1
        return Step(found[1], max(0.0, found[0] - now))
