"""Asking an instance how it does: over HTTP, TCP, the gRPC health protocol, or with a command.

An answer is `None` when the probe passed and otherwise the reason in a few words, fit to be shown to a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx

from fairlead.errors import FairleadError
from fairlead.stack.model.network import GrpcProbe, HttpProbe, Probe, TcpProbe
from fairlead.stack.model.service import Service

Execute = Callable[[list[str], float], Awaitable[tuple[int, str]]]
"""Runs a command in the surroundings of the instance: argv and time limit in seconds -> exit code and output."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one instance is asked."""

    service: Service
    ports: Mapping[str, int]
    execute: Execute
    address: str = "127.0.0.1"

    def port(self, name: str | None, protocol: str | None = None) -> int:
        """The port a probe means: the one it names, else the first of its protocol, else the first."""
        if name is None:
            fitting = [key for key, port in self.service.ports.items() if protocol in (None, port.protocol)]
            name = (fitting or list(self.service.ports))[0]
        return self.ports[name]


class Prober:
    """Asks instances; holds one HTTP client for all of them, which follows no proxy settings and no redirects."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(trust_env=False, verify=False, limits=httpx.Limits(max_keepalive_connections=0))  # noqa: S501 - loopback, no TLS

    async def ask(self, probe: Probe | None, target: Target) -> str | None:
        """One question; a service without a probe is asked for a connection on its first port, if it has one."""
        if probe is None and not target.ports:
            return None
        probe = probe or Probe(tcp=TcpProbe())
        try:
            async with asyncio.timeout(probe.timeout):
                return await self._ask(probe, target)
        except TimeoutError:
            return f"no answer within {probe.timeout:g} s"
        except (httpx.HTTPError, OSError) as error:
            return _plain(error)
        except FairleadError as error:
            return error.message

    async def _ask(self, probe: Probe, target: Target) -> str | None:
        if probe.http:
            return await self._ask_http(probe.http, target)
        if probe.tcp:
            return await _ask_tcp(target.address, target.port(probe.tcp.port))
        if probe.grpc:
            return await _ask_grpc(probe.grpc, target)
        if probe.command:
            code, output = await target.execute(probe.command.command, probe.timeout)
            return None if code == 0 else f"command exited with {code}: {output.strip()[-200:]}"
        return None

    async def _ask_http(self, probe: HttpProbe, target: Target) -> str | None:
        url = f"http://{target.address}:{target.port(probe.port, 'http')}{probe.path}"
        async with self._http.stream("GET", url, headers=probe.headers, timeout=None) as answer:
            good = 200 <= answer.status_code < 400
            return None if good else f"GET {probe.path} answered {answer.status_code}"

    async def close(self) -> None:
        """Close the client."""
        await self._http.aclose()


async def _ask_tcp(address: str, port: int) -> str | None:
    _, writer = await asyncio.open_connection(address, port)
    writer.close()
    await writer.wait_closed()
    return None


async def _ask_grpc(probe: GrpcProbe, target: Target) -> str | None:
    """`grpc.health.v1.Health/Check`; gRPC is imported only where a stack asks for it, since it is large."""
    import grpc.aio
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    async with grpc.aio.insecure_channel(f"{target.address}:{target.port(probe.port, 'grpc')}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(service=probe.service))
        except grpc.aio.AioRpcError as error:
            return f"gRPC health check: {error.code().name.lower().replace('_', ' ')}"
    serving = health_pb2.HealthCheckResponse.SERVING
    name = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return None if answer.status == serving else f"gRPC health check answered {name}"


def _plain(error: Exception) -> str:
    """The kernel's or the client's words without their wrapping."""
    if isinstance(error, ConnectionRefusedError) or "connection attempts failed" in str(error):
        return "connection refused"
    return str(error) or type(error).__name__
