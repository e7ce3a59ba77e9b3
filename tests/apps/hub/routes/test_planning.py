"""The order of attempts: everybody once before anybody twice, fallbacks at last, and never more than was said."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.apps.hub.routes.tables import provider, table

from fairlead.apps.hub.routes.breaker import FAILURES
from fairlead.apps.hub.routes.planning import PATIENCE_S, Plan
from fairlead.apps.hub.routes.table import Route


def route(targets: int, fallbacks: int = 0, keys: int = 1) -> Route:
    """A model with so many of each."""
    names = ["ONE", "TWO", "THREE"][:keys]
    said: dict[str, Any] = {
        "providers": {f"p{n}": provider(*names) for n in range(targets + fallbacks)},
        "models": {
            "m": {
                "targets": [f"p{n}/m{n}" for n in range(targets)],
                "fallbacks": [f"p{n}/m{n}" for n in range(targets, targets + fallbacks)],
            }
        },
    }
    return table(said).routes["m"][0]


def steps(plan: Plan, seed: int = 0, now: float = 0) -> list[tuple[str, str, bool]]:
    """Model, key and whether it is a fallback, until nobody is left."""
    chance, found = random.Random(seed), []
    while (step := plan.following(now, chance.random)) is not None:
        found.append((step.way[0].model, step.way[1].login.name, step.fallback))
        assert len(found) < 100
    return found


@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 3), st.integers(0, 10), st.integers(0, 1000))
def test_as_many_attempts_as_were_said_and_each_fallback_once(
    targets: int, fallbacks: int, keys: int, retries: int, seed: int
) -> None:
    """Whatever there is to choose from."""
    one = route(targets, fallbacks, keys)
    found = steps(Plan(one, retries + 1), seed)
    tries = [(model, key) for model, key, fallback in found if not fallback]

    assert len(tries) == retries + 1
    assert [model for model, _, fallback in found if fallback] == [f"m{targets + n}" for n in range(fallbacks)]
    assert found.index(found[-1]) >= 0
    assert len(set(tries[: targets * keys])) == min(len(tries), targets * keys)
    assert [fallback for *_, fallback in found] == sorted(fallback for *_, fallback in found)


def test_another_is_asked_at_once_and_the_same_after_a_wait() -> None:
    """The waits grow, and chance spreads them."""
    plan = Plan(route(2), 6)
    waits = []
    while (step := plan.following(0, lambda: 1.0)) is not None:
        waits.append(step.wait_s)

    assert waits == [0, 0, 0.25, 0.5, 1.0, 2.0]


def test_who_rests_is_passed_over_for_a_fallback() -> None:
    """Nobody waits for a key when somebody else can answer."""
    one = route(1, 1)
    one.targets[0].host.lanes[0].breaker.rest(0, 1)
    step = Plan(one, 3).following(0, random.random)

    assert step is not None
    assert step.fallback


def test_without_a_fallback_a_short_rest_is_waited_for() -> None:
    """`Retry-After` is honoured to the second."""
    one = route(1)
    one.targets[0].host.lanes[0].breaker.rest(0, 2)
    step = Plan(one, 3).following(0.5, random.random)

    assert step is not None
    assert step.wait_s == 1.5


def test_a_long_rest_is_the_clients_to_wait_for() -> None:
    """It is told when to come again."""
    one = route(1)
    one.targets[0].host.lanes[0].breaker.rest(0, PATIENCE_S + 1)

    assert Plan(one, 3).following(0, random.random) is None


def test_a_hedge_asks_somebody_else_or_nobody() -> None:
    """Never the same again."""
    one = route(2)
    plan = Plan(one, 3)
    first = plan.following(0, random.random)
    second = plan.other(0, random.random)

    assert first is not None
    assert second is not None
    assert first.way != second.way
    assert plan.other(0, random.random) is None


@given(st.sets(st.integers(0, 3)), st.integers(0, 1000))
def test_an_open_breaker_is_not_in_any_plan(closed: set[int], seed: int) -> None:
    """Neither as a target nor as a fallback."""
    one = route(2, 2)
    for number, target in enumerate((*one.targets, *one.fallbacks)):
        if number in closed:
            for _ in range(FAILURES):
                target.host.lanes[0].breaker.failed(0)

    assert not {f"m{number}" for number in closed} & {model for model, *_ in steps(Plan(one, 3), seed)}
