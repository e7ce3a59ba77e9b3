"""The fields of a schema as rows: name, kind, words; those of the objects within beneath."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.apps.guard.service.describing.openapi import Json

Row = tuple[str, str, str]


def rows(schema: Json, schemas: Json, before: str = "", *, sent: bool = False) -> Iterator[Row]:
    """Each of them, as `findings[].rule`; of what is `sent`, which of them have to be there."""
    found = resolved(schema, schemas)
    for name, one in found.get("properties", {}).items():
        kind = kind_of(one, schemas)
        words = [one["description"]] if "description" in one else []
        words += ["has to be there"] if sent and name in found.get("required", []) else []
        yield f"{before}{name}", kind, "; ".join(words)
        inner = next(_objects(one, schemas), None)
        if inner is not None:
            yield from rows(inner, schemas, f"{before}{name}{'[]' if 'list' in kind else ''}.", sent=sent)


def sent_schema(operation: Json) -> Json | None:
    """Of the body that is asked for, where there is one."""
    content: Json = operation.get("requestBody", {}).get("content", {})
    return next((one["schema"] for one in content.values()), None)


def resolved(schema: Json, schemas: Json) -> Json:
    """What a reference stands for."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Json = schemas[name] if name else schema
    return found


def kind_of(schema: Json, schemas: Json) -> str:
    """`string`, `list of objects`, `number or null`."""
    found: Any = resolved(schema, schemas)
    if "enum" in found:
        return " | ".join(f"`{one}`" for one in found["enum"])
    if "anyOf" in found:
        return " or ".join(kind for one in found["anyOf"] if (kind := kind_of(one, schemas)) != "null")
    if found.get("type") == "array":
        return f"list of {kind_of(found.get('items', {}), schemas)}s"
    return str(found.get("type") or "anything")


def _objects(schema: Json, schemas: Json) -> Iterator[Json]:
    found = resolved(schema, schemas)
    if found.get("properties"):
        yield found
    for one in (*found.get("anyOf", []), *([found["items"]] if "items" in found else [])):
        yield from _objects(one, schemas)
