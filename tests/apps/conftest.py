"""Tests of the apps, which run on uvloop: it keeps signals to itself, so a time limit has to come from a thread."""

from __future__ import annotations

from pathlib import Path

import pytest

LONGEST_S = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that hangs ends its process, and is named, instead of hanging everything."""
    for item in items:
        if Path(__file__).parent in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONGEST_S, method="thread"))
