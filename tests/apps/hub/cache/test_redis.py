"""Answers in a real Redis: shared, bounded by time, and never waited for."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from fairlead.apps.hub.cache.cache import Cache, Hit, Miss, Request
from fairlead.apps.hub.cache.kept import Kept
from fairlead.apps.hub.cache.keys import Rules
from fairlead.apps.hub.cache.redis import PREFIX, RedisLevel, packed, unpacked
from fairlead.apps.hub.calls import Usage

RULES = Rules(b"r", keep_s=60)
ASKED = Request("a", "openai_chat", "chat", {}, b'{"temperature":0}')


def kept(text: bytes = b"{}", lasts: float = 60.0) -> Kept:
    now = time.time()
    usage = Usage(input=3, output=4, units={"searches": 1.0}, tier="flex")
    return Kept([text, b"more"], True, True, b"text/event-stream", usage, "p", "m", 7, now, now + lasts)


class Server:
    """A Redis of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [shutil.which("redis-server") or "redis-server", "--port", str(self.port), "--save", ""]
        command += ["--bind", "127.0.0.1", "--dir", str(self._folder), "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            self._process.poll()
        raise AssertionError("redis-server does not listen")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Started."""
    found = Server(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.fixture
async def level(server: Server) -> AsyncIterator[RedisLevel]:
    """With time enough for a busy machine."""
    found = RedisLevel(server.url, wait_s=5.0)
    yield found
    await found.end()


async def got(level: RedisLevel, key: bytes) -> Kept | None:
    future: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
    level.get(key, future.set_result)
    return await future


async def sought(cache: Cache, miss: Miss) -> Hit | None:
    future: asyncio.Future[Hit | None] = asyncio.get_running_loop().create_future()
    cache.seek(miss, future.set_result)
    return await future


@pytest.mark.needs_redis
async def test_another_hub_finds_what_one_has_kept(server: Server) -> None:
    """And has it in memory from then on."""
    levels = [RedisLevel(server.url, wait_s=5.0) for _ in range(2)]
    one, other = [Cache(1 << 20, level) for level in levels]
    miss = one.lookup(RULES, ASKED)
    assert isinstance(miss, Miss)
    one.store(miss, kept(b"answer"))
    await levels[0].settled()

    elsewhere = other.lookup(RULES, ASKED)
    assert isinstance(elsewhere, Miss)
    hit = await sought(other, elsewhere)
    assert hit is not None
    assert hit.kept.pieces == [b"answer", b"more"]
    assert hit.kept.usage == Usage(input=3, output=4, units={"searches": 1.0}, tier="flex")
    assert b"x-fairlead-cache: hit; level=redis" in hit.lines
    again = other.lookup(RULES, ASKED)
    assert isinstance(again, Hit)
    assert again.level == "memory"
    for level in levels:
        await level.end()


@pytest.mark.needs_redis
async def test_an_answer_is_gone_from_redis_after_its_time(server: Server, level: RedisLevel) -> None:
    """Redis forgets it itself."""
    level.put(b"k" * 16, kept(lasts=60))
    level.put(b"l" * 16, kept(lasts=-1))
    await level.settled()
    redis = Redis.from_url(server.url)
    left_ms = await redis.pttl(PREFIX + b"k" * 16)
    names = await redis.keys("*")
    await redis.aclose()

    assert 0 < left_ms <= 60_000
    assert names == [PREFIX + b"k" * 16]


@pytest.mark.needs_redis
async def test_what_another_version_or_anybody_else_wrote_is_no_answer(server: Server, level: RedisLevel) -> None:
    """Nor is what was kept under another key."""
    key, other = b"k" * 16, b"o" * 16
    redis = Redis.from_url(server.url)
    for value in (b"", b"9." + packed(key, kept())[2:], b"1zgarbage", b"1.", packed(other, kept())):
        await redis.set(PREFIX + key, value)
        assert await got(level, key) is None
    await redis.set(PREFIX + key, packed(key, kept()))
    assert await got(level, key) is not None
    await redis.aclose()


@pytest.mark.needs_redis
async def test_a_redis_that_goes_away_is_left_alone_and_comes_back(server: Server, level: RedisLevel) -> None:
    """Nobody waits for it meanwhile: a miss is a miss at once."""
    cache = Cache(1 << 20, level)
    miss = cache.lookup(RULES, ASKED)
    assert isinstance(miss, Miss)
    server.stop()
    assert await sought(cache, miss) is None
    assert not level.up
    assert level.failures == 1

    told: list[Hit | None] = []
    cache.seek(miss, told.append)
    assert told == [None]
    cache.store(miss, kept())
    assert isinstance(cache.lookup(RULES, ASKED), Hit)

    server.start()
    level._rests_until = 0.0
    level.put(miss.key, kept(b"again"))
    await level.settled()
    found = await got(level, miss.key)
    assert found is not None
    assert found.pieces[0] == b"again"


async def test_a_redis_that_does_not_answer_is_not_waited_for() -> None:
    """It accepts, and says nothing."""
    silent = asyncio.Event()

    async def mute(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    listening = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    level = RedisLevel(f"redis://127.0.0.1:{port}", wait_s=0.01)

    assert await got(level, b"k" * 16) is None
    assert not level.up
    silent.set()
    await level.end()
    listening.close()


@given(st.binary(max_size=3000), st.binary(min_size=16, max_size=16))
def test_an_answer_comes_back_as_it_was(text: bytes, key: bytes) -> None:
    """Packed or not."""
    entry = kept(text)

    assert unpacked(key, packed(key, entry)) == entry


@given(st.binary(max_size=100))
def test_garbage_is_no_answer(value: bytes) -> None:
    """Whatever is in there."""
    assert unpacked(b"k" * 16, b"1." + value) is None
    assert unpacked(b"k" * 16, b"1z" + value) is None
    assert unpacked(b"k" * 16, value) is None


def test_a_small_value_does_not_grow_without_bound() -> None:
    """A gigabyte of zeros packs into a megabyte."""
    import zlib

    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()

    assert unpacked(b"k" * 16, b"1z" + bomb) is None
