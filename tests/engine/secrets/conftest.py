"""Stacks with secrets, and an environment with a home of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairlead.stack.model import Stack

MakeStack = Callable[..., Stack]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment whose home is empty: no key yet."""
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The folder of a stack file."""
    (tmp_path / "repository").mkdir()
    return tmp_path / "repository"


@pytest.fixture
def stack() -> MakeStack:
    """A stack with the given secrets: `stack(token={"env": "TOKEN"})`."""

    def make(**secrets: dict[str, Any]) -> Stack:
        named = {name.replace("_", "-"): spec for name, spec in secrets.items()}
        return Stack.model_validate({"name": "town", "services": {"hub": {"command": "true"}}, "secrets": named})

    return make
