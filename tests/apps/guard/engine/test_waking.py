"""What wakes a rule is short: a stream looks for it in every piece, and an automaton has to hold it."""

from __future__ import annotations

import pytest

from fairlead.apps.guard.engine.plan import planned
from fairlead.apps.guard.patterns.reading import read


@pytest.mark.parametrize(
    ("names", "width"),
    [("pass|pwd", 4), (r"password|[a-z]pass\b", 8), (r"[0-9][a-z]key\b|api[_-]?key", 7)],
)
def test_a_name_that_begins_with_any_letter_is_still_a_literal(names: str, width: int) -> None:
    """Else all of its pattern would be looked for, which Hyperscan refuses when it counts much."""
    plan = planned(read(rf"(?i)(?:{names})[\w.-]{{0,24}}\s?=\s?([^\s]{{4,150}})"), (1,))

    assert plan.wake_width == width
    assert not plan.wake_kept


def test_without_a_literal_of_two_bytes_the_beginning_of_the_pattern_is_looked_for() -> None:
    """A single letter stands everywhere."""
    plan = planned(read(r"(?:[a-z]{2}|x)[0-9]{3,9}([^\s]{4})"), (1,))

    assert plan.wake_width > 3
