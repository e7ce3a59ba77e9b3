"""Waiting for a process that is not our child to end, without asking again and again."""

from __future__ import annotations

import asyncio
import os
import signal

from fairlead.kit import proc

_ASK_S = 0.2
"""Where there is no pidfd (macOS) the process is asked for at this pace."""


async def until_gone(pid: int, born: str) -> None:
    """Return when this very process has ended (a zombie has), at once if it has already."""
    descriptor = _open(pid)
    if descriptor is None:
        while proc.alive(pid, born):  # noqa: ASYNC110 - nothing tells of a stranger's end here
            await asyncio.sleep(_ASK_S)
        return
    try:
        if proc.alive(pid, born):  # asked after the open: the descriptor is of this process and no later one
            await _readable(descriptor)
    finally:
        os.close(descriptor)


def _open(pid: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:  # it is gone, or the kernel is older than 5.3
        return None


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)


def send(pid: int, born: str, number: int) -> None:
    """Send a signal to this very process, or to none."""
    descriptor = _open(pid)
    try:
        if proc.alive(pid, born):
            _send(pid, descriptor, number)
    except ProcessLookupError:
        return
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _send(pid: int, descriptor: int | None, number: int) -> None:
    if descriptor is None:
        os.kill(pid, number)
    else:
        signal.pidfd_send_signal(descriptor, number)
