"""Puts the fallback in place when a lease is not renewed: a program of its own, since whoever renews may be gone.

Started as `python -S -E -I watchdog.py FOLDER`, hence it imports nothing of Fairlead. All it knows is in files below
FOLDER, the one Envoy reads, so one that was killed is simply started again:

    lease/current        the lease that holds: its end, this boot of the machine, its name
    lease/lapsed         the same file, from the moment when it had not been renewed in time
    lease/NAME/files     what Envoy is to read from then on, by the paths it reads
    lease/NAME/unseen    renamed to `seen` once this program keeps watch over that lease

It takes no lock: whoever is stopped (SIGSTOP) while holding one would stop this program too. Nothing is written when a
lease lapses, only linked and renamed, so a full disk is no obstacle.
"""

# pathlib alone would take more memory than all the rest of this program
# ruff: noqa: PTH104, PTH108, PTH110, PTH118, PTH121

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time

CURRENT, LAPSED, UNSEEN, SEEN, FILES = "current", "lapsed", "unseen", "seen", "files"

_END_BYTES, _BOOT_CHARACTERS = 8, 8
_RETRY_S = 0.5
"""Until the next try when a file could not be moved, or the next look where the kernel tells of no changes."""


def main() -> None:
    """Keep watch until killed."""
    folder = sys.argv[1]
    told = _listen([folder, f"{folder}/rds", f"{folder}/lease"])
    while True:
        _wait(_looked(folder), told=told)


def look(folder: str) -> float | None:
    """Do what is due now; seconds until something may be due again, `None` for not before a file changes."""
    lease = f"{folder}/lease"
    if current := read(f"{lease}/{CURRENT}"):
        _acknowledge(f"{lease}/{current[1]}")
        if current[0] > 0:
            return current[0]
        os.rename(f"{lease}/{CURRENT}", f"{lease}/{LAPSED}")
    if lapsed := read(f"{lease}/{LAPSED}"):
        _put(f"{lease}/{lapsed[1]}/{FILES}", folder)
    return None


def now_ns() -> int:
    """The clock of a lease: no change of the time of day moves it, and it goes on while the machine sleeps."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def until(seconds: float) -> bytes:
    """The first bytes of a lease that ends then. As few as this are written, and read, all at once."""
    return (now_ns() + int(seconds * 1e9)).to_bytes(_END_BYTES, "little")


def written(seconds: float, name: str) -> bytes:
    """A lease as its file has it."""
    return until(seconds) + _boot() + name.encode()


def read(path: str) -> tuple[float, str] | None:
    """Seconds left and name; `None` where there is no lease. One of an earlier boot has ended."""
    before = now_ns()  # first: what is renewed in between counts
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        content = os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
    end, rest = int.from_bytes(content[:_END_BYTES], "little"), content[_END_BYTES:]
    same_boot = rest[:_BOOT_CHARACTERS] == _boot()
    return (end - before) / 1e9 if same_boot else 0.0, rest[_BOOT_CHARACTERS:].decode()


def _boot() -> bytes:
    try:
        descriptor = os.open("/proc/sys/kernel/random/boot_id", os.O_RDONLY)
    except OSError:
        return b"-" * _BOOT_CHARACTERS
    try:
        return os.read(descriptor, _BOOT_CHARACTERS)
    finally:
        os.close(descriptor)


def _acknowledge(home: str) -> None:
    try:
        os.rename(f"{home}/{UNSEEN}", f"{home}/{SEEN}")
    except FileNotFoundError:
        return


def _put(files: str, folder: str) -> None:
    """Put every file where Envoy reads it, unless it is there."""
    for home, _, names in os.walk(files):
        for name in names:
            target = os.path.join(folder, os.path.relpath(home, files), name)
            _put_one(os.path.join(home, name), target)


def _put_one(source: str, target: str) -> None:
    """By a rename within its folder, which is what Envoy watches for; the prepared file stays, to be put again."""
    if os.path.exists(target) and os.path.samefile(source, target):
        return
    home, name = os.path.split(target)
    link = f"{home}/.{name}.lease"
    try:
        os.link(source, link)
    except FileExistsError:  # one that was killed has left it: it may be that of another lease
        os.unlink(link)
        os.link(source, link)
    os.rename(link, target)


def _looked(folder: str) -> float | None:
    try:
        return look(folder)
    except OSError as error:
        print(error, file=sys.stderr, flush=True)
        return _RETRY_S


def _listen(folders: list[str]) -> bool:
    """Have the kernel send SIGIO when a file is put into one of the folders; whether it can."""
    if not hasattr(fcntl, "F_NOTIFY"):
        return False
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGIO})  # kept until it is waited for: none is missed
    try:
        for folder in folders:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.fcntl(descriptor, fcntl.F_NOTIFY, fcntl.DN_CREATE | fcntl.DN_RENAME | fcntl.DN_MULTISHOT)
    except OSError:
        return False
    return True


def _wait(seconds: float | None, *, told: bool) -> None:
    if not told:
        time.sleep(_RETRY_S if seconds is None else min(seconds, _RETRY_S))
    elif seconds is None:
        signal.sigwait({signal.SIGIO})
    else:
        signal.sigtimedwait({signal.SIGIO}, seconds)


if __name__ == "__main__":
    main()
