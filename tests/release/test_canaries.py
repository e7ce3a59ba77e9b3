"""Stories of releases that are judged: canaries and shadows, in or back, and what a dead engine leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from tests.release.mortal import Fate, lives

from fairlead.release.book import MemoryBook
from fairlead.release.history import Release
from fairlead.release.steps import Judge, Mirror, Outcome, Shift

if TYPE_CHECKING:
    from tests.release.conftest import Town

STEPS = (1.0, 5.0, 25.0, 50.0, 100.0)
WORSE = Outcome("roll back", {"reason": "worse in errors", "evidence": {"errors": {"worse": 812.0}}})


def shares_of(version: str, town: Town) -> list[float]:
    """The shares that a version has had, in turn."""
    shares = [moment.shares.get(version, 0.0) for moment in town.hub.moments]
    return [share for number, share in enumerate(shares) if not number or shares[number - 1] != share]


async def test_a_good_canary_rises_share_by_share(town: Town) -> None:
    release = await town.releases("canary", canary_steps=STEPS)

    assert release.state == "succeeded"
    assert shares_of("v2", town) == [0.0, *STEPS]
    assert town.stage.leases == {}


async def test_a_canary_that_is_promoted_early_skips_the_shares_that_are_left(town: Town) -> None:
    town.stage.verdicts = [Outcome(), Outcome("promote")]
    release = await town.releases("canary", canary_steps=STEPS)

    assert release.state == "succeeded"
    assert shares_of("v2", town) == [0.0, 1.0, 5.0, 100.0]


async def test_a_bad_canary_is_taken_back_in_one_go(town: Town) -> None:
    """Share by share, it would have met users three more times."""
    town.stage.verdicts = [Outcome(), Outcome(), Outcome(), WORSE]
    release = await town.releases("canary", canary_steps=STEPS)

    assert (release.state, release.reason) == ("taken back", "worse in errors")
    assert shares_of("v2", town) == [0.0, 1.0, 5.0, 25.0, 50.0, 0.0]
    assert {entry.state for entry in release.steps if isinstance(entry.step, Shift)} == {"undone"}
    assert town.stage.leases == {}


async def test_a_first_version_is_compared_with_nothing(empty_town: Town) -> None:
    for strategy in ("canary", "shadow"):
        release = await empty_town.releases(strategy)
        assert release.state == "succeeded"
        assert not any(isinstance(entry.step, Judge | Mirror) for entry in release.steps)
        empty_town.hub.holds.clear()


async def test_a_canary_with_one_step_is_blue_green(town: Town) -> None:
    canary = await town.releases("canary", canary_steps=(100.0,))
    town.runs("v1")
    blue_green = await town.releases("blue-green")

    assert [entry.step for entry in canary.steps] == [entry.step for entry in blue_green.steps]


async def test_an_abort_leaves_the_judging_at_once(town: Town) -> None:
    begun = town.clock.monotonic()
    running = asyncio.create_task(town.releases("canary", canary_steps=(5.0, 100.0), pace_s=3600.0))
    await town.says("comparing v2 with v1 at 5%")
    town.abort.request("aborted by bob@here")
    release = await running

    assert (release.state, release.reason) == ("taken back", "aborted by bob@here")
    assert town.serves == "v1"
    assert town.clock.monotonic() - begun < 3600


async def test_a_release_keeps_what_its_verdict_rests_on(town: Town) -> None:
    town.stage.verdicts = [WORSE]
    book = town.book("canary", canary_steps=STEPS)
    await town.carries_on(book)
    shown = book.read().to_json()
    [judged] = [step for step in shown["steps"] if "verdict" in step]

    assert shown["verdict"] == {"verdict": "roll back", **WORSE.details}
    assert (judged["step"], judged["verdict"], judged["reason"]) == (
        "comparing v2 with v1 at 1%",
        "roll back",
        "worse in errors",
    )


async def test_a_shadow_gets_copies_and_no_request_until_it_was_compared(town: Town) -> None:
    release = await town.releases("shadow", shadow_sample=20.0, canary_steps=(5.0, 100.0))

    assert [step["step"] for step in release.to_json()["steps"]][1:5] == [
        "copies of 20% of the requests to v2",
        "comparing v2 with v1",
        "no more copies to v2",
        "95% of the requests to v1, 5% to v2",
    ]
    assert town.stage.judged[0].shares == {"hub": {"v1": 100.0}}
    assert (release.state, town.hub.copies) == ("succeeded", {})


async def test_a_shadow_that_is_good_may_go_in_at_once(town: Town) -> None:
    await town.releases("shadow", after_shadow="blue-green")

    assert shares_of("v2", town) == [0.0, 100.0]


async def test_a_bad_shadow_is_never_seen_by_anybody(town: Town) -> None:
    town.stage.verdicts = [WORSE]
    release = await town.releases("shadow")

    assert (release.state, town.hub.copies) == ("taken back", {})
    assert shares_of("v2", town) == [0.0]
    assert town.said[-3:-1] == ["no more copies to v2", "stop v2"]


async def test_the_verdict_on_copies_promotes_nothing(town: Town) -> None:
    """They are not the requests that the version will get."""
    town.stage.verdicts = [Outcome("promote")]
    await town.releases("shadow", canary_steps=(5.0, 100.0))

    assert shares_of("v2", town) == [0.0, 5.0, 100.0]


QUICK: dict[str, Any] = {"canary_steps": (5.0, 50.0, 100.0), "pace_s": 0.5, "shadow_pace_s": 0.5, "watch_s": 0.5}


async def cut_at(instant: int, strategy: str, others: Sequence[str], town: Town) -> tuple[MemoryBook, Release | None]:
    """A release whose engine dies at that instant; its record when it was over before."""
    book = town.book(strategy, others, **QUICK)
    return book, await lives(book, town.stage, town.clock, Fate(instant))


@pytest.mark.parametrize("others", [(), ("guard",)], ids=["alone", "together"])
@pytest.mark.parametrize("strategy", ["canary", "shadow"])
async def test_no_leased_share_outlives_the_engine_that_watches_over_it(
    strategy: str, others: Sequence[str], new_town: Callable[[], Town]
) -> None:
    """Dead at any instant: each service is at one version, whole, and nobody gets copies."""
    instant, over = 0, None
    while over is None:
        town, instant = new_town(), instant + 1
        _, over = await cut_at(instant, strategy, others, town)
        for service in ("hub", *others):
            assert town.serving(service) in ("v1", "v2")
            assert over or not town.stage.services[service].copies
    assert instant > 50


@pytest.mark.parametrize("others", [(), ("guard",)], ids=["alone", "together"])
@pytest.mark.parametrize("strategy", ["canary", "shadow"])
async def test_nothing_is_judged_under_other_shares_than_the_release_says(
    strategy: str, others: Sequence[str], new_town: Callable[[], Town]
) -> None:
    """A dead engine's shares have lapsed: the next one takes them again before it goes on judging."""
    instant, over = 0, None
    while over is None:
        town, instant = new_town(), instant + 1
        book, over = await cut_at(instant, strategy, others, town)
        release = await town.carries_on(book)
        assert release.state == "succeeded"
        for judgement in town.stage.judged:
            assert list(judgement.shares.values()) in [
                [shares] * (1 + len(others)) for shares in ({"v1": 100}, {"v1": 95, "v2": 5}, {"v1": 50, "v2": 50})
            ]
        planned = 3 if strategy == "shadow" else 2
        assert len({str(judgement) for judgement in town.stage.judged}) == planned
