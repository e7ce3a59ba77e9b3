"""Trials: the shares are right, and the figures decide neither too early nor never."""

from __future__ import annotations

import random

import pytest

from fairlead.apps.guard.service.judging.trials import ENOUGH, e_value, judged, of_candidate
from fairlead.apps.guard.service.words import Arm


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5])
def test_a_share_of_values_goes_to_the_candidate_and_stays_there(share: float) -> None:
    """And to others in another trial."""
    digests = [f"{at:032x}" for at in range(20_000)]
    chosen = [of_candidate("t1", one, share) for one in digests]
    assert sum(chosen) / len(chosen) == pytest.approx(share, abs=0.012)
    assert chosen == [of_candidate("t1", one, share) for one in digests]
    both = sum(a and of_candidate("t2", one, share) for a, one in zip(chosen, digests, strict=True))
    assert both / len(chosen) == pytest.approx(share**2, abs=0.012)


def test_no_data_says_nothing() -> None:
    """And equal rates speak for being equal."""
    assert e_value(0, 0, 0, 0) == pytest.approx(1.0)
    assert e_value(50, 500, 50, 500) < 1


def test_looking_after_every_value_is_wrong_in_at_most_one_trial_of_twenty() -> None:
    """Two sides that are the same, looked at all the time; the bound is Ville's."""
    lot, wrong, trials = random.Random(5), 0, 300
    for _ in range(trials):
        hits, rate = [0, 0], lot.choice([0.02, 0.1, 0.5])
        counts = [0, 0]
        for _ in range(400):
            side = lot.random() < 0.3
            counts[side] += 1
            hits[side] += lot.random() < rate
            if e_value(hits[0], counts[0], hits[1], counts[1]) >= ENOUGH:
                wrong += 1
                break
    assert wrong <= 0.05 * trials


@pytest.mark.parametrize(("rates", "outcome"), [((0.3, 0.1), "better"), ((0.1, 0.3), "worse")])
def test_a_difference_is_seen_and_called_by_its_name(rates: tuple[float, float], outcome: str) -> None:
    """With labels enough."""
    lot = random.Random(7)
    wrong = [sum(lot.random() < rate for _ in range(400)) for rate in rates]
    said, evidence, reasons = judged(Arm("a", 900, 90, 400, wrong[0]), Arm("b", 900, 90, 400, wrong[1]), over=False)
    assert said == outcome
    assert evidence["wrong"] >= ENOUGH
    assert str(wrong[1]) in reasons[0]


def test_without_labels_nothing_is_decided() -> None:
    """Flagging more is neither better nor worse."""
    control, candidate = Arm("a", 5000, 100, 0, 0), Arm("b", 5000, 500, 0, 0)
    said, evidence, reasons = judged(control, candidate, over=False)
    assert said == "undecided"
    assert evidence["flagged"] >= ENOUGH
    assert "only labels" in reasons[-1]
    assert judged(control, candidate, over=True)[0] == "no difference seen"
