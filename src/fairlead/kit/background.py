"""Work that goes on beside everything else until it is told to end, and work that has to be whole before that."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Do it whole: a cancellation is heard when it is over, whatever came of it."""
    doing = asyncio.create_task(work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        if not doing.cancelled():
            doing.exception()  # asked for, so that nobody warns of it
        raise


class Background:
    """At most one task of a name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._task: asyncio.Task[None] | None = None

    @property
    def begun(self) -> bool:
        return self._task is not None

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin it, unless it is under way."""
        if self._task is None:
            self._task = asyncio.create_task(work(), name=self._name)

    async def end(self) -> None:
        """Cancel it and wait until it is gone; harmless when it was never begun."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
