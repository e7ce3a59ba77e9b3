"""Takes requests under `/admin`, has them done beside those that serve, and answers as JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from fairlead.apps.hub.accounts.issuing import NameTaken, UnknownName, WrongFields
from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.pages.asking import Asked, Refused, bodied, queried
from fairlead.apps.hub.pages.door import Door
from fairlead.apps.hub.pages.endpoints import Endpoint, Endpoints
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.wire.exchange import Exchange

MOST_AT_ONCE = 32
"""Requests under way; more are told to come again."""
AGAIN_S = 2.0
"""When a store that is away is worth another try."""

JSON = b"\r\ncontent-type: application/json\r\ncache-control: no-store"
"""Not to be kept: one answer holds a key."""

log = logging.getLogger(__name__)


class Administration:
    """Two pages: for the first listener and for the second."""

    def __init__(self, hub: Hub, endpoints: Endpoints, door: Door) -> None:
        self._hub = hub
        self._endpoints = endpoints
        self._door = door
        self._tasks: set[asyncio.Task[None]] = set()

    def public(self, exchange: Exchange) -> bool:
        """The page of the first listener."""
        return self._page(exchange, private=False)

    def private(self, exchange: Exchange) -> bool:
        """That of the second."""
        return self._page(exchange, private=True)

    async def end(self) -> None:
        """Bring what is under way to its end."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _page(self, exchange: Exchange, *, private: bool) -> bool:
        path = exchange.path.decode("latin-1")
        if path != "/admin" and not path.startswith("/admin/"):
            return False
        try:
            self._door.admit(exchange, private=private)
            self._begin(exchange, *self._found(exchange.method.decode("latin-1"), path))
        except Refused as refused:
            refuse(exchange, refused)
        return True

    def _found(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
        found = self._endpoints.find("GET" if method == "HEAD" else method, path)
        if found is not None:
            return found
        if allowed := self._endpoints.allowed(path):
            raise Refused(405, "method_not_allowed", f"this path is asked by {', '.join(allowed)}")
        raise Refused(404, "not_found", f"there is nothing at {path[:200]}", hint="/docs tells what there is")

    def _begin(self, exchange: Exchange, endpoint: Endpoint, names: Mapping[str, str]) -> None:
        asked = Asked(names, queried(exchange, endpoint.query), bodied(exchange, endpoint.body))
        if len(self._tasks) >= MOST_AT_ONCE:
            raise Refused(503, "busy", "too many requests to the administration", retry_after_s=1.0)
        task = asyncio.get_running_loop().create_task(self._do(exchange, endpoint, asked), name="hub-admin")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, exchange: Exchange, endpoint: Endpoint, asked: Asked) -> None:
        try:
            told = await endpoint.handler(self._hub, asked)
            body = told.model_dump_json(indent=2, by_alias=True).encode() + b"\n"
        except Exception as error:
            refuse(exchange, refusal(error))
        else:
            if endpoint.method != "GET":
                log.info("administration: %s %s", endpoint.method, exchange.path.decode("latin-1"))
            exchange.answer(heads.line(endpoint.status) + JSON, body)


def refuse(exchange: Exchange, refused: Refused) -> None:
    """Answer with it."""
    head = heads.line(refused.status) + JSON
    if refused.retry_after_s is not None:
        head += b"\r\nretry-after: %d" % max(1, round(refused.retry_after_s))
    if refused.status == 401:
        head += b'\r\nwww-authenticate: Bearer realm="fairlead hub administration"'
    exchange.answer(head, refused.body())


def refusal(error: Exception) -> Refused:
    """What went wrong, as the client is told."""
    told = _TOLD.get(type(error))
    if isinstance(error, Refused):
        return error
    if told is not None:
        return told(error)
    log.error("the administration failed", exc_info=error)
    return Refused(500, "internal_error", "the hub failed at this; its log says more")


def _wrong(error: Exception) -> Refused:
    problems = error.problems if isinstance(error, WrongFields) else [str(error)]
    return Refused(400, "invalid_fields", "; ".join(problems), problems=problems)


def _away(error: Exception) -> Refused:
    return Refused(
        503,
        "store_away",
        "the store of keys and the ledger does not answer; requests of models are served as before",
        hint="ask again when /health/detailed says that it is back; look first whether a change was made",
        retry_after_s=AGAIN_S,
    )


_TOLD: Mapping[type[Exception], Callable[[Exception], Refused]] = {
    WrongFields: _wrong,
    NameTaken: lambda error: Refused(409, "name_taken", str(error)),
    UnknownName: lambda error: Refused(404, "unknown_key", str(error)),
    StoreAway: _away,
}
