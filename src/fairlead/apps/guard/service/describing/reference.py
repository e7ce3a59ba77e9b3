"""The description as Markdown, for docs/reference."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apps.guard.service.describing.fields import rows, sent_schema
from fairlead.apps.guard.service.describing.openapi import Json, document
from fairlead.apps.guard.service.routes.describing import ENDPOINTS

SENT = "Sent"
INTRO = """# The guard's API

Every guard tells this itself: as a page at `/docs`, for programs at `/openapi.json` (OpenAPI 3.1). Keys are sent as
`X-API-KEY`. How it is run: [the guard as a service](../how-to/guard-service.md).

"""


def markdown() -> str:
    """The whole page."""
    return INTRO + "\n".join(_lines(document(ENDPOINTS))).rstrip() + "\n"


def _lines(said: Json) -> Iterator[str]:
    schemas = said["components"]["schemas"]
    for tag in said["tags"]:
        yield from (f"## {tag['name']}", "")
        for path, operations in said["paths"].items():
            for method, one in operations.items():
                if one["tags"] == [tag["name"]]:
                    yield from _operation(method.upper(), path, one, schemas)


def _operation(method: str, path: str, one: Json, schemas: Json) -> Iterator[str]:
    who = one["security"]
    key = "no key" if not who else "a key with the role `admin`" if "admin" in who[0] else "a key"
    yield from (f"### {one['summary']}", "", f"`{method} {path}` - needs {key}", "")
    if "description" in one:
        yield from (one["description"], "")
    sent = sent_schema(one)
    status, answered = next(iter(one["responses"].items()))
    yield from _table(SENT, sent, schemas)
    yield from _table(f"Answered ({status})", next(iter(answered["content"].values()))["schema"], schemas)


def _table(title: str, schema: Json | None, schemas: Json) -> Iterator[str]:
    found = list(rows(schema or {}, schemas, sent=title == SENT))
    if not found:
        return
    yield from (f"| {title} | | |", "|---|---|---|")
    for name, kind, words in found:
        told = kind.replace("|", "\\|")
        yield f"| `{name}` | {told} | {words} |"
    yield ""
