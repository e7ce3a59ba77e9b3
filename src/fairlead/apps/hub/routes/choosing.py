"""Which target, and which of its keys: pure functions of what is known, with chance as an argument (in [0, 1))."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Literal, Protocol, TypeVar

from fairlead.apps.hub.calls import Usage
from fairlead.apps.hub.routes.targets import Lane, Target, Way

USUAL = Usage(input=1000, output=1000)

Chance = Callable[[], float]
Tried = frozenset[Way]


class Weighted(Protocol):
    """What has a weight."""

    @property
    def weight(self) -> float:
        """How often it is taken, beside the others."""


W = TypeVar("W", bound=Weighted)


def by_weight(things: Sequence[W], point: float) -> W:
    """The one at that point of all weights in a row. Where all weigh nothing, all weigh the same."""
    whole = sum(thing.weight for thing in things)
    if not whole:
        return things[int(point * len(things))]
    at = point * whole
    for thing in things:
        at -= thing.weight
        if at < 0:
            return thing
    return next(thing for thing in reversed(things) if thing.weight)  # the sum was rounded up


def lanes_of(target: Target, now: float, tried: Tried) -> list[Lane]:
    """The keys that may be asked now, and were not yet."""
    return [one for one in target.host.lanes if one.breaker.ready(now) and (target, one) not in tried]


def quicker(targets: Sequence[Target], chance: Chance) -> Target:
    """The one with less to wait, of two taken by weight (M. Mitzenmacher, The power of two choices, 2001)."""
    one = by_weight(targets, chance())
    others = [target for target in targets if target is not one]
    other = by_weight(others, chance())
    return min(one, other, key=lambda target: target.pace.load())


def cheaper(targets: Sequence[Target], chance: Chance) -> Target:
    """The cheapest for a thousand tokens each way; among equals by weight. What nobody knows the price of goes last."""
    costs = [target.price.cost(USUAL) if not target.price.lacks(USUAL) else inf for target in targets]
    least = min(costs)
    return by_weight([target for target, cost in zip(targets, costs, strict=True) if cost == least], chance())


def way(
    targets: Sequence[Target],
    balance: Literal["weighted", "latency", "cost"],
    now: float,
    chance: Chance,
    tried: Tried = frozenset(),
) -> Way | None:
    """A target that may be asked now, and one of its keys; `None` when there is none.

    A target of no weight is asked only when no other can be.
    """
    found = {target: lanes for target in targets if (lanes := lanes_of(target, now, tried))}
    if not found:
        return None
    candidates = [target for target in found if target.weight] or list(found)
    if len(candidates) == 1:
        target = candidates[0]
    elif balance == "latency":
        target = quicker(candidates, chance)
    elif balance == "cost":
        target = cheaper(candidates, chance)
    else:
        target = by_weight(candidates, chance())
    lanes = found[target]
    return target, lanes[0] if len(lanes) == 1 else by_weight(lanes, chance())


def soonest(targets: Sequence[Target]) -> tuple[float, Way] | None:
    """When the first of them may be asked again, and which; for when none may now."""
    ways = [(lane.breaker.when(), (target, lane)) for target in targets for lane in target.host.lanes]
    return min(ways, key=lambda found: found[0], default=None)
