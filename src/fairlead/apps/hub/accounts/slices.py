"""The part of a budget that this process may spend without asking anybody.

A `Meter` is one rule, a `Slice` its counter in one window: `granted` was lent by the shared store, `spent` is settled,
the rest is free or held by requests under way. All numbers are in the rule's measure.
"""

from __future__ import annotations

import json
from math import inf

from fairlead.apps.hub.accounts.limits import Rule


class Slice:
    """What was lent of one counter."""

    __slots__ = (
        "counter",
        "dry_until",
        "ends",
        "free",
        "granted",
        "label",
        "left",
        "low",
        "measure",
        "meter",
        "need",
        "spent",
        "unspent_elsewhere",
    )

    def __init__(self, meter: Meter, name: str, ends: float) -> None:
        self.meter = meter
        self.counter = f"{meter.rule.counter}@{name}"
        self.label = json.dumps(self.counter).encode()
        """As it stands in records."""
        self.ends = ends
        self.measure = meter.rule.measure
        self.granted = 0
        self.spent = 0
        """By this process, in this window: only ever grows."""
        self.free = 0
        self.low = -1
        """More is asked for, in advance, when less than this is free."""
        self.need = 0
        """The least that somebody waits for."""
        self.left = 0
        """What the store had left for others and us when it last told."""
        self.unspent_elsewhere = False
        """Whether others had some that they had not spent then."""
        self.dry_until = -inf
        """Until then (by the clock of the loop) the store is not asked again: it had nothing."""

    @property
    def rule(self) -> Rule:
        return self.meter.rule

    @property
    def held(self) -> int:
        """By requests under way."""
        return self.granted - self.spent - self.free

    @property
    def used(self) -> int:
        """What must not be given back."""
        return self.granted - self.free

    @property
    def remaining(self) -> int:
        """What may still be used, as far as is known here."""
        return max(0, self.free + self.left)

    def grant(self, granted: int) -> None:
        """The store has lent more, or taken note that less is needed."""
        self.free += granted - self.granted
        self.granted = granted
        self.low = self.free >> 1

    def shrink(self) -> None:
        """Keep only what is used; what was free is told to the store as given back."""
        if self.free > 0:
            self.granted -= self.free
            self.free = 0
            self.low = -1


class Meter:
    """One rule, and its slice in the window of the moment."""

    __slots__ = ("following", "rule", "slice")

    def __init__(self, rule: Rule, now: float) -> None:
        self.rule = rule
        self.slice = Slice(self, *rule.window.at(now))
        self.following: Slice | None = None
        """The next window's, leased in advance."""

    def ahead(self) -> Slice | None:
        """The next window's slice; `None` where no window follows."""
        if self.following is None and self.slice.ends != inf:
            self.following = Slice(self, *self.rule.window.at(self.slice.ends))
        return self.following

    def roll(self, now: float) -> Slice:
        """The slice of the window that `now` lies in, when the last one is over."""
        name, ends = self.rule.window.at(now)
        following, self.following = self.following, None
        if following is None or following.ends != ends:
            following = Slice(self, name, ends)
        self.slice = following
        return following
