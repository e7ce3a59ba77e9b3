"""Files and batches of vendors of OpenAI's shape, kept in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from tests.apps.hub.standins.strict import Json, Refused, Strict, answer, read, unless

Routes = Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]


class Batch(Strict):
    """`POST /v1/batches`."""

    input_file_id: str
    endpoint: str
    completion_window: str
    metadata: dict[str, str] | None = None


class Cabinet:
    """By their ids, in the order in which they came."""

    def __init__(self, form: frozenset[str] = frozenset({"file", "purpose"}), told: Json | None = None) -> None:
        self._form = form
        self._told = told or {}
        """What is told of a file beside OpenAI's fields."""
        self._files: dict[str, tuple[Json, bytes]] = {}
        self._batches: dict[str, Json] = {}

    def files(self, base: str) -> Routes:
        """Where files are."""
        yield "POST", f"{base}/files", self._upload
        yield "GET", f"{base}/files", self._list
        yield "GET", f"{base}/files/{{id}}", self._tell
        yield "DELETE", f"{base}/files/{{id}}", self._delete
        yield "GET", f"{base}/files/{{id}}/content", self._content

    def batches(self, base: str) -> Routes:
        """Where batches are."""
        yield "POST", f"{base}/batches", self._begin
        yield "GET", f"{base}/batches", self._list_batches
        yield "GET", f"{base}/batches/{{id}}", self._batch
        yield "POST", f"{base}/batches/{{id}}/cancel", self._cancel

    async def _upload(self, request: Request, body: bytes) -> Response:
        form = await request.form()
        unless(set(form) <= self._form, "unknown field")
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Refused("file is missing")
        data, id = await file.read(), f"file-{len(self._files)}"
        told = {"id": id, "object": "file", "bytes": len(data), "created_at": 1_741_569_952, "status": "processed"}
        told |= {"filename": file.filename, "purpose": form.get("purpose"), **self._told}
        self._files[id] = (told, data)
        return answer(self._files[id][0])

    async def _list(self, request: Request, body: bytes) -> Response:
        told = [one for one, _ in self._files.values()]
        return answer({"object": "list", "data": told, "has_more": False, "total": len(told)})

    async def _tell(self, request: Request, body: bytes) -> Response:
        return answer(self._found(request)[0])

    async def _delete(self, request: Request, body: bytes) -> Response:
        id = self._found(request)[0]["id"]
        del self._files[id]
        return answer({"id": id, "object": "file", "deleted": True})

    async def _content(self, request: Request, body: bytes) -> Response:
        return Response(self._found(request)[1], media_type="application/octet-stream")

    def _found(self, request: Request) -> tuple[Json, bytes]:
        id = request.path_params["id"]
        if id not in self._files:
            raise Refused(f"No such File object: {id}", 404)
        return self._files[id]

    async def _begin(self, request: Request, body: bytes) -> Response:
        asked: Batch = read(Batch, body, request.headers)
        unless(asked.input_file_id in self._files, f"No such File object: {asked.input_file_id}", 404)
        told: dict[str, Any] = asked.model_dump() | {"id": f"batch_{len(self._batches)}", "object": "batch"}
        told |= {"status": "validating", "created_at": 1_741_569_952, "errors": None}
        self._batches[told["id"]] = told
        return answer(told)

    async def _list_batches(self, request: Request, body: bytes) -> Response:
        return answer({"object": "list", "data": list(self._batches.values()), "has_more": False})

    async def _batch(self, request: Request, body: bytes) -> Response:
        return answer(self._one(request))

    async def _cancel(self, request: Request, body: bytes) -> Response:
        self._one(request)["status"] = "cancelling"
        return answer(self._one(request))

    def _one(self, request: Request) -> Json:
        id = request.path_params["id"]
        unless(id in self._batches, f"No such batch: {id}", 404)
        return self._batches[id]
