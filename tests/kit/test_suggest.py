"""What somebody may have meant."""

from __future__ import annotations

import pytest

from fairlead.kit.suggest import hint, nearest


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("probs", ["probes", "ports"], "probes"),
        ("PROBES", ["probes"], "probes"),
        ("prod", ["production", "staging"], "production"),
        ("xyz", ["probes"], None),
        ("a", ["abc"], None),
        ("anything", [], None),
    ],
)
def test_the_nearest_name_is_found(word: str, known: list[str], found: str | None) -> None:
    """By likeness, or by its beginning when only one begins so."""
    assert nearest(word, known) == found


def test_without_a_near_name_a_short_list_is_shown_whole() -> None:
    """And a long one is not."""
    assert hint("xyz", ["b", "a"]) == "there is `a`, `b`"
    assert hint("xyz", [f"name{n}" for n in range(20)], none="look") == "look"
    assert hint("xyz", []) is None
