"""Anything at all is sent to a whole server: it never fails, never hangs, and forgets whoever left."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field

import pytest
import uvloop
from tests.apps.hub.wire.sockets import OK, Served, post, serving, until

from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.exchange import Exchange

SEED = int(os.environ.get("FAIRLEAD_FUZZ_SEED", "20251121"))
ROUNDS = int(os.environ.get("FAIRLEAD_FUZZ_ROUNDS", "300"))

PIECES = [
    b"GET ", b"POST ", b"/ ", b"/v1/chat/completions ", b"http://hub/ ", b"* ", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0",
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\0", b":", b";", b",", b"host: hub\r\n", b"x: y\r\n",
    b"content-length: 5\r\n", b"content-length: 0\r\n", b"content-length: 99999999999\r\n", b"Content-Length:+5\r\n",
    b"transfer-encoding: chunked\r\n", b"transfer-encoding: gzip\r\n", b"connection: close\r\n",
    b"connection: upgrade\r\nupgrade: h2c\r\n", b"expect: 100-continue\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n",
    b"5;a=b\r\n", b"fffffffff\r\n", b"-1\r\n", b"hello", b"\xff\xfe", b"\x16\x03\x01", b"x" * 100, b"{}",
]  # fmt: skip
"""What requests are made of, proper or not."""


@dataclass
class Answering:
    """Answers in every way there is, now or later, and sees that none is answered or left twice."""

    chance: random.Random
    ended: dict[int, int] = field(default_factory=dict)

    def __call__(self, exchange: Exchange) -> None:
        """One request."""
        number = len(self.ended)
        self.ended[number] = 0
        exchange.gone = lambda: self._end(number)
        later = self.chance.choice([0.0, 0.0, 0.001, 0.01])
        way = self.chance.choice([self._whole, self._stream, self._cut])
        if later:
            asyncio.get_running_loop().call_later(later, way, exchange, number)
        else:
            way(exchange, number)

    def _end(self, number: int) -> None:
        self.ended[number] += 1

    def _whole(self, exchange: Exchange, number: int) -> None:
        if exchange.open:
            self._end(number)
        exchange.answer(OK, b"x" * self.chance.choice([0, 10, 100_000]))

    def _stream(self, exchange: Exchange, number: int) -> None:
        exchange.begin(OK)
        exchange.send(b"some")
        if exchange.open:
            self._end(number)
        exchange.end()

    def _cut(self, exchange: Exchange, number: int) -> None:
        if exchange.open:
            self._end(number)
        exchange.fail()


def request(chance: random.Random) -> bytes:
    """A proper request, or pieces of some, or bytes by chance, or a proper one with a few bytes changed."""
    kind = chance.random()
    if kind < 0.35:
        return b"".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 30)))
    if kind < 0.45:
        return chance.randbytes(chance.randrange(1, 300))
    proper = post(chance.randbytes(chance.randrange(0, 50)), chance.choice(PIECES[19:26]).strip())
    changed = bytearray(proper * chance.choice([1, 1, 2, 5]))
    for _ in range(chance.choice([0, 1, 3])):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


async def one_client(served: Served, chance: random.Random) -> None:
    """Connects, sends in pieces cut anywhere, reads or not, and leaves in some way."""
    client = await served.connects()
    try:
        sent = request(chance)
        while sent:
            cut = chance.randrange(1, len(sent) + 1)
            client.send(sent[:cut])
            sent = sent[cut:]
            if chance.random() < 0.3:
                await asyncio.sleep(0)
        if chance.random() < 0.5:
            await asyncio.wait_for(client.reader.read(chance.choice([1, 1000])), 0.02)
        if chance.random() < 0.2:
            client.writer.write_eof()
    except (OSError, TimeoutError, RuntimeError):  # uvloop's for a transport that has ended
        pass
    finally:
        client.vanish() if chance.random() < 0.5 else client.close()
        served.made.remove(client)


async def abused(seed: int) -> None:
    """Many clients beside each other; afterwards a proper one is served, and nobody is left."""
    chance = random.Random(seed)
    answering = Answering(chance)
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))
    async with serving(answering, Bounds(head_bytes=2000, body_bytes=10_000)) as served:
        for _ in range(ROUNDS // 10):
            await asyncio.gather(*(one_client(served, chance) for _ in range(10)))
        served.passes(1000)
        await until(lambda: not served.clients.connected)
        await asyncio.sleep(0.03)
        served.clients.serve = lambda exchange: exchange.answer(OK, b"well")
        client = await served.connects()
        client.send(post(b"still there?"))
        assert await client.answer() == b"well"

    assert faults == []
    assert answering.ended
    assert set(answering.ended.values()) == {1}


@pytest.mark.parametrize("number", range(4))
async def test_whatever_is_sent_the_server_stays_well(number: int) -> None:
    """Each exchange ends exactly once, no connection is left, no fault is told."""
    await abused(SEED + number)


def test_the_same_on_the_loop_that_serves() -> None:
    """uvloop's transports differ from asyncio's in when they tell what."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(abused(SEED + 100))
