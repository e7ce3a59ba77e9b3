"""What all stand-ins share: every request is recorded and checked, and what the vendor would not take is refused.

They are written from the vendors' references and know nothing of the hub's shapes, so that an error in a shape can't
hide behind the same error here. Field lists are pydantic models that forbid what they do not name and coerce nothing.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Json = dict[str, Any]
M = TypeVar("M")


class Strict(BaseModel):
    """Fields of a vendor's protocol."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Camel(Strict):
    """The same of one that spells them in camelCase, and takes no other spelling."""

    model_config = ConfigDict(alias_generator=to_camel)


class Refused(Exception):
    """What the vendor would answer with an error."""

    def __init__(self, message: str, status: int = 400, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    """As it was sent, percent-encoded, with its query."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Standin:
    """One vendor. `key` is the only one that it knows; `fails` is told instead of the next answers, one each."""

    key: str = "town-" + "key"
    asked: list[Asked] = field(default_factory=list)
    fails: list[Refused] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """Why requests were refused; empty at the end of a test in which the hub spoke well."""

    def error(self, refused: Refused) -> Response:
        """An error in the vendor's form."""
        raise NotImplementedError

    def check(self, request: Request) -> None:
        """Raises `Refused` for a request without the headers that the vendor asks for."""
        raise NotImplementedError

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Method, path and handler."""
        raise NotImplementedError

    def app(self) -> Starlette:
        """To be served."""
        found = [Route(path, self._taken(handler), methods=[method]) for method, path, handler in self.routes()]
        return Starlette(routes=found)

    def _taken(self, handler: Callable[[Request, bytes], Awaitable[Response]]) -> Any:
        async def taken(request: Request) -> Response:
            body = await request.body()
            path = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
            self.asked.append(Asked(request.method, path, dict(request.headers), body))
            try:
                if self.fails:
                    return self.error(self.fails.pop(0))
                self.check(request)
                return await handler(request, body)
            except Refused as refused:
                self.refusals.append(refused.message)
                return self.error(refused)
            finally:
                await request.close()  # its form, if it was one

        return taken


def read(kind: type[M] | Any, body: bytes, headers: Mapping[str, str]) -> M:
    """A body of JSON of that kind. Raises `Refused`."""
    if headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused("content-type should be application/json", 415)
    try:
        found: M = TypeAdapter(kind).validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return found


def unless(right: bool, message: str, status: int = 400) -> None:
    """Raises `Refused`."""
    if not right:
        raise Refused(message, status)


def bearer(request: Request, key: str) -> None:
    """Raises `Refused` for another key than this one, once, as `Authorization: Bearer`."""
    unless(request.headers.getlist("authorization") == [f"Bearer {key}"], "wrong api key", 401)


def events(payloads: Iterable[tuple[str, Json] | Json | str]) -> Response:
    """A stream of events: named, unnamed, or a mark that is no JSON."""

    async def told() -> Any:
        for payload in payloads:
            if isinstance(payload, str):
                yield f"data: {payload}\n\n"
            elif isinstance(payload, dict):
                yield f"data: {json.dumps(payload)}\n\n"
            else:
                yield f"event: {payload[0]}\ndata: {json.dumps(payload[1])}\n\n"

    return StreamingResponse(told(), media_type="text/event-stream")


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON."""
    return JSONResponse(body, status, headers)


WORDS = ("Hello", " from", " the", " town")
"""What each of them says, in these pieces when it streams."""
ARGUMENTS = {"place": "town"}
"""What each calls a tool with, and what each says that is held to a schema."""
FITTING = ('{"place"', ':"town"}')
THOUGHT = "Hm"
"""What each thinks that is asked to."""


def words(fits: bool) -> tuple[str, ...]:
    """What is said; JSON where that was asked for."""
    return FITTING if fits else WORDS
