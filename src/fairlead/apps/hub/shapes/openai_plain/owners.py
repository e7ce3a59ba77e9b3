"""Files and batches belong to one provider: which one, a header says, or a mark before the id (`openai.file-abc`).

A provider's own ids have no dot (OpenAI: `file-…`, `batch_…`), so the first one ends the mark. Whoever passes an answer
on may put the mark into it (`marked`), so that a client need not say the provider again; what a client sends with a
mark reaches the provider without (`unmarked`).
"""

from __future__ import annotations

import re

import msgspec

from fairlead.apps.hub.calls import Operation, Unsayable
from fairlead.apps.hub.shapes import Headers
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.renaming import taken_apart

PROVIDER = b"x-fairlead-provider"
"""The header that says it."""
OWNED: frozenset[Operation] = frozenset({"files", "batches"})
IDS = ("id", "input_file_id", "output_file_id", "error_file_id", "first_id", "last_id")
"""What an answer names files and batches by."""
ASKED = "input_file_id"
"""The same of a request."""
OBJECTS = {"file", "batch", "list"}
_NAME = r"[A-Za-z0-9_-]+"
_IN_PATH = re.compile(rf"^(/v1/(?:files|batches)/)({_NAME})\.(?=[^/?])")
_IN_QUERY = re.compile(rf"([?&]after=)({_NAME})\.")


class _Body(msgspec.Struct):
    input_file_id: str | None = None


_DECODER = msgspec.json.Decoder(_Body)


def owner(path: bytes, headers: Headers, body: bytes) -> str:
    """The provider that is meant; nothing when none is said."""
    if (said := headers.get(PROVIDER)) is not None:
        return said.decode("latin-1").strip()
    text = path.decode("latin-1")
    if found := _IN_PATH.search(text) or _IN_QUERY.search(text):
        return found[2]
    provider, dot, _ = (_asked(body) or "").partition(".")
    return provider if dot else ""


def _asked(body: bytes) -> str | None:
    """The id in a request of JSON; uploads have none."""
    if body[:1] != b"{":
        return None
    try:
        return _DECODER.decode(body).input_file_id
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Unsayable(f"the body is no request: {str(error)[:200]}") from error


def unmarked_path(path: str) -> str:
    """A path (with query) as the provider knows it."""
    return _IN_QUERY.sub(r"\1", _IN_PATH.sub(r"\1", path))


def unmarked(body: bytes) -> bytes:
    """A body as the provider knows it: without a mark in the id that a JSON object names; uploads as they are."""
    id = _asked(body)
    if id is None or "." not in id:
        return body
    return encoded(taken_apart(body) | {ASKED: id.partition(".")[2]})


def marked(provider: str, body: bytes) -> bytes:
    """An answer with the provider's mark before its ids; the content of a file stays as it is."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return body
    if not isinstance(answer, dict) or answer.get("object") not in OBJECTS:
        return body
    _mark(provider, answer)
    for item in answer["data"] if isinstance(answer.get("data"), list) else ():
        if isinstance(item, dict):
            _mark(provider, item)
    return encoded(answer)


def _mark(provider: str, item: dict[str, object]) -> None:
    for name in IDS:
        if isinstance(id := item.get(name), str) and id:
            item[name] = f"{provider}.{id}"
