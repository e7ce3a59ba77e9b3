"""What every test shares: skip on a laptop, fail in CI."""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

# how long it takes to make an example says how busy the machine is
hypothesis.settings.register_profile("busy", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None)
hypothesis.settings.load_profile("busy")


def _has_postgres() -> bool:
    return bool(shutil.which("postgres") or list(Path("/usr/lib/postgresql").glob("*/bin/postgres")))


@functools.cache
def _has_docker() -> bool:
    """Whether an engine answers: a client alone runs nothing."""
    try:
        asked = subprocess.run(["docker", "version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "needs_docker": ("a Docker engine that answers", _has_docker),
    "needs_prometheus": ("prometheus", lambda: shutil.which("prometheus") is not None),
    "needs_registry": ("docker-registry", lambda: shutil.which("docker-registry") is not None),
    "needs_postgres": ("PostgreSQL", _has_postgres),
    "needs_redis": ("redis-server", lambda: shutil.which("redis-server") is not None),
}


@pytest.fixture
def usual_port() -> Iterator[None]:
    """8080 for this test alone: stories are told side by side, and some need the port that a person would get."""
    with Path(tempfile.gettempdir(), "fairlead-tests-8080.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose server is not installed; in CI that is a failure, since nothing may go untested there."""
    for marker, (what, present) in NEEDS.items():
        if item.get_closest_marker(marker) and not present():
            message = f"{what} is not there"
            if os.environ.get("CI"):
                pytest.fail(f"{message}, and CI must not skip", pytrace=False)
            pytest.skip(message)
