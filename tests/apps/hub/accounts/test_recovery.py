"""What a killed process leaves is settled once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fairlead.apps.hub.accounts import recovery
from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.office import Office
from fairlead.apps.hub.accounts.recovery import Recovered
from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.accounts.usage import requests, usage
from fairlead.kit.clock import FakeClock

from .conftest import MakeOffice, declared, entry, obtained, until
from .test_exactness import Process
from .twins import Book, Purse


async def test_a_killed_hub_is_settled_by_its_neighbour(opens: MakeOffice, tmp_path: Path) -> None:
    """With kill -9, in the middle of its requests: answered ones are in the ledger, the others are unknown."""
    neighbour = await opens(declared({"usd": 1000e-9}))
    program = Path(__file__).with_name("killed.py")
    words = [sys.executable, str(program), str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = await asyncio.to_thread(
        subprocess.run, words, env=environment, check=False, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    await until(lambda: bool(neighbour.recovered))
    [recovered] = neighbour.recovered
    assert recovered.unknown == 5
    [used] = await usage(neighbour.store, ("status",), only={"status": 0})
    assert (used.requests, used.unknown, used.cost_nano) == (5, 5, 5 * 10)
    [used] = await usage(neighbour.store, ("status",), only={"status": 200})
    assert (used.requests, used.cost_nano) == (30, 30 * 7)
    assert {row.key for row in await requests(neighbour.store)} == {"alice"}
    left = 1000 - 30 * 7 - 5 * 10
    await until_granted(neighbour, left)
    assert not isinstance(await obtained(neighbour, cost_nano=left), Hold)


async def until_granted(office: Office, cost: int) -> None:
    """Ask for exactly what must be left, until the slice of the dead has come back."""
    while not isinstance(await obtained(office, cost_nano=cost), Hold):
        pass


def _life(folder: Path) -> tuple[Process, Purse, Book]:
    """Some requests: settled, released, under way."""
    purse, book = Purse(), Book()
    process = Process("holder", folder, declared({"usd": 1000e-9}), purse, book, FakeClock())
    process.round()
    for number in range(12):
        process.reserve(10)
        if number % 3 == 0:
            process.accounts.settle(process.holds.pop(), entry(7))
        elif number % 3 == 1:
            process.accounts.release(process.holds.pop())
    return process, purse, book


@settings(max_examples=60, deadline=None)
@given(cut=some.integers(0, 4096))
def test_a_spool_cut_at_any_byte_is_settled_exactly_once(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """Every whole record counts, and none twice, even when settling is interrupted by stores that go away."""
    folder = tmp_path_factory.mktemp("spools")
    process, purse, book = _life(folder)
    process.spool.close(remove=False)
    [path] = process.spool.folder.glob("*.spool")
    path.write_bytes(path.read_bytes()[:cut].ljust(4096, b"\0"))
    expected = recovery.read(process.spool.folder)
    _interrupted(process.spool.folder, purse, book)
    recovered = _recover(process.spool.folder, purse, book)
    assert not process.spool.folder.exists()
    assert recovered.answered == expected.answered
    assert recovered.unknown == len(expected.open)
    assert sum(row.status == 0 for row in book.rows.values()) == len(expected.open)
    money = next(share.spent for (name, _), share in purse.shares.items() if "|money|" in name)
    assert money == sum(row.cost_nano for row in book.rows.values()) == expected.answered * 7 + len(expected.open) * 10
    shutil.rmtree(folder)


def _recover(spool: Path, purse: Purse, book: Book) -> Recovered:
    found = asyncio.run(recovery.recover(spool, book, purse))
    assert found is not None
    return found


def _interrupted(spool: Path, purse: Purse, book: Book) -> None:
    """Everything is written down, then the budgets can't be told."""

    purse.closes = False
    with pytest.raises(StoreAway):
        _recover(spool, purse, book)
    purse.closes = True


def test_a_live_spool_is_nobody_elses(tmp_path: Path) -> None:
    """Its owner holds the lock."""
    process, purse, book = _life(tmp_path)
    assert asyncio.run(recovery.recover(process.spool.folder, book, purse)) is None
    process.spool.close(remove=True)


def test_requests_under_way_are_carried_over_when_their_segment_goes(tmp_path: Path) -> None:
    """A long stream is still known to have begun after a million short requests."""
    process, _, book = _life(tmp_path)
    long = len(process.holds)
    for _ in range(200):
        process.round()
        process.reserve(1)
        process.accounts.settle(process.holds.pop(), entry(0))
        asyncio.run(process.scribe.flush())
    assert len(list(process.spool.folder.glob("*.spool"))) <= 2
    process.spool.close(remove=False)
    assert len(recovery.read(process.spool.folder).open) == long
    assert len(book.rows) == 204
