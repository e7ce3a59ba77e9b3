"""Files and batches of the echo: kept in memory, few and small; a batch is done as soon as it is asked for."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from fairlead.apps.hub.calls import Json, Unsayable
from fairlead.apps.hub.shapes import multipart
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded

MOST_FILES = 1000
MOST_BYTES = 8 * 1024 * 1024
"""Of all files together; the oldest make room."""
_PATH = re.compile(r"/v1/(files|batches)(?:/([^/?]+))?(?:/(content|cancel))?(?:\?.*)?")

Ask = Callable[[str, str, bytes], tuple[int, bytes]]
"""Answers a request of a batch: method, path, body; gives status and body."""


class NotHere(Exception):
    """There is no file or batch of that id; the message names it."""


@dataclass(slots=True)
class Cabinet:
    """All of them, by their ids."""

    ask: Ask
    now: Callable[[], int]
    """In seconds since 1970."""
    files: OrderedDict[str, tuple[Json, bytes]] = field(default_factory=OrderedDict)
    batches: dict[str, Json] = field(default_factory=dict)
    made: int = 0

    def answer(self, method: str, path: str, content_type: bytes, body: bytes) -> tuple[str, bytes]:
        """Content type and body. Raises `NotHere`, `Unsayable`."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise NotHere(path)
        kind, id, more = found.groups()
        if kind == "files":
            return self._file(method, id, more, content_type, body)
        return "application/json", encoded(self._batch(method, id, more, body))

    def _file(self, method: str, id: str | None, more: str | None, kind: bytes, body: bytes) -> tuple[str, bytes]:
        if id is None:
            told = self._uploaded(kind, body) if method == "POST" else _listed([one for one, _ in self.files.values()])
            return "application/json", encoded(told)
        if id not in self.files:
            raise NotHere(id)
        if more == "content":
            return "application/octet-stream", self.files[id][1]
        if method == "DELETE":
            del self.files[id]
            return "application/json", encoded({"id": id, "object": "file", "deleted": True})
        return "application/json", encoded(self.files[id][0])

    def _uploaded(self, kind: bytes, body: bytes) -> Json:
        fields, files = multipart.taken(body, multipart.parts(body, multipart.boundary_of(kind)))
        if not files:
            raise Unsayable("file is missing")
        return self._kept(files[0][1], str(fields.get("purpose", "user_data")), files[0][3])

    def _kept(self, name: str, purpose: str, data: bytes) -> Json:
        if len(data) > MOST_BYTES:
            raise Unsayable(f"echo keeps files of up to {MOST_BYTES} bytes")
        self.made += 1
        id = f"file-echo{self.made}"
        told = {"id": id, "object": "file", "bytes": len(data), "created_at": self.now(), "filename": name}
        self.files[id] = told | {"purpose": purpose, "status": "processed"}, data
        while len(self.files) > MOST_FILES or sum(len(one) for _, one in self.files.values()) > MOST_BYTES:
            self.files.popitem(last=False)
        return self.files[id][0]

    def _batch(self, method: str, id: str | None, more: str | None, body: bytes) -> Json:
        if id is None:
            return self._done(Fields(decoded(body))) if method == "POST" else _listed(list(self.batches.values()))
        if id not in self.batches:
            raise NotHere(id)
        return self.batches[id]

    def _done(self, asked: Fields) -> Json:
        source, endpoint = asked.need("input_file_id"), asked.need("endpoint")
        if source not in self.files:
            raise NotHere(source)
        lines = [line for line in self.files[source][1].splitlines() if line.strip()]
        answers = [self._line(number, decoded(line)) for number, line in enumerate(lines)]
        output = self._kept("output.jsonl", "batch_output", b"".join(encoded(one) + b"\n" for one in answers))
        self.made += 1
        told: Json = {"id": f"batch_echo{self.made}", "object": "batch", "endpoint": endpoint, "errors": None}
        told |= {"input_file_id": source, "output_file_id": output["id"], "error_file_id": None, "status": "completed"}
        told |= {"completion_window": asked.text("completion_window") or "24h", "created_at": self.now()}
        failed = sum(one["response"]["status_code"] != 200 for one in answers)
        counts = {"total": len(answers), "completed": len(answers) - failed, "failed": failed}
        told |= {"completed_at": self.now(), "request_counts": counts, "metadata": asked.json("metadata")}
        self.batches[told["id"]] = told
        while len(self.batches) > MOST_FILES:
            del self.batches[next(iter(self.batches))]
        return told

    def _line(self, number: int, line: object) -> Json:
        asked = Fields(line, f"line {number + 1}")
        body = encoded(asked.json("body") or {})
        status, answer = self.ask(asked.text("method") or "POST", asked.need("url"), body)
        response = {"status_code": status, "request_id": f"req_{number}", "body": decoded(answer)}
        name = asked.text("custom_id")
        return {"id": f"batch_req_{number}", "custom_id": name, "response": response, "error": None}


def _listed(items: list[Json]) -> Json:
    ends = {"first_id": items[0]["id"] if items else None, "last_id": items[-1]["id"] if items else None}
    return {"object": "list", "data": items, "has_more": False, **ends}
