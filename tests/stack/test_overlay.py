"""Laws of merging an overlay."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead.stack.overlay import merged, without_nulls

KEYS = st.sampled_from("abc")
LEAVES = st.integers() | st.none() | st.lists(st.integers(), max_size=2)
BRANCHES = st.dictionaries(KEYS, LEAVES | st.dictionaries(KEYS, LEAVES))
TREES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(KEYS, LEAVES | BRANCHES)
WHOLE = TREES.map(without_nulls)


@given(WHOLE)
def test_an_empty_overlay_changes_nothing(base: dict[str, Any]) -> None:
    """And an empty base becomes the overlay."""
    assert merged(base, {}) == base
    assert merged({}, base) == base


@given(WHOLE, TREES)
def test_merging_twice_is_merging_once(base: dict[str, Any], overlay: dict[str, Any]) -> None:
    """Nothing depends on how often an overlay is laid on."""
    once = merged(base, overlay)
    assert merged(once, overlay) == once


@given(WHOLE, TREES)
def test_what_the_overlay_says_is_so(base: dict[str, Any], overlay: dict[str, Any]) -> None:
    """Each of its values is in the result, each of its nulls is not; all else is the base's."""
    result = merged(base, overlay)
    for key, value in overlay.items():
        if value is None:
            assert key not in result
        elif not isinstance(value, dict):
            assert result[key] == value
    assert {key: value for key, value in result.items() if key not in overlay} == {
        key: value for key, value in base.items() if key not in overlay
    }


@given(WHOLE, TREES)
def test_merging_leaves_its_arguments_alone(base: dict[str, Any], overlay: dict[str, Any]) -> None:
    """The base is used again for the next environment."""
    before = (repr(base), repr(overlay))
    merged(base, overlay)
    assert (repr(base), repr(overlay)) == before
