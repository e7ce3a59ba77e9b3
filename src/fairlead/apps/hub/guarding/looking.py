"""Who knows secrets: asked for what stands in some texts, or for a channel through which one comes in pieces.

The library is asked in this process: a text of usual size at once (20 KB take about a millisecond), much of it slice by
slice, with the event loop at work in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from fairlead.apps.guard.findings import Finding, Guard, Placeholders, Stream

MOST_AT_ONCE = 256 * 1024
"""Characters that are looked through without a pause."""

SLICE = 64 * 1024
"""Characters between two pauses, of a call with more."""

log = logging.getLogger(__name__)

Seen = list[Sequence[Finding]]
"""What was found, text by text."""


class Blind(Exception):
    """Nobody can be asked for secrets now; the message says why, and nothing of the text."""

    def __init__(self, why: str, rest: str | None = None) -> None:
        super().__init__(why)
        self.rest = rest
        """What a channel held back, where that is known."""


class Channel(Protocol):
    """One text in pieces."""

    async def feed(self, text: str) -> tuple[str, Sequence[Finding]]:
        """More of it: what may be let out by now, redacted, and what was newly found. Raises `Blind`."""

    async def close(self) -> tuple[str, Sequence[Finding]]:
        """There is no more: the rest. Raises `Blind`."""


class Channels(Protocol):
    """All texts of one answer."""

    def open(self) -> Channel:
        """One of them. Raises `Blind`."""

    def close(self) -> None:
        """None of them is needed any more."""


class Eyes(Protocol):
    """One for a process."""

    @property
    def waits(self) -> bool:
        """Whether its channels let one wait; else their coroutines run through when they are called."""

    @property
    def ready(self) -> bool:
        """Whether it can be asked now; else `prepare` comes first."""

    async def prepare(self) -> None:
        """Get ready, once. Raises `Blind`."""

    def at_once(self, texts: Sequence[str]) -> Seen | None:
        """What stands in the texts; `None` where that takes a while: `look`. Raises `Blind`."""

    async def look(self, texts: Sequence[str]) -> Seen:
        """The same. Raises `Blind`."""

    def channels(self, placeholders: Placeholders) -> Channels:
        """For one answer."""


class Library:
    """The guard in this process; it is loaded when it is first needed, in a thread, as its patterns may have to be
    built anew, which takes seconds."""

    waits = False

    def __init__(self, load: Callable[[], Guard]) -> None:
        self._load = load
        self._guard: Guard | None = None
        self._loading = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether it is loaded."""
        return self._guard is not None

    async def prepare(self) -> None:
        """Load it."""
        async with self._loading:
            if self._guard is None:
                with blind_on_faults():
                    self._guard = await in_thread(self._load)

    def at_once(self, texts: Sequence[str]) -> Seen | None:
        """Unless it is too much."""
        if sum(map(len, texts)) > MOST_AT_ONCE:
            return None
        guard = self.guard()
        with blind_on_faults():
            return [guard.scan(text) for text in texts]

    async def look(self, texts: Sequence[str]) -> Seen:
        """Slice by slice."""
        guard, since = self.guard(), 0
        seen: Seen = []
        for text in texts:
            with blind_on_faults():
                stream, found = guard.stream(), list[Finding]()
                for at in range(0, len(text), SLICE):
                    piece = text[at : at + SLICE]
                    found += stream.feed(piece)[1]
                    since += len(piece)
                    if since >= SLICE:
                        since = 0
                        await asyncio.sleep(0)
                seen.append([*found, *stream.close()[1]])
        return seen

    def channels(self, placeholders: Placeholders) -> Channels:
        """For one answer."""
        return _Local(self.guard(), placeholders)

    def guard(self) -> Guard:
        """The guard. Raises `Blind`."""
        if self._guard is None:
            raise Blind("the guard is not loaded")
        return self._guard


class _Local:
    """Streams of the library."""

    def __init__(self, guard: Guard, placeholders: Placeholders) -> None:
        self._guard = guard
        self._placeholders = placeholders

    def open(self) -> Channel:
        with blind_on_faults():
            return _LocalChannel(self._guard.stream(self._placeholders))

    def close(self) -> None:
        """Nothing is kept."""


class _LocalChannel:
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def feed(self, text: str) -> tuple[str, Sequence[Finding]]:
        with blind_on_faults():
            return self._stream.feed(text)

    async def close(self) -> tuple[str, Sequence[Finding]]:
        with blind_on_faults():
            return self._stream.close()


async def in_thread(load: Callable[[], Guard]) -> Guard:
    """In a thread that the end of the process does not wait for."""
    loop = asyncio.get_running_loop()
    loaded: asyncio.Future[Guard] = loop.create_future()

    def told(guard: Guard | None, error: BaseException | None) -> None:
        if loaded.done():
            return
        if guard is not None:
            loaded.set_result(guard)
        else:
            loaded.set_exception(error or RuntimeError("nothing was loaded"))

    def run() -> None:
        guard, failed = None, None
        try:
            guard = load()
        except Exception as error:  # told where it is waited for
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(told, guard, failed)

    threading.Thread(target=run, name="guard-loading", daemon=True).start()
    return await loaded


@contextlib.contextmanager
def blind_on_faults() -> Iterator[None]:
    """A fault of the guard is none of the call: it becomes `Blind`. Only its kind is told, as it may quote the text."""
    try:
        yield
    except Blind:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("the guard failed: %s at %s:%s", type(error).__name__, where.name, where.lineno)
        raise Blind(f"the guard failed: {type(error).__name__}") from None


T = TypeVar("T")


def run_through(work: Coroutine[Any, Any, T]) -> T:
    """The outcome of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        outcome: T = done.value
        return outcome
    work.close()
    raise RuntimeError("this was not to wait")
