"""What a request costs in instructions of the CPU: the same on every run, however busy the machine is.

python -m bench.hub.instructions

A whole hub in one process, whose two connections are stand-ins that take what is written: no socket, no system call and
no other process is counted, only what the hub does. Needs valgrind, whose callgrind counts between two marks.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from bench.figures import Figures, table
from bench.hub.gateways import KEY, MODEL, PATH
from fairlead.apps.hub import main as program
from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.wire.exchange import Exchange
from fairlead.apps.hub.wire.pool import Pool
from fairlead.apps.hub.wire.server import Clients
from fairlead.apps.hub.wire.upstream import Upstream

COUNT = 1000
WARM = 500

ANSWER = json.dumps(
    {
        "id": "chatcmpl-9aXb2kQm4",
        "object": "chat.completion",
        "created": 1760000000,
        "model": MODEL,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Lorem ipsum " * 20}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 200, "completion_tokens": 50, "total_tokens": 250},
    },
    separators=(",", ":"),
).encode()
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
ASKED = {
    "model": MODEL,
    "max_tokens": 100,
    "temperature": 0.7,
    "messages": [{"role": "user", "content": "What? " * 150}],
}
LIMITS = [{"usd": 1_000_000, "per": "month"}, {"requests": "1000000000/24h"}]
KEYED = {"sha256": hashlib.sha256(KEY.encode()).hexdigest(), "team": "bench"}
SAID = {
    "providers": {"openai": {"url": "http://127.0.0.1:9/v1"}},
    "models": {MODEL: f"openai/{MODEL}"},
    "teams": {"bench": {"limits": [{"usd": 5_000_000, "per": "month"}]}},
    "keys": {"bench": KEYED | {"limits": LIMITS}},
}

Once = Callable[[], None]


class Taking:
    """A connection that takes what is written."""

    def write(self, data: bytes) -> None:
        """It is gone."""

    def set_write_buffer_limits(self, high: int) -> None:
        """There is no buffer."""

    def is_closing(self) -> bool:
        """Never."""
        return False


class Passing:
    """Hands a whole answer on, and does nothing else."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def begun(self, status: int, headers: dict[bytes, bytes]) -> bool:
        """Wait for all of it."""
        return False

    def answered(self, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        """All of it."""
        self._exchange.answer(b"HTTP/1.1 200 OK\r\ncontent-type: application/json", body)


def exchanged(clients: Clients, pool: Pool) -> Once:
    """A request from one stand-in, and its answer from the other."""
    taking: Any = Taking()
    upstream = Upstream(pool._freed, pool._open.discard)  # noqa: SLF001 - as the pool makes it, but for the socket
    upstream.connection_made(taking)
    pool._freed(upstream)  # noqa: SLF001 - as above
    connection = clients.connection()
    connection.connection_made(taking)
    body = json.dumps(ASKED, separators=(",", ":")).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: hub\r\ncontent-type: application/json\r\nauthorization: Bearer {KEY}\r\n"
    request = head.encode() + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

    def once() -> None:
        connection.data_received(request)
        upstream.data_received(RESPONSE)

    return once


async def http() -> Once:
    """Both sides of HTTP, and nothing between them."""
    pool = Pool("127.0.0.1", 9, now=time.monotonic)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:9\r\nauthorization: Bearer made-up\r\n"

    def serve(exchange: Exchange) -> None:
        asking: Any = Passing(exchange)
        pool.ask(asking, b"%bcontent-length: %d\r\n\r\n%b" % (head, len(exchange.body), exchange.body))

    return exchanged(Clients(serve, time.monotonic), pool)


async def hub(*, watched: bool = True, limited: bool = True) -> Once:
    """A hub as `main` makes it; or without its parts, or its limits."""
    said = SAID if limited else SAID | {"teams": {"bench": {}}, "keys": {"bench": KEYED}}
    made = Hub(Source(environ={VARIABLE: json.dumps(said), "OPENAI_API_KEY": "made-up"}), Path(tempfile.mkdtemp()))
    for join in program.JOINED if watched else ():
        await join(made)
    await made.begin()
    (pool,) = made.standing.pools()
    once = exchanged(made.clients, pool)
    for _ in range(WARM):
        once()
    while made.office.health.backlog_bytes:  # noqa: ASYNC110 - what is written behind them is no part of them
        await asyncio.sleep(0.1)
    return once


PARTS: dict[str, Callable[[], Any]] = {
    "HTTP on both sides": http,
    "and key, route, price, ledger": lambda: hub(watched=False, limited=False),
    "and three limits, told in headers": lambda: hub(watched=False),
    "and all that joins: metrics, log": hub,
}
"""Each holds the one before it."""


async def counted(name: str) -> None:
    """Under valgrind: so many requests between two marks."""
    once = await PARTS[name]()
    await asyncio.sleep(0.5)
    _mark("on")
    for _ in range(COUNT):
        once()
    _mark("off")
    os._exit(0)


def _mark(word: str) -> None:
    control = shutil.which("callgrind_control")
    assert control is not None
    subprocess.run([control, "-i", word, str(os.getpid())], check=True, stdout=subprocess.DEVNULL)


def measured(name: str) -> int:
    """Instructions of one request. Raises `RuntimeError`."""
    words = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null"]
    words += [sys.executable, "-m", "bench.hub.instructions", "--count", name]
    environ = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(
        words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=600
    )
    found = re.search(rb"Collected : (\d+)", done.stderr)
    if found is None:
        raise RuntimeError(done.stderr[-1000:].decode(errors="replace"))
    return int(found[1]) // COUNT


def main() -> int:
    """Count, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.hub.instructions", description=__doc__)
    parser.add_argument("--count", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, default=Path("build/bench"))
    asked = parser.parse_args()
    if asked.count:
        uvloop.run(counted(asked.count))
    if shutil.which("valgrind") is None:
        raise SystemExit("error: there is no `valgrind`: install it")
    rows, before = [], 0
    for name in PARTS:
        count = measured(name)
        rows.append({"what": name, "instructions": count, "more": count - before})
        before = count
    figures = Figures([*rows])
    print(f"\n{table(figures.rows)}\n")
    print(figures.save(asked.results, "hub-instructions"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
