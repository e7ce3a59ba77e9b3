"""What every strategy promises, whatever the change: one that appears in the folder is tested the day it does."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.steps import Change, Observe, RunHook, Shift, Start, Step, Stop
from fairlead.release.strategies import STRATEGIES, planned
from fairlead.release.words import words

EVERY = STRATEGIES.names()
STOPS_FIRST = {"recreate"}
"""Two versions must not run together: for a while nobody serves, by intent."""

CHANGES = st.builds(
    Change,
    old=st.sampled_from([None, "v1"]),
    new=st.just("v2"),
    replicas=st.integers(1, 12),
    watch_s=st.sampled_from([0.0, 10.0]),
    warm_s=st.sampled_from([0.0, 300.0]),
    has_migration=st.booleans(),
    has_before=st.booleans(),
    has_after=st.booleans(),
    surge=st.integers(1, 15),
    old_replicas=st.one_of(st.none(), st.integers(1, 12)),
    canary_steps=st.sampled_from([(100.0,), (5.0, 50.0, 100.0), (0.1, 33.3)]),
    after_shadow=st.sampled_from(["canary", "blue-green"]),
)


@dataclass
class Imagined:
    """How things stand when every step does what it says."""

    change: Change
    counts: dict[str, int] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.change.old is not None:
            self.counts[self.change.old] = self.change.old_replicas or self.change.replicas
            self.shares[self.change.old] = 100.0

    def after(self, step: Step) -> None:
        match step:
            case Start(version, count):
                self.counts[version] = count
            case Stop(version, count):
                self.counts[version] = count
            case Shift(shares):
                self.shares = dict(shares)

    @property
    def served(self) -> bool:
        return all(self.counts.get(version, 0) > 0 for version, share in self.shares.items() if share)


@pytest.mark.parametrize("name", EVERY)
@given(change=CHANGES)
def test_the_new_version_ends_with_all_requests_and_all_instances(name: str, change: Change) -> None:
    stand = Imagined(change)
    for step in planned(STRATEGIES.get(name), change):
        stand.after(step)

    assert {version: share for version, share in stand.shares.items() if share} == {"v2": 100.0}
    assert stand.counts["v2"] == change.replicas
    assert stand.counts.get("v1", 0) == 0


@pytest.mark.parametrize("name", EVERY)
@given(change=CHANGES)
def test_shares_always_add_up_and_go_to_versions_that_run(name: str, change: Change) -> None:
    stand = Imagined(change)
    for step in planned(STRATEGIES.get(name), change):
        stand.after(step)
        if isinstance(step, Shift):
            assert sum(step.shares.values()) == pytest.approx(100.0, abs=1e-9)
            assert all(share >= 0 for share in step.shares.values())
            assert stand.served
        assert stand.served or name in STOPS_FIRST


@pytest.mark.parametrize("name", [name for name in EVERY if name not in STOPS_FIRST])
@given(change=CHANGES)
def test_nothing_follows_the_step_that_stops_the_old_version(name: str, change: Change) -> None:
    """From there on the way back would need a start: so it is the last step, and the only one of its kind."""
    steps = planned(STRATEGIES.get(name), change)
    stops = [number for number, step in enumerate(steps) if step == Stop("v1", 0, change.warm_s)]

    assert stops == ([] if change.old is None else [len(steps) - 1])


@pytest.mark.parametrize("name", EVERY)
@given(change=CHANGES)
def test_hooks_run_once_and_in_their_moment(name: str, change: Change) -> None:
    """Migrations before the new version starts, `before` while it has no request, `after` when it has all."""
    stand, seen = Imagined(change), []
    for step in planned(STRATEGIES.get(name), change):
        stand.after(step)
        if isinstance(step, RunHook):
            seen.append(step.moment)
            assert step.moment != "migrate" or not stand.counts.get("v2")
            assert step.moment != "before" or (stand.counts["v2"] > 0 and not stand.shares.get("v2"))
            assert step.moment != "after" or stand.shares == {"v2": 100.0}
    wanted = {"migrate": change.has_migration, "before": change.has_before, "after": change.has_after}

    assert seen == ([] if name == "rollback" else [moment for moment, has in wanted.items() if has])


@pytest.mark.parametrize("name", EVERY)
@given(change=CHANGES)
def test_each_step_can_be_said(name: str, change: Change) -> None:
    assert all(words(step) for step in planned(STRATEGIES.get(name), change))


@given(change=CHANGES)
def test_rolling_never_has_more_than_surge_instances_too_many(change: Change) -> None:
    stand = Imagined(change)
    most = max(change.replicas, sum(stand.counts.values())) + change.surge
    for step in planned(STRATEGIES.get("rolling"), change):
        stand.after(step)
        assert sum(stand.counts.values()) <= most


@given(change=CHANGES)
def test_rolling_gives_each_instance_its_equal_share(change: Change) -> None:
    """What is left of the old version after the stop that follows is what its share is measured by."""
    stand = Imagined(change)
    steps = planned(STRATEGIES.get("rolling"), change)
    for step, then in zip(steps, [*steps[1:], None], strict=True):
        stand.after(step)
        if isinstance(step, Shift) and "v1" in step.shares:
            left = then.count if isinstance(then, Stop) else stand.counts["v1"]
            assert step.shares["v2"] == pytest.approx(100 * stand.counts["v2"] / (stand.counts["v2"] + left), abs=0.01)


@given(change=CHANGES)
def test_a_rollback_starts_only_what_does_not_run_yet(change: Change) -> None:
    from dataclasses import replace

    warm = planned(STRATEGIES.get("rollback"), replace(change, ready=change.replicas))
    cold = planned(STRATEGIES.get("rollback"), replace(change, ready=change.replicas - 1))

    assert not any(isinstance(step, Start) for step in warm)
    assert cold[0] == Start("v2", change.replicas)


@pytest.mark.parametrize("name", [name for name in EVERY if name != "rollback"])
def test_no_time_of_watching_is_no_watching(name: str) -> None:
    steps = planned(STRATEGIES.get(name), Change("v1", "v2", 1, watch_s=0.0, warm_s=0.0))

    assert not any(isinstance(step, Observe) for step in steps)
