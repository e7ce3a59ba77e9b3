"""Names of versions: numbered, or given and good for every target."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import UsageError
from fairlead.release.versions import check_name, next_version


def test_versions_are_numbered_from_one() -> None:
    assert next_version({}, "abc") == "v1"


def test_the_next_number_follows_the_highest_and_passes_over_other_names() -> None:
    assert next_version({"v2": "a", "v10": "b", "1.4.0": "c", "v09": "d"}, "e") == "v11"


def test_a_name_that_was_asked_for_is_taken() -> None:
    assert next_version({"v1": "a"}, "b", "1.4.0-rc.1") == "1.4.0-rc.1"


def test_the_same_name_for_the_same_content_is_the_same_version() -> None:
    assert next_version({"1.4.0": "a"}, "a", "1.4.0") == "1.4.0"


def test_the_same_name_for_another_content_is_an_error() -> None:
    with pytest.raises(UsageError, match="exists already with another content"):
        next_version({"1.4.0": "a"}, "b", "1.4.0")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("V2", "v2"),
        ("1.4.0+build", "1.4.0-build"),
        ("feature/login", "feature-login"),
        ("../etc", "etc"),
        ("v1..2", "v1.2"),
        ("-v1-", "v1"),
        ("two words", "two-words"),
    ],
)
def test_a_name_that_no_target_would_take_is_refused_with_one_that_would_do(name: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_name(name)

    assert caught.value.hint == f"`{near}` would do"
    check_name(near)


def test_a_name_may_not_look_like_a_release() -> None:
    """`rollback --to r12` would have two meanings."""
    with pytest.raises(UsageError, match="looks like the number of a release"):
        check_name("r12")


def test_a_name_has_at_most_63_characters() -> None:
    check_name("a" * 63)
    with pytest.raises(UsageError, match="at most 63 characters, has 64"):
        check_name("a" * 64)


@given(name=st.text(max_size=70))
def test_every_name_that_passes_is_a_label_in_a_cluster_and_a_folder_on_a_disk(name: str) -> None:
    """Kubernetes' own expression for the value of a label."""
    try:
        check_name(name)
    except UsageError:
        return
    assert re.fullmatch(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", name)
    assert "/" not in name
    assert ".." not in name
