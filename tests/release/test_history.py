"""The record of a release: what is shown, and what is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.entry import Entry
from fairlead.release.history import Release
from fairlead.release.steps import Change, Judge, Mirror, Observe, Outcome, RunHook, Shift, Start, Stop

if TYPE_CHECKING:
    from tests.release.conftest import Town

COUNTS = st.integers(0, 9)
SECONDS = st.floats(0, 1e6)
SHARES = st.dictionaries(st.sampled_from(["v1", "v2"]), st.floats(0, 100))
STEPS = st.one_of(
    st.builds(Start, st.just("v2"), COUNTS),
    st.builds(Shift, SHARES, st.booleans()),
    st.builds(Judge, st.just("v2"), st.just("v1"), SECONDS, st.booleans()),
    st.builds(Mirror, st.just("v2"), st.floats(0, 100)),
    st.builds(Observe, st.just("v2"), SECONDS),
    st.builds(RunHook, st.sampled_from(["migrate", "before", "after"])),
    st.builds(Stop, st.just("v1"), COUNTS, SECONDS),
)
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from(["done", "promote", "roll back", "hold"]),
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    ),
)
ENTRIES = st.builds(
    Entry,
    st.integers(0, 99),
    st.just("hub"),
    STEPS,
    st.sampled_from(["begun", "done", "undone"]),
    st.floats(0, 4e9),
    SHARES,
    st.none() | OUTCOMES,
)


@given(entry=ENTRIES)
def test_a_step_is_read_as_it_was_written(entry: Entry) -> None:
    """A resume compares it with what the strategy plans, to the last digit."""
    assert Entry.from_record(json.loads(json.dumps(entry.to_record()))) == entry


async def test_a_release_is_read_as_it_was_written(town: Town) -> None:
    release = await town.releases("rolling", has_migration=True)
    kept = json.loads(json.dumps(release.to_record()))

    assert Release.from_record(kept, release.steps) == release


async def test_a_release_shows_who_released_what_when_from_what_and_with_what_outcome(town: Town) -> None:
    town.hub.sick["v2"] = "it failed"
    shown = (await town.releases("blue-green")).to_json()
    steps = shown.pop("steps")

    assert shown == {
        "id": "r2",
        "service": "hub",
        "from": "v1",
        "to": "v2",
        "with": [],
        "strategy": "blue-green",
        "state": "taken back",
        "who": "alice@here",
        "began": 1_700_000_000.0,
        "ended": 1_700_000_000.0,
        "reason": "it failed",
        "kind": "deploy",
    }
    assert [(step["seq"], step["step"], step["state"]) for step in steps] == [
        (0, "start v2 (3 instances)", "undone"),
        (1, "all requests to v2", "undone"),
        (2, "watching v2 for 10s", "done"),
    ]


async def test_a_release_of_several_services_is_read_as_it_was_written(wide_town: Town) -> None:
    release = await wide_town.releases("canary", ["guard", "market"], canary_steps=(5.0, 100.0))
    kept = json.loads(json.dumps(release.to_record()))

    assert Release.from_record(kept, release.steps) == release
    assert list(release.unit) == ["hub", "guard", "market"]


def test_a_release_of_an_earlier_fairlead_can_be_read() -> None:
    """It knew of no shares that are judged, and of no other services."""
    change = {"old": "v1", "new": "v2", "replicas": 3, "watch_s": 10.0, "warm_s": 300.0, "drain_s": 30.0}
    kept = {"id": "r1", "service": "hub", "strategy": "blue-green", "kind": "deploy", "who": "alice", "began": 0.0}
    release = Release.from_record(kept | {"change": change, "state": "succeeded", "ended": 1.0, "reason": None})
    shift = {"seq": 1, "service": "hub", "step": {"do": "shift", "shares": {"v2": 100.0}}, "state": "done", "at": 0.0}

    assert release.change == Change("v1", "v2", 3, 10.0, 300.0)
    assert (release.unit, release.verdict) == ({"hub": release.change}, None)
    assert Entry.from_record(shift | {"before": {}, "outcome": None}).step == Shift({"v2": 100.0})


@pytest.mark.parametrize("state", ["running", "undoing"])
def test_a_release_that_is_not_over_is_running(state: str) -> None:
    """The word for the way back is ours; a reader sees the reason."""
    change = Change("v1", "v2", 1, 0.0, 0.0)
    release = Release("r2", "hub", change, "blue-green", "deploy", "alice@here", 0.0, state, None, "why")  # type: ignore[arg-type]  # parametrised

    assert release.open
    assert (release.to_json()["state"], release.to_json()["reason"]) == ("running", "why")
