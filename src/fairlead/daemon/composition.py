"""The engine of a stack put together from its parts: runtimes, router, journal."""

from __future__ import annotations

from pathlib import Path

from fairlead.daemon import apps
from fairlead.daemon.paths import StatePaths
from fairlead.engine.engine import Engine
from fairlead.engine.journal import Journal
from fairlead.engine.routers.envoy import EnvoyRouter
from fairlead.engine.routers.program import Housing
from fairlead.engine.runtimes.composite import Docker, Runtimes
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.engine.saying import Say
from fairlead.kit.clock import SystemClock
from fairlead.stack.model import Stack


def put_together(paths: StatePaths, journal: Journal, say: Say, router: type[EnvoyRouter] = EnvoyRouter) -> Engine:
    """The engine; `say` hears what happens outside any operation."""
    apps.heard()
    clock = SystemClock()

    def docker() -> Docker:
        from fairlead.engine.runtimes.docker.client import DockerClient  # large, and for few stacks
        from fairlead.engine.runtimes.docker.runtime import DockerRuntime

        host = engine.applied.stack.docker.host if engine.applied else None
        return DockerRuntime(paths.state, DockerClient(host), clock=clock)

    async def house() -> Housing | None:
        stack = engine.applied.stack if engine.applied else None
        if stack is None or stack.router.image is None:
            return None
        image = await engine.images.fetch("router", stack.router.image, say)
        return Housing(image, _certificates(stack, paths.stack_file.parent))

    runtime = Runtimes(ProcessRuntime(paths.state / "instances"), paths.state / "containers", docker)
    proxy = router(paths.state / "router", runtime, clock=clock, socket_dir=paths.sockets, house=house)
    engine = Engine(paths.state, journal, runtime, proxy, clock, say)
    return engine


def _certificates(stack: Stack, base: Path) -> tuple[Path, ...]:
    """The folders that the router's certificates are in."""
    tls = stack.router.tls
    files = [tls.certificate, tls.key] if tls else []
    return tuple({(base / file).absolute().parent for file in files if file})
