"""What every test shares: skip on a laptop, fail in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def _has_postgres() -> bool:
    return bool(shutil.which("postgres") or list(Path("/usr/lib/postgresql").glob("*/bin/postgres")))


NEEDS = {
    "needs_postgres": ("PostgreSQL", _has_postgres),
    "needs_redis": ("redis-server", lambda: shutil.which("redis-server") is not None),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose server is not installed; in CI that is a failure, since nothing may go untested there."""
    for marker, (what, present) in NEEDS.items():
        if item.get_closest_marker(marker) and not present():
            message = f"{what} is not installed"
            if os.environ.get("CI"):
                pytest.fail(f"{message}, and CI must not skip", pytrace=False)
            pytest.skip(message)
