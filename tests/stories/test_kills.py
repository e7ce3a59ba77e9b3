"""Whatever is killed, at whatever moment: one version holds all requests in the end, and nothing is orphaned."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from bench.load.process import Load
from bench.processes import alive
from bench.town import Town, until
from bench.truth import settled
from tests.stories.services import web

LOAD: dict[str, list[str] | float] = {"plain": ["/web/"], "stream": ["/web/stream?n=8"], "rate": 60.0, "streams": 4}
RELEASE_S = 1.2
QUICK = {"backoff": "100ms", "backoff_max": "100ms", "stable": "200ms"}


def kill(pid: int) -> None:
    """`kill -9`, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), f"{pid} is gone")


def process_of(town: Town, instance: str) -> int:
    return next(pid for pid, found in town.processes().items() if found == instance)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("strategy", ["blue-green", "rolling"])
def test_a_daemon_that_is_killed_mid_release_finishes_it_on_its_return(town: Town, strategy: str) -> None:
    """Or takes it back; no client notices either way."""
    town.declare({"web": web(scale=2, release={"strategy": strategy})})
    town.up()
    with Load(town.url, **LOAD) as load:
        for number in range(3):
            release = town.begin("deploy", "web", "--set", f"environment.WORD={number}")
            moment = random.uniform(0.1, RELEASE_S)
            time.sleep(moment)  # any moment will do: there is no condition to wait for
            town.kill_daemon()
            release.communicate(timeout=30)
            town.fairlead("daemon", "start")
            assert settled(town, ("web",)) == [], f"killed {moment:.3f} s into a {strategy} release"
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_a_cli_that_is_interrupted_leaves_the_release_to_the_daemon(town: Town) -> None:
    """Ctrl-C says so, and the release goes on."""
    town.declare({"web": web(release={"watch": "2s"})})
    town.up()
    with town.begin("deploy", "web", "--set", "environment.WORD=new") as command:
        until(lambda: town.releases("web")[0]["to"] == "v2", "the release has begun")
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=30)
    assert command.returncode == 130
    assert "the daemon goes on with the release of web" in err
    until(lambda: town.releases("web")[0]["state"] == "succeeded", "the release has ended")
    assert town.shares("web") == {"v2": 100.0}


def test_a_cli_that_is_killed_leaves_nothing_stuck(town: Town) -> None:
    """The release goes on, and the next one is not refused."""
    town.declare({"web": web()})
    town.up()
    with town.begin("deploy", "web", "--set", "environment.WORD=first") as command:
        until(lambda: town.releases("web")[0]["to"] == "v2", "the release has begun")
        command.kill()
    assert settled(town, ("web",)) == []
    town.fairlead("deploy", "web", "--set", "environment.WORD=second")
    assert town.get("/web/").text == "v3 second\n"


def test_envoy_that_is_killed_serves_again_by_itself(town: Town) -> None:
    """Connections through it drop; the services behind it are not touched."""
    town.declare({"web": web()})
    town.up()
    before = process_of(town, "web-v1-1")
    with Load(town.url, plain=["/web/"], rate=60.0) as load:
        for _ in range(3):
            kill(process_of(town, "router-envoy"))
            assert settled(town, ("web",)) == []
    assert process_of(town, "web-v1-1") == before
    assert load.result.answers[-1].version == "v1"


def test_envoy_that_is_killed_while_the_daemon_is_away_serves_again_on_its_return(town: Town) -> None:
    """Both at once, amid a release."""
    town.declare({"web": web(release={"watch": "2s"})})
    town.up()
    with town.begin("deploy", "web", "--set", "environment.WORD=new") as command:
        until(lambda: town.releases("web")[0]["to"] == "v2", "the release has begun")
        town.kill_daemon()
        kill(process_of(town, "router-envoy"))
        command.communicate(timeout=30)
    assert command.returncode == 6
    town.fairlead("daemon", "start")
    assert settled(town, ("web",)) == []


def test_a_replica_that_dies_costs_no_request(town: Town) -> None:
    """What had not had a byte of its answer is asked again of the other one; then there are two again."""
    town.declare({"web": web(scale=2, restart=QUICK)})
    town.up()
    with Load(town.url, plain=["/web/"], rate=80.0) as load:
        for _ in range(4):
            victim = random.choice(town.instances("web"))
            kill(victim["pid"])
            until(lambda gone=victim["pid"]: _two(town, gone), "two replicas are ready")  # type: ignore[misc]  # bound now
    assert load.result.failed == 0, load.result.why


def _two(town: Town, gone: int) -> bool:
    found = town.instances("web")
    return [one["state"] for one in found] == ["ready", "ready"] and gone not in {one["pid"] for one in found}


@pytest.mark.only_on("process")
def test_a_shim_that_is_killed_leaves_no_program_behind(town: Town) -> None:
    """What it kept is ended and started anew, beside a new shim."""
    town.declare({"web": web(mood="forks", restart=QUICK)})
    town.up()
    shim = next(pid for pid, instance in town.shims().items() if instance == "web-v1-1")
    before = {pid for pid, instance in town.processes().items() if instance == "web-v1-1"}
    assert len(before) == 3
    kill(shim)
    until(lambda: not before & set(town.processes()), "the program and its children are gone")
    assert settled(town, ("web",)) == []


def test_services_outlive_the_daemon_and_are_taken_over_by_the_next(town: Town) -> None:
    """Not a process changes, not a request fails."""
    town.declare({"web": web()})
    town.up()
    before = town.processes()
    with Load(town.url, **LOAD) as load:
        town.fairlead("daemon", "stop")
        assert town.daemon is None
        assert town.get("/web/").status_code == 200
        town.fairlead("daemon", "start")
        assert settled(town, ("web",)) == []
    assert town.processes() == before
    assert load.result.failed + load.result.cut == 0, load.result.why


def test_what_died_while_the_daemon_was_away_is_started_on_its_return(town: Town) -> None:
    """The wanted state is in the journal."""
    town.declare({"web": web()})
    town.up()
    town.kill_daemon()
    kill(process_of(town, "web-v1-1"))
    until(lambda: "web-v1-1" not in town.shims().values(), "its shim has ended")
    town.fairlead("daemon", "start")
    assert settled(town, ("web",)) == []
