"""The page on faults says what the tests see."""

from __future__ import annotations

from pathlib import Path

from tests.apps.hub.faults.known import table

PAGE = Path(__file__).parents[4] / "docs/explanation/hub-faults.md"


def test_the_table_of_the_page_is_that_of_the_tests() -> None:
    """Each row of it is tried on a whole hub, by `test_providers.py`."""
    assert table() in PAGE.read_text(encoding="utf-8")
