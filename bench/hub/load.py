"""Load: as much as there can be (wrk), or so many a second whatever the answers take (an open loop, no waiting).

An open loop is the only one that sees what a stall costs: a client that waits for its answer before it asks again
leaves out the requests that would have waited (G. Tene, coordinated omission).
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.hub.gateways import Gateway

SCRIPT = 'wrk.method = "POST"\n{headers}\nwrk.body = [==[{body}]==]\n'


@dataclass(frozen=True, slots=True)
class Full:
    """What a full load got."""

    requests: int
    bad: int
    seconds: float


def full(gateway: Gateway, folder: Path, *, connections: int, seconds: float) -> Full:
    """By wrk, on the first core. Raises `RuntimeError` where there is none."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("there is no `wrk`: install it")
    headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in gateway.all_headers.items())
    script = folder / f"{gateway.name}.lua"
    script.write_text(SCRIPT.format(headers=headers, body=gateway.body().decode()))
    url = f"http://127.0.0.1:{gateway.port}{gateway.path}"
    argv = [
        "taskset",
        "-c",
        "0",
        wrk,
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        "-s",
        str(script),
        url,
    ]
    said = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    requests, took = re.search(r"(\d+) requests in ([\d.]+)", said), re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if requests is None:
        raise RuntimeError(said)
    return Full(int(requests[1]), int(took[1]) if took else 0, float(requests[2]))


def request(gateway: Gateway, *, stream: bool = False, model: str | None = None) -> bytes:
    """As bytes, to be sent again and again."""
    body = gateway.body(stream=stream, model=model)
    headers = "".join(f"{name}: {value}\r\n" for name, value in gateway.all_headers.items())
    head = f"POST {gateway.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Asker(asyncio.Protocol):
    """One kept connection: asks, and tells when the whole answer is there."""

    def __init__(self) -> None:
        self.free = True
        self._began = 0.0
        self._data = b""
        self._times: list[float] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no subclass

    def ask(self, data: bytes, times: list[float], began: float) -> None:
        """Once; `began`: when it should have been asked."""
        assert self._transport is not None
        self.free, self._times, self._began, self._data = False, times, began, b""
        self._transport.write(data)

    def close(self) -> None:
        """No more."""
        assert self._transport is not None
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._data = self._data + data if self._data else data
        if is_whole(self._data):
            assert self._times is not None
            self._times.append(time.perf_counter() - self._began)
            self.free = True


LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def is_whole(data: bytes) -> bool:
    """Whether an answer is complete."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return False
    if (length := LENGTH.search(data, 0, head)) is not None:
        return len(data) >= head + 4 + int(length[1])
    return data.endswith(b"0\r\n\r\n")


@dataclass(slots=True)
class Paced:
    """Latencies in seconds of requests at a steady rate."""

    times: list[float] = field(default_factory=list)
    late: int = 0
    """Requests that found all connections busy."""

    def at(self, share: float) -> float:
        """The latency below which that share lies, in milliseconds."""
        ranked = sorted(self.times)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000


async def paced(gateway: Gateway, *, rate: float, seconds: float, connections: int = 64) -> Paced:
    """An open loop."""
    loop, found, data = asyncio.get_running_loop(), Paced(), request(gateway)
    askers = [(await loop.create_connection(Asker, "127.0.0.1", gateway.port))[1] for _ in range(connections)]
    for asker in askers:  # a connection of the gateway's to its upstream for each
        asker.ask(data, [], time.perf_counter())
    await all_free(askers)
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        free = next((asker for asker in askers if asker.free), None)
        if free is None:
            found.late += 1
            continue
        free.ask(data, found.times, due)
    await all_free(askers)
    for asker in askers:
        asker.close()
    return found


async def all_free(askers: Sequence[Asker]) -> None:
    """Wait for the last answer."""
    while not all(asker.free for asker in askers):  # noqa: ASYNC110  # an event for each would be part of the load
        await asyncio.sleep(0.01)
