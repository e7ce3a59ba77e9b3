"""A town for each story, on each runtime: a stack in a folder of its own, of which `down` leaves nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.town import Town
from tests import images, store_images

PROGRAMS = Path(__file__).parent / "programs"
RUNTIMES = {"process": [], "docker": [pytest.mark.needs_docker]}


LONGEST_S = 180
"""A story in containers begins with a build and ends with a removal, each a few seconds long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test below this folder is a story."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.story)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(LONGEST_S))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every story is told on both runtimes, but for those that are about one alone."""
    if "town" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("only_on")
        told = [pytest.param(name, marks=marks) for name, marks in RUNTIMES.items() if not only or name in only.args]
        metafunc.parametrize("town", told, indirect=True)


@pytest.fixture
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """A stack that is not up yet, with the programs beside its file."""
    runtime = str(request.param)
    made = Town(Path(tempfile.mkdtemp(prefix="fairlead-story-")), runtime=runtime)
    if runtime == "docker":
        images.ensure()
        made.images = {"python": images.PYTHON, **store_images.ensure()}
    made.folder.chmod(0o755)  # PostgreSQL under root runs as another user, who has to get in
    shutil.copytree(PROGRAMS, made.folder / "web", ignore=shutil.ignore_patterns("__pycache__"))
    try:
        yield made
    except BaseException:
        made.clear()
        raise
    left = made.clear()
    assert not left, f"`down` left behind: {left}"
