"""What is not plain HTTP: TLS, gRPC and bare TCP through Envoy."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fairlead.engine.router import (
    Backend,
    Endpoint,
    Entrance,
    HealthCheck,
    Routing,
    Tls,
    TrafficPolicy,
    Upstream,
    WireProtocol,
)
from fairlead.errors import RouterError

from .conftest import EnvoyTown, until
from .replicas import LOOPBACK, free_port

# TLS


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir(exist_ok=True)
    for file, content in (("key.pem", secret), ("cert.pem", made.public_bytes(serialization.Encoding.PEM))):
        (folder / f"{file}.new").write_bytes(content)
        (folder / f"{file}.new").replace(folder / file)
    return folder / "cert.pem", folder / "key.pem"


async def shown(town: EnvoyTown, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> tuple[str, str | None]:
    """The name on the certificate that the entrance shows, and the protocol agreed on."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode, context.maximum_version = False, ssl.CERT_NONE, newest
    context.set_alpn_protocols(["h2", "http/1.1"])
    _, writer = await asyncio.open_connection(LOOPBACK, town.public_port, ssl=context)
    tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
    content, protocol = tls.getpeercert(binary_form=True), tls.selected_alpn_protocol()
    writer.close()
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        await writer.wait_closed()
    assert content
    name = x509.load_der_x509_certificate(content).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return str(name), protocol


async def secured(town: EnvoyTown, tls: Tls) -> Routing:
    upstream = town.upstream(v1=(1, (await town.endpoint("v1", "one"),)))
    return Routing((Entrance(LOOPBACK, town.public_port, tls),), (upstream,), (town.rule(),))


async def test_tls_with_given_files_speaks_http_1_and_2(envoy: EnvoyTown, tmp_path: Path) -> None:
    """And tells the service that the client came over https."""
    await envoy.serve(await secured(envoy, Tls(*certificate(tmp_path / "tls", "first.example"))))

    assert await shown(envoy) == ("first.example", "h2")
    _, seen = await envoy.ask("GET", f"https://{LOOPBACK}:{envoy.public_port}/", ssl=False)
    assert seen["headers"]["x-forwarded-proto"] == "https"


async def test_a_renewed_certificate_is_shown_without_a_restart(envoy: EnvoyTown, tmp_path: Path) -> None:
    """The files are watched: whoever renews them has nothing to tell us."""
    await envoy.serve(await secured(envoy, Tls(*certificate(tmp_path / "tls", "first.example"))))

    certificate(tmp_path / "tls", "second.example")

    async def renewed() -> bool:
        return (await shown(envoy))[0] == "second.example"

    await until(renewed)


async def test_an_older_tls_than_allowed_is_turned_down(envoy: EnvoyTown, tmp_path: Path) -> None:
    """With a minimum of 1.3, 1.2 is not spoken."""
    await envoy.serve(await secured(envoy, Tls(*certificate(tmp_path / "tls", "a.example"), minimum="1.3")))

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await shown(envoy, newest=ssl.TLSVersion.TLSv1_2)


async def test_a_key_that_does_not_fit_is_named_and_nothing_changes(envoy: EnvoyTown, tmp_path: Path) -> None:
    """It would only show when the first client connects."""
    good, bad = certificate(tmp_path / "one", "a.example"), certificate(tmp_path / "two", "a.example")
    routing = await secured(envoy, Tls(*good))
    await envoy.serve(routing)

    revision = await envoy.router.apply(replace(routing, entrances=(Entrance(LOOPBACK, 1, Tls(good[0], bad[1])),)))
    with pytest.raises(RouterError, match=r"cert\.pem: does not work with the key"):
        await envoy.router.confirm(revision)

    assert (await shown(envoy))[0] == "a.example"


async def test_a_missing_certificate_is_named(envoy: EnvoyTown, tmp_path: Path) -> None:
    """Where it was looked for."""
    revision = await envoy.router.apply(await secured(envoy, Tls(tmp_path / "no.pem", tmp_path / "no.key")))

    with pytest.raises(RouterError, match=r"no\.pem: can't be read: No such file"):
        await envoy.router.confirm(revision)


# gRPC


class Numbers(grpc.GenericRpcHandler):
    """One unary call, one that streams until it is told to end, one that fails; messages are plain bytes."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self.ends = asyncio.Event()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        calls: dict[str, Any] = {
            "/numbers/Who": grpc.unary_unary_rpc_method_handler(self._who),
            "/numbers/Stream": grpc.unary_stream_rpc_method_handler(self._stream),
            "/numbers/Fail": grpc.unary_unary_rpc_method_handler(self._fail),
        }
        return calls.get(handler_call_details.method)

    async def _who(self, request: bytes, context: Any) -> bytes:
        return self._name

    async def _stream(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield self._name
        await self.ends.wait()
        yield b"end"

    async def _fail(self, request: bytes, context: Any) -> bytes:
        await context.abort(grpc.StatusCode.INTERNAL, "broken")
        return b""


@contextlib.asynccontextmanager
async def grpc_server(name: str) -> AsyncIterator[tuple[Numbers, Endpoint]]:
    server, numbers = grpc.aio.server(), Numbers(name)
    server.add_generic_rpc_handlers((numbers,))
    port = server.add_insecure_port(f"{LOOPBACK}:0")
    await server.start()
    try:
        yield numbers, Endpoint(name, LOOPBACK, port)
    finally:
        await server.stop(None)


async def unary(channel: grpc.aio.Channel, method: str) -> Any:
    call: Any = channel.unary_unary(method)
    return await call(b"")


def unary_stream(channel: grpc.aio.Channel, method: str) -> Any:
    call: Any = channel.unary_stream(method)
    return call(b"")


async def test_grpc_calls_and_streams_pass_and_survive_a_change_of_version(envoy: EnvoyTown) -> None:
    """h2c on both sides, over the loopback listener and the entrance."""
    async with grpc_server("one") as (one, first), grpc_server("two") as (_, second):
        upstream = bare(envoy, "grpc", v1=first)
        policy = TrafficPolicy(body_limit_bytes=1000)
        rules = (replace(envoy.rule(), upstream="notes.grpc"),)
        entrances = (Entrance(LOOPBACK, envoy.public_port),)
        await envoy.serve(Routing(entrances, (replace(upstream, policy=policy),), rules))
        async with grpc.aio.insecure_channel(f"{LOOPBACK}:{envoy.public_port}") as channel:
            stream: Any = unary_stream(channel, "/numbers/Stream")
            assert await unary(channel, "/numbers/Who") == b"one"
            assert await stream.read() == b"one"

            await envoy.serve(Routing(entrances, (bare(envoy, "grpc", v2=second),), rules))

            assert await unary(channel, "/numbers/Who") == b"two"
            one.ends.set()
            assert await stream.read() == b"end"


async def test_a_grpc_status_that_is_the_services_fault_counts_as_an_error(envoy: EnvoyTown) -> None:
    """Its HTTP status is 200 all the same."""
    async with grpc_server("one") as (_, first):
        await envoy.serve(bare(envoy, "grpc", v1=first))
        async with grpc.aio.insecure_channel(f"{LOOPBACK}:{envoy.local_port}") as channel:
            with pytest.raises(grpc.aio.AioRpcError, match="broken"):
                await unary(channel, "/numbers/Fail")
            await unary(channel, "/numbers/Who")

        async def counted() -> bool:
            return (await envoy.router.observe())["notes", "v1"].requests == 2

        await until(counted)
        assert (await envoy.router.observe())["notes", "v1"].errors == 1


def bare(town: EnvoyTown, protocol: WireProtocol, **versions: Endpoint) -> Upstream:
    backends = tuple(Backend(version, 1, (endpoint,)) for version, endpoint in versions.items())
    return Upstream("notes", protocol, protocol, town.local_port, backends)


# TCP


@contextlib.asynccontextmanager
async def tcp_server(name: str) -> AsyncIterator[Endpoint]:
    """Says its name, then echoes lines."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(f"{name}\n".encode())
            while line := await reader.readline():
                writer.write(line)
            writer.close()

    port = free_port()
    server = await asyncio.start_server(talk, LOOPBACK, port)
    try:
        yield Endpoint(name, LOOPBACK, port)
    finally:
        server.close()


async def test_tcp_is_split_by_shares_and_open_connections_stay(envoy: EnvoyTown) -> None:
    """Each change of the shares leaves those who are connected where they are."""
    async with tcp_server("one") as one, tcp_server("two") as two, contextlib.AsyncExitStack() as talks:

        async def connect() -> tuple[str, asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection(LOOPBACK, envoy.local_port)
            talks.callback(writer.close)
            return (await reader.readline()).decode().strip(), reader, writer

        opened = []
        for share in (0, 10, 50, 90, 100):
            backends = (Backend("v1", 100 - share, (one,)), Backend("v2", share, (two,)))
            await envoy.serve(Upstream("notes", "tcp", "tcp", envoy.local_port, backends))
            opened += [await connect() for _ in range(10)]

        names = [name for name, _, _ in opened]
        assert set(names[:10]) == {"one"}
        assert set(names[20:30]) == {"one", "two"}
        assert set(names[40:]) == {"two"}
        for _, reader, writer in opened:
            writer.write(b"still there\n")
            assert await reader.readline() == b"still there\n"
        counts = Counter(names)
        assert await envoy.router.in_flight("notes", version="v1") == counts["one"]
        assert await envoy.router.in_flight("notes", instance="two") == counts["two"]


async def test_tcp_connections_are_counted_as_requests(envoy: EnvoyTown) -> None:
    """They are what a version of a TCP service gets."""
    async with tcp_server("one") as one:
        await envoy.serve(bare(envoy, "tcp", v1=one))
        for _ in range(3):
            reader, writer = await asyncio.open_connection(LOOPBACK, envoy.local_port)
            assert await reader.readline() == b"one\n"
            writer.close()

        async def counted() -> bool:
            return (await envoy.router.observe())["notes", "v1"].requests == 3

        await until(counted)


async def test_a_tcp_service_without_a_version_closes_the_connection(envoy: EnvoyTown) -> None:
    """There is no other way to say so; the health check path of an HTTP service does not matter here."""
    policy = TrafficPolicy(health=HealthCheck(path="/ready"))
    await envoy.serve(Upstream("notes", "tcp", "tcp", envoy.local_port, (), policy))

    reader, writer = await asyncio.open_connection(LOOPBACK, envoy.local_port)
    assert await reader.read() == b""
    writer.close()
