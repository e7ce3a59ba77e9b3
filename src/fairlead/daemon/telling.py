"""Who hears what the daemon does: the client that asked, everybody who follows, and the audit trail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fairlead.engine.journal.events import EventBook
from fairlead.engine.saying import Say
from fairlead.errors import FairleadError, JournalError, StackError
from fairlead.kit.clock import Clock

Message = dict[str, Any]
"""One line of an answer: `at`, `level`, `subject`, `text`, `data`."""

HEARTBEAT_S = 1.5
"""Pause after which an operation that says nothing repeats what it is at."""

LONGEST_QUEUE = 10_000
"""Messages kept for a follower that does not read; it misses those beyond."""


class Hub:
    """Passes messages on, and keeps those that matter in the audit trail."""

    def __init__(self, clock: Clock, book: EventBook, redact: Callable[[str], str]) -> None:
        self._clock = clock
        self._book = book
        self._redact = redact
        self._followers: set[asyncio.Queue[Message]] = set()

    def say(self, level: str, subject: str, text: str) -> Message:
        """Tell every follower; what is more than progress is kept."""
        message = self.message(level, subject, text)
        if level in ("info", "warning", "error"):
            self._keep(message)
        for queue in self._followers:
            if queue.qsize() < LONGEST_QUEUE:
                queue.put_nowait(message)
        return message

    def message(self, level: str, subject: str, text: str, **data: Any) -> Message:
        """A message with the time, and with no secret in it."""
        return {"at": self._clock.wall(), "level": level, "subject": subject, "text": self._redact(text), "data": data}

    @contextmanager
    def following(self) -> Iterator[asyncio.Queue[Message]]:
        """A queue that gets every message from now on."""
        queue: asyncio.Queue[Message] = asyncio.Queue()
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)

    def _keep(self, message: Message) -> None:
        try:
            self._book.add(message["at"], message["level"], message["subject"], message["text"])
        except JournalError:
            return  # a full disk must not stop what goes on; the client hears it all the same


Look = Callable[[], Mapping[str, Any]]
"""What goes along with every word on progress, for whoever draws a picture of it."""


class Operation:
    """Something a client asked for. It goes on when the client goes away."""

    def __init__(self, hub: Hub, subject: str, work: Callable[[Say], Awaitable[Any]], look: Look = dict) -> None:
        self._hub = hub
        self._subject = subject
        self._look = look
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._latest: Message = hub.message("progress", subject, "working")
        self.task = asyncio.create_task(self._run(work), name=f"operation on {subject}")

    async def messages(self) -> AsyncIterator[Message]:
        """Every message up to the last one, with a heartbeat whenever nothing else is said."""
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    message = await self._messages.get()
            except TimeoutError:
                message = self._hub.message("progress", self._latest["subject"], self._latest["text"])
            if message["level"] == "progress":
                message = message | {"data": dict(self._look())}
            yield message
            if message["level"] in ("done", "error"):
                return

    def _say(self, level: str, subject: str, text: str) -> None:
        message = self._hub.say(level, subject, text)
        self._latest = message
        self._messages.put_nowait(message)

    async def _run(self, work: Callable[[Say], Awaitable[Any]]) -> None:
        try:
            result = await work(self._say)
            self._messages.put_nowait(self._hub.message("done", self._subject, "") | {"data": result or {}})
        except FairleadError as error:
            self._hub.say("error", self._subject, error.message if not isinstance(error, StackError) else str(error))
            self._messages.put_nowait(failure(self._hub, self._subject, error))
        except asyncio.CancelledError:
            ending = FairleadError("the daemon is ending; it goes on with this when it is back")
            self._messages.put_nowait(failure(self._hub, self._subject, ending))
            raise
        except Exception as error:
            self._messages.put_nowait(failure(self._hub, self._subject, FairleadError(f"unexpected: {error!r}")))
            raise


def failure(hub: Hub, subject: str, error: FairleadError) -> Message:
    """An error as a message: what is wrong, how to mend it, the exit code, and every problem of a stack file."""
    data: dict[str, Any] = {"code": error.exit_code, "kind": type(error).__name__}
    if isinstance(error, StackError):
        data["problems"] = [
            {"file": p.file, "line": p.line, "path": p.path, "message": p.message, "hint": p.hint}
            for p in error.problems
        ]
    text = "the stack file has problems" if isinstance(error, StackError) else str(error)
    return hub.message("error", subject, text, **data) | {"hint": error.hint}
