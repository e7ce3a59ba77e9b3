"""The order of steps when several services are released as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.steps import Change, Judge, Mirror, Observe, Outcome, RunHook, Shift, Start, Step, StepPlan, Stop
from fairlead.release.strategies import STRATEGIES, answered
from fairlead.release.together import planned_together, together

EVERY = STRATEGIES.names()
SERVICES = ("hub", "guard", "market")
CANARY: dict[str, Any] = {"canary_steps": (5.0, 50.0, 100.0), "pace_s": 60.0}

CHANGES = st.builds(
    Change,
    old=st.sampled_from([None, "v1", "v1"]),
    new=st.just("v2"),
    replicas=st.integers(1, 4),
    watch_s=st.sampled_from([0.0, 10.0]),
    warm_s=st.sampled_from([0.0, 300.0]),
    has_migration=st.booleans(),
    has_before=st.booleans(),
    has_after=st.booleans(),
    surge=st.integers(1, 3),
    ready=st.integers(0, 4),
    canary_steps=st.sampled_from([(100.0,), (5.0, 100.0), (1.0, 5.0, 25.0, 100.0)]),
    after_shadow=st.sampled_from(["canary", "blue-green"]),
)
UNITS = st.lists(CHANGES, min_size=1, max_size=3).map(lambda changes: dict(zip(SERVICES, changes, strict=False)))
ANSWERS = st.lists(st.sampled_from(["done", "done", "promote"]), max_size=12)

MIDDLE = st.one_of(
    st.just(RunHook("migrate")),
    st.builds(Start, st.just("v2"), st.integers(1, 3)),
    st.just(RunHook("before")),
    st.sampled_from([5.0, 50.0]).map(lambda share: Shift({"v1": 100 - share, "v2": share}, leased=True)),
    st.builds(Mirror, st.just("v2"), st.sampled_from([0.0, 10.0])),
    st.builds(Judge, st.just("v2"), st.just("v1"), st.just(60.0), st.booleans()),
    st.just(Observe("v2", 10.0)),
    st.builds(Stop, st.just("v1"), st.integers(1, 3)),
    st.just(RunHook("after")),
)
ANY_STEPS = st.lists(MIDDLE, max_size=8).map(lambda steps: [*steps, Shift({"v2": 100.0}), Stop("v1", 0, 300.0)])
ANY_UNIT = st.lists(ANY_STEPS, min_size=1, max_size=3).map(lambda lists: dict(zip(SERVICES, lists, strict=False)))


def plan_of(steps: Sequence[Step]) -> StepPlan:
    yield from (step for step in steps)  # a list can't be sent answers


def merged(plans: Mapping[str, StepPlan], verdicts: Sequence[str] = ()) -> list[tuple[str, Step]]:
    """The steps of a release whose judgements are answered so, in turn, and then with "promote"."""
    plan, answers, steps = together(plans), iter(verdicts), list[tuple[str, Step]]()
    pair = next(plan, None)
    while pair is not None:
        steps.append(pair)
        verdict = next(answers, "promote") if isinstance(pair[1], Judge) else "done"
        pair = answered(plan, Outcome(verdict))  # type: ignore[arg-type]  # one of the literals
    return steps


def of_one(steps: Sequence[tuple[str, Step]], service: str) -> list[Step]:
    """What one service did, judgements left out: one stands for all."""
    return [step for name, step in steps if name == service and not isinstance(step, Judge)]


def lets_go(step: Step) -> bool:
    return isinstance(step, Stop) and step.count == 0


def merged_release(name: str, unit: Mapping[str, Change], verdicts: Sequence[str]) -> list[tuple[str, Step]]:
    return merged({service: STRATEGIES.get(name)(change) for service, change in unit.items()}, verdicts)


@pytest.mark.parametrize("name", EVERY)
@given(change=CHANGES, verdicts=ANSWERS)
def test_one_service_alone_does_what_its_strategy_says(name: str, change: Change, verdicts: list[str]) -> None:
    plan, answers, steps = STRATEGIES.get(name)(change), iter(verdicts), list[Step]()
    step = next(plan, None)
    while step is not None:
        steps.append(step)
        verdict = next(answers, "promote") if isinstance(step, Judge) else "done"
        step = answered(plan, Outcome(verdict))  # type: ignore[arg-type]  # one of the literals

    assert merged_release(name, {"hub": change}, verdicts) == [("hub", step) for step in steps]


@given(unit=ANY_UNIT, verdicts=ANSWERS)
def test_every_step_of_every_service_is_done_in_its_own_order(unit: dict[str, list[Step]], verdicts: list[str]) -> None:
    steps = merged({service: plan_of(planned) for service, planned in unit.items()}, verdicts)

    for service, planned in unit.items():
        assert of_one(steps, service) == [step for step in planned if not isinstance(step, Judge)]


@given(unit=ANY_UNIT, verdicts=ANSWERS)
def test_when_the_first_old_version_is_let_go_nothing_is_left_that_could_fail(
    unit: dict[str, list[Step]], verdicts: list[str]
) -> None:
    steps = [step for _, step in merged({name: plan_of(planned) for name, planned in unit.items()}, verdicts)]

    assert all(lets_go(step) for step in steps[-len(unit) :])
    assert not any(lets_go(step) for step in steps[: -len(unit)])


@pytest.mark.parametrize("name", [name for name in EVERY if name != "recreate"])
@given(unit=UNITS, verdicts=ANSWERS)
def test_the_old_versions_of_all_services_are_let_go_at_the_very_end(
    name: str, unit: dict[str, Change], verdicts: list[str]
) -> None:
    steps = [step for _, step in merged_release(name, unit, verdicts)]
    last = sum(change.old is not None for change in unit.values())

    assert [lets_go(step) for step in steps] == [False] * (len(steps) - last) + [True] * last


@pytest.mark.parametrize("name", EVERY)
@given(unit=UNITS, verdicts=ANSWERS)
def test_nobody_is_shown_to_users_before_everybody_is_ready(
    name: str, unit: dict[str, Change], verdicts: list[str]
) -> None:
    """All migrations, then all starts, then all hooks before the first request moves."""
    steps = [step for _, step in merged_release(name, unit, verdicts)]
    moved = next(number for number, step in enumerate(steps) if isinstance(step, Shift | Mirror))
    started = [number for number, step in enumerate(steps) if isinstance(step, Start)]
    migrated = [number for number, step in enumerate(steps) if step == RunHook("migrate")]

    assert not migrated or max(migrated) < min(started)
    assert all(number < moved for number, step in enumerate(steps) if step == RunHook("before"))


@pytest.mark.parametrize("name", EVERY)
@given(unit=UNITS, verdicts=ANSWERS)
def test_the_last_hooks_run_when_all_services_hold_all_requests(
    name: str, unit: dict[str, Change], verdicts: list[str]
) -> None:
    shares: dict[str, Mapping[str, float]] = {}
    for service, step in merged_release(name, unit, verdicts):
        if isinstance(step, Shift):
            shares[service] = step.shares
        if step == RunHook("after"):
            assert shares == {service: {"v2": 100.0} for service in unit}


@given(unit=UNITS)
def test_services_that_wait_for_a_verdict_together_get_one(unit: dict[str, Change]) -> None:
    """Those with fewer shares wait at their last one for the others."""
    steps = planned_together(STRATEGIES.get("canary"), unit)
    compared = [change for change in unit.values() if change.old is not None]
    most = max((len([share for share in change.canary_steps if share < 100]) for change in compared), default=0)

    assert sum(isinstance(step, Judge) for _, step in steps) == most


def test_a_canary_of_two_services_rises_in_step_and_is_judged_once_at_each_share() -> None:
    change = Change("v1", "v2", 1, watch_s=10.0, warm_s=300.0, has_before=True, **CANARY)
    steps = planned_together(STRATEGIES.get("canary"), {"hub": change, "guard": change})
    shares = [{"v1": 95.0, "v2": 5.0}, {"v1": 50.0, "v2": 50.0}]

    assert steps == [
        ("hub", Start("v2", 1)),
        ("guard", Start("v2", 1)),
        ("hub", RunHook("before")),
        ("guard", RunHook("before")),
        ("hub", Shift(shares[0], leased=True)),
        ("guard", Shift(shares[0], leased=True)),
        ("hub", Judge("v2", "v1", 60.0)),
        ("hub", Shift(shares[1], leased=True)),
        ("guard", Shift(shares[1], leased=True)),
        ("hub", Judge("v2", "v1", 60.0, last=True)),
        ("hub", Shift({"v2": 100.0})),
        ("guard", Shift({"v2": 100.0})),
        ("hub", Observe("v2", 10.0)),
        ("guard", Observe("v2", 10.0)),
        ("hub", Stop("v1", 0, 300.0)),
        ("guard", Stop("v1", 0, 300.0)),
    ]


def test_a_service_at_its_last_share_stays_there_while_another_rises() -> None:
    """A next share is no verdict: the one that has none left waits for the verdict on all."""
    lead = Change("v1", "v2", 1, watch_s=0.0, warm_s=0.0, **CANARY)
    steps = planned_together(
        STRATEGIES.get("canary"), {"hub": lead, "guard": replace(lead, canary_steps=(10.0, 100.0))}
    )

    assert of_one(steps, "guard")[1:3] == [Shift({"v1": 90.0, "v2": 10.0}, leased=True), Shift({"v2": 100.0})]
    judged = [number for number, (_, step) in enumerate(steps) if isinstance(step, Judge)]
    assert steps[judged[-1]] == ("hub", Judge("v2", "v1", 60.0, last=True))
    assert steps.index(("guard", Shift({"v2": 100.0}))) > judged[-1]


def test_a_promotion_is_one_for_all() -> None:
    change = Change("v1", "v2", 1, watch_s=0.0, warm_s=0.0, **CANARY)
    steps = merged_release("canary", {"hub": change, "guard": change}, ["promote"])

    assert [step for _, step in steps if isinstance(step, Shift)][2:] == [Shift({"v2": 100.0})] * 2


def test_services_that_must_not_run_twice_all_end_before_the_first_starts() -> None:
    change = Change("v1", "v2", 1, watch_s=0.0, warm_s=0.0)
    steps = planned_together(STRATEGIES.get("recreate"), {"hub": change, "guard": change})

    assert [step for _, step in steps] == [Stop("v1")] * 2 + [Start("v2", 1)] * 2 + [Shift({"v2": 100.0})] * 2
