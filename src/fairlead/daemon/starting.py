"""Starts a stack's daemon so that it outlives the command that needed it, and waits until it listens."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

from fairlead.daemon.client import Client
from fairlead.daemon.paths import StatePaths
from fairlead.errors import DaemonUnreachable, StateError

LOOK_EVERY_S = 0.02
SAY_EVERY_S = 2.0
LAST_LINES = 12


def ensure_daemon(
    paths: StatePaths,
    say: Callable[[str], None] = lambda text: None,
    *,
    listen: str | None = None,
    command: Sequence[str] | None = None,
) -> Client:
    """A client of the daemon, started if none runs. `say` hears that it is waited for, at least every 2 s.

    Raises `DaemonUnreachable` with the last lines of its log when it ends instead of listening.
    """
    client = Client(paths)
    if not client.alive():
        paths.prepare()
        before = paths.log.stat().st_size if paths.log.exists() else 0
        _await(client, _spawn(paths, command or daemon_command(paths, listen)), before, say)
    return client


def daemon_command(paths: StatePaths, listen: str | None = None) -> list[str]:
    """What runs the daemon in the foreground."""
    command = [sys.executable, "-m", "fairlead", "--file", str(paths.stack_file.absolute()), "daemon", "run"]
    return [*command, "--listen", listen] if listen else command


def await_end(paths: StatePaths, say: Callable[[str], None] = lambda text: None) -> None:
    """Wait until no daemon holds the stack, so that the next command starts a fresh one."""
    began = said = time.monotonic()
    while _held(paths):
        if time.monotonic() - said >= SAY_EVERY_S:
            said = time.monotonic()
            say(f"waiting for the daemon to end ({said - began:.0f} s)")
        time.sleep(LOOK_EVERY_S)


def _spawn(paths: StatePaths, command: Sequence[str]) -> int:
    """Start it in a session of its own: no terminal, and no Ctrl-C, reaches it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.fspath(paths.log), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        return os.posix_spawn(command[0], list(command), os.environ, file_actions=actions, setsid=True)
    except OSError as error:
        raise StateError(
            f"{paths.log}: can't be written: {error.strerror}", hint="check who owns the state folder"
        ) from error


def _await(client: Client, pid: int, log_before: int, say: Callable[[str], None]) -> None:
    """Wait for the socket for as long as the process lives, or another daemon holds the stack."""
    began = said = time.monotonic()
    say("starting the daemon")
    ended = False
    while not client.alive():
        ended = ended or os.waitpid(pid, os.WNOHANG)[0] == pid
        if ended and not client.alive() and not _held(client.paths):
            raise DaemonUnreachable(_last_words(client.paths, log_before), hint=f"its whole log is {client.paths.log}")
        if time.monotonic() - said >= SAY_EVERY_S:
            said = time.monotonic()
            say(f"waiting for the daemon ({said - began:.0f} s)")
        time.sleep(LOOK_EVERY_S)


def _held(paths: StatePaths) -> bool:
    from fairlead.engine.lock import holder

    return bool(holder(paths.lock))


def _last_words(paths: StatePaths, log_before: int) -> str:
    with paths.log.open("rb") as log:
        log.seek(log_before)
        lines = log.read().decode(errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join(["the daemon did not start", *(f"  | {line}" for line in lines)])
