"""Connections to providers: kept, dropped, limited, and never giving one request's answer to another."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.apps.hub.wire.askers import WHOLE, Asking
from tests.apps.hub.wire.sockets import Turned, until

from fairlead.apps.hub.wire import upstream
from fairlead.apps.hub.wire.pool import Pool

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def provider(behave: Behaviour, now: Callable[[], float] | None = None) -> AsyncIterator[Pool]:
    """A provider that behaves so for each connection, and a pool of connections to it."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            await closed(writer)
            tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    pool = Pool("127.0.0.1", server.sockets[0].getsockname()[1], now=now or asyncio.get_running_loop().time)
    try:
        yield pool
    finally:
        server.close()
        pool.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await until(lambda: pool.open == 0)


async def closed(writer: asyncio.StreamWriter) -> None:
    """What was written goes out as far as it is taken at once."""
    writer.close()
    await asyncio.sleep(0.01)
    writer.transport.abort()


def answering(*answers: bytes) -> Behaviour:
    """Answers each request with the next of these, and the last for ever."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(1_000_000):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answers[min(number, len(answers) - 1)])

    return behave


REQUEST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n"


async def asked(pool: Pool, *, pieces: bool = False, fresh: bool = False) -> Asking:
    """The end of one request."""
    asking = Asking(pieces)
    pool.ask(asking, REQUEST, fresh=fresh)
    await until(lambda: asking.over)
    return asking


async def test_a_connection_is_used_again() -> None:
    """The newest first."""
    async with provider(answering(WHOLE)) as pool:
        for _ in range(5):
            assert (await asked(pool)).body == b"ok"

        assert (pool.open, pool.idle) == (1, 1)


async def test_it_is_closed_after_a_while_without_requests() -> None:
    """Before its provider does it."""
    clock = Turned()
    async with provider(answering(WHOLE), clock) as pool:
        await asked(pool)
        clock.ahead = 19
        pool.sweep()
        assert pool.open == 1
        clock.ahead = 21
        pool.sweep()

        assert pool.open == 0


UNKEPT = {
    "closes": b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
    "is old": b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
    "says more than it was asked": WHOLE + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen",
    "goes on with garbage": WHOLE + b"\x00\x01\x02",
}


@pytest.mark.parametrize("answer", UNKEPT.values(), ids=UNKEPT.keys())
async def test_one_that_can_not_be_trusted_any_more_is_not_kept(answer: bytes) -> None:
    """An answer that nobody asked for must never reach whoever asks next."""
    async with provider(answering(answer)) as pool:
        for pieces in (False, True):
            asking = await asked(pool, pieces=pieces)
            assert asking.told in ([200, "answered"], [200, "complete"])
            assert asking.body == b"ok"
            assert pool.idle == 0


async def test_bytes_between_requests_end_a_connection() -> None:
    """What comes unasked is no answer to what is asked next."""
    more = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(WHOLE)
        await more.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen")
        await reader.read()

    async with provider(behave) as pool:
        await asked(pool)
        more.set()
        await until(lambda: pool.open == 0)

        assert (await asked(pool)).body == b"ok"


FORMS = {
    "a length": (WHOLE, b"ok"),
    "chunks": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", b"ok"),
    "no body": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "early hints": (b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + WHOLE, b"ok"),
    "go on": (b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE, b"ok"),
}


@pytest.mark.parametrize(("answer", "body"), FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("pieces", [False, True])
async def test_answers_are_read_whatever_their_form(answer: bytes, body: bytes, pieces: bool) -> None:
    """Cut anywhere."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for at in range(len(answer)):
            writer.write(answer[at : at + 1])
            await writer.drain()
        await reader.read()

    async with provider(behave) as pool:
        asking = await asked(pool, pieces=pieces)

        assert asking.body == body
        assert pool.idle == 1


@pytest.mark.parametrize("pieces", [False, True])
async def test_an_answer_may_end_with_its_connection(pieces: bool) -> None:
    """Where it has neither a length nor chunks (RFC 9112, 6.3)."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")

    async with provider(behave) as pool:
        asking = await asked(pool, pieces=pieces)

        assert asking.body == b"all of it"
        assert asking.told[-1] in ("complete", "answered")


LOST = {
    "nothing": (b"", True),
    "half a head": (b"HTTP/1.1 200 OK\r\ncontent-", False),
    "half a body": (WHOLE[:-1], False),
    "half of the chunks": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", False),
    "no last chunk": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n", False),
    "what is not HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", False),
    "two lengths": (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", False),
    "a length and chunks": (
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        False,
    ),
    "another protocol": (b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", False),
    "a head without an end": (b"HTTP/1.1 200 OK\r\n" + b"".join(b"x%d: a\r\n" % n for n in range(300)), False),
}


@pytest.mark.parametrize(("answer", "untouched"), LOST.values(), ids=LOST.keys())
async def test_what_breaks_is_told_once_and_its_connection_is_closed(answer: bytes, untouched: bool) -> None:
    """With whether anything had come: only then it matters to nobody."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    async with provider(behave) as pool:
        asking = await asked(pool)

        (lost,) = [one for one in asking.told if isinstance(one, tuple)]
        assert lost is asking.told[-1]
        assert lost[2] is untouched
        await until(lambda: pool.open == 0)


async def test_an_answer_too_large_to_be_held_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is passed on in pieces may have any length."""
    monkeypatch.setattr(upstream, "ANSWER_BYTES", 1000)
    large = b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + b"x" * 5000
    async with provider(answering(large)) as pool:
        assert (await asked(pool)).told[-1] == ("lost", "its answer is not HTTP, or too long", False)
        assert len((await asked(pool, pieces=True)).body) == 5000


async def test_nobody_there_is_told_as_untouched() -> None:
    """Somebody else can be asked."""
    pool = Pool("127.0.0.1", 1, now=lambda: 0.0)
    asking = await asked(pool)

    assert asking.told == [("lost", "no connection: Connection refused", True)] or "no connection" in str(asking.told)
    assert pool.open == 0


async def test_a_provider_that_takes_too_long_to_connect_is_given_up() -> None:
    """A listener whose backlog is full, as an address that swallows packets."""
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    pool = Pool("127.0.0.1", port, tls=ssl.create_default_context(), now=lambda: 0.0)
    asking = Asking()
    pool.ask(asking, REQUEST, connect_s=0.05)
    await until(lambda: asking.over)

    assert asking.told == [("lost", "no connection within 0.05 s", True)]
    silent.close()
    for writer in writers:
        writer.transport.abort()


async def test_a_request_that_nobody_wants_any_more_ends_its_connection_at_once() -> None:
    """The provider sees it and stops, whether it had begun to answer, or was still being connected to."""
    seen = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")
        try:
            await reader.read()
        finally:
            seen.set()

    async with provider(behave) as pool:
        asking = Asking(pieces=True)
        one = pool.ask(asking, REQUEST)
        await until(lambda: asking.body == b"a")
        one.drop()
        await seen.wait()
        assert pool.open == 0

        early = Asking()
        pool.ask(early, REQUEST).drop()
        assert pool.open == 0
        await until(lambda: not pool._connecting)
        assert early.told == []
        assert asking.told == [200]


async def test_a_paused_provider_is_not_read_and_then_goes_on() -> None:
    """Back-pressure: what is not read stays in its own buffers."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 8388608\r\n\r\n")
        for _ in range(128):
            writer.write(b"x" * 65536)
            await writer.drain()
        await reader.read()

    async with provider(behave) as pool:
        asking = Asking(pieces=True)
        one = pool.ask(asking, REQUEST)
        await until(lambda: bool(asking.body))
        one.pause()
        await asyncio.sleep(0.05)
        held = len(asking.body)
        await asyncio.sleep(0.05)
        assert len(asking.body) == held < 8388608

        one.resume()
        await until(lambda: asking.over)
        assert len(asking.body) == 8388608


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server that calls itself localhost, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    signed = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    (folder / "both.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=signed.decode())


async def test_a_provider_is_asked_over_tls_if_its_certificate_is_trusted(tmp_path: Path) -> None:
    """One that is not trusted is told like any other that can't be reached; nothing is sent to it."""
    server, trusting = certificate(tmp_path)
    listening = await asyncio.start_server(answering(WHOLE), "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    pool = Pool("localhost", port, tls=trusting, now=lambda: 0.0)
    for _ in range(3):
        assert (await asked(pool)).body == b"ok"
    assert pool.open == 1

    doubting = Pool("localhost", port, tls=ssl.create_default_context(), now=lambda: 0.0)
    (lost,) = (await asked(doubting)).told
    assert isinstance(lost, tuple)
    assert "no connection" in lost[1]
    pool.close()
    listening.close()
    await asyncio.sleep(0.05)
