"""The service as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), from its endpoints and their types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from fairlead import __version__
from fairlead.apps.guard.service.routes.endpoints import Endpoint

Json = dict[str, Any]

REF = "#/components/schemas/{name}"
ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "hint": {"type": "string"}},
        }
    },
}
SCHEMES: Json = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-KEY", "description": "A key of this service."},
    "admin": {"type": "apiKey", "in": "header", "name": "X-API-KEY", "description": "A key with the role `admin`."},
}
SECURITY: dict[str, list[Json]] = {"anybody": [], "client": [{"key": []}], "admin": [{"admin": []}]}


def document(endpoints: Sequence[Endpoint]) -> Json:
    """All of it."""
    types = list(dict.fromkeys(_types(endpoints)))
    said, schemas = msgspec.json.schema_components(types, ref_template=REF)
    schema_of = dict(zip(types, said, strict=True))
    paths: dict[str, Json] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fairlead guard",
            "version": __version__,
            "summary": "Whether something is a secret, of what kind, and how bad that is",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name} for name in dict.fromkeys(one.subject for one in endpoints)],
        "paths": paths,
        "components": {"schemas": _bare(schemas) | {"Error": ERROR}, "securitySchemes": SCHEMES},
    }


def _types(endpoints: Sequence[Endpoint]) -> Iterator[Any]:
    for one in endpoints:
        yield from (found for found in (one.body, one.answer) if found is not None)


def _operation(one: Endpoint, schema_of: dict[Any, Json]) -> Json:
    schema = schema_of[one.answer] if one.answer is not None else {"type": "string"}
    found: Json = {
        "tags": [one.subject],
        "summary": one.summary,
        "operationId": "_".join(re.findall(r"\w+", f"{one.method.lower()} {one.path}")),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", one.path)
        ],
        "security": SECURITY[one.who],
        "responses": {
            str(one.status): {"description": one.summary, "content": {one.content: {"schema": schema}}},
            "default": {
                "description": "Why not, and what to do",
                "content": {"application/json": {"schema": {"$ref": REF.format(name="Error")}}},
            },
        },
    }
    if one.words:
        found["description"] = one.words
    if one.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema_of[one.body]}}}
    elif one.path == "/stream":
        found["requestBody"] = {"required": True, "content": {"text/plain": {"schema": {"type": "string"}}}}
    return found


def _bare(schema: Any) -> Any:
    """Without the titles that are made of names."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    return [_bare(one) for one in schema] if isinstance(schema, list) else schema
