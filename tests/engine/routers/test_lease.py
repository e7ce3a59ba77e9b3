"""Shares that nobody renews fall back by themselves: with a real Envoy, a real watchdog, and load all the time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import pytest

from fairlead.engine.router import Mirror, Routing, Upstream, WireProtocol
from fairlead.engine.routers import lease, watchdog
from fairlead.engine.routers.envoy import EnvoyRouter
from fairlead.engine.routers.files import Files
from fairlead.engine.routers.resources import Json
from fairlead.engine.routers.watchman import INSTANCE
from fairlead.engine.runtime import Launch, Observed, StopPolicy
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.errors import RouterError, RuntimeFailure
from fairlead.kit.clock import SystemClock

from .conftest import EnvoyTown, Town, envoy_town, until
from .replicas import Replica
from .tenant import leased, tenant

KILL = StopPolicy("SIGKILL", 0.0)


@dataclass
class Load:
    """Requests without a pause; who answered them, and what went wrong."""

    answers: list[str | None] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def answered_by(self, *versions: str) -> None:
        """Wait until the last hundred answers, all of them from now on, came from each of these and no other."""
        await until(self._lately(set(versions)))

    async def answered_by_one(self) -> None:
        """Wait until they all came from one version, whichever."""
        await until(self._lately(None))

    def _lately(self, versions: set[str] | None) -> Callable[[], Awaitable[bool]]:
        began = len(self.answers)

        async def true() -> bool:
            found = set(self.answers[-100:])
            return len(self.answers) >= began + 100 and (found == versions if versions else len(found) == 1)

        return true


@contextlib.asynccontextmanager
async def load(envoy: EnvoyTown) -> AsyncIterator[Load]:
    """Each request on a connection of its own; at the end, none may have failed."""
    found = Load()

    async def send(client: aiohttp.ClientSession) -> None:
        while True:
            try:
                async with client.get(envoy.local) as answer:
                    found.answers.append((await answer.json()).get("version"))
                    if answer.status != 200:
                        found.failures.append(str(answer.status))
            except aiohttp.ClientError as error:
                found.failures.append(repr(error))

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as client:
        sending = [asyncio.create_task(send(client)) for _ in range(2)]
        try:
            yield found
        finally:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)
    assert found.failures == []


async def halves(envoy: EnvoyTown, protocol: WireProtocol = "http") -> Upstream:
    """Two versions with half of the requests each; until now, v1 had them all."""
    one, two = await envoy.endpoint("v1", "one"), await envoy.endpoint("v2", "two")
    await envoy.serve(replace(envoy.upstream(v1=(100, (one,))), protocol=protocol))
    return replace(envoy.upstream(v1=(50, (one,)), v2=(50, (two,))), protocol=protocol)


def another(envoy: EnvoyTown) -> EnvoyRouter:
    """The router as an engine that comes after sees it."""
    return EnvoyRouter(envoy.folder / "router", envoy.runtime, clock=SystemClock(), socket_dir=envoy.folder)


async def watched(envoy: EnvoyTown) -> bool:
    return (await envoy.runtime.observe(INSTANCE)).running


@pytest.mark.story
@pytest.mark.parametrize("protocol", ["http", "tcp"])
async def test_shares_fall_back_when_their_engine_is_killed(envoy: EnvoyTown, protocol: WireProtocol) -> None:
    """With its whole process group, and nobody left to tell the router."""
    upstream = await halves(envoy, protocol)
    async with load(envoy) as requests, tenant(envoy.folder, upstream) as engine:
        await requests.answered_by("v1", "v2")
        os.killpg(engine.pid, signal.SIGKILL)
        await requests.answered_by("v1")
        assert await watched(envoy)


@pytest.mark.story
@pytest.mark.parametrize("protocol", ["http", "tcp"])
async def test_an_engine_that_wakes_up_late_does_not_bring_its_shares_back(
    envoy: EnvoyTown, protocol: WireProtocol
) -> None:
    """Not even by writing the files it was about to write; only by taking the lease anew."""
    upstream = await halves(envoy, protocol)
    async with load(envoy) as requests, tenant(envoy.folder, upstream) as engine:
        await requests.answered_by("v1", "v2")
        os.kill(engine.pid, signal.SIGSTOP)
        await requests.answered_by("v1")

        os.kill(engine.pid, signal.SIGCONT)
        await engine.hears("lapsed")
        for _ in range(3):
            engine.tell("write")
            await engine.hears("written")
            await requests.answered_by("v1")

        engine.tell("take")
        await engine.hears("held")
        await requests.answered_by("v1", "v2")


@pytest.mark.story
async def test_a_watchdog_that_was_killed_is_started_again_by_the_next_renewal(envoy: EnvoyTown) -> None:
    """And ends the lease as the first one would have."""
    upstream = await halves(envoy)
    async with load(envoy) as requests, tenant(envoy.folder, upstream) as engine:
        await envoy.runtime.stop(INSTANCE, KILL)
        await until(lambda: watched(envoy))
        await requests.answered_by("v1", "v2")
        os.killpg(engine.pid, signal.SIGKILL)
        await requests.answered_by("v1")


async def test_a_renewal_that_comes_too_late_says_so_until_the_lease_is_taken_anew(envoy: EnvoyTown) -> None:
    """One in time keeps the shares."""
    wanted = leased(await halves(envoy), 0.5)
    assert not await envoy.router.renew()
    async with load(envoy) as requests:
        for _ in range(2):
            await envoy.serve(wanted)
            assert await envoy.router.renew()
            await requests.answered_by("v1")
            assert not await envoy.router.renew()
            assert not await envoy.router.renew()


async def test_every_router_falls_back_when_nobody_renews(town: Town) -> None:
    """And serves the shares again when the lease is taken anew."""
    one, two = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    wanted = leased(town.upstream(v1=(0, (one,)), v2=(100, (two,))), 0.5)

    async def back() -> bool:
        return (await town.send()).version == "v1"

    for _ in range(2):
        await town.serve(wanted)
        assert await town.router.renew()
        await until(back)
        assert not await town.router.renew()
        assert await back()


async def test_a_lapse_that_nobody_noticed_is_told_by_the_next_renewal(envoy: EnvoyTown) -> None:
    """Though something else has had the routing applied again meanwhile."""
    wanted = leased(await halves(envoy), 0.5)
    async with load(envoy) as requests:
        await envoy.serve(wanted)
        await requests.answered_by("v1")
        await envoy.serve(leased(wanted.upstreams[0], 60))
    assert not await envoy.router.renew()
    assert await envoy.router.renew()


@pytest.mark.story
async def test_copies_end_with_the_lease(envoy: EnvoyTown) -> None:
    """Whoever would compare their answers is gone."""
    one, two = await envoy.replica("v1", "one"), await envoy.replica("v2", "two")
    upstream = envoy.upstream(v1=(100, (one.endpoint,)), v2=(0, (two.endpoint,)))
    await envoy.serve(leased(replace(upstream, mirror=Mirror("v2", 100.0, 1000.0)), 1.0))
    async with load(envoy) as requests:
        await until(lambda: _more(two, 10))
        await until(lambda: _lapsed(envoy))
        await requests.answered_by("v1")
        copies = len(two.seen)
        await requests.answered_by("v1")
        assert len(two.seen) == copies


async def _lapsed(envoy: EnvoyTown) -> bool:
    return (envoy.folder / "router" / "lease" / watchdog.LAPSED).exists()


async def _more(replica: Replica, requests: int) -> bool:
    return len(replica.seen) >= requests


async def test_shares_that_no_longer_need_a_lease_stay_and_the_watchdog_goes(envoy: EnvoyTown) -> None:
    """It costs nothing while nothing is leased."""
    upstream = await halves(envoy)
    await envoy.serve(leased(upstream))
    assert await watched(envoy)
    async with load(envoy) as requests:
        await envoy.serve(upstream)
        assert INSTANCE not in await envoy.runtime.instances()
        assert not (envoy.folder / "router" / "lease").exists()
        await requests.answered_by("v1", "v2")


async def test_a_new_engine_may_end_the_lease_of_one_that_was_killed(envoy: EnvoyTown) -> None:
    """Or take it over: it need not wait until it lapses."""
    upstream = await halves(envoy)
    await envoy.serve(leased(upstream, 60))
    after = another(envoy)
    await after.start()
    assert not await after.renew()
    await after.confirm(await after.apply(leased(upstream, 60)))
    assert await after.renew()
    assert not await envoy.router.renew()
    await after.confirm(await after.apply(Routing(upstreams=(upstream,))))
    await after.close()
    assert not await watched(envoy)


async def test_the_end_of_the_router_ends_the_watchdog_and_leaves_the_fallback(envoy: EnvoyTown) -> None:
    """A router that is started later begins with it."""
    await envoy.serve(leased(await halves(envoy), 60))
    await envoy.router.stop()
    assert INSTANCE not in await envoy.runtime.instances()

    await envoy.router.start()
    async with load(envoy) as requests:
        await requests.answered_by("v1")


async def test_a_router_that_died_comes_back_with_the_shares_that_are_leased(envoy: EnvoyTown) -> None:
    """And falls back like any other."""
    await envoy.serve(leased(await halves(envoy), 3))
    await envoy.kill_router()
    await envoy.router.start()
    async with load(envoy) as requests:
        await requests.answered_by("v1")
    assert not await envoy.router.renew()


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


@pytest.mark.parametrize("writes", range(6))
async def test_an_engine_killed_in_the_middle_of_a_shift_leaves_no_share_behind(
    envoy: EnvoyTown, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of files written, to a share under a lease or from one to all: soon, one version has it all."""
    monkeypatch.setattr(lease, "WAY_OUT_S", 0.5)
    upstream = await halves(envoy)
    whole = replace(upstream, backends=(replace(upstream.backends[0], share=0), upstream.backends[1]))
    async with load(envoy) as requests:
        await _killed(envoy, leased(upstream, 0.5), writes)
        await requests.answered_by("v1")
        await envoy.serve(leased(upstream, 0.5))
        await _killed(envoy, Routing(upstreams=(whole,)), writes)
        await requests.answered_by_one()
        await envoy.serve(whole)
        await requests.answered_by("v2")


async def _killed(envoy: EnvoyTown, routing: Routing, writes: int) -> None:
    killed = another(envoy)
    killed._mover._files = FilesUntil(envoy.folder / "router", writes)
    with contextlib.suppress(asyncio.CancelledError):
        await killed.apply(routing)
    await killed.close()


class WithoutWatchdog(ProcessRuntime):
    """A machine on which nothing more can be started."""

    async def start(self, launch: Launch) -> Observed:
        if launch.id == INSTANCE:
            raise RuntimeFailure("no process can be started")
        return await super().start(launch)


async def test_without_a_watchdog_no_share_is_moved(envoy: EnvoyTown) -> None:
    """It is an error in words, and the requests go where they went."""
    upstream = await halves(envoy)
    runtime = WithoutWatchdog(envoy.folder / "instances")
    router = EnvoyRouter(envoy.folder / "router", runtime, clock=SystemClock(), socket_dir=envoy.folder)
    async with load(envoy) as requests:
        revision = await router.apply(leased(upstream, 60))
        with pytest.raises(RouterError, match="the watchdog of the lease can't be started: no process can be started"):
            await router.confirm(revision)
        assert not await router.renew()
        await requests.answered_by("v1")
    await router.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, for root only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk can't be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file:
        for size in (4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)


@pytest.mark.story
async def test_a_lease_that_can_not_be_written_moves_no_share(disk: Path) -> None:
    """The disk is full: what was leased before falls back all the same, and is served."""
    async with envoy_town(disk) as envoy:
        upstream = await halves(envoy)
        async with load(envoy) as requests:
            await envoy.serve(leased(upstream, 0.5))
            _fill(disk)
            revision = await envoy.router.apply(leased(upstream, 60))
            with pytest.raises(RouterError, match="the lease on the shares can't be written: No space left"):
                await envoy.router.confirm(revision)
            await requests.answered_by("v1")
            (disk / "ballast").unlink()
            await envoy.serve(leased(upstream, 60))
            await requests.answered_by("v1", "v2")
