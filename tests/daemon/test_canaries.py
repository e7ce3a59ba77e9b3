"""Stories of releases that are judged: with people about, the real engine, journal and judge, and time in a hurry."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.daemon.conftest import Town

from fairlead.errors import ReleaseError, UsageError

CANARY = "canary: {steps: [5%, 25%, 50%, 100%], pace: 20s, warm_up: 4s, deadline: 2h}"
BYE = {"environment.GREETING": "bye"}


@pytest.fixture
async def busy(town: Town) -> Town:
    """A town whose `notes` are released as a canary; people have used them for a while."""
    text = town.file.read_text()
    notes = "release: {strategy: blue-green, watch: 5s, keep_warm: 1m, drain: 10s, ready_within: 20s}"
    town.file.write_text(text.replace(notes, notes.replace("strategy: blue-green", f"strategy: canary, {CANARY}")))
    await town.comes_up()
    await town.is_used(30)
    return town


def asked(town: Town, **more: Any) -> dict[str, Any]:
    return {"file": str(town.file), "who": "alice", "service": "notes", "set": BYE, **more}


async def begins(town: Town, words: str, **more: Any) -> asyncio.Task[dict[str, Any]]:
    """Deploy, and let time go by until that has been said."""
    task = asyncio.create_task(town.releasing.deploy(asked(town, **more), town.say))
    for _ in range(3600):
        if words in town.said or task.done():
            break
        await town.is_used(1)
    assert words in town.said
    return task


async def test_a_good_version_gets_in_by_the_verdict(busy: Town) -> None:
    """Share after share; the numbers of the verdict are kept."""
    release = await busy.sees(busy.releasing.deploy(asked(busy), busy.say))

    assert (release["state"], release["strategy"]) == ("succeeded", "canary")
    assert busy.serves("notes") == {"v2"}
    assert release["verdict"]["verdict"] == "promote"
    assert set(release["verdict"]["evidence"]) == {"errors", "latency", "first_byte"}
    shares = [entry["v2"] for entry in busy.router.shares("notes") if "v2" in entry]
    assert shares[:1] == [5.0]
    assert busy.router.always_had_somewhere_to_go("notes")


@pytest.mark.parametrize("worse", ["fails", "latency_ms"])
async def test_a_bad_version_is_taken_back_before_half_the_traffic_sees_it(busy: Town, worse: str) -> None:
    """One that fails three times as often, and one that is ten times as slow."""
    busy.crowd.fails = {"v2": 0.3} if worse == "fails" else {}
    busy.crowd.latency_ms = {"v2": 200.0} if worse == "latency_ms" else {}
    with pytest.raises(ReleaseError, match="v2 was taken back, v1 serves all requests: worse in"):
        await busy.sees(busy.releasing.deploy(asked(busy), busy.say))

    assert busy.serves("notes") == {"v1"}
    assert busy.router.largest_share("notes", "v2") < 50
    assert busy.newest("notes").state == "taken back"
    assert busy.engine.book.fallbacks() == {}


async def test_half_of_the_requests_failing_is_seen_within_seconds(busy: Town) -> None:
    """Before any statistics."""
    busy.crowd.fails = {"v2": 0.8}
    began = busy.clock.monotonic()
    with pytest.raises(ReleaseError, match="units failed"):
        await busy.sees(busy.releasing.deploy(asked(busy), busy.say))
    assert busy.clock.monotonic() - began < 40
    assert busy.router.largest_share("notes", "v2") == 5.0


async def test_without_its_engine_a_canary_has_no_share_and_with_it_the_right_verdict(busy: Town) -> None:
    """The share lapses by itself; what was seen before still counts."""
    releasing = await begins(busy, "75% of the requests to v1, 25% to v2")
    await busy.is_used(10)
    await lost(busy, releasing)
    await busy.is_used(15)
    assert busy.serves("notes") == {"v1"}

    busy.start_engine()
    await busy.does(busy.engine.open({}))
    assert busy.serves("notes") == {"v1"}
    await busy.sees(busy.releasing.resume(busy.say))
    assert busy.newest("notes").state == "succeeded"
    assert busy.serves("notes") == {"v2"}


async def test_a_person_can_promote(busy: Town) -> None:
    """Whatever the evidence; who it was is on record."""
    releasing = await begins(busy, "95% of the requests to v1, 5% to v2")
    said = busy.releasing.board.promote({"service": "notes", "who": "bob@host"}, busy.say)
    assert said["text"] == "notes: v2 gets all requests now (r3)"
    release = await busy.sees(wait(releasing), 60)
    assert release["verdict"]["reason"] == "promoted by bob@host"
    assert busy.serves("notes") == {"v2"}


async def test_a_person_can_take_it_back(busy: Town) -> None:
    """At once."""
    releasing = await begins(busy, "95% of the requests to v1, 5% to v2")
    busy.releasing.board.abort({"service": "notes", "who": "bob@host", "release": "r3"}, busy.say)
    with pytest.raises(ReleaseError, match="aborted by bob@host"):
        await busy.sees(wait(releasing), 60)
    assert busy.serves("notes") == {"v1"}


async def test_a_pause_outlives_the_engine(busy: Town) -> None:
    """Until somebody resumes it."""
    releasing = await begins(busy, "95% of the requests to v1, 5% to v2")
    busy.releasing.board.pause({"service": "notes", "who": "bob@host"}, busy.say)
    await busy.is_used(60)
    assert busy.router.largest_share("notes", "v2") == 5.0
    await lost(busy, releasing)

    busy.start_engine()
    await busy.does(busy.engine.open({}))
    resuming = asyncio.create_task(busy.releasing.resume(busy.say))
    await busy.is_used(90)
    assert busy.router.largest_share("notes", "v2") == 5.0
    assert [one["paused"] for one in busy.releasing.board.judging()] == ["bob@host"]

    busy.releasing.board.resume({"service": "notes", "who": "carol"}, busy.say)
    await busy.sees(wait(resuming))
    assert busy.newest("notes").state == "succeeded"


async def test_a_pause_is_seen_at_once(busy: Town) -> None:
    """Before the first look at what comes of the share."""
    releasing = await begins(busy, "95% of the requests to v1, 5% to v2")
    board = busy.releasing.board
    board.pause({"service": "notes", "who": "bob"}, busy.say)
    assert [(one["share"], one["paused"]) for one in board.judging()] == [(5.0, "bob")]
    assert busy.newest("notes").to_json()["paused"] == "bob"
    board.abort({"service": "notes", "who": "bob"}, busy.say)
    await asyncio.gather(busy.sees(wait(releasing), 60), return_exceptions=True)


async def test_a_paused_version_that_is_bad_is_taken_back_all_the_same(busy: Town) -> None:
    """A pause holds what is good, and protects nothing."""
    releasing = await begins(busy, "95% of the requests to v1, 5% to v2")
    busy.releasing.board.pause({"service": "notes", "who": "bob"}, busy.say)
    busy.crowd.fails = {"v2": 0.3}
    with pytest.raises(ReleaseError, match="worse in"):
        await busy.sees(wait(releasing))


async def test_words_to_nothing_are_refused(busy: Town) -> None:
    """And words that do not fit what is under way."""
    board = busy.releasing.board
    with pytest.raises(UsageError, match="notes: no release is under way"):
        board.promote({"service": "notes"}, busy.say)
    releasing = await begins(busy, "95% of the requests to v1, 5% to v2")
    with pytest.raises(UsageError, match="release r9 is not under way, r3 is"):
        board.abort({"service": "notes", "release": "r9"}, busy.say)
    with pytest.raises(UsageError, match="r3 is not paused"):
        board.resume({"service": "notes"}, busy.say)
    board.abort({"service": "notes", "who": "bob"}, busy.say)
    await asyncio.gather(busy.sees(wait(releasing), 60), return_exceptions=True)

    releasing = await begins(busy, "watching v2 for 5s", strategy="blue-green")
    with pytest.raises(UsageError, match="is not judged, its strategy is blue-green"):
        board.promote({"service": "notes"}, busy.say)
    await busy.sees(wait(releasing))


async def test_copies_come_before_a_share(busy: Town) -> None:
    """A shadow of a bad version is taken back before anybody has had an answer of it."""
    busy.crowd.fails = {"v2": 0.3}
    shadow = {**BYE, "release.shadow.sample": "50%", "release.shadow.limit": "100/s"}
    with pytest.raises(ReleaseError, match="worse in"):
        await busy.sees(busy.releasing.deploy(asked(busy, strategy="shadow", set=shadow), busy.say))
    assert busy.router.largest_share("notes", "v2") == 0
    assert busy.engine.book.mirrors() == {}


async def test_services_that_belong_together_share_one_verdict_and_one_way_back(busy: Town) -> None:
    """One bad service takes both back; one rollback, too, and the history of each knows of it."""
    text = busy.file.read_text().replace(CANARY, f"{CANARY}, with: [web]").replace("GREETING: hello", "GREETING: bye")
    text = text.replace("    command: sh web\n", "    command: sh web\n    environment: {GREETING: bye}\n")
    busy.file.write_text(text)
    busy.crowd.services = ("notes", "web")
    busy.crowd.fails = {"v2": 0.02}
    await busy.is_used(20)
    release = await busy.sees(busy.releasing.deploy(asked(busy, set={}), busy.say))
    assert [other["service"] for other in release["with"]] == ["web"]
    assert (busy.serves("notes"), busy.serves("web")) == ({"v2"}, {"v2"})
    assert busy.newest("web").id == busy.newest("notes").id
    assert busy.newest("web").change.new == "v2"

    await busy.rolls_back("web")
    assert (busy.serves("notes"), busy.serves("web")) == ({"v1"}, {"v1"})

    busy.crowd.fails = {"v2": 0.3}
    with pytest.raises(ReleaseError, match=r"v2 \(with web v2\) was taken back, v1 \(with web v1\)"):
        await busy.sees(busy.releasing.deploy(asked(busy, set={}), busy.say))
    assert (busy.serves("notes"), busy.serves("web")) == ({"v1"}, {"v1"})


async def test_up_releases_as_the_strategy_says(busy: Town) -> None:
    """A changed service that is a canary comes up with its verdict."""
    busy.file.write_text(busy.file.read_text().replace("GREETING: hello", "GREETING: bye"))
    busy.crowd.fails = {"v2": 0.3}
    up = busy.bringing.up({"file": str(busy.file), "who": "alice"}, busy.say)
    with pytest.raises(ReleaseError, match="worse in"):
        await busy.sees(up)
    assert busy.serves("notes") == {"v1"}


async def test_a_dry_run_tells_every_share(busy: Town) -> None:
    """And how long it may take; it does nothing."""
    told = await busy.sees(busy.releasing.deploy(asked(busy, dry_run=True), busy.say))
    assert told["forecast"]["strategy"] == "canary"
    assert told["steps"][1:3] == ["95% of the requests to v1, 5% to v2", "comparing v2 with v1"]
    assert busy.router.largest_share("notes", "v2") == 0


async def test_a_service_without_requests_can_not_be_judged(busy: Town) -> None:
    """It is refused before anything happens."""
    with pytest.raises(UsageError, match="`canary` needs a port of protocol `http` or `grpc`"):
        await busy.deploys("notes", set={"ports": "{}"}, strategy="canary")


async def lost(town: Town, releasing: asyncio.Task[Any]) -> None:
    """The engine is gone amid a release."""
    releasing.cancel()
    await asyncio.gather(releasing, return_exceptions=True)
    await town.is_without_engine()


async def wait(task: asyncio.Task[Any]) -> Any:
    return await task
