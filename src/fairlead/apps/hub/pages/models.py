"""The models that a key may ask, in the form of whoever asks: OpenAI's and Anthropic's at once, or Gemini's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.calls import Failure
from fairlead.apps.hub.routes.table import Route, Table
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.serving.desk import Desk, secret_of, unknown
from fairlead.apps.hub.shapes import SHAPES, Place, Shape
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.openai_plain.listing import by_agent, model, write_models
from fairlead.apps.hub.wire.exchange import Exchange

JSON = b"\r\ncontent-type: application/json"
OURS, GEMINIS = "/v1/models", ("/v1beta/models", "/v1alpha/models")

GOOGLES = frozenset({b"x-goog-api-key", b"x-goog-api-client"})
"""Headers by which Gemini's clients are known at the path that OpenAI's have too."""

METHODS = ["generateContent", "streamGenerateContent", "countTokens", "embedContent"]
"""What Gemini's clients may ask of a model; whether its provider can is told by the answer."""

MOST = 1000
"""Models on a page, where a client names no number."""


class Models:
    """One for a process."""

    def __init__(self, wall: Any = time.time) -> None:
        self._wall = wall
        self._table: Table | None = None
        self._since = 0

    def answer(self, desk: Desk, exchange: Exchange, account: Account, shape: Shape, place: Place) -> None:
        """`GET /v1/models` and one of them."""
        if b"anthropic-version" in exchange.headers:
            shape = SHAPES.get("anthropic")
        if not exchange.headers.keys().isdisjoint(GOOGLES):
            self._to_gemini(desk, exchange, account, OURS)
            return
        query = dict(parse_qsl(exchange.query.decode("latin-1")))
        if "{model}" not in place.path:
            self._told(exchange, _page(allowed(desk, exchange, account), query, self._created(desk.table)))
            return
        name = unquote(exchange.path.decode("latin-1").removeprefix(f"{OURS}/"))
        found = _found(desk, exchange, account, name)
        if isinstance(found, Failure):
            heads.refuse(exchange, shape, found)
        else:
            self._told(exchange, encoded(model(name, owner(found), self._created(desk.table))))

    def gemini(self, desk: Desk, exchange: Exchange) -> bool:
        """The page of Gemini's lists, which stand at paths of their own."""
        path = exchange.path.decode("latin-1")
        root = next((one for one in GEMINIS if path == one or path.startswith(f"{one}/")), None)
        if root is None or exchange.method not in (b"GET", b"HEAD"):
            return False
        account = desk.accounts.admit(secret_of(exchange))
        if not (isinstance(account, Failure) and desk.looks_for(account, exchange, partial(self.gemini, desk))):
            self._to_gemini(desk, exchange, account, root)
        return True

    def _to_gemini(self, desk: Desk, exchange: Exchange, account: Account | Failure, root: str) -> None:
        path = exchange.path.decode("latin-1")
        found = account if isinstance(account, Failure) else self._of_gemini(desk, exchange, account, path, root)
        if isinstance(found, Failure):
            heads.refuse(exchange, SHAPES.get("gemini"), found)
        else:
            self._told(exchange, encoded(found))

    def _of_gemini(
        self, desk: Desk, exchange: Exchange, account: Account, path: str, root: str
    ) -> dict[str, Any] | Failure:
        if path != root:
            name = unquote(path.removeprefix(f"{root}/"))
            found = _found(desk, exchange, account, name)
            return found if isinstance(found, Failure) else geminis(name)
        query = dict(parse_qsl(exchange.query.decode("latin-1")))
        names = [name for name, _ in allowed(desk, exchange, account)]
        begin, size = _number(query.get("pageToken"), 0), _number(query.get("pageSize"), MOST)
        more = {"nextPageToken": str(begin + size)} if begin + size < len(names) else {}
        return {"models": [geminis(name) for name in names[begin : begin + size]], **more}

    def _created(self, table: Table) -> int:
        """When the configuration was first asked for its models."""
        if table is not self._table:
            self._table, self._since = table, int(self._wall())
        return self._since

    def _told(self, exchange: Exchange, body: bytes) -> None:
        agent = exchange.headers.get(b"user-agent", b"")
        if agent.startswith((b"cohere", b"mistral-client")):
            body = encoded(by_agent(msgspec.json.decode(body), agent))
        exchange.answer(heads.line(200) + JSON, body)


def join(desk: Desk) -> None:
    """Put the lists into a desk."""
    models = Models(desk.wall)
    desk.own = {**desk.own, "models": models.answer}
    desk.pages = (*desk.pages, partial(models.gemini, desk))


def allowed(desk: Desk, exchange: Exchange, account: Account) -> list[tuple[str, Route]]:
    """The names that this key may ask, with who answers: those of the table, and those of its own list."""
    names = {*desk.table.names(), *(account.models.exact or ())}
    found = ((name, _found(desk, exchange, account, name)) for name in sorted(names))
    return [(name, route) for name, route in found if not isinstance(route, Failure)]


def owner(route: Route) -> str:
    """Whose a model is: the provider that is asked first."""
    return route.targets[0].host.name


def geminis(name: str) -> dict[str, Any]:
    """A model as Gemini writes it (ai.google.dev/api/models)."""
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name,
        "supportedGenerationMethods": METHODS,
    }


def _found(desk: Desk, exchange: Exchange, account: Account, name: str) -> Route | Failure:
    refused = account.may(name)
    if refused is not None:
        return refused
    return desk.table.find(name, exchange.headers, account.tags) or unknown(name)


def _page(found: Sequence[tuple[str, Route]], query: dict[str, str], created: int) -> bytes:
    """All of them, as OpenAI's clients take it; a page where Anthropic's ask for one (docs.anthropic.com, models)."""
    if not query.keys() & {"limit", "after_id", "before_id"}:
        return write_models([name for name, _ in found], [owner(route) for _, route in found], created)
    names = [name for name, _ in found]
    size = max(1, _number(query.get("limit"), 20))
    begin, end = 0, len(found)
    if (after := query.get("after_id")) is not None:
        begin = names.index(after) + 1 if after in names else len(names)
        end = min(end, begin + size)
        more = end < len(names)
    elif (before := query.get("before_id")) is not None:
        end = names.index(before) if before in names else 0
        begin = max(0, end - size)
        more = begin > 0
    else:
        end = min(end, size)
        more = end < len(names)
    shown = found[begin:end]
    return write_models([name for name, _ in shown], [owner(route) for _, route in shown], created, more)


def _number(said: str | None, otherwise: int) -> int:
    return int(said) if said is not None and said.isdigit() else otherwise
