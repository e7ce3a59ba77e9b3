"""Stories of one release, in memory: in, or back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fairlead.release.strategies import STRATEGIES

if TYPE_CHECKING:
    from tests.release.conftest import Town

EVERY = STRATEGIES.names()
WATCHING = [name for name in EVERY if name != "rollback"]


@pytest.mark.parametrize("strategy", EVERY)
async def test_a_good_version_gets_all_requests(town: Town, strategy: str) -> None:
    release = await town.releases(strategy)

    assert release.state == "succeeded"
    assert release.outcome == "v2 serves all requests"
    assert town.serves == "v2"
    assert town.hub.instances["v2"] == 3


@pytest.mark.parametrize("strategy", EVERY)
async def test_the_first_release_of_a_service_needs_no_version_before(empty_town: Town, strategy: str) -> None:
    """Nothing runs yet; nothing has to be stopped."""
    release = await empty_town.releases(strategy)

    assert release.state == "succeeded"
    assert empty_town.serves == "v2"


@pytest.mark.parametrize("strategy", WATCHING)
async def test_a_version_that_fails_while_it_is_watched_is_taken_back(town: Town, strategy: str) -> None:
    town.hub.sick["v2"] = "hub-v2-1 is crash-looping: out of memory"
    release = await town.releases(strategy)

    assert release.state == "taken back"
    assert release.reason == "hub-v2-1 is crash-looping: out of memory"
    assert town.serves == "v1"
    assert town.hub.instances == {"v1": 3, "v2": 0}


@pytest.mark.parametrize("strategy", ["blue-green", "rolling"])
async def test_a_version_that_does_not_get_ready_never_sees_a_request(town: Town, strategy: str) -> None:
    town.hub.unready["v2"] = "hub-v2-1: connection refused for 120s"
    release = await town.releases(strategy)

    assert release.state == "taken back"
    assert all("v2" not in moment.shares for moment in town.hub.moments)
    assert town.hub.instances == {"v1": 3, "v2": 0}


async def test_a_hook_that_fails_before_traffic_ends_the_release_before_traffic(town: Town) -> None:
    town.hub.failing_hooks["before"] = "smoke-test ended with 1"
    release = await town.releases("blue-green", has_before=True)

    assert release.state == "taken back"
    assert all("v2" not in moment.shares for moment in town.hub.moments)


@pytest.mark.parametrize("strategy", WATCHING)
async def test_a_hook_that_fails_after_traffic_takes_the_release_back(town: Town, strategy: str) -> None:
    town.hub.failing_hooks["after"] = "notify ended with 1"
    release = await town.releases(strategy, has_after=True)

    assert release.state == "taken back"
    assert town.serves == "v1"


async def test_a_migration_goes_back_when_its_version_is_gone(town: Town) -> None:
    """Requests first, then instances, then data."""
    town.hub.sick["v2"] = "it failed"
    await town.releases("blue-green", has_migration=True)

    assert town.hub.hooks == ["migrate", "migrate-down"]
    assert town.said[-4:] == [
        "all requests to v1",
        "stop v2",
        "run the migration's way back",
        "v2 was taken back, v1 serves all requests: it failed",
    ]


async def test_a_migration_that_failed_is_not_taken_one_further_back(town: Town) -> None:
    town.hub.failing_hooks["migrate"] = "column exists"
    release = await town.releases("blue-green", has_migration=True)

    assert release.state == "taken back"
    assert town.hub.hooks == []


async def test_recreate_never_runs_two_versions_together(town: Town) -> None:
    town.hub.sick["v2"] = "it failed"
    await town.releases("recreate")

    assert all(not (moment.counts.get("v1") and moment.counts.get("v2")) for moment in town.hub.moments)


async def test_a_release_says_what_it_does(town: Town) -> None:
    await town.releases("blue-green", has_before=True)

    assert town.said == [
        "start v2 (3 instances)",
        "run the hooks before any request moves",
        "all requests to v2",
        "watching v2 for 10s",
        "v1 kept warm for 5m",
        "v2 serves all requests",
    ]


async def test_the_version_before_stays_warm_for_the_way_back(town: Town) -> None:
    await town.releases("blue-green")

    assert town.hub.instances["v1"] == 3
    assert town.hub.warm == {"v1": 300.0}


async def test_a_rollback_to_a_warm_version_is_one_shift(town: Town) -> None:
    town.hub.instances["v2"] = 3
    release = await town.releases("rollback", ready=3)

    assert [entry.to_json()["step"] for entry in release.steps] == ["all requests to v2", "v1 kept warm for 5m"]


async def test_a_warm_version_is_warm_again_after_a_rollback_that_failed(town: Town) -> None:
    """The shift had ended its warm time; nobody would ever stop it."""
    town.hub.instances["v2"] = 1
    town.hub.unready["v2"] = "it ended"
    release = await town.releases("rollback", ready=1)

    assert release.state == "taken back"
    assert town.hub.warm == {"v2": 300.0}


async def test_an_abort_leaves_the_watching_at_once_and_takes_back(town: Town) -> None:
    begun = town.clock.monotonic()
    running = asyncio.create_task(town.releases("blue-green", watch_s=3600.0))
    await town.says("watching v2 for 1h")
    town.abort.request("aborted by bob@here")
    release = await running

    assert (release.state, release.reason) == ("taken back", "aborted by bob@here")
    assert town.serves == "v1"
    assert town.clock.monotonic() - begun < 3600


async def test_cancelling_leaves_the_release_to_be_carried_on(town: Town) -> None:
    """The daemon goes down in the middle; the next one ends what it had begun."""
    book = town.book("blue-green", watch_s=3600.0)
    running = asyncio.create_task(town.carries_on(book))
    await town.says("watching v2 for 1h")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert book.read().open

    release = await town.carries_on(book)
    assert release.state == "succeeded"
    assert [entry.state for entry in release.steps] == ["done"] * 4


async def test_a_closed_release_is_not_done_again(town: Town) -> None:
    book = town.book("blue-green")
    first = await town.carries_on(book)
    moments = len(town.hub.moments)

    assert await town.carries_on(book) == first
    assert len(town.hub.moments) == moments


async def test_the_first_release_that_fails_leaves_nothing_and_is_called_failed(empty_town: Town) -> None:
    empty_town.hub.sick["v2"] = "it failed"
    release = await empty_town.releases("blue-green")

    assert (release.state, release.outcome) == ("failed", "v2 failed: it failed")
    assert (empty_town.hub.holds, empty_town.hub.instances) == ({}, {"v2": 0})


async def test_an_unknown_strategy_changes_nothing(town: Town) -> None:
    """A plugin that was uninstalled while its release was under way."""
    release = await town.releases("blue-gren")

    assert release.state == "taken back"
    assert release.reason == "unknown strategy: blue-gren (did you mean `blue-green`?)"
    assert town.hub.moments == []
