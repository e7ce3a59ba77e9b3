"""The guard as it ships. What is built of it is kept where a user's is, so that all tests together build it once."""

from __future__ import annotations

import pytest

from fairlead.apps.guard.library import Library, loaded


@pytest.fixture(scope="session")
def guard() -> Library:
    """Every rule of ours."""
    return loaded()
