"""How a release is asked, from outside, to be taken back."""

from __future__ import annotations

import asyncio


class Abort:
    """A request that comes at most once; what is merely waited for (a start, a time of watching) is left at once."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self.reason: str | None = None

    def request(self, reason: str) -> None:
        """Ask for the way back, with the reason that goes into the record ("aborted by alice@host")."""
        if self.reason is None:
            self.reason = reason
            self._asked.set()

    async def requested(self) -> str:
        """Wait until somebody asks; gives the reason."""
        await self._asked.wait()
        assert self.reason is not None  # noqa: S101 - set before the event
        return self.reason
