"""The daemon's HTTP API: JSON in, JSON or one message a line out. No logic of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from fairlead.daemon.operations import Operations
from fairlead.daemon.telling import Hub, Message, Operation, failure
from fairlead.engine.saying import Say
from fairlead.errors import Conflict, FairleadError, UsageError

Handler = Callable[[Request], Awaitable[Response]]
STATUS_OF = {UsageError.exit_code: 400, Conflict.exit_code: 409}
"""HTTP statuses of errors by exit code; every other one is 500."""


def api(operations: Operations, hub: Hub) -> Starlette:
    """The application."""
    api = _Api(operations, hub)
    posts = {"up": api.up, "down": api.down, "deploy": api.deploy, "rollback": api.rollback, "restart": api.restart,
             "scale": api.scale, "shutdown": api.shutdown, "forecast": api.forecast}  # fmt: skip
    posts |= {word: partial(api.intervene, word) for word in operations.words}
    gets = {"status": api.status, "history": api.history, "release": api.release, "logs": api.logs, "exec": api.exec,
            "events": api.events}  # fmt: skip
    routes = [Route(f"/v1/{name}", _plain_errors(hub, handler), methods=["POST"]) for name, handler in posts.items()]
    routes += [Route(f"/v1/{name}", _plain_errors(hub, handler)) for name, handler in gets.items()]
    return Starlette(routes=[*routes, Route("/metrics", _plain_errors(hub, api.metrics))])


class _Api:
    def __init__(self, operations: Operations, hub: Hub) -> None:
        self._operations = operations
        self._hub = hub

    async def up(self, request: Request) -> Response:
        asked = await _body(request)
        return self._operate("stack", lambda say: self._operations.up(asked, say), None)

    async def down(self, request: Request) -> Response:
        asked = await _body(request)
        return self._operate("stack", lambda say: self._operations.down(asked, say))

    async def deploy(self, request: Request) -> Response:
        asked = await _body(request)
        services = self._operations.released_with(_service(asked))
        return self._operate(services[0], lambda say: self._operations.deploy(asked, say), services)

    async def rollback(self, request: Request) -> Response:
        asked = await _body(request)
        return self._operate(_service(asked), lambda say: self._operations.rollback(asked, say))

    async def restart(self, request: Request) -> Response:
        asked = await _body(request)
        return self._operate("stack", lambda say: self._operations.restart(asked, say))

    async def scale(self, request: Request) -> Response:
        asked = await _body(request)
        return self._operate(_service(asked), lambda say: self._operations.scale(asked, say))

    async def intervene(self, word: str, request: Request) -> Response:
        asked = await _body(request)
        _service(asked)
        return JSONResponse(self._operations.intervene(word, asked))

    async def forecast(self, request: Request) -> Response:
        return JSONResponse({"forecasts": await self._operations.forecast(await _body(request))})

    async def shutdown(self, request: Request) -> Response:
        self._operations.shutdown()
        return JSONResponse({})

    async def status(self, request: Request) -> Response:
        return JSONResponse(await self._operations.status())

    async def history(self, request: Request) -> Response:
        query = request.query_params
        return JSONResponse({"releases": self._operations.history(query.get("service"), int(query.get("limit", 50)))})

    async def release(self, request: Request) -> Response:
        return JSONResponse(self._operations.release(request.query_params.get("id", "")))

    async def exec(self, request: Request) -> Response:
        return JSONResponse(self._operations.surroundings(request.query_params.get("service", "")))

    async def logs(self, request: Request) -> Response:
        query = request.query_params
        since, tail = query.get("since"), query.get("tail")
        lines = self._operations.logs(
            query.getlist("service"),
            tail=int(tail) if tail else None,
            since=float(since) if since else None,
            follow=query.get("follow") == "1",
        )
        return StreamingResponse(_lines(lines), media_type="application/x-ndjson")

    async def events(self, request: Request) -> Response:
        query = request.query_params
        messages = self._operations.follow(int(query.get("after", 0)), query.get("follow") == "1")
        return StreamingResponse(_lines(messages), media_type="application/x-ndjson")

    async def metrics(self, request: Request) -> Response:
        return PlainTextResponse(
            await self._operations.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    def _operate(
        self, subject: str, work: Callable[[Say], Awaitable[Any]], shown: Collection[str] | None = ()
    ) -> Response:
        """Begin it. Progress comes with a picture of releases under judgement of `shown` (`None`: of all services)."""
        operation = Operation(self._hub, subject, work, lambda: {"judging": self._operations.judging(shown)})
        self._operations.remember(operation.task)
        return StreamingResponse(_lines(operation.messages()), media_type="application/x-ndjson")


def _plain_errors(hub: Hub, handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except FairleadError as error:
            return JSONResponse(failure(hub, "stack", error), STATUS_OF.get(error.exit_code, 500))
        except ValueError as error:
            return JSONResponse(failure(hub, "stack", UsageError(str(error))), 400)

    return handle


async def _body(request: Request) -> dict[str, Any]:
    body = json.loads(await request.body() or b"{}")
    if not isinstance(body, dict):
        raise UsageError("the body has to be a JSON object")
    return body


def _service(asked: dict[str, Any]) -> str:
    service = asked.get("service")
    if not isinstance(service, str) or not service:
        raise UsageError("`service` is missing")
    return service


async def _lines(messages: AsyncIterator[Message]) -> AsyncIterator[bytes]:
    async for message in messages:
        yield json.dumps(message).encode() + b"\n"
