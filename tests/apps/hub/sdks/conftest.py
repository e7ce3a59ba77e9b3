"""One town for all checks of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.apps.hub.sdks.matrix import CLOSING
from tests.apps.hub.sdks.town import Town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A hub and all providers, listening."""
    found = Town(tmp_path_factory.mktemp("town"))
    found.begin()
    try:
        yield found
    finally:
        CLOSING.close()
        found.end()
