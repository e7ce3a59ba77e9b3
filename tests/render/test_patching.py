"""JSON patches."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead.render.parts.patching import patch

LEAF = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b"])
DATA = st.dictionaries(
    st.sampled_from(["x", "y/z", "~t", "u"]),
    st.recursive(
        LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["p", "q/r"]), inner)
    ),
)


@given(DATA, DATA)
def test_a_patch_makes_the_new_of_the_old(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Whatever both are."""
    assert _applied(old, patch(old, new)) == new


@given(DATA)
def test_what_is_equal_needs_no_patch(data: dict[str, Any]) -> None:
    """Not even an empty one."""
    assert list(patch(data, copy.deepcopy(data))) == []


def _applied(document: Any, operations: Any) -> Any:
    """RFC 6902, as far as it is used."""
    found = copy.deepcopy(document)
    for operation in operations:
        words = [word.replace("~1", "/").replace("~0", "~") for word in operation["path"].split("/")[1:]]
        inside = found
        for word in words[:-1]:
            inside = inside[int(word) if isinstance(inside, list) else word]
        last = int(words[-1]) if isinstance(inside, list) else words[-1]
        if operation["op"] == "remove":
            del inside[last]
        else:
            inside[last] = operation["value"]
    return found
