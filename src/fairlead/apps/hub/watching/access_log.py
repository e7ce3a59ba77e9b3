"""The log of requests: one JSON line for each, on standard output, in batches and beside the requests.

The event loop only appends to a list. A thread writes, so that a reader who does not read stops that thread and nothing
else; what does not find room meanwhile is dropped and counted, and an output that is closed ends the log, not the hub.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.watching.outcomes import Outcome

STDOUT = 1

EVERY_S = 0.2
"""Between two batches."""

MOST_LINES = 20_000
"""That wait to be written."""

AT_ONCE = 200
"""Lines that are made in one go: a third of a millisecond, for which the event loop may have to wait."""

PROMPT_BYTES = 16 * 1024
"""Of what a request asks, where that is logged."""

END_S = 1.0
"""How long the last lines may take."""

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode

Line = tuple[Outcome, bytes | None]


class AccessLog:
    """Writes to a file descriptor until it is ended, or nobody reads."""

    def __init__(self, descriptor: int = STDOUT) -> None:
        self._descriptor = descriptor
        self._waiting: deque[Line] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_over = False
        self.dropped = 0
        """Lines that found no room."""

    def add(self, outcome: Outcome, request: bytes | None = None) -> None:
        """One request that has ended; `request`: what it asked, where that is to be logged."""
        if self._is_over or len(self._waiting) >= MOST_LINES:
            self.dropped += 1
            return
        self._waiting.append((outcome, None if request is None else request[:PROMPT_BYTES]))

    def begin(self) -> None:
        """Write from now on; to a copy of the descriptor, which nobody closes behind our back."""
        self._descriptor = os.dup(self._descriptor)
        self._thread = threading.Thread(target=self._run, name="hub-access-log", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Write what is left, unless nobody takes it."""
        self._stop.set()
        if self._thread is None:
            return
        self._thread.join(END_S)
        if not self._thread.is_alive():
            os.close(self._descriptor)
            self._thread = None

    def figures(self) -> Iterator[Figure]:
        """What did not get written."""
        words = "Lines of the log of requests that were dropped, since nobody read them."
        yield Figure("fairlead_hub_log_lines_dropped_total", "counter", words, [({}, self.dropped)])

    # in the thread

    def _run(self) -> None:
        try:
            while not self._stop.wait(EVERY_S):
                self._flush()
            self._flush()
        except OSError as error:
            self._is_over = True
            log.warning("the log of requests ends: its output is gone (%s)", error.strerror)

    def _flush(self) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
            self._write(b"".join(lines(some)))

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # whoever started the hub has made it so; it is waited for all the same
                select.select([], [self._descriptor], [], 1.0)


def lines(some: Iterable[Line]) -> Iterator[bytes]:
    """As they are written: when (RFC 3339, UTC), then the outcome, then the request where that is wanted."""
    second, at = 0, b""
    for outcome, request in some:
        if int(outcome.started) != second:
            second = int(outcome.started)
            at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()
        written = _encode(outcome)[:-1]
        if request is not None:
            written += b',"request":' + _encode(request.decode("utf-8", "replace"))
        yield b'{"at":"%b.%03dZ",%b}\n' % (at, int(outcome.started % 1 * 1000), written[1:])
