"""Who is asked: weights are honoured, what is shut is left alone, the fast and the cheap go first."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apps.hub.routes.tables import provider, table

from fairlead.apps.hub.calls import Operation, Usage
from fairlead.apps.hub.money.cost import UNKNOWN
from fairlead.apps.hub.routes.breaker import FAILURES
from fairlead.apps.hub.routes.choosing import by_weight, soonest, way
from fairlead.apps.hub.routes.pace import Pace
from fairlead.apps.hub.routes.table import Route


class Costs:
    """A price of so much for each token."""

    def __init__(self, each: int) -> None:
        self.each = each

    def cost(self, usage: Usage, operation: Operation = "chat") -> int:
        """Of an answer."""
        return self.each * (usage.input + usage.output)

    def most(self, asked: int, output: int) -> int:
        """At most."""
        return self.each * (asked + output)

    def lacks(self, usage: Usage, operation: Operation = "chat") -> Sequence[str]:
        """Nothing."""
        return ()


def route(weights: list[float], balance: str = "weighted", keys: int = 1) -> Route:
    """A model with targets of these weights, each of a provider of its own."""
    names = ["ONE", "TWO", "THREE"][:keys]
    said: dict[str, Any] = {
        "providers": {f"p{n}": provider(*names) for n in range(len(weights))},
        "models": {
            "m": {
                "targets": [{"to": f"p{n}/m{n}", "weight": weight} for n, weight in enumerate(weights)],
                "balance": balance,
            }
        },
    }
    return table(said, pricing=lambda kind, model: Costs(10 + int(model[1:]))).routes["m"][0]


def shut(target: Any, now: float) -> None:
    """Nothing may be asked of it."""
    for lane in target.host.lanes:
        for _ in range(FAILURES):
            lane.breaker.failed(now)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=5), st.floats(0, 1, exclude_max=True))
def test_every_point_belongs_to_one_that_has_weight(weights: list[float], point: float) -> None:
    """Whatever the rounding."""
    targets = route(weights).targets
    found = by_weight(targets, point)

    assert found.weight > 0 or not any(weights)


def test_weights_are_shares() -> None:
    """Over many requests."""
    one = route([6, 3, 1, 0])
    chance = random.Random(7)
    counts = Counter(found[0].model for _ in range(20_000) if (found := way(one.targets, "weighted", 0, chance.random)))

    assert counts["m0"] / 20_000 == pytest.approx(0.6, abs=0.02)
    assert counts["m1"] / 20_000 == pytest.approx(0.3, abs=0.02)
    assert counts["m2"] / 20_000 == pytest.approx(0.1, abs=0.02)
    assert counts["m3"] == 0


def test_a_target_of_no_weight_is_a_last_resort() -> None:
    """When no other can be asked."""
    one = route([1, 0])
    shut(one.targets[0], 0)
    found = way(one.targets, "weighted", 0, lambda: 0.5)

    assert found is not None
    assert found[0].model == "m1"


@given(st.sets(st.integers(0, 3)), st.sampled_from(["weighted", "latency", "cost"]), st.integers(0, 10_000))
def test_what_is_shut_is_never_asked(closed: set[int], balance: Any, seed: int) -> None:
    """By no balance."""
    one = route([4, 3, 2, 1], balance)
    for number in closed:
        shut(one.targets[number], 0)
    found = way(one.targets, balance, 5, random.Random(seed).random)

    assert (found is None) == (len(closed) == 4)
    assert found is None or one.targets.index(found[0]) not in closed


def test_keys_share_and_one_that_rests_is_left_out() -> None:
    """Several keys of one provider."""
    one = route([1], keys=3)
    lanes = one.targets[0].host.lanes
    chance = random.Random(1)
    counts = Counter(
        found[1].login.name for _ in range(3000) if (found := way(one.targets, "weighted", 0, chance.random))
    )
    assert set(counts) == {"ONE", "TWO", "THREE"}
    assert min(counts.values()) > 800

    lanes[0].breaker.rest(0, 60)
    lanes[2].breaker.rest(0, 30)
    found = way(one.targets, "weighted", 1, chance.random)
    assert found is not None
    assert found[1] is lanes[1]
    assert soonest(one.targets) == (0.0, (one.targets[0], lanes[1]))


def test_the_one_with_less_to_wait_is_asked() -> None:
    """By the time to its first token and the requests under way; one that is unknown is tried."""
    one = route([1, 1], "latency")
    slow, fast = one.targets
    slow.pace.seen(2.0, 0)
    fast.pace.seen(0.5, 0)
    chance = random.Random(3)
    assert {found[0] for _ in range(50) if (found := way(one.targets, "latency", 0, chance.random))} == {fast}

    fast.pace.under_way = 9
    assert {found[0] for _ in range(50) if (found := way(one.targets, "latency", 0, chance.random))} == {slow}


def test_bad_news_is_believed_at_once_and_good_news_slowly() -> None:
    """Peak EWMA."""
    pace = Pace()
    pace.seen(0.1, 0)
    pace.seen(3.0, 1)
    assert pace.first_s == 3.0
    pace.seen(0.1, 1.1)
    assert pace.first_s > 2.9
    pace.seen(0.1, 60)

    assert pace.first_s == pytest.approx(0.1, abs=0.02)


def test_the_cheapest_is_asked_as_long_as_it_can_be() -> None:
    """Then the next."""
    one = route([1, 100, 100], "cost")
    found = way(one.targets, "cost", 0, lambda: 0.9)
    assert found is not None
    assert found[0].model == "m0"
    shut(one.targets[0], 0)
    found = way(one.targets, "cost", 0, lambda: 0.9)

    assert found is not None
    assert found[0].model == "m1"


def test_a_price_that_nobody_knows_is_not_taken_for_the_lowest() -> None:
    """Whoever has none is asked when no other can be."""
    one = route([1, 1], "cost")
    one.targets[0].price = UNKNOWN
    one.targets[1].price = Costs(5)
    found = way(one.targets, "cost", 0, lambda: 0.1)
    assert found is not None
    assert found[0] is one.targets[1]

    shut(one.targets[1], 0)
    found = way(one.targets, "cost", 0, lambda: 0.1)
    assert found is not None
    assert found[0] is one.targets[0]
