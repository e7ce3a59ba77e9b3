"""What is left to undo, and what an older step has overruled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.entry import Entry, EntryState
from fairlead.release.steps import Judge, Mirror, Observe, RunHook, Shift, Start, Step, Stop
from fairlead.release.undoing import overruled_by, to_undo
from fairlead.release.words import way_back_in_words

ROLLING: list[Step] = [
    RunHook("migrate"),
    Start("v2", 1),
    RunHook("before"),
    Shift({"v1": 50.0, "v2": 50.0}),
    Stop("v1", 1),
    Start("v2", 2),
    Shift({"v2": 100.0}),
    Observe("v2", 10.0),
]


def entries(states: dict[int, EntryState] | None = None) -> list[Entry]:
    """A rolling release of two instances, each step done unless `states` says otherwise."""
    return [Entry(seq, "hub", step, (states or {}).get(seq, "done"), 0.0) for seq, step in enumerate(ROLLING)]


def numbers(found: list[Entry]) -> list[int]:
    return [entry.seq for entry in found]


def test_the_newest_step_is_undone_first_and_looking_on_needs_no_undoing() -> None:
    assert numbers(to_undo(entries())) == [6, 5, 4, 3, 1, 0]


def test_a_step_that_was_only_begun_may_have_had_its_effect() -> None:
    assert numbers(to_undo(entries({6: "begun"})))[0] == 6


def test_a_migration_that_was_only_begun_is_not_taken_back() -> None:
    assert to_undo([Entry(0, "hub", RunHook("migrate"), "begun", 0.0)]) == []


def test_undoing_an_older_shift_overrules_a_newer_one() -> None:
    """Undone later, it would send requests to instances that are gone."""
    assert numbers(to_undo(entries({5: "undone", 4: "undone", 3: "undone"}))) == [1, 0]


def test_a_shift_of_another_service_is_another_matter() -> None:
    """Services released together share one book."""
    ours = Entry(0, "hub", Shift({"v2": 100.0}), "undone", 0.0)
    theirs = Entry(1, "guard", Shift({"v2": 100.0}), "done", 0.0)

    assert to_undo([ours, theirs]) == [theirs]


CANARY: list[Step] = [
    Start("v2", 1),
    Mirror("v2", 10.0),
    Judge("v2", "v1", 300.0),
    Mirror("v2", 0.0),
    Shift({"v1": 95.0, "v2": 5.0}, leased=True),
    Judge("v2", "v1", 120.0),
    Shift({"v1": 50.0, "v2": 50.0}, leased=True),
    Judge("v2", "v1", 120.0, last=True),
    Shift({"v2": 100.0}),
    Stop("v1", 0, 300.0),
]


def test_leased_shares_are_taken_back_in_one_go() -> None:
    """By undoing the first; what puts it back had all requests at the version before."""
    steps = [Entry(seq, "hub", step, "done", 0.0) for seq, step in enumerate(CANARY)]

    assert numbers(to_undo(steps)) == [9, 4, 1, 0]
    assert numbers(overruled_by(steps[4], steps)) == [6, 8]


def test_each_service_takes_its_own_leased_shares_back() -> None:
    steps = [Entry(seq, service, CANARY[4], "done", 0.0) for seq, service in enumerate(["hub", "guard", "hub"])]

    assert numbers(to_undo(steps)) == [1, 0]
    assert numbers(overruled_by(steps[0], steps)) == [2]


def test_a_step_that_stands_by_itself_overrules_nothing() -> None:
    hooks = [Entry(seq, "hub", RunHook("migrate"), "done", 0.0) for seq in range(2)]

    assert overruled_by(hooks[0], hooks) == []


@given(undone=st.sets(st.integers(0, len(ROLLING) - 1)))
def test_what_is_undone_is_never_undone_again(undone: set[int]) -> None:
    """Whatever has been undone so far, in any order; and undoing what is left leaves nothing."""
    left = to_undo(entries(dict.fromkeys(undone, "undone")))

    assert not undone & set(numbers(left))
    assert to_undo(entries(dict.fromkeys(undone | set(numbers(left)), "undone"))) == []


def test_the_way_back_is_said_in_the_words_of_its_effect() -> None:
    assert way_back_in_words(Shift({"v2": 100.0}), {"v1": 95.0, "v2": 5.0}) == "95% of the requests to v1, 5% to v2"
    assert way_back_in_words(Shift({"v2": 100.0}), {}) == "no requests to any version"
    assert way_back_in_words(Stop("v1"), {"v1": 3}) == "v1 back to 3 instances"
    assert way_back_in_words(Start("v2", 3), {"v2": 0}) == "stop v2"
    assert way_back_in_words(Mirror("v2", 10.0), {}) == "no more copies to v2"
    assert way_back_in_words(Mirror("v2", 0.0), {}) is None
    assert way_back_in_words(RunHook("before"), {}) is None
