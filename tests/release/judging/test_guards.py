"""The parts of a judgement that need no loop: silence, trouble of the whole service, and copies."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.judge import Counts, Moments, Values
from fairlead.release.judging.burning import Window, limit
from fairlead.release.judging.copies import Copies, fitted
from fairlead.release.judging.unanswered import Run
from fairlead.stack.model.objectives import Objectives


def answers(stable: float, canary: float = 0.0) -> Counts:
    """Good ones."""
    return Counts(0, 0, stable, canary)


def silent(share: float, per_s: float, seconds: int) -> float | None:
    """After how many seconds a canary is found silent."""
    run = Run().after(share, 0.0, answers(0))
    for second in range(0, seconds, 2):
        run = run.after(share, 2.0, answers(2 * per_s))
        if run.missed() is not None:
            return second
    return None


def test_a_silent_version_is_found_the_sooner_the_more_requests_it_has() -> None:
    found = [silent(share, 20, 600) or 600 for share in (0.5, 0.25, 0.05, 0.01)]
    assert found == sorted(found)
    assert found[0] <= 20
    assert found[-1] < 300


def test_a_version_that_takes_three_times_as_long_is_waited_for() -> None:
    """The stable version answers after a minute, the canary after three."""
    run = Run().after(0.5, 0.0, answers(0))
    for second in range(2, 190, 2):
        run = run.after(0.5, 2.0, answers(100 if second >= 60 else 0))
        assert run.missed() is None


@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.05, 0.25, 0.5]))
def test_a_version_that_answers_is_not_called_silent(seed: int, share: float) -> None:
    """In half an hour of ten requests a second, by whatever chance."""
    chance = random.Random(seed)
    run = Run()
    for _ in range(900):
        canary = sum(chance.random() < share for _ in range(20))
        run = run.after(share, 2.0, answers(20 - canary, canary))
        assert run.missed() is None


def test_another_share_or_an_unknown_answer_begins_anew() -> None:
    """What is not known is not silence."""
    run = Run().after(0.5, 0.0, answers(0))
    for _ in range(5):
        run = run.after(0.5, 2.0, answers(1))
    assert run.seconds == 10
    assert run.after(0.25, 2.0, answers(1)).seconds == 0
    assert run.after(0.5, 2.0, None).seconds == 0
    assert run.after(0.5, 2.0, answers(1, 1)).before == 1


def test_a_month_with_three_nines_burns_at_fourteen_times_the_budget() -> None:
    """The lower of two promises counts; without any there is nothing to break."""
    assert limit(Objectives.model_validate({"availability": "99.9%"})) == pytest.approx(0.0144)
    assert limit(Objectives.model_validate({"availability": "99.9%", "error_rate": "1%"})) == pytest.approx(0.01)
    assert limit(Objectives()) is None


def test_both_windows_have_to_burn() -> None:
    """A minute of trouble is soon over; what was an hour ago is forgotten."""
    promise = Objectives.model_validate({"error_rate": "5%"})
    calm = Window()
    for _ in range(150):
        calm = calm.after(2.0, (40, 0))
    spike = calm.after(2.0, (40, 40))
    assert spike.burning(promise) is None
    trouble = spike
    for _ in range(30):
        trouble = trouble.after(2.0, (40, 20))
    assert trouble.burning(promise) is not None
    over = trouble
    for _ in range(30):
        over = over.after(2.0, (40, 0))
    assert over.burning(promise) is None
    assert len(over.looks) == 150


def test_few_failures_are_no_trouble() -> None:
    """Three of four requests at night."""
    assert Window(((2.0, 4.0, 3.0),)).burning(Objectives.model_validate({"availability": "99.9%"})) is None


counts = st.builds(
    lambda bad_s, bad_c, good_s, good_c: Counts(bad_s, bad_c, bad_s + good_s, bad_c + good_c),
    *[st.integers(0, 1000)] * 4,
)


@given(counts, st.floats(0.01, 1))
def test_copies_fit_their_share_without_a_change_of_rates(seen: Counts, odds: float) -> None:
    """Never more than came."""
    found = fitted(seen, odds)
    assert isinstance(found, Counts)
    assert found.total_canary == pytest.approx(odds * found.total_stable)
    assert found.total_stable <= seen.total_stable
    assert found.total_canary <= seen.total_canary
    assert found.bad_stable * seen.total_stable == pytest.approx(seen.bad_stable * found.total_stable)
    assert found.fault() is None


def test_copies_are_gathered_until_they_tell_something() -> None:
    """Meanwhile that nothing came, which is not silence; a silent source stays silent."""
    copies = Copies(0.1)
    copies, told = copies.after({"errors": answers(50, 5), "cost": None}, 2.0)
    assert told == {"errors": answers(0), "cost": None}
    copies, told = copies.after({"errors": answers(50, 5)}, 2.0)
    assert told == {"errors": answers(100, 10)}
    assert not copies.waiting


def test_copies_are_not_gathered_for_ever() -> None:
    """On a quiet service as well; the rest of what is too much is left out."""
    copies, told = Copies(0.5).after({"errors": answers(1, 0.1)}, 2.0)
    for _ in range(9):
        copies, told = copies.after({"errors": answers(1, 0.1)}, 2.0)
    found = told["errors"]
    assert found is not None
    assert found.total_stable == pytest.approx(2.0)


def test_values_of_copies_keep_their_mean_and_spread() -> None:
    """With as much less weight as there are fewer of them."""
    seen = Values(Moments(100, 200, 500, 100), Moments(5, 10, 30, 5))
    found = fitted(seen, 0.1)
    assert isinstance(found, Values)
    assert found.stable.mean == 2
    assert found.stable.units == pytest.approx(50)
    assert found.canary == seen.canary
