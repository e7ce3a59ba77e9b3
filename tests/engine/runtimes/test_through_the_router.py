"""Containers and the real router: it reaches them at their addresses, and they reach it at their network's gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.engine import ports
from fairlead.engine.router import Backend, Endpoint, Routing, Upstream
from fairlead.engine.routers.envoy import EnvoyRouter
from fairlead.engine.runtime import ROUTER
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.kit.clock import SystemClock

from .conftest import AT_ONCE, Bench
from .test_containers import SERVE, contained

pytestmark = pytest.mark.needs_docker


async def test_one_container_reaches_another_through_the_router(docked: Bench, tmp_path: Path) -> None:
    """Both ways at once, and also from the network that has no way to the internet."""
    server = await docked.runtime.start(docked.sh(SERVE, "server"))
    await docked.said("Serving", "server")
    await docked.runtime.start(contained(docked, "exec sleep 600", "client", internet=False))
    port = ports.lease(())
    endpoint = Endpoint("server", server.address, 8080, False)
    upstream = Upstream("web", "http", "http", port, (Backend("v1", 100.0, (endpoint,)),))
    routing = Routing(upstreams=(upstream,), local_addresses=("127.0.0.1", *docked.runtime.gateways))
    processes = ProcessRuntime(tmp_path / "instances")
    router = EnvoyRouter(tmp_path / "router", processes, clock=SystemClock(), socket_dir=tmp_path)
    try:
        await router.start()
        await router.confirm(await router.apply(routing))
        ask = f"import urllib.request; print(urllib.request.urlopen('http://{ROUTER}:{port}/', timeout=20).status)"
        beside = docked.sh(f'python3 -c "{ask}"', "client-probe", beside="client")
        assert await docked.runtime.execute(beside, timeout_s=60) == (0, "200\n")
    finally:
        await router.stop()
        await router.close()
        for instance in await processes.instances():
            await processes.stop(instance, AT_ONCE)
