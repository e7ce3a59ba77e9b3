"""The five systems under `examples/`, as render targets see them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from tests.render import judging

from fairlead.render.scene import scene_of
from fairlead.render.target import Scene

judging.use()

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SYSTEMS = ("hub", "marketplace", "secret-detection", "optimizer", "exploration")


@cache
def scene_named(system: str, environment: str | None = None) -> Scene:
    """Without an environment, or in one of them."""
    return scene_of(EXAMPLES / system / "fairlead.yaml", environment, {})


@pytest.fixture(params=SYSTEMS)
def scene(request: pytest.FixtureRequest) -> Scene:
    """Each of the five systems."""
    return scene_named(str(request.param))
