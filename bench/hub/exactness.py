"""10,000 requests at once against a budget, over 3 hubs and Redis, and `kill -9` of one amid them.

`python -m bench.hub.exactness [--clients N] [--times N]`. Ends with 1 when a promise was seen broken:
every answered request is in the ledger exactly once; the ledger's sum is what the upstream says it served; no more is
spent than the budget and what was under way.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.figures import Figures, table
from bench.hub.accounts_clients import Told, all_at_once

SECRET = "sk-fl-" + "made-up-for-the-bench"
HUBS = 3
COST_NANO = 200 * 150 + 50 * 600
"""Of one answer of the mock: 200 tokens at $0.15 and 50 at $0.60 a million."""
MOST_NANO = 2 * COST_NANO
"""No request reserves more."""
WAVE = 30
PAUSE_S = 0.4
PATIENCE = 10
"""Waves that are refused whole, before the budget counts as used up."""
SHARE = 0.6
"""Of all requests the budget pays."""
KILL_AFTER = 0.25
"""Of what the budget pays, when one hub is killed."""
SETTLED_S = 30.0
"""For its spool to be settled by the others."""


@dataclass(frozen=True, slots=True)
class Town:
    """What runs."""

    folder: Path
    upstream: int
    ports: list[int]
    hubs: list[subprocess.Popen[bytes]]


def measure(clients: int, times: int) -> Figures:
    """One storm, and what the books say of it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    budget = round(clients * times * SHARE) * COST_NANO
    with _town(budget) as town:
        told = Told()
        began = time.monotonic()
        uvloop.run(_storm(town, clients, times, told, round(budget / COST_NANO * KILL_AFTER)))
        took = time.monotonic() - began
        _wait_until_settled(town, told)
        uvloop.run(_use_up(town, told))
        _wait_until_settled(town, told)
        served = _served(town.upstream)
        for hub in town.hubs:
            hub.terminate()
        for hub in town.hubs:
            hub.wait()
        return _judged(town, told, served, budget, took)


def _request() -> bytes:
    body = json.dumps({
        "model": "gpt-4o-mini", "max_tokens": 50,
        "messages": [{"role": "user", "content": "lorem ipsum dolor sit amet " * 32}],
    }).encode()  # fmt: skip
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b" % (SECRET.encode(), len(body), body)
    )


async def _storm(town: Town, clients: int, times: int, told: Told, kill_at: int) -> None:
    storm = asyncio.create_task(all_at_once(town.ports, _request(), clients, times, told))
    while len(told.answered) < kill_at and not storm.done():  # noqa: ASYNC110 - clients tell nobody what they count
        await asyncio.sleep(0.001)
    town.hubs[0].send_signal(signal.SIGKILL)
    await storm


async def _use_up(town: Town, told: Told) -> None:
    """Ask the two that are left, until neither has any of the budget any more."""
    refused = 0
    while refused < PATIENCE:
        before = len(told.answered)
        await all_at_once(town.ports[1:], _request(), WAVE, 1, told)
        refused = refused + 1 if len(told.answered) == before else 0
        if refused:
            await asyncio.sleep(PAUSE_S)


def _judged(town: Town, told: Told, served: int, budget: int, took: float) -> Figures:
    """Hold the books against what the clients and the upstream say."""
    rows = _ledger(town)
    whole = {id: cost for id, status, cost in rows if status == 200}
    unknown = [cost for _, status, cost in rows if status == 0]
    spent = sum(cost for _, _, cost in rows)
    lost = [id for id in told.answered if id not in whole]
    over = spent - budget
    figures = Figures([{
        "answered": len(told.answered), "refused": dict(told.refused), "cut": told.cut,
        "in the ledger": len(whole), "unknown": len(unknown), "upstream served": served,
        "spent / budget": f"{spent / budget:.4f}", "seconds": f"{took:.1f}",
    }])  # fmt: skip
    promises = {
        f"{len(lost)} answered requests are not in the ledger": not lost,
        "an answer was told twice": len(set(told.answered)) == len(told.answered),
        "the ledger has more answers than the clients, and not because they were cut": (
            len(whole) - len(told.answered) <= told.cut
        ),
        "the upstream served another number than the ledger says": len(whole) <= served <= len(whole) + len(unknown),
        "an answer has another cost": set(whole.values()) <= {COST_NANO},
        f"the budget was overspent by {over} nano-dollars": over <= sum(unknown),
        "nobody was refused": told.refused[429] > 0,
        f"{-over} nano-dollars of the budget can't be used": -over < MOST_NANO,
    }
    figures.broken += [what for what, kept in promises.items() if not kept]
    return figures


def _ledger(town: Town) -> list[tuple[str, int, int]]:
    with sqlite3.connect(town.folder / "hub.db") as ledger:
        return ledger.execute("SELECT id, status, cost_nano FROM hub_ledger").fetchall()


def _wait_until_settled(town: Town, told: Told) -> None:
    """The killed hub's spool is settled by the others, and theirs are written."""
    deadline = time.monotonic() + SETTLED_S
    spools = town.folder / "spools"
    while time.monotonic() < deadline:
        if len(list(spools.glob("[!.]*"))) < HUBS and len(_ledger(town)) >= len(told.answered):
            return
        time.sleep(0.1)
    raise SystemExit("the spool of the killed hub was not settled in time")


@contextmanager
def _town(budget: int) -> Iterator[Town]:
    folder = Path(tempfile.mkdtemp(prefix="fl-exact-"))
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder)
        mock, upstream, redis = folder / "mock", _free_port(), _free_port()
        subprocess.run(["cc", "-O2", "-o", mock, Path(__file__).with_name("mock.c")], check=True)
        _start(ends, [mock, str(upstream)], upstream)
        _start(ends, ["redis-server", "--port", str(redis), "--save", "", "--dir", folder], redis)
        config = folder / "hub.json"
        config.write_text(json.dumps(_config(upstream, budget)))
        ports = [_free_port() for _ in range(HUBS)]
        hubs = [_start(ends, _hub(folder, config, port, redis), port) for port in ports]
        yield Town(folder, upstream, ports, hubs)


def _config(upstream: int, budget: int) -> dict[str, object]:
    return {
        "providers": {"openai": {"url": f"http://127.0.0.1:{upstream}/v1", "keys": [{"env": "UPSTREAM_KEY"}]}},
        "models": {"gpt-4o-mini": "openai/gpt-4o-mini"},
        "keys": {"storm": {
            "sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "limits": [{"usd": budget / 1e9, "per": "ever"}],
        }},
    }  # fmt: skip


def _hub(folder: Path, config: Path, port: int, redis: int) -> list[str | Path]:
    return [
        sys.executable, "-m", "fairlead.apps.hub.main", "--config", config, "--port", str(port), "--folder", folder,
        "--budgets", f"redis://127.0.0.1:{redis}/0",
    ]  # fmt: skip


def _start(ends: ExitStack, words: list[str | Path], port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"UPSTREAM_KEY": "made-up"}
    started = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    ends.callback(started.wait)
    ends.callback(started.kill)
    while started.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return started
    raise SystemExit(f"{words[0]} ended with {started.returncode}")


def _served(upstream: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{upstream}/served") as answer:
        return int(json.load(answer)["requests"])


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def main() -> int:
    """Run it and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.hub.exactness", description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=2, help="requests of each client")
    parser.add_argument("--results", type=Path, default=Path("build/bench"))
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended, too
    figures = measure(asked.clients, asked.times)
    print(table(figures.rows))
    for what in figures.broken:
        print(f"BROKEN: {what}")
    print(figures.save(asked.results, "exactness"))
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
