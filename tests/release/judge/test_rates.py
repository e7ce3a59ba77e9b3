"""The evidence on two rates: exact under every null, and indifferent to how it came in."""

from __future__ import annotations

from math import comb, exp, fsum, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.judge.rates import WORSE, Tally, log_rare, log_within, log_worse, within

SHARES = st.floats(0.01, 0.99)
MARGINS = st.floats(1.05, 5)
BATCHES = st.lists(st.tuples(SHARES, st.integers(0, 6)), min_size=1, max_size=3)


def belongs(share: float, ratio: float) -> float:
    """The probability that a bad unit is the canary's."""
    return share * ratio / (share * ratio + 1 - share)


def expected(batches: list[tuple[float, int]], ratio: float, null: float, alternatives: object) -> float:
    """The expected e-value over all outcomes of the batches, where bad units are `ratio` times as likely."""
    outcomes = {0: 1.0}
    for share, n in batches:
        p = belongs(share, ratio)
        after: dict[int, float] = {}
        for so_far, chance in outcomes.items():
            for k in range(n + 1):
                after[so_far + k] = after.get(so_far + k, 0.0) + chance * comb(n, k) * p**k * (1 - p) ** (n - k)
        outcomes = after
    by_share = tuple((share, float(n)) for share, n in batches)
    assert isinstance(alternatives, tuple)
    return fsum(chance * exp(Tally(k, by_share).log_mixture(alternatives, null)) for k, chance in outcomes.items())


@given(BATCHES, st.floats(0.01, 1))
def test_no_version_that_is_not_worse_is_expected_to_gather_evidence_against_itself(
    batches: list[tuple[float, int]], ratio: float
) -> None:
    """The mean e-value over all outcomes is at most 1 under every ratio up to 1, and is 1 at 1: nothing is wasted."""
    assert expected(batches, ratio, 1.0, WORSE) <= 1 + 1e-9
    assert expected(batches, 1.0, 1.0, WORSE) == pytest.approx(1)


@given(BATCHES, MARGINS, st.floats(1, 50))
def test_no_version_beyond_the_margin_is_expected_to_gather_evidence_for_itself(
    batches: list[tuple[float, int]], margin: float, times: float
) -> None:
    """The mean e-value is at most 1 under every ratio from the margin up, and is 1 at the margin."""
    assert expected(batches, margin * times, margin, within(margin)) <= 1 + 1e-9
    assert expected(batches, margin, margin, within(margin)) == pytest.approx(1)


@given(SHARES, st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_ratio_that_changes_from_batch_to_batch_is_covered_too(share: float, first: float, second: float) -> None:
    """Both batches have ratios up to 1, though different ones: the conditional mean of each is at most 1."""
    for ratio, _ in WORSE:
        factors = [
            belongs(share, truth) * exp(Tally(1, ((share, 1.0),)).log_ratio(ratio))
            + (1 - belongs(share, truth)) * exp(Tally(0, ((share, 1.0),)).log_ratio(ratio))
            for truth in (first, second)
        ]
        assert max(factors) <= 1 + 1e-9


@given(st.floats(0.001, 0.5), st.floats(1, 2), st.integers(1, 12))
def test_no_version_that_fails_too_often_is_expected_to_look_negligible(rate: float, times: float, total: int) -> None:
    """The mean e-value is at most 1 under every rate from the negligible one up."""
    truth = min(rate * times, 1.0)
    outcomes = ((k, comb(total, k) * truth**k * (1 - truth) ** (total - k)) for k in range(total + 1))
    assert fsum(chance * exp(log_rare(k, total, rate)) for k, chance in outcomes) <= 1 + 1e-9


@given(SHARES, st.floats(0.1, 10), st.integers(0, 50), st.integers(0, 50))
def test_the_two_versions_can_be_swapped(share: float, ratio: float, canary: int, stable: int) -> None:
    """What speaks for r of the one speaks as much for 1/r of the other."""
    n = float(canary + stable)
    one = Tally(canary, ((share, n),)).log_ratio(ratio)
    assert Tally(stable, ((1 - share, n),)).log_ratio(1 / ratio) == pytest.approx(one, abs=1e-6)


@given(SHARES, MARGINS, st.integers(1, 200), st.data())
def test_each_bad_unit_of_the_canary_counts_against_it(
    share: float, margin: float, n: int, data: st.DataObject
) -> None:
    """Of the same number of bad units, one more of its own: more evidence that it is worse, less that it is not."""
    k = data.draw(st.integers(0, n - 1))
    fewer, more = (Tally(canary, ((share, float(n)),)) for canary in (k, k + 1))
    assert log_worse(more) > log_worse(fewer)
    assert log_within(more, margin) < log_within(fewer, margin)


def test_a_bad_unit_at_an_even_split_is_worth_a_third() -> None:
    """At a share of one half, twice as likely means two of three, against one of two."""
    assert Tally(1, ((0.5, 1.0),)).log_ratio(2) == pytest.approx(log((2 / 3) / (1 / 2)))
    assert Tally(0, ((0.5, 1.0),)).log_ratio(2) == pytest.approx(log((1 / 3) / (1 / 2)))


def test_about_seventy_bad_units_prove_a_margin_of_two() -> None:
    """At an even split and no difference: what delivery at a known traffic is planned by."""
    enough = next(n for n in range(2, 500, 2) if log_within(Tally(n / 2, ((0.5, float(n)),)), 2) >= log(20))
    assert 50 <= enough <= 80


def test_nothing_seen_is_no_evidence_of_anything() -> None:
    assert log_worse(Tally()) == pytest.approx(0)
    assert log_within(Tally(), 2) == pytest.approx(0)


@pytest.mark.parametrize("canary", [0, 10**6, 10**12])
def test_a_year_of_events_overflows_nothing(canary: int) -> None:
    tally = Tally(canary, ((0.001, 1e12), (0.5, 1e12)))
    assert all(isfinite(value) for value in (log_worse(tally), log_within(tally, 2), log_rare(canary, 2e12, 0.001)))
