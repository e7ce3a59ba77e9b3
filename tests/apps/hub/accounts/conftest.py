"""A town of processes in one process: offices on one folder, and stores they share."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts.entries import Entry
from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.keys import Account, digest
from fairlead.apps.hub.accounts.office import Office
from fairlead.apps.hub.calls import Failure, Usage

SECRET = "sk-fl-" + "made-up-for-tests"


def declared(*limits: dict[str, Any], **more: Any) -> config.Config:
    """A configuration with one key, `alice`, and these limits."""
    key = {"sha256": digest(SECRET.encode()), "limits": list(limits)}
    return config.Config.model_validate({"keys": {"alice": key | more.pop("key", {})}} | more)


def entry(cost_nano: int = 0, *, read: int = 0, written: int = 0, status: int = 200) -> Entry:
    """How a request ended, that began and ended now."""
    now = time.time()
    usage = Usage(input=read, output=written)
    return Entry("echo", "parrot", status, now, now, usage=usage, cost_nano=cost_nano)


async def obtained(office: Office, tokens: int = 0, cost_nano: int = 0, model: str = "parrot") -> Hold | Failure:
    """What alice gets, after waiting where that is worth it."""
    account = office.accounts.admit(SECRET.encode())
    assert isinstance(account, Account)
    told: asyncio.Future[Hold | Failure] = asyncio.get_running_loop().create_future()
    office.accounts.obtain(account, model, tokens, cost_nano, time.time(), told.set_result)
    await asyncio.sleep(0)  # an answer that was there at once must not keep the loops from working
    return await told


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that happens beside; the test's own time limit ends it."""
    while not true():  # noqa: ASYNC110 - what it waits for tells nobody
        await asyncio.sleep(0.01)


MakeOffice = Callable[..., Any]


@pytest.fixture
async def opens(tmp_path: Path) -> AsyncIterator[MakeOffice]:
    """Offices on one folder, which begin at once; those that still work are ended."""
    made: list[Office] = []

    async def make(
        declared: config.Config, *, store: str = f"sqlite:{tmp_path / 'hub.db'}", folder: Path = tmp_path, **more: Any
    ) -> Office:
        office = Office(declared, folder, store=store, **more)
        made.append(office)
        await office.begin()
        return office

    yield make
    for office in made:
        await office.end()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


class RedisServer:
    """On a free port, without a file unless told."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        words: list[str | Path] = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            self._folder,
        ]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for_port(port: int) -> None:
    """Until somebody listens on it."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            os.sched_yield()
        else:
            return


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL that all tests of this run share: its URL, without a database."""
    folder = Path(tempfile.mkdtemp(prefix="fl-hub-"))
    folder.chmod(0o755)
    data, port = folder / "data", free_port()
    user = _as_nobody(data)
    tools = _tools()
    make: list[str | Path] = [
        tools / "initdb",
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "hub",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale",
        "C",
    ]
    subprocess.run(make, check=True, capture_output=True, cwd="/", **user)
    serve: list[str | Path] = [
        tools / "postgres",
        "-D",
        data,
        "-p",
        str(port),
        "-h",
        "127.0.0.1",
        "-k",
        "",
        "-c",
        "fsync=off",
    ]
    process = subprocess.Popen(serve, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user)
    try:
        while subprocess.run([tools / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False).returncode:
            os.sched_yield()
        yield f"postgresql://hub@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A database of this test."""
    name = f"t{os.urandom(4).hex()}"
    subprocess.run(
        [_tools() / "psql", "-q", f"{postgres_server}/postgres", "-c", f"CREATE DATABASE {name}"], check=True
    )
    return f"{postgres_server}/{name}"


def _tools() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    place = found[-1] if found else shutil.which("initdb")
    assert place
    return Path(place).parent


def _as_nobody(data: Path) -> dict[str, Any]:
    """Who runs it: PostgreSQL refuses root."""
    if os.getuid() != 0:
        return {}
    shutil.chown(data.parent, "postgres")
    return {"user": "postgres"}
