"""Which version a rollback goes back to."""

from __future__ import annotations

import pytest

from fairlead.errors import ReleaseError, UsageError
from fairlead.release.history import Release, ReleaseKind, ReleaseState
from fairlead.release.rollback import choose_rollback, choose_rollback_together
from fairlead.release.steps import Change

KEPT = {"v1", "v2", "v3"}


def release(
    number: int,
    old: str | None,
    new: str,
    state: ReleaseState = "succeeded",
    kind: ReleaseKind = "deploy",
    **others: tuple[str | None, str],
) -> Release:
    """A release that has ended; `others` went along with it, from one version to another."""
    reason = None if state == "succeeded" else "it failed"
    unit = {service: Change(*versions, 1, 0.0, 0.0) for service, versions in {"hub": (old, new), **others}.items()}
    change = unit.pop("hub")
    return Release(f"r{number}", "hub", change, "blue-green", kind, "alice@here", 0.0, state, 1.0, reason, (), unit)


THREE = [release(3, "v2", "v3"), release(2, "v1", "v2"), release(1, None, "v1", kind="up")]
"""v1, v2, v3, each a success; newest first."""


def test_a_rollback_goes_to_the_version_before() -> None:
    assert choose_rollback(THREE, "v3", None, kept=KEPT) == "v2"


def test_a_second_rollback_goes_further_back_not_forth_again() -> None:
    history = [release(4, "v3", "v2", kind="rollback"), *THREE]

    assert choose_rollback(history, "v2", None, kept=KEPT) == "v1"


def test_a_release_that_was_taken_back_is_passed_over() -> None:
    history = [release(4, "v3", "v4", "taken back"), *THREE]

    assert choose_rollback(history, "v3", None, kept=KEPT) == "v2"


@pytest.mark.parametrize(("to", "version"), [("r1", "v1"), ("r2", "v2"), ("v1", "v1")])
def test_a_release_or_a_version_can_be_named(to: str, version: str) -> None:
    assert choose_rollback(THREE, "v3", to, kept=KEPT) == version


@pytest.mark.parametrize(
    ("current", "to", "kept", "message", "hint"),
    [
        ("v1", None, KEPT, "there is no version before v1 to go back to", "`fairlead history` lists the releases"),
        ("v3", "v9", KEPT, "there is no version `v9`", "there is `v1`, `v2`"),
        ("v3", "r9", KEPT, "there is no release `r9`", "there is `r1`, `r2`, `r3`, `r4`"),
        ("v3", "latest", KEPT, "there is no version `latest`", "there is `v1`, `v2`"),
        ("v3", "v3", KEPT, "v3 holds the requests already", ""),
        ("v3", "v1", {"v2", "v3"}, "v1 is not kept any more", "there is `v2`"),
        ("v3", None, {"v3"}, "v2 is not kept any more", "`release.keep_versions` says how many versions are kept"),
        (
            "v3",
            "v4",
            KEPT | {"v4"},
            "r4: v4 was taken back, v3 serves all requests: it failed",
            "go back to one that succeeded",
        ),
        (
            "v3",
            "r4",
            KEPT | {"v4"},
            "r4: v4 was taken back, v3 serves all requests: it failed",
            "go back to one that succeeded",
        ),
        (None, None, KEPT, "no version holds requests", "`fairlead up` or `fairlead deploy` starts one"),
    ],
)
def test_what_can_not_be_gone_back_to_is_a_clear_error(
    current: str | None, to: str | None, kept: set[str], message: str, hint: str
) -> None:
    with pytest.raises((ReleaseError, UsageError)) as caught:
        choose_rollback([release(4, "v3", "v4", "taken back"), *THREE], current, to, kept=kept)

    assert caught.value.message == message
    assert hint in (caught.value.hint or "")


TOGETHER = [
    release(4, "v3", "v4", guard=("v2", "v3")),
    release(3, "v2", "v3"),
    release(2, "v1", "v2", guard=("v1", "v2"), market=(None, "v1")),
    release(1, None, "v1", kind="up"),
]
"""A hub that was released alone and in company, newest first."""


def goes_back(to: str | None = None, history: list[Release] = TOGETHER, **current: str) -> dict[str, str]:
    versions: dict[str, str | None] = {"hub": "v4", "guard": "v3", "market": "v1", **current}
    return choose_rollback_together(history, "hub", versions, to, kept=dict.fromkeys(versions, KEPT | {"v4", "v9"}))


def test_what_came_in_together_goes_back_together() -> None:
    assert goes_back() == {"hub": "v3", "guard": "v2"}


def test_further_back_each_goes_to_what_served_then() -> None:
    """The market was not there before: it has nothing to go back to, and stays."""
    assert goes_back("v2") == {"hub": "v2", "guard": "v2"}
    assert goes_back("r1") == {"hub": "v1", "guard": "v1"}


def test_a_service_that_has_gone_its_own_way_since_stays_as_it_is() -> None:
    assert goes_back(guard="v9") == {"hub": "v3"}


def test_a_rollback_of_several_is_undone_like_any_release() -> None:
    history = [release(5, "v4", "v3", kind="rollback", guard=("v3", "v2")), *TOGETHER]

    assert goes_back("v4", history, hub="v3", guard="v2") == {"hub": "v4", "guard": "v3"}
    assert goes_back(None, history, hub="v3", guard="v2") == {"hub": "v2"}


def test_one_that_can_not_go_back_keeps_all_where_they_are() -> None:
    with pytest.raises(UsageError, match="guard: v2 is not kept any more"):
        choose_rollback_together(
            TOGETHER, "hub", {"hub": "v4", "guard": "v3"}, None, kept={"hub": KEPT, "guard": {"v3"}}
        )
