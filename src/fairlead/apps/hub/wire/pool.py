"""Connections to one address of a provider, kept for the next request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from fairlead.apps.hub.wire.upstream import Caller, Upstream

CONNECT_S = 5.0
IDLE_S = 20.0
"""Providers close idle connections after a minute or so; one that is just being closed would lose a request."""

MOST_IDLE = 1024


class Pool:
    """Asks over an idle connection when there is one, over a new one else. The newest idle one is used first."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], float],
    ) -> None:
        self.where = (host, port)
        self._tls = tls
        self._now = now
        self._idle: list[Upstream] = []
        self._open: set[Upstream] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def ask(self, caller: Caller, request: bytes, *, fresh: bool = False, connect_s: float = CONNECT_S) -> Upstream:
        """Send a whole request; what goes wrong is told to the caller, later. `fresh`: over a new
        connection, which may take `connect_s` (0: as long as it takes).
        """
        idle = self._idle
        while idle and not fresh:
            found = idle.pop()
            if not found.closed:
                found.ask(caller, request)
                return found
        made = Upstream(self._freed, self._open.discard)
        self._open.add(made)
        made.ask(caller, request)
        task = asyncio.get_running_loop().create_task(self._connect(made, connect_s))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return made

    def sweep(self) -> None:
        """Close connections that were idle for too long; called about once a second."""
        oldest = self._now() - IDLE_S
        idle = self._idle
        kept = next((n for n, one in enumerate(idle) if one.idle_since >= oldest), len(idle))
        for one in idle[:kept]:
            one.drop()
        del idle[:kept]

    def close(self) -> None:
        """Close idle connections; those under way end with their answer."""
        self._is_closed = True
        for one in self._idle:
            one.drop()
        self._idle.clear()

    @property
    def idle(self) -> int:
        """Connections that wait for a request."""
        return sum(1 for one in self._idle if not one.closed)

    @property
    def open(self) -> int:
        """All connections, with those that are being made."""
        return len(self._open)

    def _freed(self, upstream: Upstream) -> None:
        if self._is_closed or len(self._idle) >= MOST_IDLE:
            upstream.drop()
            return
        upstream.idle_since = self._now()
        self._idle.append(upstream)

    async def _connect(self, made: Upstream, connect_s: float) -> None:
        host, port = self.where
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(connect_s or None):
                await loop.create_connection(lambda: made, host, port, ssl=self._tls)
        except TimeoutError:
            made.fail(f"no connection within {connect_s:g} s")
        except OSError as error:
            made.fail(f"no connection: {error.strerror or type(error).__name__}")
