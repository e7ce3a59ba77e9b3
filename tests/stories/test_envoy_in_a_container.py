"""Envoy may be a container too: the same routing, the same promises, from an image instead of from the wheel."""

from __future__ import annotations

import os
import signal

import pytest
from bench.containers import inspected
from bench.load.process import Load
from bench.processes import alive
from bench.town import Town, until
from bench.truth import settled
from tests import images
from tests.stories.services import web

LOAD: dict[str, list[str] | float] = {"plain": ["/web/"], "stream": ["/web/stream?n=8"], "rate": 60.0, "streams": 4}


@pytest.mark.timeout(120)
@pytest.mark.needs_docker
def test_a_release_through_an_envoy_in_a_container_loses_no_request(town: Town) -> None:
    """Whatever the services themselves run in."""
    declare(town)
    with Load(town.url, **LOAD) as load:
        town.fairlead("deploy", "web", "--set", "environment.WORD=new")
    assert town.shares("web") == {"v2": 100.0}
    assert load.result.failed + load.result.cut == 0, load.result.why
    host = inspected(town.state, "router-envoy")["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["NetworkMode"]) == (True, ["ALL"], "host")


@pytest.mark.timeout(120)
@pytest.mark.needs_docker
def test_an_envoy_whose_container_is_killed_serves_again_by_itself(town: Town) -> None:
    """As one that is a local process."""
    declare(town)
    pid = next(pid for pid, instance in town.processes().items() if instance == "router-envoy")
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "Envoy is gone")
    assert settled(town, ("web",)) == []


def declare(town: Town) -> None:
    town.declare({"web": web()}, router={"http": town.port, "image": images.envoy_image()})
    town.up()
