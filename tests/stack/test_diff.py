"""The difference of two stacks, as data and as a person reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fairlead.stack.diff import Change, describe, diff
from fairlead.stack.load import environments, load
from fairlead.stack.model import Stack

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/fairlead.yaml"))


def stack(**services: dict[str, Any]) -> Stack:
    return Stack.model_validate({"name": "shop", "services": services})


def test_what_was_added_removed_and_changed_is_told_in_the_words_of_the_file() -> None:
    """Quantities with their units, whole services in one line."""
    old = stack(web={"command": "x", "scale": 1, "stop": {"grace": "30s"}}, gone={"command": "x"})
    new = stack(
        web={"command": "y z", "scale": {"min": 1, "max": 3}, "stop": {"grace": "1m30s"}}, notes={"command": "x"}
    )
    assert describe(diff(old, new)) == [
        "~ services.web.command: [x] -> [y, z]",
        "~ services.web.scale.max: 1 -> 3",
        "~ services.web.stop.grace: 30s -> 1m30s",
        "- services.gone",
        "+ services.notes",
    ]


def test_nothing_differs_from_itself() -> None:
    """Not even in how it was written."""
    assert (
        diff(
            stack(web={"command": "x y", "scale": 2}), stack(web={"command": ["x", "y"], "scale": {"min": 2, "max": 2}})
        )
        == ()
    )


def test_from_nothing_everything_is_added() -> None:
    """The first `up`."""
    changes = diff(None, stack(web={"command": "x"}))
    assert {change.kind for change in changes} == {"added"}
    assert "+ services" in describe(changes)


def test_a_value_where_there_was_none_is_added() -> None:
    """`null` is no value."""
    old, new = stack(web={"command": "x"}), stack(web={"command": "x", "traffic": {"timeout": "5s"}})
    assert diff(old, new) == (Change(("services", "web", "traffic", "timeout"), "added", None, "5s"),)
    assert describe(diff(new, old)) == ["- services.web.traffic.timeout: 5s"]


def test_what_looks_like_a_secret_is_not_shown() -> None:
    """A stack that was never checked may still be compared."""
    token = "sk-" + "proj-" + "A1b2C3d4" * 4
    old, new = (
        stack(web={"command": "x"}),
        stack(web={"command": ["x", token], "environment": {"A_KEY": "hunter" + "2"}}),
    )
    told = "\n".join(describe(diff(old, new)))
    assert "(hidden)" in told
    assert token not in told
    assert "hunter" not in told


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_every_change_between_environments_has_a_line(file: Path) -> None:
    """Overlays themselves are not part of it."""
    plain = load(file, environ={})
    for environment in environments(file):
        changes = diff(plain, load(file, environment=environment, environ={}))
        assert len(describe(changes)) == len(changes)
        assert not [change for change in changes if change.path[0] == "environments"]
