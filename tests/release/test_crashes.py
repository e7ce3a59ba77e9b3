"""Kills at every instant, failures at every call, and both together: one version ends with all requests, always.

A kill falls before or after every write to the book and every effect on the stack. What carries on afterwards knows
only the book and the stack, as an engine does that has just come up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.release.mortal import Fate, ended, lives

from fairlead.errors import RouterError
from fairlead.release.book import MemoryBook
from fairlead.release.history import Release
from fairlead.release.memory import MemoryStage
from fairlead.release.runner import run
from fairlead.release.steps import Outcome, RunHook
from fairlead.release.strategies import STRATEGIES

if TYPE_CHECKING:
    from tests.release.conftest import Town

EVERY = STRATEGIES.names()
STOPS_FIRST = {"recreate"}
POLICY: dict[str, Any] = {
    "has_migration": True,
    "has_before": True,
    "has_after": True,
    "watch_s": 0.5,
    "canary_steps": (5.0, 50.0, 100.0),
    "pace_s": 0.5,
    "shadow_pace_s": 0.5,
}

STORIES: dict[str, Callable[[MemoryStage], None]] = {
    "good": lambda stage: None,
    "sick": lambda stage: stage.services["hub"].sick.update(v2="it failed"),
    "worse": lambda stage: stage.verdicts.extend([Outcome(), Outcome("roll back", {"reason": "worse in errors"})]),
    "never ready": lambda stage: stage.services["hub"].unready.update(v2="connection refused"),
    "failing last hook": lambda stage: stage.services["hub"].failing_hooks.update(after="notify ended with 1"),
    "failing migration": lambda stage: stage.services["hub"].failing_hooks.update({"migrate": "column exists"}),
}


def agrees(release: Release, book: MemoryBook, town: Town) -> None:
    """The record is closed and says what is true; nothing that had to be watched over outlives the release."""
    assert not book.read().open
    assert book.read() == release
    assert town.stage.leases == {}
    assert release.state in ("succeeded", "taken back")
    for service in release.unit:
        if release.state == "succeeded":
            came_in(service, release, town)
        else:
            went_back(service, release, town)


def came_in(service: str, release: Release, town: Town) -> None:
    steps = [entry for entry in release.steps if entry.service == service]
    refused = any(entry.outcome and "problem" in entry.outcome.details for entry in steps)

    assert town.serving(service) == "v2"
    assert running(service, town) == ({"v1", "v2"} if refused else {"v2"})
    assert {entry.state for entry in steps} == {"done"}
    assert town.stage.services[service].hooks.count("migrate-down") == 0


def went_back(service: str, release: Release, town: Town) -> None:
    migrated = [entry for entry in release.steps if (entry.service, entry.step) == (service, RunHook("migrate"))]

    assert town.serving(service) == "v1"
    assert running(service, town) == {"v1"}
    assert town.stage.services[service].instances["v1"] == 3
    assert town.stage.services[service].copies == {}
    assert not migrated or migrated[0].state != "done"


def running(service: str, town: Town) -> set[str]:
    """The versions that run, those that are kept warm left out."""
    stand = town.stage.services[service]
    return {version for version, count in stand.instances.items() if count and version not in stand.warm}


async def instants_of(strategy: str, story: str, new_town: Callable[[], Town], others: Sequence[str] = ()) -> int:
    """How many instants there are to be killed at, when nobody is."""
    town, fate = new_town(), Fate()
    STORIES[story](town.stage)
    await lives(town.book(strategy, others, **POLICY), town.stage, town.clock, fate)
    return fate.instants


TOGETHER = pytest.mark.parametrize("others", [(), ("guard",)], ids=["alone", "together"])


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("strategy", EVERY)
@TOGETHER
async def test_a_kill_at_any_instant_leaves_one_version_with_all_requests(
    strategy: str, story: str, others: Sequence[str], new_town: Callable[[], Town]
) -> None:
    """Killed once, at each instant in turn; on its return the engine ends what it had begun, for all services alike."""
    total = await instants_of(strategy, story, new_town, others)
    assert total > 5
    for kill_at in range(1, total + 1):
        town = new_town()
        STORIES[story](town.stage)
        book = town.book(strategy, others, **POLICY)
        agrees(await ended(book, town, [Fate(kill_at)]), book, town)
        assert strategy in STOPS_FIRST or town.unserved_moments == 0


@pytest.mark.parametrize("story", ["good", "sick"])
@pytest.mark.parametrize("strategy", EVERY)
async def test_a_second_kill_during_the_return_changes_nothing(
    strategy: str, story: str, new_town: Callable[[], Town]
) -> None:
    """Killed twice, at every pair of instants: the second falls into what the first had left to do, or to undo."""
    total = await instants_of(strategy, story, new_town)
    for first in range(1, total + 1, 3):
        for second in range(1, total - first + 4):
            town = new_town()
            STORIES[story](town.stage)
            book = town.book(strategy, **POLICY)
            agrees(await ended(book, town, [Fate(first), Fate(second)]), book, town)
            assert strategy in STOPS_FIRST or town.unserved_moments == 0


@pytest.mark.parametrize("strategy", EVERY)
@TOGETHER
async def test_a_call_that_fails_anywhere_takes_the_release_back_or_does_not_matter(
    strategy: str, others: Sequence[str], new_town: Callable[[], Town]
) -> None:
    """Each call on the stack refused in turn, and a kill at each instant of the way back that follows."""
    town, fate = new_town(), Fate()
    await lives(town.book(strategy, others, **POLICY), town.stage, town.clock, fate)
    for fail_at in range(1, fate.calls + 1):
        for kill_at in [None, *range(2 * fail_at, 2 * fail_at + 40, 3)]:
            town = new_town()
            book = town.book(strategy, others, **POLICY)
            agrees(await ended(book, town, [Fate(kill_at, frozenset({fail_at}))]), book, town)
            assert strategy in STOPS_FIRST or town.unserved_moments == 0


@pytest.mark.parametrize("strategy", EVERY)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    story=st.sampled_from(sorted(STORIES)),
    kills=st.lists(st.integers(1, 120), max_size=4),
    failures=st.frozensets(st.integers(1, 30), max_size=12),
    others=st.sampled_from([(), ("guard",), ("guard", "market")]),
)
async def test_whatever_goes_wrong_requests_find_somebody(
    strategy: str,
    story: str,
    kills: list[int],
    failures: frozenset[int],
    others: Sequence[str],
    new_town: Callable[[], Town],
) -> None:
    """Many kills and many failures, on both ways: then not all can be undone, but every request finds somebody."""
    town = new_town()
    STORIES[story](town.stage)
    book = town.book(strategy, others, **POLICY)
    release = await ended(book, town, [Fate(kill_at, failures) for kill_at in kills] + [Fate(None, failures)])

    assert not release.open
    if strategy not in STOPS_FIRST:
        assert town.unserved_moments == 0
        assert all(sum(town.stage.services[service].holds.values()) == pytest.approx(100) for service in release.unit)
    if release.state != "failed":
        agrees(release, book, town)


@pytest.mark.parametrize("strategy", [name for name in EVERY if name not in STOPS_FIRST])
async def test_a_router_that_refuses_for_good_leaves_requests_where_they_are(
    strategy: str, new_town: Callable[[], Town]
) -> None:
    """The way back can't be taken: the new version, good or not, is all that requests have, and it is left running."""
    town = new_town()
    town.hub.failing_hooks["after"] = "notify ended with 1"
    book = town.book(strategy, **POLICY)

    class Stuck(MemoryStage):
        async def shift(self, service: str, shares: Mapping[str, float], *, leased: bool = False) -> None:
            if shares.get("v1") == 100:
                raise RouterError("the router does not answer")
            await super().shift(service, shares, leased=leased)

        async def retire(self, service: str, version: str, count: int, warm_s: float) -> None:
            raise RouterError("the router does not answer")

    stuck = Stuck(**{name: getattr(town.stage, name) for name in town.stage.__dataclass_fields__})
    release = await run(book, stuck, town.clock)

    assert town.unserved_moments == 0
    assert town.hub.instances["v2"] > 0
    if strategy == "rollback":
        assert release.state == "succeeded"
    else:
        assert release.state == "failed"
        assert "v2 still holds requests and goes on running" in (release.reason or "")
        assert "v2 may still use what the migration has made" in (release.reason or "")
