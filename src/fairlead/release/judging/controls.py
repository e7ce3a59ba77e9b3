"""What a person can say to a release under judgement: promote it, hold it, let it go on. Taking it back is `Abort`."""

from __future__ import annotations

import asyncio

from fairlead.release.abort import Abort


class Controls:
    """Heard by the judgement at its next look."""

    def __init__(self, *, paused: str | None = None) -> None:
        self.abort = Abort()
        self.paused = paused
        """Who holds it where it is ("alice@host"); it is still taken back when it turns out to be bad."""
        self.promoted: str | None = None
        """Who has decided that it is good."""
        self._said = asyncio.Event()

    def promote(self, who: str) -> None:
        """It gets all requests, whatever the evidence."""
        self.promoted = who
        self._said.set()

    def pause(self, who: str) -> None:
        """Its share stays as it is, and no verdict promotes it."""
        self.paused = who
        self._said.set()

    def resume(self) -> None:
        """Go on."""
        self.paused = None
        self._said.set()

    async def heard(self) -> None:
        """Wait until something is said."""
        await self._said.wait()
        self._said.clear()
