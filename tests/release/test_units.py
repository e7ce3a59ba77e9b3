"""Stories of several services released as one: all in, or all back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fairlead.errors import RouterError
from fairlead.release.steps import Judge, Outcome
from fairlead.release.strategies import STRATEGIES

if TYPE_CHECKING:
    from tests.release.conftest import Town

EVERY = STRATEGIES.names()
OTHERS = ("guard", "market")
ALL = ("hub", *OTHERS)


def served(town: Town) -> dict[str, str | None]:
    return {service: town.serving(service) for service in ALL}


@pytest.mark.parametrize("strategy", EVERY)
async def test_all_services_get_in_together(wide_town: Town, strategy: str) -> None:
    release = await wide_town.releases(strategy, OTHERS)

    assert release.outcome == "v2 (with guard v2, market v2) serves all requests"
    assert served(wide_town) == dict.fromkeys(ALL, "v2")
    assert wide_town.unserved_moments == 0 or strategy == "recreate"


@pytest.mark.parametrize("strategy", [name for name in EVERY if name != "rollback"])
async def test_one_that_fails_takes_all_back(wide_town: Town, strategy: str) -> None:
    wide_town.stage.services["market"].sick["v2"] = "market-v2-1 is crash-looping"
    release = await wide_town.releases(strategy, OTHERS, has_migration=True)

    assert (release.state, release.reason) == ("taken back", "market-v2-1 is crash-looping")
    assert served(wide_town) == dict.fromkeys(ALL, "v1")
    for service in ALL:
        assert wide_town.stage.services[service].instances == {"v1": 3, "v2": 0}
        assert wide_town.stage.services[service].hooks == ["migrate", "migrate-down"]


async def test_one_verdict_is_given_on_all(wide_town: Town) -> None:
    wide_town.stage.verdicts = [Outcome(), Outcome("roll back", {"reason": "worse in errors of market"})]
    release = await wide_town.releases("canary", OTHERS, canary_steps=(5.0, 50.0, 100.0))

    assert [entry.service for entry in release.steps if isinstance(entry.step, Judge)] == ["hub", "hub"]
    assert [list(judgement.shares) for judgement in wide_town.stage.judged] == [list(ALL)] * 2
    assert served(wide_town) == dict.fromkeys(ALL, "v1")


async def test_requests_go_back_before_any_instance_ends(wide_town: Town) -> None:
    wide_town.stage.verdicts = [Outcome("roll back", {"reason": "worse in errors"})]
    await wide_town.releases("canary", OTHERS)

    assert wide_town.said[-7:-1] == ["all requests to v1"] * 3 + ["stop v2"] * 3


async def test_one_that_can_not_be_taken_back_does_not_keep_the_others(
    wide_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is in the reason."""
    shift = wide_town.stage.shift

    async def stuck(service: str, shares: Mapping[str, float], *, leased: bool = False) -> None:
        if service == "guard" and shares == {"v1": 100.0}:
            raise RouterError("the router does not answer")
        await shift(service, shares, leased=leased)

    monkeypatch.setattr(wide_town.stage, "shift", stuck)
    wide_town.hub.failing_hooks["after"] = "notify ended with 1"
    release = await wide_town.releases("blue-green", OTHERS, has_after=True)

    assert release.state == "failed"
    assert release.reason == (
        "notify ended with 1; not undone: guard: all requests to v1: the router does not answer; "
        "not undone: guard: stop v2: v2 still holds requests and goes on running"
    )
    assert served(wide_town) == {"hub": "v1", "guard": "v2", "market": "v1"}


async def test_a_service_that_is_new_is_released_with_one_that_is_not(town: Town) -> None:
    """Only what has a version before is compared; taken back, the new one has no requests."""
    town.stage.verdicts = [Outcome("roll back", {"reason": "worse in errors"})]
    release = await town.releases("canary", ["guard"])

    assert [list(judgement.shares) for judgement in town.stage.judged] == [["hub"]]
    assert release.outcome == (
        "v2 (with guard v2) was taken back, v1 (with guard no version) serves all requests: worse in errors"
    )
    assert (town.serves, town.stage.services["guard"].holds) == ("v1", {})


async def test_an_abort_comes_too_late_when_the_first_old_version_is_let_go(
    wide_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going on is then the shorter way."""
    retire = wide_town.stage.retire

    async def abort(service: str, version: str, count: int, warm_s: float) -> None:
        wide_town.abort.request("aborted by bob@here")
        await retire(service, version, count, warm_s)

    monkeypatch.setattr(wide_town.stage, "retire", abort)
    release = await wide_town.releases("blue-green", OTHERS)

    assert release.state == "succeeded"
    assert served(wide_town) == dict.fromkeys(ALL, "v2")


async def test_a_unit_is_rolled_back_together(wide_town: Town) -> None:
    """Back to versions that are kept warm: one change of the router each, and nothing else moves in between."""
    for service in ALL:
        wide_town.stage.services[service].instances["v2"] = 3
    release = await wide_town.releases("rollback", OTHERS, ready=3)

    assert [step["step"] for step in release.to_json()["steps"]] == [
        *(f"{service}: all requests to v2" for service in ALL),
        *(f"{service}: v1 kept warm for 5m" for service in ALL),
    ]


async def test_each_service_is_cut_short_and_carried_on_with_its_own_change(wide_town: Town) -> None:
    book = wide_town.book("canary", OTHERS, canary_steps=(5.0, 100.0), pace_s=3600.0)
    release = book.read()
    book.save(replace(release, others={**release.others, "market": replace(release.change, new="v7", replicas=1)}))
    running = asyncio.create_task(wide_town.carries_on(book))
    await wide_town.says("comparing v2 with v1 at 5%")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    wide_town.stage.lapse()

    assert served(wide_town) == dict.fromkeys(ALL, "v1")
    assert (await wide_town.carries_on(book)).state == "succeeded"
    assert served(wide_town) == {"hub": "v2", "guard": "v2", "market": "v7"}
    assert wide_town.stage.services["market"].instances["v7"] == 1


async def test_a_unit_shows_every_service_with_its_versions(wide_town: Town) -> None:
    release = await wide_town.releases("blue-green", ["guard"])
    shown = release.to_json()

    assert shown["with"] == [{"service": "guard", "from": "v1", "to": "v2"}]
    assert [step["step"] for step in shown["steps"]][:2] == [
        "hub: start v2 (3 instances)",
        "guard: start v2 (3 instances)",
    ]
    assert release.seen_by("guard").to_json()["service"] == "guard"
