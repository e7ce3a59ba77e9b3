"""The shim's one loop: output, signals and deadlines, until the program and all its descendants are gone.

It sleeps in poll(2) without a time limit unless a kill or a lost log line is due, so an idle instance costs no CPU.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` builds enums, 0.9 MB in every shim
import os
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fairlead.engine.shim.tree import Tree

CHUNK = 64 * 1024
_LEFTOVER_GRACE_S = 1.0


def listen_to_signals() -> int:
    """Turn SIGCHLD and SIGTERM into bytes on a pipe; returns its end to read."""
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    _signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (_signal.SIGCHLD, _signal.SIGTERM):
        _signal.signal(number, _nothing)
    for number in (_signal.SIGINT, _signal.SIGHUP, _signal.SIGUSR1, _signal.SIGUSR2):
        _signal.signal(number, _signal.SIG_IGN)
    return reading


def _nothing(*_: object) -> None:
    """A handler must be there for the wake-up byte to be written."""


class Watch:
    """Reads `outputs` (descriptor -> what takes the bytes) and `signals` until the tree is gone."""

    def __init__(
        self,
        tree: Tree,
        signals: int,
        outputs: Mapping[int, Callable[[bytes], None]],
        asked: Callable[[], list[tuple[int, float]]],
    ) -> None:
        self._tree = tree
        self._signals = signals
        self._outputs = dict(outputs)
        self._asked = asked
        self._poll = select.poll()
        self._others: dict[int, Callable[[], None]] = {}
        for descriptor in (signals, *self._outputs):
            self._poll.register(descriptor, select.POLLIN)
        self.stopping = False
        self.idle: Callable[[], float | None] = lambda: None

    def on_close(self, descriptor: int, then: Callable[[], None]) -> None:
        """Call `then` once when the other side closes the descriptor."""
        self._others[descriptor] = then
        self._poll.register(descriptor, select.POLLIN)

    def stop(self, signal: int, grace_s: float) -> None:
        """Begin to end all of it."""
        self.stopping = True
        self._tree.ask(signal, grace_s)

    def run(self) -> None:
        """Until nothing is left; then read what is still in the pipes."""
        self._children()
        while not self._tree.gone:
            for descriptor, _ in self._poll.poll(self._wait_ms()):
                self._heed(descriptor)
            self._tree.act()
        for descriptor in list(self._outputs):
            while self._read(descriptor):
                pass

    def _wait_ms(self) -> float | None:
        due_s = self.idle()
        moment = self._tree.moment
        if moment is not None:
            left_s = max(0.0, moment - time.monotonic()) + 0.001
            due_s = left_s if due_s is None else min(due_s, left_s)
        return None if due_s is None else due_s * 1000

    def _heed(self, descriptor: int) -> None:
        if descriptor == self._signals:
            self._heed_signals()
        elif descriptor in self._outputs:
            self._read(descriptor)
        elif then := self._others.pop(descriptor, None):
            self._poll.unregister(descriptor)
            then()

    def _heed_signals(self) -> None:
        if _signal.SIGTERM in os.read(self._signals, 4096):
            for signal, grace_s in self._asked():
                self.stop(signal, grace_s)
        self._children()

    def _children(self) -> None:
        """The program's own end is the end of the instance: what it leaves behind is ended too."""
        if not self._tree.reap() or self._tree.gone:
            return
        if self.stopping:
            self._tree.ask_strays(_signal.SIGTERM)
        else:
            self._tree.ask(_signal.SIGTERM, _LEFTOVER_GRACE_S)

    def _read(self, descriptor: int) -> bool:
        """Hand on one chunk; False when there is none now."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        if data:
            self._outputs[descriptor](data)
            return True
        self._poll.unregister(descriptor)
        del self._outputs[descriptor]
        os.close(descriptor)
        return False


def output_pipe() -> tuple[int, int]:
    """A pipe whose end to read never blocks."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    return reading, writing
