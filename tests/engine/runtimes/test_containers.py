"""What only containers have: names, networks, volumes, commands beside a running instance, adoption by a new engine."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fairlead.engine.runtime import ROUTER, Launch, LogPolicy, Mount, Phase
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.runtime import DockerRuntime
from fairlead.errors import BinaryMissing, Conflict, RuntimeFailure

from .conftest import AT_ONCE, Bench, docker, docker_bench

pytestmark = pytest.mark.needs_docker

SERVE = "exec python3 -u -m http.server --bind 0.0.0.0 8080 --directory /usr/local/bin"


def contained(bench: Bench, script: str, instance: str = "one", **changes: Any) -> Launch:
    """A launch whose container differs from the bench's in these."""
    assert bench.container
    return bench.sh(script, instance, container=replace(bench.container, **changes))


def inspected(bench: Bench, instance: str = "one") -> Any:
    """All that the engine says, asked by its own command."""
    assert isinstance(bench.runtime, DockerRuntime)
    labels = (
        "--filter",
        f"label=fairlead.state={bench.runtime.tag}",
        "--filter",
        f"label=fairlead.instance={instance}",
    )
    return json.loads(docker("inspect", docker("ps", "-aq", *labels).strip()))[0]


@asynccontextmanager
async def another(state: Path) -> AsyncIterator[Bench]:
    """A second engine of the same state folder, as after a crash of the first."""
    runtime = DockerRuntime(state, DockerClient())
    yield Bench(runtime, Path("/"))
    await runtime.close()


async def test_an_instance_is_reached_at_its_own_address(docked: Bench) -> None:
    """No port of this machine is taken for it."""
    started = await docked.runtime.start(docked.sh(SERVE))
    await docked.said("Serving")

    assert started.address != "127.0.0.1"
    assert await _answers(started.address, 8080)


async def test_a_new_engine_adopts_what_runs(docked: Bench, tmp_path: Path) -> None:
    """By labels: nothing but the engine's own word is needed."""
    started = await docked.runtime.start(docked.launch())

    async with another(tmp_path) as later:
        assert await later.runtime.instances() == ["one"]
        assert await later.runtime.observe("one") == started
        assert await later.runtime.start(docked.launch()) == started
        assert later.runtime.gateways == docked.runtime.gateways


async def test_two_stacks_of_one_name_share_nothing(docked: Bench, tmp_path: Path) -> None:
    """Their state folders tell them apart."""
    named = docked.sh("exec sleep 600", labels={"stack": "town", "service": "web", "version": "v1"})
    await docked.runtime.start(named)

    async with docker_bench(tmp_path / "elsewhere") as other:
        assert await other.runtime.instances() == []
        assert (await other.runtime.start(named)).running

    assert (await docked.runtime.observe("one")).running
    assert inspected(docked)["Config"]["Labels"]["fairlead.stack"] == "town"
    assert inspected(docked)["Name"].startswith("/fairlead-town-")


async def test_the_output_of_earlier_containers_is_kept_within_its_bounds(docked: Bench) -> None:
    """A crash loop must not fill the disk, and must not take the evidence away."""
    launch = docked.sh("seq 200; exit 1", log=LogPolicy(max_bytes=512, keep=1))
    for _ in range(4):
        await docked.runtime.start(launch)
        await docked.runtime.ended("one")

    lines = await docked.lines()
    assert lines[-1] == "[fairlead] ended: exited with 1"
    assert 2 <= lines.count("[fairlead] ended: exited with 1") <= 4
    assert "200" in [line.text async for line in docked.runtime.logs("one", tail=400)]


async def test_following_goes_on_over_a_restart(docked: Bench) -> None:
    """Each line once, though the container is another one."""
    await docked.runtime.start(docked.sh("echo first; exit 4"))
    await docked.runtime.ended("one")
    following = docked.runtime.logs("one", follow=True)
    heard = [(await anext(following)).text, (await anext(following)).text]

    await docked.runtime.start(docked.sh("echo second; exec sleep 600"))
    heard.append((await anext(following)).text)

    assert heard == ["first", "[fairlead] ended: exited with 4", "second"]


async def test_lines_longer_than_the_engine_takes_at_once_are_whole(docked: Bench) -> None:
    """The engine cuts them into pieces of 16 KiB."""
    await docked.runtime.start(docked.sh("head -c 30000 /dev/zero | tr '\\0' x; echo; echo end >&2"))
    await docked.runtime.ended("one")

    lines = [line async for line in docked.runtime.logs("one")]

    assert [(len(line.text), line.stream) for line in lines[:2]] in (
        [(30000, "out"), (3, "err")],
        [(3, "err"), (30000, "out")],  # two pipes: their order is not told
    )


async def test_a_command_beside_an_instance_runs_in_its_container(docked: Bench) -> None:
    """As a probe by command: what the instance has in memory is there, and its environment."""
    environment = {"PATH": "/usr/bin", "COLOUR": "green"}
    await docked.runtime.start(docked.sh("echo mine > /tmp/note; echo ready; exec sleep 600", environment=environment))
    await docked.said("ready")

    beside = docked.sh("cat /tmp/note; echo $COLOUR; id -u", "one-probe", beside="one")

    assert await docked.runtime.execute(beside, timeout_s=30) == (0, "mine\ngreen\n1001\n")


async def test_a_command_beside_an_instance_that_takes_too_long_is_ended(docked: Bench) -> None:
    """It must not pile up: a probe comes again and again."""
    await docked.runtime.start(docked.launch())
    beside = docked.sh("echo begun; sleep 601 & wait", "one-probe", beside="one")

    assert await docked.runtime.execute(beside, timeout_s=0.5) == (124, "begun\n")
    _, processes = await docked.runtime.execute(docked.sh("ps -eo args", "one-probe", beside="one"), timeout_s=30)
    assert "sleep 601" not in processes


async def test_a_command_beside_what_does_not_run_or_is_not_there_is_named(docked: Bench) -> None:
    """In the words of the runtime."""
    with pytest.raises(RuntimeFailure, match="one: it does not run"):
        await docked.runtime.execute(docked.sh("true", beside="one"), timeout_s=30)
    await docked.runtime.start(docked.launch())
    with pytest.raises(BinaryMissing, match="no-such"):
        await docked.runtime.execute(replace(docked.sh(""), argv=("no-such",), beside="one"), timeout_s=30)


async def test_what_a_killed_engine_ran_once_is_removed_by_the_next(docked: Bench, tmp_path: Path) -> None:
    """It is nobody's any more."""
    assert isinstance(docked.runtime, DockerRuntime)
    await docked.runtime.observe("one")
    container = await docked.runtime._create(  # where an engine may be killed
        docked.launch("hangs"), {"fairlead.state": docked.runtime.tag, "fairlead.once": "true"}, "one.abandoned"
    )
    docker("start", container)

    async with another(tmp_path) as later:
        assert await later.runtime.instances() == []

    assert docker("ps", "-aq", "--filter", f"id={container}") == ""


async def test_a_container_of_the_same_name_that_is_somebody_elses_is_left_alone(docked: Bench) -> None:
    """A conflict names what to do."""
    assert isinstance(docked.runtime, DockerRuntime)
    name = f"fairlead-{docked.runtime.tag}-one"
    assert docked.container
    docker("create", "--name", name, docked.container.image, "true")
    try:
        with pytest.raises(Conflict, match="not Fairlead's"):
            await docked.runtime.start(docked.launch())
    finally:
        docker("rm", name)


async def test_volumes_and_folders_appear_inside(docked: Bench, tmp_path: Path) -> None:
    """A folder that is mounted for reading can't be written."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "word").write_text("hello\n")
    shared = Mount("bind", "/shared", str(tmp_path / "shared"), read_only=True)
    await docked.runtime.start(contained(docked, "cat /shared/word; touch /shared/no", mounts=(shared,)))
    await docked.runtime.ended("one")

    lines = await docked.lines()
    assert "hello" in lines
    assert any("Read-only file system" in line for line in lines)


async def test_a_folder_that_is_not_there_is_named(docked: Bench) -> None:
    """The engine would make it otherwise, owned by root."""
    away = Mount("bind", "/shared", "/no/such/folder")
    with pytest.raises(RuntimeFailure, match="/no/such/folder does not exist"):
        await docked.runtime.start(contained(docked, "true", mounts=(away,)))


async def test_a_port_is_published_on_loopback_and_one_that_is_taken_is_named(docked: Bench) -> None:
    """For what local processes reach, such as stores."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeFailure, match=f"port {port} of this machine is taken"):
            await docked.runtime.start(contained(docked, SERVE, publish={8080: port}))
    await docked.runtime.start(contained(docked, SERVE, publish={8080: port}))
    await docked.said("Serving")

    assert await _answers("127.0.0.1", port)
    assert inspected(docked)["NetworkSettings"]["Ports"]["8080/tcp"][0]["HostIp"] == "127.0.0.1"


@pytest.mark.parametrize("internet", [True, False])
async def test_the_router_is_reached_by_name_from_every_network(docked: Bench, internet: bool) -> None:
    """Without internet there is still the way to the services that are needed."""
    await docked.runtime.start(contained(docked, "exec sleep 600", "first", internet=internet))
    (gateway,) = docked.runtime.gateways
    with socket.create_server((gateway, 0)) as router:
        ask = f"import socket; socket.create_connection(('{ROUTER}', {router.getsockname()[1]}), 10); print('reached')"
        await docked.runtime.start(contained(docked, f'python3 -c "{ask}"', internet=internet))
        assert (await docked.runtime.ended("one")).exit_code == 0


async def test_a_closed_network_has_no_way_out(docked: Bench) -> None:
    """As the engine itself has it."""
    await docked.runtime.start(contained(docked, "exec sleep 600", internet=False))

    (name,) = inspected(docked)["NetworkSettings"]["Networks"]
    assert json.loads(docker("network", "inspect", name))[0]["Internal"] is True


@pytest.mark.parametrize("order", ["store first", "store last"])
async def test_an_alias_is_known_on_both_networks(docked: Bench, order: str) -> None:
    """Stores serve those without internet too."""
    store = contained(docked, SERVE, "store", alias="db", internet=True)
    closed = contained(docked, "exec sleep 600", "closed", internet=False)
    for launch in (store, closed) if order == "store first" else (closed, store):
        await docked.runtime.start(launch)
    await docked.said("Serving", "store")

    ask = "import urllib.request; print(urllib.request.urlopen('http://db:8080/', timeout=10).status)"
    beside = docked.sh(f'python3 -c "{ask}"', "closed-probe", beside="closed")
    assert await docked.runtime.execute(beside, timeout_s=30) == (0, "200\n")


async def test_an_image_that_is_not_here_is_named(docked: Bench) -> None:
    """Nothing is fetched behind anybody's back."""
    with pytest.raises(RuntimeFailure, match="no such image on this machine: nowhere/nothing:v0"):
        await docked.runtime.start(contained(docked, "true", image="nowhere/nothing:v0"))

    assert (await docked.runtime.observe("one")).phase is Phase.ABSENT


async def test_tidying_keeps_the_output_and_takes_containers_and_networks(docked: Bench) -> None:
    """As `down` does: `logs` still has something to say."""
    await docked.runtime.start(docked.launch("exits"))
    await docked.runtime.ended("one")

    await docked.runtime.tidy()

    assert docked.runtime.gateways == ()
    assert await docked.lines() == ["bye", "[fairlead] ended: exited with 3"]
    assert await docked.runtime.instances() == ["one"]


async def test_a_container_that_somebody_removed_is_started_anew(docked: Bench) -> None:
    """What a person does with `docker rm` is no reason to be stuck."""
    await docked.runtime.start(docked.launch())
    docker("rm", "--force", inspected(docked)["Id"])

    assert (await docked.runtime.ended("one")).phase is Phase.ABSENT
    assert (await docked.runtime.start(docked.launch())).running
    assert (await docked.runtime.stop("one", AT_ONCE)).phase is Phase.ENDED


async def test_a_container_that_somebody_restarts_has_ended(docked: Bench) -> None:
    """It may be at another address now, so whoever waits has to look again."""
    await docked.runtime.start(docked.launch())
    waiting = asyncio.create_task(docked.runtime.ended("one"))
    while not waiting.done():  # again, should the first time come before the waiting had begun
        docker("restart", "--time", "0", inspected(docked)["Id"])
        await asyncio.wait({waiting}, timeout=5)

    assert (waiting.result().phase, waiting.result().reason) == (Phase.ENDED, "restarted by somebody else")
    assert (await docked.runtime.observe("one")).running


async def _answers(address: str, port: int) -> bool:
    def ask() -> bool:
        with urllib.request.urlopen(f"http://{address}:{port}/", timeout=10) as answer:
            return bool(answer.status == 200)

    return await asyncio.to_thread(ask)
