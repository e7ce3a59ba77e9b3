"""Connections to one address of a provider, kept for the next request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from fairlead.apps.hub.wire.upstream import Caller, Upstream

CONNECT_S = 5.0
IDLE_S = 20.0
"""Providers close idle connections after a minute or so; one that is just being closed would lose a request."""


class Pool:
    """Asks over an idle connection when there is one, over a new one else. The newest idle one is used first."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], float],
        connect_s: float = CONNECT_S,
    ) -> None:
        self._where = (host, port)
        self._tls = tls
        self._now = now
        self._connect_s = connect_s
        self._idle: list[Upstream] = []
        self._connecting: set[asyncio.Task[None]] = set()

    def ask(self, caller: Caller, request: bytes, taken: Callable[[Upstream], None], *, fresh: bool = False) -> None:
        """Send a whole request; `taken` is told the connection at once when one was idle, else when it is made.

        What goes wrong is told to the caller (`lost`). `fresh`: over a new connection.
        """
        if not fresh and (found := self._newest()) is not None:
            taken(found)
            found.ask(caller, request)
            return
        task = asyncio.get_running_loop().create_task(self._connected(caller, request, taken))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def sweep(self) -> None:
        """Close connections that were idle for too long; called every few seconds."""
        oldest = self._now() - IDLE_S
        for one in [one for one in self._idle if one.closed or one.idle_since < oldest]:
            self._idle.remove(one)
            one.drop()

    def close(self) -> None:
        """Close idle connections; those under way end with their answer."""
        for one in self._idle:
            one.drop()
        self._idle.clear()

    @property
    def idle(self) -> int:
        """Connections that wait for a request."""
        return len(self._idle)

    def _newest(self) -> Upstream | None:
        while self._idle:
            found = self._idle.pop()
            if not found.closed:
                return found
        return None

    def _free(self, upstream: Upstream) -> None:
        upstream.idle_since = self._now()
        self._idle.append(upstream)

    async def _connected(self, caller: Caller, request: bytes, taken: Callable[[Upstream], None]) -> None:
        host, port = self._where
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                _, made = await loop.create_connection(lambda: Upstream(self._free), host, port, ssl=self._tls)
        except TimeoutError:
            caller.lost(f"no connection within {self._connect_s:g} s", untouched=True)
        except OSError as error:
            caller.lost(f"no connection: {error.strerror or type(error).__name__}", untouched=True)
        else:
            taken(made)
            made.ask(caller, request)
