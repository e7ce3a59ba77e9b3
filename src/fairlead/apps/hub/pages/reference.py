"""The description as Markdown, for docs/reference."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.apps.hub.calls import Json
from fairlead.apps.hub.pages.html import grouped, kind_of, objects, resolved
from fairlead.apps.hub.pages.joining import ENDPOINTS
from fairlead.apps.hub.pages.openapi import document

INTRO = """# The hub's API

Every hub tells this itself: as a page at `/docs`, for programs at `/openapi.json` (OpenAPI 3.1). How the administration
is opened and used: [keys and budgets](../how-to/hub-keys-and-budgets.md).

"""


def markdown() -> str:
    """The whole page."""
    return INTRO + "\n".join(_lines(document(ENDPOINTS.all))) + "\n"


def _lines(said: Json) -> Iterator[str]:
    schemas = said["components"]["schemas"]
    for tag, operations in grouped(said).items():
        yield from (f"## {tag}", "")
        if tag.startswith("Administration"):
            for method, path, operation in operations:
                yield from _operation(method, path, operation, schemas)
        else:
            yield from _table(operations)


def _table(operations: list[tuple[str, str, Json]]) -> Iterator[str]:
    yield from ("| | | |", "|---|---|---|")
    for method, path, operation in operations:
        yield f"| {method} | `{path}` | {operation['summary']} |"
    yield ""
    urls = dict.fromkeys(one["externalDocs"]["url"] for _, _, one in operations if "externalDocs" in one)
    yield from (line for url in urls for line in (f"The protocol's own page: <{url}>", ""))


def _operation(method: str, path: str, operation: Json, schemas: Json) -> Iterator[str]:
    yield from (f"### {operation['summary']}", "", f"`{method} {path}`", "")
    if "description" in operation:
        yield from (operation["description"], "")
    queried = {one["name"]: one["schema"] | one for one in operation["parameters"] if one["in"] == "query"}
    yield from _fields("Parameters", queried, schemas)
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    yield from _fields("Sent", resolved(sent, schemas).get("properties", {}), schemas)
    status, answer = next(iter(operation["responses"].items()))
    schema = resolved(answer["content"]["application/json"]["schema"], schemas)
    yield from _fields(f"Answered ({status})", schema["properties"], schemas)


def _fields(title: str, fields: Json, schemas: Json) -> Iterator[str]:
    if not fields:
        return
    yield from (f"| {title} | | |", "|---|---|---|", *_rows("", fields, schemas), "")


def _rows(before: str, fields: Json, schemas: Json) -> Iterator[str]:
    """One for each field, and below it those of the objects in it: `limits[].usd`."""
    for name, schema in fields.items():
        kind = kind_of(schema, schemas).replace("|", "\\|")
        yield f"| `{before}{name}` | {kind} | {schema.get('description', '')} |"
        inner = next(objects(schema, schemas), {})
        brackets = "[]" if kind.startswith("list of") else ""
        yield from _rows(f"{before}{name}{brackets}.", inner.get("properties", {}), schemas)
