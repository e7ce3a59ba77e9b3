"""A process is known by its pid and its birth together."""

from __future__ import annotations

import os
import signal
import subprocess

from fairlead.kit import proc


def _sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "600"], start_new_session=True)


def test_a_process_is_alive_until_it_ends_also_while_nobody_has_waited_for_it() -> None:
    """A zombie is no longer anyone."""
    with _sleeper() as process:
        born = proc.birth(process.pid)
        assert born
        assert proc.alive(process.pid, born)

        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert proc.birth(process.pid) is None
        assert not proc.alive(process.pid, born)


def test_another_process_with_the_same_pid_is_not_taken_for_it() -> None:
    """The birth tells them apart, also over a restart of the machine."""
    born = proc.birth(os.getpid())

    assert born
    assert not proc.alive(os.getpid(), f"{born}0")
    assert not proc.alive(os.getpid(), born.replace(proc.boot(), "00000000"))


def test_children_are_found_with_their_group_and_session() -> None:
    """Parents before their children."""
    with _sleeper() as process:
        assert process.pid in proc.descendants(os.getpid())
        assert proc.in_session(process.pid) == [process.pid]
        assert proc.group(process.pid) == process.pid
        process.kill()


def test_cpu_time_is_counted_in_seconds() -> None:
    """Of this process, which has done something by now."""
    assert 0 < proc.cpu_seconds(os.getpid()) < 100_000


def test_a_process_that_is_gone_has_nothing_and_takes_no_signal() -> None:
    """None of it is an error."""
    with _sleeper() as process:
        process.kill()

    assert proc.fields(process.pid) is None
    assert proc.group(process.pid) is None
    assert proc.cpu_seconds(process.pid) == 0
    proc.signal(process.pid, signal.SIGTERM)
