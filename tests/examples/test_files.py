"""Every example's stack file holds together, in each of its environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.stack.load import check_all

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*/fairlead.yaml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_an_example_passes_check(file: Path) -> None:
    """`fairlead check` finds nothing wrong, and it needs no variable to be set."""
    assert check_all(file, {}).problems == ()
