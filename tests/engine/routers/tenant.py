"""An engine in a process of its own, which a test can kill or stop: it takes a lease and renews it.

It says `held` when the shares are served, `lapsed` when a renewal came too late, and heeds words on its input: `write`
puts its shares into the files once more, as one does that was stopped half way; `take` takes the lease anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from fairlead.engine.router import Backend, Endpoint, Lease, Routing, Upstream
from fairlead.engine.routers.config import config
from fairlead.engine.routers.envoy import EnvoyRouter
from fairlead.engine.routers.files import Files
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.errors import RouterError
from fairlead.kit.clock import SystemClock

LEASE_S = 1.0


def leased(upstream: Upstream, seconds: float = LEASE_S) -> Routing:
    """These shares under a lease; without it, all is v1's."""
    return Routing(upstreams=(upstream,), lease=Lease(seconds, {upstream.service: {"v1": 100.0}}))


@dataclass
class Tenant:
    """The process, as its test sees it."""

    program: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        return self.program.pid

    async def hears(self, word: str) -> None:
        assert self.program.stdout
        while (line := (await self.program.stdout.readline()).decode().strip()) != word:
            assert line, f"the tenant ended and never said {word}"

    def tell(self, word: str) -> None:
        assert self.program.stdin
        self.program.stdin.write(f"{word}\n".encode())


@contextlib.asynccontextmanager
async def tenant(folder: Path, upstream: Upstream) -> AsyncIterator[Tenant]:
    """An engine that holds these shares; in a group of its own."""
    ways = [f"{one.version}={one.share:g}={one.endpoints[0].port}" for one in upstream.backends]
    words = [sys.executable, __file__, str(folder), upstream.protocol, str(upstream.local_port), *ways]
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, start_new_session=True)
    found = Tenant(program)
    try:
        await found.hears("held")
        yield found
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
        await program.communicate()


async def _main(folder: Path, upstream: Upstream) -> None:
    words = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    router = EnvoyRouter(
        folder / "router", ProcessRuntime(folder / "instances"), clock=SystemClock(), socket_dir=folder
    )
    await _take(router, upstream)
    renewing = asyncio.create_task(_renew(router))
    while word := (await words.readline()).decode().strip():
        if word == "take":
            renewing.cancel()
            await _take(router, upstream)
            renewing = asyncio.create_task(_renew(router))
        else:
            _write(folder / "router", upstream)
            print("written", flush=True)


async def _take(router: EnvoyRouter, upstream: Upstream) -> None:
    with contextlib.suppress(RouterError):
        await router.confirm(await router.apply(leased(upstream)))
        print("held", flush=True)


async def _renew(router: EnvoyRouter) -> None:
    while await router.renew():  # noqa: ASYNC110 - renewing is all it does
        await asyncio.sleep(LEASE_S / 5)
    print("lapsed", flush=True)


def _write(folder: Path, upstream: Upstream) -> None:
    wanted = config(Routing(upstreams=(upstream,)), folder)
    for path, content in wanted.files.items():
        if path.startswith("rds/") or path == "lds.json":
            Files(folder).put(path, content)


if __name__ == "__main__":
    where, protocol, port, *given = sys.argv[1:]
    parts = [one.split("=") for one in given]
    backends = tuple(
        Backend(version, float(share), (Endpoint(f"{version}-1", "127.0.0.1", int(at)),))
        for version, share, at in parts
    )
    held = Upstream("notes", "http", "http", int(port), backends)
    asyncio.run(_main(Path(where), replace(held, protocol=protocol)))  # type: ignore[arg-type]  # its test gives a right one
