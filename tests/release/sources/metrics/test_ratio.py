"""Two counters of each instance as counts: exact, or unknown."""

from __future__ import annotations

from typing import Any

import pytest
from tests.release.sources.metrics.pages import snapshot

from fairlead.release.judge import Counts
from fairlead.release.sources.metrics.page import read_page
from fairlead.release.sources.metrics.ratio import Ratio
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Snapshot


@pytest.fixture
def ratio() -> Ratio:
    """Errors of a provider, over all calls."""
    return Ratio(Selector.parse('errors_total{kind="provider"}'), Selector.parse("calls_total"), "v1", "v2")


def page(bad: float | str, total: float | str) -> str:
    return f'errors_total{{kind="provider"}} {bad}\nerrors_total{{kind="user"}} 99\ncalls_total {total}\n'


def take(ratio: Ratio, stable: str, canary: str, **began: Any) -> Counts:
    return ratio.take(snapshot(ratio, stable, canary, **began), {})


def refused(ratio: Ratio, stable: str, canary: str, **began: Any) -> str:
    with pytest.raises(NoEvidence) as caught:
        take(ratio, stable, canary, **began)
    return str(caught.value)


@pytest.fixture
def begun(ratio: Ratio) -> Ratio:
    """With a first reading behind it."""
    assert refused(ratio, page(10, 1000), page(0, 0)) == "counting has just begun"
    return ratio


def test_what_was_counted_before_the_first_reading_is_left_out(begun: Ratio) -> None:
    assert take(begun, page(12, 1100), page(3, 20)) == Counts(2, 3, 100, 20)
    assert take(begun, page(12, 1100), page(3, 20)) == Counts(0, 0, 0, 0)


def test_a_restart_counts_from_nothing(begun: Ratio) -> None:
    """A counter reset by a restart, of which it is known."""
    take(begun, page(12, 1100), page(3, 20))
    assert take(begun, page(13, 1110), page(1, 4), began=2.0) == Counts(1, 1, 10, 4)


def test_a_counter_that_goes_back_without_a_restart_is_unknown_and_so_is_its_stretch(begun: Ratio) -> None:
    take(begun, page(12, 1100), page(3, 20))
    why = refused(begun, page(20, 1200), page(2, 20))
    assert why == "errors_total of hub-v2-0 went back from 3 to 2 without a restart"
    assert take(begun, page(21, 1210), page(2, 30)) == Counts(1, 0, 10, 10)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
def test_a_value_that_is_no_number_is_unknown_until_the_next_one_covers_it(begun: Ratio, value: str) -> None:
    assert "errors_total is" in refused(begun, page(11, 1050), page(value, 10))
    assert take(begun, page(12, 1100), page(3, 20)) == Counts(2, 3, 100, 20)


def test_a_bad_one_that_is_counted_before_its_request_waits_for_it(begun: Ratio) -> None:
    assert "more than all" in refused(begun, page(11, 1000), page(0, 5))
    assert take(begun, page(11, 1003), page(0, 6)) == Counts(1, 0, 3, 6)


def test_a_metric_that_only_one_version_has_is_never_taken_for_zero(begun: Ratio) -> None:
    """The new version has renamed it: counted as no errors, it would look perfect."""
    renamed = 'error_total{kind="provider"} 5\ncalls_total 50\n'
    assert refused(begun, page(11, 1050), renamed) == "v2 has no metric named errors_total; did you mean error_total?"


def test_a_series_that_comes_later_counts_from_nothing(ratio: Ratio) -> None:
    declared = "# TYPE errors_total counter\ncalls_total 10\n"
    refused(ratio, declared, declared)
    assert take(ratio, page(2, 20), declared) == Counts(2, 0, 10, 0)


def of(ratio: Ratio, pages: dict[str, str]) -> Snapshot:
    return {name: read_page(text, ratio.wanted, version=name.split("-")[1], began=1.0) for name, text in pages.items()}


def test_instances_are_added_up_and_one_that_comes_or_goes_makes_its_stretch_unknown(ratio: Ratio) -> None:
    two = {"hub-v1-0": page(1, 10), "hub-v1-1": page(2, 20), "hub-v2-0": page(0, 0)}
    with pytest.raises(NoEvidence):
        ratio.take(of(ratio, two), {})
    more = {"hub-v1-0": page(2, 20), "hub-v1-1": page(4, 40), "hub-v2-0": page(0, 5)}
    assert ratio.take(of(ratio, more), {}) == Counts(3, 0, 30, 5)

    gone = {"hub-v1-0": page(3, 30), "hub-v2-0": page(0, 6)}
    with pytest.raises(NoEvidence, match="instances of v1 came or went"):
        ratio.take(of(ratio, gone), {})
    back = {**gone, "hub-v1-1": page(0, 0)}
    with pytest.raises(NoEvidence, match="instances of v1 came or went"):
        ratio.take(of(ratio, back), {})
    assert ratio.take(of(ratio, {**back, "hub-v1-1": page(0, 7)}), {}) == Counts(0, 0, 7, 0)
