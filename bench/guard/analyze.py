"""`python -m bench.guard.analyze`: `POST /analyze` beside what the bare framework makes of the same request.

Three servers take turns, on one core, while the load comes from another: Starlette with uvicorn answering a constant
(after reading the body as JSON), the guard with every value new to it, and the guard asked again (from its cache).
Turns are short and many, so that whatever else the machine does falls on all of them. Latency is taken at a rate that
all of them bear, throughput with as many connections as asked.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

ANSWER = msgspec.json.encode(
    {
        "secret_type": "generic.password", "risk_level": "high", "confidence": 0.98, "reasons": ["random"],
        "redacted": "<secret:generic.password>", "model_version": "built-in", "digest": "0" * 32,
    }
)  # fmt: skip
NAMES = ("db_password", "api_key", "github_token", "note", "colour", "session_secret")
PACE_PER_S = 200
"""Requests of one turn that latency is taken at."""
CALM, GUARD, AGAIN = "starlette, bare", "guard, new values", "guard, from the cache"


def bare(port: int) -> None:
    """The framework alone."""

    async def analyze(request: Request) -> Response:
        msgspec.json.decode(await request.body())
        return Response(ANSWER, media_type="application/json")

    uvicorn.run(
        Router([Route("/analyze", analyze, methods=["POST"])]), host="127.0.0.1", port=port, loop="uvloop",
        http="httptools", lifespan="off", access_log=False, log_level="warning",
    )  # fmt: skip


def request_of(value: str, name: str) -> bytes:
    """As it goes over the wire."""
    body = json.dumps({"secret_value": value, "variable_name": name, "context": f"the {name} of the service"}).encode()
    head = f"POST /analyze HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def values(count: int, fresh: bool) -> Iterator[bytes]:
    """Requests: of values that were never asked about, or of a few again and again."""
    for at in range(count):
        value = secrets.token_urlsafe(15) if fresh else f"Summer-2024-{at % 50:04d}xK!"
        yield request_of(value, NAMES[at % len(NAMES)])


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    began = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.split(b"\r\n")[0].decode())
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return time.perf_counter() - began


async def full(port: int, connections: int, requests: Sequence[bytes]) -> float:
    """Requests a second, with so many connections that each ask one after the other."""
    left = iter(requests)

    async def asks() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:
            await _one(reader, writer, request)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(asks() for _ in range(connections)))
    return len(requests) / (time.perf_counter() - began)


async def paced(port: int, requests: Sequence[bytes]) -> list[float]:
    """Seconds that each took, at an even pace, on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    due = time.perf_counter()
    for request in requests:
        due += 1 / PACE_PER_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        took.append(await _one(reader, writer, request))
    writer.close()
    return took


@dataclass
class Side:
    """One server's figures."""

    port: int
    fresh: bool
    pid: int
    took: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    asked: int = 0

    async def turn(self, count: int, connections: int) -> None:
        """Latency, then throughput."""
        self.took += await paced(self.port, list(values(count // 4, self.fresh)))
        requests = list(values(count, self.fresh))
        before = cpu_s(self.pid)
        self.rates.append(await full(self.port, connections, requests))
        self.cpu_s += cpu_s(self.pid) - before
        self.asked += count


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(words: Sequence[str], port: int, core: int) -> Iterator[int]:
    """A server on one core; its process id."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with contextlib.suppress(OSError):
        os.sched_setaffinity(process.pid, {core})
    try:
        _await(process, port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended with {process.returncode}")
        try:
            if asyncio.run(full(port, 1, [request_of("warm", "up")])) > 0:
                return
        except (OSError, RuntimeError, asyncio.IncompleteReadError):
            time.sleep(0.2)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.guard.analyze", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--requests", type=int, default=1000, help="of each turn")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare(asked.bare)
        return
    core = max(os.sched_getaffinity(0))
    first, second = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        guard = [
            sys.executable, "-m", "fairlead", "guard", "serve", "--port", str(second), "--folder", folder,
            "--config", str(_config(Path(folder))),
        ]  # fmt: skip
        mine = [sys.executable, "-m", "bench.guard.analyze", "--bare", str(first)]
        with running(mine, first, core) as bare_pid, running(guard, second, core) as guard_pid:
            os.sched_setaffinity(0, os.sched_getaffinity(0) - {core} or {core})
            sides = {CALM: Side(first, True, bare_pid), GUARD: Side(second, True, guard_pid)}
            sides[AGAIN] = Side(second, False, guard_pid)
            for _ in range(asked.turns):
                for side in sides.values():
                    asyncio.run(side.turn(asked.requests, asked.connections))
    report(sides)


def _config(folder: Path) -> Path:
    file = folder / "guard.json"
    file.write_text('{"rate": "1000000/s"}')
    return file


def report(sides: dict[str, Side]) -> None:
    """A line for each, and how it stands to the bare framework."""
    base = sides[CALM]
    print(f"{'':24}{'p50 ms':>8}{'p99 ms':>8}{'req/s':>8}{'cpu us':>8}{'req/s of a core':>17}{'p50':>7}{'p99':>7}")
    for name, side in sides.items():
        p50, p99 = (_quantile(side.took, q) * 1000 for q in (0.5, 0.99))
        each = side.cpu_s / side.asked
        ratios = [_quantile(side.took, q) / _quantile(base.took, q) for q in (0.5, 0.99)]
        print(
            f"{name:24}{p50:8.2f}{p99:8.2f}{statistics.median(side.rates):8.0f}{each * 1e6:8.0f}{1 / each:17.0f}"
            f"{ratios[0]:6.1f}x{ratios[1]:6.1f}x"
        )


def _quantile(took: Sequence[float], q: float) -> float:
    return sorted(took)[min(len(took) - 1, int(q * len(took)))]


if __name__ == "__main__":
    main()
