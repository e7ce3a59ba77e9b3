"""Records outlive whoever wrote them, and are read as they were written, up to the first that is not whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fairlead.apps.hub.accounts import recovery
from fairlead.apps.hub.accounts.spool import spool as spools
from fairlead.apps.hub.accounts.spool.segment import Segment, records, torn
from fairlead.apps.hub.accounts.spool.spool import Spool

some_records = some.lists(some.binary(min_size=1, max_size=60), max_size=12)


def written(given: list[bytes]) -> bytes:
    """The bytes of a segment that got these records."""
    segment = Segment(0, None, 4096)
    for record in given:
        assert segment.append(record)
    return segment.read(0, segment.size)


@given(some_records, some.integers(0, 1_000))
def test_a_crash_at_any_byte_leaves_every_record_before_it(given: list[bytes], cut: int) -> None:
    """What came after the cut was never written: zeros."""
    data = written(given)
    end = sum(8 + len(record) for record in given)
    cut = min(cut, end)
    left = list(records(data[:cut] + bytes(len(data) - cut)))
    assert left == given[: len(left)]
    whole = sum(8 + len(record) for record in left)
    following = given[len(left)] if len(left) < len(given) else b""
    assert cut - whole < 8 + len(following) or not following


@given(some_records.filter(bool), some.data())
def test_a_damaged_record_and_what_follows_is_dropped_and_reported(given: list[bytes], data: some.DataObject) -> None:
    """Nothing behind it can be trusted."""
    damaged = data.draw(some.integers(0, len(given) - 1))
    begin = sum(8 + len(record) for record in given[:damaged])
    whole = bytearray(written(given))
    whole[begin + 8] ^= 0xFF
    assert list(records(bytes(whole))) == given[:damaged]
    assert torn(bytes(whole))
    assert not torn(written(given))


def test_a_killed_process_has_written_what_it_appended(tmp_path: Path) -> None:
    """No fsync, no close: the kernel has it."""
    program = f"""
import os, signal
from pathlib import Path
from fairlead.apps.hub.accounts.spool.spool import Spool
spool = Spool(Path({str(tmp_path)!r}), "holder")
for number in range(1000):
    spool.append(b"record %d" % number)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    [path] = (tmp_path / "holder").glob("*.spool")
    assert list(records(path.read_bytes())) == [b"record %d" % number for number in range(1000)]


def test_what_is_shipped_is_forgotten_and_the_rest_stays(tmp_path: Path) -> None:
    """Segment by segment."""
    spool = Spool(tmp_path, "holder", size=4096)
    for number in range(400):
        spool.append(b"record %3d" % number)
    seen = []
    while (read := spool.unshipped(1000))[0]:
        found = list(records(read[0]))
        seen += found
        spool.shipped = read[1][0], read[1][1] + sum(8 + len(one) for one in found)
        list(spool.forget())
    assert seen == [b"record %3d" % number for number in range(400)]
    assert len(list(spool.folder.glob("*.spool"))) == 1
    assert spool.backlog == 0
    spool.close(remove=True)
    assert not spool.folder.exists()


def test_segments_that_rest_are_read_from_their_files(tmp_path: Path) -> None:
    """They are not in memory while the store is away."""
    spool = Spool(tmp_path, "holder", size=4096)
    for number in range(400):
        spool.append(b"record %3d" % number)
        if number % 50 == 0:
            spool.kept(spool.keep(spool.due()))
    spool.kept(spool.keep(spool.due()))
    assert spool._sealed[0].view.closed
    data, place = spool.unshipped()
    assert next(records(data)) == b"record   0"
    assert place == (0, 0)
    spool.close(remove=False)


def test_a_full_disk_is_told_and_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go on in memory, until so much waits that no more is begun."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    spool = Spool(tmp_path, "holder", size=4096)
    monkeypatch.setattr(os, "posix_fallocate", full)
    appended = 0
    while not spool.full:
        spool.append(b"x" * 500)
        appended += 1
    assert spool.problem == "No space left on device"
    assert appended * 508 < 4096 * (spools.MOST_IN_MEMORY + 4)
    monkeypatch.undo()
    spool.shipped = spool.unshipped()[1]
    while (read := spool.unshipped())[0]:
        spool.shipped = read[1][0], read[1][1] + len(read[0])
        list(spool.forget())
    spool.append(b"x" * 500)
    while spool.problem:
        spool.append(b"x" * 500)
    assert not spool.full
    spool.close(remove=True)


def test_a_new_spool_is_locked_before_anybody_sees_it(tmp_path: Path) -> None:
    """Its owner lives for as long as the lock is held, and no longer."""
    spool = Spool(tmp_path, "holder")
    assert [path.name for path in tmp_path.iterdir()] == ["holder"]
    assert recovery.dead(tmp_path) == []
    spool.close(remove=False)
    assert recovery.dead(tmp_path) == [tmp_path / "holder"]
    assert list((tmp_path / "holder").iterdir())
