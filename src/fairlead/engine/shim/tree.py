"""A program and everything that it starts: reaped, asked to end, and killed to the last one.

The shim is a subreaper, so a descendant that has lost its parent becomes the shim's child. Hence one fact settles
whether anything is left: as long as there is a descendant, there is a child to wait for.
"""

from __future__ import annotations

import os
import time

from fairlead.engine.shim import cgroup
from fairlead.kit import proc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGKILL, _SIGCONT = 9, 18 if os.uname().sysname == "Linux" else 19


class Tree:
    """The program `pid` and its descendants; `moment` is when the next `act` is due (monotonic seconds)."""

    def __init__(self, pid: int, cgroups: Sequence[str]) -> None:
        self.pid = pid
        self.status: int | None = None
        self.gone = False
        self.moment: float | None = None
        self._cgroups = cgroups
        self._pause = 0.02

    def reap(self) -> bool:
        """Collect those that have ended; True when the program itself is one of them."""
        had = self.status
        while not self.gone:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.gone = True
                break
            if pid == 0:
                break
            if pid == self.pid:
                self.status = status
        return had is None and self.status is not None

    def ask(self, signal: int, grace_s: float) -> None:
        """Ask all of it to end, and kill what is left after the grace; a second call can only shorten that."""
        moment = time.monotonic() + grace_s
        self.moment = moment if self.moment is None else min(self.moment, moment)
        self._signal_group(signal)
        self._signal_group(_SIGCONT)  # a stopped process acts on a signal only when it goes on
        if self.status is not None:
            self.ask_strays(signal)

    def ask_strays(self, signal: int) -> None:
        """Ask those that have left the program's group, which the program itself can no longer look after."""
        for pid in proc.descendants(os.getpid()):
            if proc.group(pid) != self.pid:
                proc.signal(pid, signal)

    def _signal_group(self, signal: int) -> None:
        try:
            os.killpg(self.pid, signal)
        except OSError:
            return

    def act(self) -> None:
        """Kill, when the time has come, and come back until none is left."""
        if self.moment is None or time.monotonic() < self.moment:
            return
        cgroup.kill(self._cgroups)
        for pid in proc.descendants(os.getpid()):
            proc.signal(pid, _SIGKILL)
        self._signal_group(_SIGKILL)
        self.moment = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, 1.0)

    def exit_code(self) -> int | None:
        """How the program ended, as a shell says it: 128 + n for signal n."""
        if self.status is None:
            return None
        if os.WIFSIGNALED(self.status):
            return 128 + os.WTERMSIG(self.status)
        return os.WEXITSTATUS(self.status)
