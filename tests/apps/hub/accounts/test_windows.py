"""Windows are the same for everybody, and follow each other without a gap."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fairlead.apps.hub.accounts.windows import NAMED, Month, Now, Span, Window

WINDOWS: list[Window] = [Span(0.1), Span(1.0), Span(30.0), Span(86_400.0), Month()]


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.name)
@given(now=some.floats(0, 4e9))
def test_a_window_holds_its_moment_and_ends_where_the_next_begins(window: Window, now: float) -> None:
    """No moment lies in two of them, or in none."""
    name, ends = window.at(now)
    following, later = window.at(ends)
    assert ends > now
    assert following != name
    assert later > ends


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("minute", datetime(2027, 1, 1, tzinfo=UTC).timestamp()),
        ("hour", datetime(2027, 1, 1, tzinfo=UTC).timestamp()),
        ("day", datetime(2027, 1, 1, tzinfo=UTC).timestamp()),
        ("month", datetime(2027, 1, 1, tzinfo=UTC).timestamp()),
        ("ever", inf),
    ],
)
def test_windows_end_where_a_clock_in_utc_says(name: str, ends: float) -> None:
    """At full minutes, hours, days, and first days of months."""
    moment = datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC).timestamp()
    assert NAMED[name].at(moment)[1] == ends


def test_a_month_is_named_by_the_calendar() -> None:
    """Leap years included."""
    assert Month().at(datetime(2028, 2, 29, 12, tzinfo=UTC).timestamp()) == (
        "2028-02", datetime(2028, 3, 1, tzinfo=UTC).timestamp(),
    )  # fmt: skip


def test_this_moment_never_ends() -> None:
    """What is taken of it is given back."""
    assert Now().at(1.0) == Now().at(2e9) == ("now", inf)
