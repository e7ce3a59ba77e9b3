"""The log as the shim writes it and as it is read: stamped, bounded, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.engine.runtimes import logs
from fairlead.engine.shim.log import LONGEST, Log
from fairlead.kit.clock import SystemClock

MANY = 1 << 30


async def _read(path: Path, tail: int | None = None, since: float | None = None) -> list[str]:
    lines = logs.read(path, tail=tail, since=since, follow=False, clock=SystemClock())
    return [line.text async for line in lines]


async def test_lines_come_back_as_they_were_said(tmp_path: Path) -> None:
    """Empty ones, ones with blanks, and ones that are no UTF-8."""
    log = Log(str(tmp_path / "log"), MANY, 1)

    log.take(b"out", b"plain\n\n  with blanks  \n")
    log.take(b"err", b"\xff\xfe\n")

    assert await _read(tmp_path / "log") == ["plain", "", "  with blanks  ", "\ufffd\ufffd"]


async def test_a_line_that_comes_in_pieces_is_one_line_and_streams_do_not_mix(tmp_path: Path) -> None:
    """A pipe knows no lines."""
    log = Log(str(tmp_path / "log"), MANY, 1)

    log.take(b"out", b"be")
    log.take(b"err", b"else")
    log.take(b"out", b"gun\n")
    log.finish()

    assert await _read(tmp_path / "log") == ["begun", "else"]


async def test_a_line_without_end_is_cut_into_bounded_records(tmp_path: Path) -> None:
    """Nothing of it is lost, and none of it stays in memory."""
    log = Log(str(tmp_path / "log"), MANY, 1)

    for _ in range(10):
        log.take(b"out", b"x" * LONGEST)
    log.finish()

    lines = await _read(tmp_path / "log")
    assert max(map(len, lines)) == LONGEST
    assert sum(map(len, lines)) == 10 * LONGEST


@pytest.mark.parametrize("keep", [0, 1, 3])
async def test_files_stay_within_their_size_and_number(tmp_path: Path, keep: int) -> None:
    """The newest lines are the ones that are kept, without a hole."""
    log = Log(str(tmp_path / "log"), 1000, keep)

    log.take(b"out", b"".join(b"line %d\n" % number for number in range(500)))

    files = list(tmp_path.iterdir())
    assert len(files) == keep + 1
    assert all(path.stat().st_size <= 1000 for path in files)
    lines = await _read(tmp_path / "log")
    assert lines == [f"line {number}" for number in range(500 - len(lines), 500)]


async def test_a_line_larger_than_a_file_has_one_to_itself(tmp_path: Path) -> None:
    """It is kept whole."""
    log = Log(str(tmp_path / "log"), 100, 5)

    log.take(b"out", b"small\n" + b"x" * 500 + b"\nsmall\n")

    assert await _read(tmp_path / "log") == ["small", "x" * 500, "small"]


async def test_the_last_lines_are_found_over_several_files(tmp_path: Path) -> None:
    """However many are asked for."""
    log = Log(str(tmp_path / "log"), 1000, 5)
    log.take(b"out", b"".join(b"line %d\n" % number for number in range(100)))

    for count in (0, 1, 31, 99, 100):
        assert await _read(tmp_path / "log", tail=count) == [f"line {n}" for n in range(100 - count, 100)]
    assert len(await _read(tmp_path / "log", tail=1000)) == 100


async def test_a_large_log_is_read_from_its_end(tmp_path: Path) -> None:
    """Records lie across the blocks in which it is read."""
    log = Log(str(tmp_path / "log"), MANY, 1)
    for number in range(2000):
        log.take(b"out", b"%d " % number + b"x" * 997 + b"\n")

    last = await _read(tmp_path / "log", tail=500)

    assert [line.split()[0] for line in last] == [str(number) for number in range(1500, 2000)]


async def test_a_torn_record_is_left_out_and_the_rest_read(tmp_path: Path) -> None:
    """A power loss may have cut it."""
    path = tmp_path / "log"
    path.write_bytes(b"17635555\n1763555555.5 out whole\n1763555556.5 err also whole\n17635")

    assert await _read(path) == ["whole", "also whole"]
    assert await _read(path, tail=5) == ["whole", "also whole"]


async def test_a_clock_that_was_set_back_hides_no_line_that_is_young_by_its_stamp(tmp_path: Path) -> None:
    """Stamps need not rise; each line is judged by its own."""
    path = tmp_path / "log"
    path.write_bytes(b"2000.0 out before\n1000.0 out set back\n2001.0 out after\n")

    assert await _read(path, since=1999.0) == ["before", "after"]
    assert await _read(path, since=1999.0, tail=2) == ["before", "after"]
    assert await _read(path) == ["before", "set back", "after"]


async def test_following_from_the_last_lines_on_goes_on_where_they_end(tmp_path: Path) -> None:
    """No line twice, none missed, also when the log is rotated meanwhile."""
    folder = tmp_path / "one"
    folder.mkdir()
    log = Log(str(folder / "log"), 200, 50)
    log.take(b"out", b"1\n2\n3\n")
    following = logs.read(folder / "log", tail=2, since=None, follow=True, clock=SystemClock())
    heard = [(await anext(following)).text for _ in range(2)]

    log.take(b"out", b"".join(b"%d\n" % number for number in range(4, 101)))
    heard += [(await anext(following)).text for _ in range(97)]
    await following.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert heard == [str(number) for number in range(2, 101)]
