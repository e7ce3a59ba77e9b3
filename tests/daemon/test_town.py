"""Stories of a stack: it comes up, changes, is released into, breaks, and comes back."""

from __future__ import annotations

import asyncio

import pytest
from tests.daemon.conftest import Town

from fairlead.engine.keeper import State
from fairlead.engine.runtimes.memory import Program
from fairlead.errors import Conflict, ReleaseError, RuntimeFailure, UsageError


async def test_a_stack_comes_up_in_the_order_of_its_needs(town: Town) -> None:
    """And tells its addresses."""
    result = await town.comes_up()

    started = [launch.labels["service"] for launch in town.runtime.launches if launch.labels]
    assert started == ["notes", "notes", "web"]
    assert town.serves("notes") == {"v1"}
    assert {address["url"] for address in result["addresses"] if address["exposed"]} == {
        f"http://127.0.0.1:{town.port}/"
    }


async def test_coming_up_a_second_time_changes_nothing(town: Town) -> None:
    """The difference is empty."""
    await town.comes_up()
    launches = len(town.runtime.launches)
    assert (await town.comes_up())["changed"] == []
    assert len(town.runtime.launches) == launches


async def test_coming_up_again_applies_the_difference(town: Town) -> None:
    """A new version of what changed, a stop of what is gone, nothing else."""
    await town.comes_up()
    before = town.file.read_text()
    town.file.write_text(before[: before.index("  web:")].replace("hello", "bye"))
    result = await town.comes_up()

    assert sorted(result["changed"]) == ["notes", "web"]
    assert town.serves("notes") == {"v2"}
    assert town.engine.fleet.of("web") == []


async def test_what_was_changed_in_place_outlives_a_release_that_was_taken_back(town: Town) -> None:
    """A policy belongs to the version that serves."""
    await town.comes_up()
    town.file.write_text(town.file.read_text().replace("    scale: 2\n", "    scale: 3\n    traffic: {timeout: 7s}\n"))
    await town.comes_up()
    assert town.engine.fleet.wanted("notes") == {"v1": 3}

    town.prober.sick.add("broken")
    with pytest.raises(ReleaseError):
        await town.deploys("notes", set={"environment.GREETING": "broken", "traffic.timeout": "9s"})
    assert town.engine.applied is not None
    assert town.engine.applied.stack.services["notes"].traffic.timeout == 7.0
    assert town.engine.fleet.wanted("notes") == {"v1": 3}


async def test_a_new_version_takes_all_requests_and_the_old_one_stays_warm(town: Town) -> None:
    """Until its time is over."""
    await town.comes_up()
    release = await town.deploys("notes", set={"environment.GREETING": "bye"})

    assert (release["from"], release["to"], release["state"], release["who"]) == ("v1", "v2", "succeeded", "alice")
    assert town.serves("notes") == {"v2"}
    assert town.engine.fleet.wanted("notes") == {"v1": 2, "v2": 2}
    await town.waits(62)
    assert town.engine.fleet.wanted("notes") == {"v2": 2}


async def test_of_many_releases_only_the_last_version_stays_warm(town: Town) -> None:
    """The others have been overtaken."""
    await town.comes_up()
    for number in range(4):
        await town.deploys("notes", set={"environment.GREETING": f"hello {number}"})
    await town.does(asyncio.sleep(0.3))
    await town.waits(2)
    assert town.engine.fleet.wanted("notes") == {"v4": 2, "v5": 2}


async def test_versions_beyond_those_kept_are_forgotten_with_all_they_left(town: Town) -> None:
    """The disk does not fill with releases."""
    await town.comes_up()
    keep = {"release.keep_versions": "3", "release.keep_warm": "0s"}
    for number in range(6):
        await town.deploys("notes", set={"environment.GREETING": f"hello {number}", **keep})
        await town.waits(2)
    assert [version.name for version in town.engine.book.versions("notes")] == ["v5", "v6", "v7"]
    left = {instance.rpartition("-")[0] for instance in await town.runtime.instances()}
    assert left == {"notes-v5", "notes-v6", "notes-v7", "web-v1"}


async def test_a_rollback_to_a_warm_version_starts_nothing(town: Town) -> None:
    """It is one change of the router."""
    await town.comes_up()
    await town.deploys("notes", set={"environment.GREETING": "bye"})
    launches = len(town.runtime.launches)
    release = await town.rolls_back("notes")

    assert (release["kind"], release["to"]) == ("rollback", "v1")
    assert town.serves("notes") == {"v1"}
    assert len(town.runtime.launches) == launches


async def test_a_rollback_to_a_cold_version_starts_it_first(town: Town) -> None:
    """As it was: with its own environment."""
    await town.comes_up()
    await town.deploys("notes", set={"environment.GREETING": "bye"})
    await town.waits(65)
    await town.rolls_back("notes", to="v1")

    assert town.serves("notes") == {"v1"}
    assert town.runtime.launches[-1].environment["GREETING"] == "hello"


async def test_a_version_that_never_gets_ready_leaves_the_old_one_serving(town: Town) -> None:
    """No request ever reaches it."""
    await town.comes_up()
    town.prober.sick.add("broken")
    with pytest.raises(ReleaseError, match=r"v2 was taken back, v1 serves all requests: .*not well"):
        await town.deploys("notes", set={"environment.GREETING": "broken"})

    assert town.serves("notes") == {"v1"}
    assert town.router.largest_share("notes", "v2") == 0
    assert town.engine.fleet.wanted("notes") == {"v1": 2}
    assert town.newest("notes").state == "taken back"


async def test_a_version_that_dies_while_it_is_watched_is_taken_back_at_once(town: Town) -> None:
    """With the reason in the record."""
    await town.comes_up()
    deploying = asyncio.create_task(town.deploys("notes", set={"environment.GREETING": "bye"}))
    await town.hears("watching v2 for 5s")
    town.runtime.crash("notes-v2-1", code=3)
    with pytest.raises(ReleaseError, match="exited with 3"):
        await deploying
    assert town.serves("notes") == {"v1"}


async def test_what_runs_already_is_not_released_again(town: Town) -> None:
    """A deploy without a change says so."""
    await town.comes_up()
    assert await town.deploys("notes") == {"unchanged": True}
    assert len(town.releasing.history.of("notes")) == 1
    assert "nothing to release: v1 runs exactly this" in town.said


async def test_a_dry_run_tells_the_steps_and_does_none(town: Town) -> None:
    """Nor does it write a record."""
    await town.comes_up()
    told = await town.deploys("notes", set={"environment.GREETING": "bye"}, dry_run=True)
    assert told["steps"][0] == "start v2 (2 instances)"
    assert told["changes"] == ["~ services.notes.environment.GREETING: hello -> bye"]
    assert len(town.releasing.history.of("notes")) == 1
    assert town.serves("notes") == {"v1"}


async def test_a_second_release_of_a_service_waits_for_nobody_and_is_refused(town: Town) -> None:
    """While the first is under way."""
    await town.comes_up()
    first = asyncio.create_task(town.deploys("notes", set={"environment.GREETING": "bye"}))
    await town.hears("watching v2 for 5s")
    with pytest.raises(Conflict, match="notes: a release is under way"):
        await town.releasing.deploy({"file": str(town.file), "service": "notes"}, town.say)
    await first


@pytest.mark.parametrize("moment", ["start v2 (2 instances)", "all requests to v2", "watching v2 for 5s"])
async def test_a_release_goes_on_when_its_engine_was_lost(town: Town, moment: str) -> None:
    """At whatever step: one version holds all requests at the end."""
    await town.comes_up()
    deploying = asyncio.create_task(
        town.releasing.deploy(
            {"file": str(town.file), "service": "notes", "set": {"environment.GREETING": "bye"}}, town.say
        )
    )
    await town.hears(moment)
    deploying.cancel()
    await asyncio.gather(deploying, return_exceptions=True)
    await town.loses_its_engine()

    assert town.newest("notes").state == "succeeded"
    assert town.serves("notes") == {"v2"}
    assert {launch.id for launch in town.runtime.launches} == {
        "notes-v1-1", "notes-v1-2", "notes-v2-1", "notes-v2-2", "web-v1-1"
    }  # fmt: skip


async def test_what_runs_is_adopted_and_not_started_again(town: Town) -> None:
    """By the next engine."""
    await town.comes_up()
    launches = len(town.runtime.launches)
    await town.loses_its_engine()
    assert len(town.runtime.launches) == launches
    assert all(keeper.report.state is State.READY for keeper in town.engine.fleet.keepers.values())


async def test_an_instance_that_died_meanwhile_is_started_again(town: Town) -> None:
    """The journal says that it is wanted."""
    await town.comes_up()
    await town.engine.fleet.let_go()
    town.runtime.crash("notes-v1-1")
    await town.loses_its_engine()
    await town.waits(2)
    assert (await town.runtime.observe("notes-v1-1")).running


async def test_a_drained_instance_finishes_what_it_carries(town: Town) -> None:
    """And is stopped right after, long before the limit."""
    await town.comes_up()
    requests = [town.router.open("notes.http") for _ in range(10)]
    scaling = asyncio.create_task(town.does(town.bringing.scale({"service": "notes", "count": 1}, town.say)))
    await town.waits(3)
    leaving = next(keeper.instance.id for keeper in town.engine.fleet.of("notes") if keeper.instance.leaving)
    assert (await town.runtime.observe(leaving)).running
    assert not any(town.router.send("notes.http").finish().instance == leaving for _ in range(20))

    for request in requests:
        request.finish()
    await scaling
    assert not (await town.runtime.observe(leaving)).running


async def test_an_instance_that_was_leaving_is_stopped_by_the_next_engine(town: Town) -> None:
    """Its requests are still waited for."""
    await town.comes_up()
    requests = [town.router.open("notes.http") for _ in range(4)]
    scaling = asyncio.create_task(town.bringing.scale({"service": "notes", "count": 1}, town.say))
    await town.waits(1)
    scaling.cancel()
    await asyncio.gather(scaling, return_exceptions=True)
    await town.loses_its_engine()
    await town.waits(2)
    assert len(town.engine.fleet.of("notes")) == 2
    for request in requests:
        request.finish()
    await town.waits(2)
    assert len(town.engine.fleet.of("notes")) == 1


async def test_a_stream_that_does_not_end_is_cut_at_its_own_limit(town: Town) -> None:
    """`release.drain`."""
    await town.comes_up()
    for _ in range(4):
        town.router.open("notes.http")
    began = town.clock.monotonic()
    await town.does(town.bringing.scale({"service": "notes", "count": 1}, town.say))
    assert 10 <= town.clock.monotonic() - began < 12


async def test_a_restart_replaces_each_instance_without_a_moment_of_less(town: Town) -> None:
    """One more is ready before one leaves."""
    await town.comes_up()
    await town.does(town.bringing.restart({"services": ["notes"]}, town.say))
    assert {keeper.instance.id for keeper in town.engine.fleet.of("notes")} == {"notes-v1-3", "notes-v1-1"}
    assert town.serves("notes") == {"v1"}


async def test_going_down_stops_everything_in_the_order_of_needs(town: Town) -> None:
    """And forgets the stack, not its history."""
    await town.comes_up()
    result = await town.does(town.bringing.down({}, town.say))
    assert result == {"ended": True}
    assert not [launch.id for launch in town.runtime.launches if (await town.runtime.observe(launch.id)).running]
    assert town.engine.book.applied() is None
    assert town.newest("notes").state == "succeeded"


async def test_an_unknown_service_or_strategy_is_refused_before_anything_happens(town: Town) -> None:
    """With a suggestion, never a fallback."""
    await town.comes_up()
    with pytest.raises(UsageError, match="unknown service: note"):
        await town.deploys("note")
    with pytest.raises(UsageError, match="unknown strategy: canari"):
        await town.deploys("notes", strategy="canari", set={"environment.GREETING": "bye"})
    assert len(town.releasing.history.of("notes")) == 1


async def test_a_program_that_is_missing_is_said_at_once(town: Town) -> None:
    """Waiting does not bring it."""
    await town.comes_up()
    began = town.clock.monotonic()
    with pytest.raises(ReleaseError, match=r"can't be started: .*program not found: no-such-program"):
        await town.deploys("notes", set={"command": "no-such-program"})
    assert town.clock.monotonic() - began < 2
    assert town.serves("notes") == {"v1"}


async def test_what_this_version_can_not_run_is_refused_before_anything_is_touched(town: Town) -> None:
    """An app, or an image."""
    text = town.file.read_text()
    town.file.write_text(text.replace("command: sh web", "uses: market"))
    with pytest.raises(RuntimeFailure, match="web: the app `market` is not part of this version"):
        await town.comes_up()
    assert town.runtime.launches == []
    assert town.engine.applied is None


async def test_a_crash_looping_version_says_why(town: Town) -> None:
    """With its last lines of output."""
    await town.comes_up()
    town.runtime.program(
        lambda launch: launch.environment.get("GREETING") == "bad",
        Program(says=("no such table: notes",), exits_after_s=0.0, code=1),
    )
    with pytest.raises(ReleaseError, match="no such table: notes"):
        await town.deploys("notes", set={"environment.GREETING": "bad"})
    assert town.serves("notes") == {"v1"}
