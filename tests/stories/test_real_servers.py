"""The promise on servers that nobody here wrote, with streams and WebSockets open: nothing is lost, nothing is cut."""

from __future__ import annotations

import os

import pytest
from bench import real
from bench.bars.switches import shifted
from bench.load.process import Load
from bench.town import Town


@pytest.fixture(params=real.SWITCHED)
def server(request: pytest.FixtureRequest, town: Town) -> str:
    """One of the servers, with its files in the town."""
    name = str(request.param)
    if name in real.missing():
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed, and CI must not skip", pytrace=False)
        pytest.skip(f"{name} is not installed")
    real.copy(name, town.folder)
    return name


def test_a_real_server_is_released_and_shifted_without_losing_a_request(town: Town, server: str) -> None:
    """Blue-green, rolling with two replicas, changes of weight, and a rollback, under one load."""
    town.declare({server: {**real.service(server, keep_warm="1h"), "scale": 2}})
    town.up()
    with Load(town.url, rate=60.0, streams=4, sockets=4, **real.paths(server)) as load:
        town.fairlead("deploy", server, "--set", "environment.ROUND=1", "--strategy", "rolling")
        town.fairlead("deploy", server, "--set", "environment.ROUND=2")
        shifted(town, (server,), 4)
        assert town.shares(server) == {"v3": 100.0}
        town.fairlead("rollback", server, "--to", "v2")
    assert load.result.failed + load.result.cut == 0, load.result.why
    assert {seen.version for seen in load.result.answers} == {"v1", "v2", "v3"}
    assert load.result.count("streams whole") > 0
    assert (load.result.count("websockets whole") > 0) is (server == "uvicorn")
