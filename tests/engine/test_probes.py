"""Asking an instance how it does, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio

from fairlead.engine.probes import Prober, Target
from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service


@pytest.fixture
async def prober() -> AsyncIterator[Prober]:
    prober = Prober()
    yield prober
    await prober.close()


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """`/ok` answers 200, `/moved` 302, `/slow` never, everything else 503."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        if path == b"/slow":
            await reader.read()
        status = {b"/ok": b"200 OK", b"/moved": b"302 Found"}.get(path, b"503 Busy")
        writer.write(b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
        await writer.drain()
    writer.close()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def target(port: int, **spec: Any) -> Target:
    """An instance with one port, in whose surroundings commands really run."""

    async def execute(argv: list[str], timeout_s: float) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
        output, _ = await asyncio.wait_for(process.communicate(), timeout_s)
        return process.returncode or 0, output.decode()

    service = Service.model_validate({"command": "web", "ports": {"http": 80}, **spec})
    return Target(service, dict.fromkeys(service.ports, port), execute)


@pytest.mark.parametrize(("path", "answer"), [("/ok", None), ("/moved", None), ("/other", "GET /other answered 503")])
async def test_a_get_passes_from_200_to_399(prober: Prober, port: int, path: str, answer: str | None) -> None:
    """And a redirect is not followed."""
    assert await prober.ask(Probe.model_validate({"http": path}), target(port)) == answer


async def test_an_answer_that_takes_too_long_is_a_failure(prober: Prober, port: int) -> None:
    """After the probe's own limit."""
    probe = Probe.model_validate({"http": "/slow", "timeout": "50ms"})
    assert await prober.ask(probe, target(port)) == "no answer within 0.05 s"


@pytest.mark.parametrize("probe", [{"http": "/ok"}, {"tcp": "http"}, None])
async def test_nobody_listening_is_said_plainly(prober: Prober, probe: dict[str, str] | None) -> None:
    """In the kernel's words, without wrapping."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        free = held.getsockname()[1]
    asked = Probe.model_validate(probe) if probe else None
    assert "refused" in str(await prober.ask(asked, target(free)))


async def test_without_a_probe_a_connection_is_enough(prober: Prober, port: int) -> None:
    """And without a port, that the process runs."""
    assert await prober.ask(None, target(port)) is None
    assert await prober.ask(None, target(port, ports={})) is None


async def test_a_command_has_to_exit_with_zero(prober: Prober, port: int) -> None:
    """Its last output is the reason when it does not."""
    assert await prober.ask(Probe.model_validate({"command": "true"}), target(port)) is None
    probe = Probe.model_validate({"command": ["sh", "-c", "echo no disk; exit 4"]})
    assert await prober.ask(probe, target(port)) == "command exited with 4: no disk"


async def test_the_grpc_health_protocol_is_asked_for_serving(prober: Prober) -> None:
    """The server as a whole, and one service by name."""
    servicer = health_aio.HealthServicer()
    await servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    await servicer.set("busy", health_pb2.HealthCheckResponse.NOT_SERVING)
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        asked = target(port, ports={"grpc": 50051})
        assert await prober.ask(Probe.model_validate({"grpc": {}}), asked) is None
        busy = await prober.ask(Probe.model_validate({"grpc": {"service": "busy"}}), asked)
        assert busy == "gRPC health check answered NOT_SERVING"
        unknown = await prober.ask(Probe.model_validate({"grpc": {"service": "nobody"}}), asked)
        assert unknown == "gRPC health check: not found"
    finally:
        await server.stop(None)
