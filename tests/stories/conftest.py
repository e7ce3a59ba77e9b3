"""A town for each story: a stack in a folder of its own, of which no process may be left when `down` has ended."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.town import Town

PROGRAMS = Path(__file__).parent / "programs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test below this folder is a story."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.story)


@pytest.fixture
def town() -> Iterator[Town]:
    """A stack that is not up yet, with the programs beside its file."""
    made = Town(Path(tempfile.mkdtemp(prefix="fairlead-story-")))
    made.folder.chmod(0o755)  # PostgreSQL under root runs as another user, who has to get in
    shutil.copytree(PROGRAMS, made.folder / "web", ignore=shutil.ignore_patterns("__pycache__"))
    try:
        yield made
    except BaseException:
        made.clear()
        raise
    left = made.clear()
    assert not left, f"`down` left behind: {left}"
