"""What stops a release half way, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairlead.daemon.records import History
from fairlead.engine.journal import Journal
from fairlead.errors import JournalError, RouterError, StateError
from fairlead.release.entry import Entry
from fairlead.release.runner import run
from fairlead.release.steps import Start

if TYPE_CHECKING:
    from tests.release.conftest import Town


async def test_a_journal_that_can_not_be_written_stops_the_release_where_it_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is done that is not written down first; with room on the disk again, it goes on."""
    book = town.book("blue-green")

    def full(entry: Entry) -> None:
        raise JournalError("journal.db: the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(book, "write", full)
        with pytest.raises(StateError, match="disk is full"):
            await town.carries_on(book)
    assert town.hub.moments == []

    assert (await town.carries_on(book)).state == "succeeded"


@pytest.mark.parametrize("call", ["scale", "shift", "retire"])
async def test_a_stack_that_can_not_write_its_state_stops_the_release_where_it_is(
    town: Town, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A younger daemon has taken over: taking the release back is not ours any more."""

    async def refused(*_: object, **__: object) -> None:
        raise StateError("another daemon has taken over")

    book = town.book("blue-green")
    with monkeypatch.context() as patch:
        patch.setattr(town.stage, call, refused)
        with pytest.raises(StateError, match="taken over"):
            await town.carries_on(book)
    assert book.read().state == "running"
    assert (await town.carries_on(book)).state == "succeeded"


async def test_the_way_back_stops_too_when_it_can_not_be_written_down(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.hub.sick["v2"] = "it failed"
    book = town.book("blue-green")
    shift = town.stage.shift

    async def refused(service: str, shares: Mapping[str, float], *, leased: bool = False) -> None:
        if "v1" in shares:
            raise StateError("the disk is full")
        await shift(service, shares, leased=leased)

    with monkeypatch.context() as patch:
        patch.setattr(town.stage, "shift", refused)
        with pytest.raises(StateError):
            await town.carries_on(book)
    assert book.read().state == "undoing"

    assert (await town.carries_on(book)).state == "taken back"
    assert town.serves == "v1"


async def test_an_abort_between_two_steps_is_seen_before_the_next(town: Town) -> None:
    """A hook is always waited for; what follows it is not begun."""
    town.abort.request("aborted by bob@here")
    town.abort.request("aborted by eve@here")
    release = await town.releases("blue-green", has_migration=True)

    assert (release.state, release.reason, release.steps) == ("taken back", "aborted by bob@here", ())


async def test_a_release_that_was_planned_otherwise_is_taken_back(town: Town) -> None:
    """Fairlead was updated in the middle, and its strategy has changed."""
    book = town.book("blue-green")
    entry = replace((await town.releases("blue-green")).steps[0], step=Start("v2", 5))
    book.write(entry)
    town.runs("v1")
    release = await town.carries_on(book)

    assert release.state == "taken back"
    assert release.reason == (
        "the strategy now plans to start v2 (3 instances) where it had planned to start v2 (5 instances)"
    )


async def test_a_fault_of_ours_takes_the_release_back_as_well(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise KeyError("hub")

    monkeypatch.setattr(town.stage, "watch", broken)
    release = await town.releases("blue-green")

    assert (release.state, release.reason) == ("taken back", "KeyError: 'hub'")


async def test_an_old_version_that_will_not_stop_does_not_take_the_new_one_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds no requests: somebody has to look at it, but nobody waits for it."""
    scale = town.stage.scale

    async def stubborn(service: str, version: str, count: int, *, drain_s: float | None = None) -> None:
        if version == "v1":
            raise RouterError("the router does not say what is in flight")
        await scale(service, version, count, drain_s=drain_s)

    monkeypatch.setattr(town.stage, "scale", stubborn)
    release = await town.releases("blue-green", warm_s=0.0)

    assert release.state == "succeeded"
    assert "v1" in town.hub.warm


async def test_an_old_version_that_holds_requests_and_will_not_stop_ends_the_release(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recreate: the new one may not start beside it."""
    scale = town.stage.scale

    async def stubborn(service: str, version: str, count: int, *, drain_s: float | None = None) -> None:
        if version == "v1" and count == 0:
            raise RouterError("the router does not say what is in flight")
        await scale(service, version, count, drain_s=drain_s)

    monkeypatch.setattr(town.stage, "scale", stubborn)
    release = await town.releases("recreate")

    assert release.state == "taken back"
    assert town.serves == "v1"
    assert "v2" not in town.hub.instances


class Off(BaseException):
    """The power is gone."""


async def test_a_release_is_carried_on_from_a_journal_that_was_opened_again(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk: the daemon ends in the middle, the next one reads the same file and ends the release."""

    async def cut(*_: object) -> None:
        raise Off

    history = History(first := Journal(tmp_path / "journal.db"))
    book = history.begin(replace(town.book("rolling").read(), id=history.next_id()))
    with monkeypatch.context() as patch:
        patch.setattr(town.stage, "watch", cut)
        with pytest.raises(Off):
            await run(book, town.stage, town.clock)
    first.close()

    history = History(again := Journal(tmp_path / "journal.db"))
    [left] = history.unfinished()
    release = await run(left, town.stage, town.clock)

    assert release.state == "succeeded"
    assert history.unfinished() == []
    assert history.of("hub") == [release]
    again.close()
