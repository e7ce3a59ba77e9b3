"""The whole hub as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1): protocols from their places, the
administration from its endpoints, and what a load balancer and Prometheus ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from fairlead import __version__
from fairlead.apps.hub.calls import Json
from fairlead.apps.hub.pages.endpoints import Endpoint
from fairlead.apps.hub.pages.protocols import PROTOCOLS, UPLOADS, WORDS, Protocol
from fairlead.apps.hub.shapes import SHAPES, Place

REF = "#/components/schemas/{model}"
ADMINISTRATION: list[Json] = [{"adminBearer": []}, {"adminKey": []}]
CLIENTS: list[Json] = [{"bearer": []}, {"xApiKey": []}, {"googKey": []}]

SCHEMES: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of this hub, `sk-fl-…`."},
    "xApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same, as Anthropic's do."},
    "googKey": {"type": "apiKey", "in": "header", "name": "x-goog-api-key", "description": "The same, as Gemini's do."},
    "adminBearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The key in the variable that `admin_key` names. Without `admin_key` the second listener asks "
        "for none, and the first does not serve the administration.",
    },
    "adminKey": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same."},
}

ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "hint": {"type": "string", "description": "What to do."},
                "problems": {"type": "array", "items": {"type": "string"}, "description": "All that is wrong."},
            },
        }
    },
}

STATES: Sequence[tuple[str, str, str, str]] = (
    ("/health", "Whether the hub works", "application/json", "503 while it does not"),
    ("/health/detailed", "How each part of it is", "application/json", "503 while a part does not work"),
    ("/liveness", "Whether the process answers", "application/json", ""),
    ("/readiness", "Whether requests should be sent here", "application/json", "503 while they should not"),
    ("/metrics", "Metrics, as Prometheus reads them", "text/plain", ""),
)


def document(endpoints: Sequence[Endpoint]) -> Json:
    """All of it."""
    paths: dict[str, Json] = {}
    for path, method, operation in (*_calls(), *_states(), *_administration(endpoints), *_own()):
        paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fairlead hub",
            "version": __version__,
            "summary": "One API in front of every LLM provider",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name} for name in dict.fromkeys(_tags(paths))],
        "paths": paths,
        "components": {"schemas": _schemas(endpoints) | {"Error": ERROR}, "securitySchemes": SCHEMES},
    }


def _tags(paths: dict[str, Json]) -> Iterator[str]:
    for operations in paths.values():
        for operation in operations.values():
            yield from operation["tags"]


# the protocols


def _calls() -> Iterator[tuple[str, str, Json]]:
    seen = set()
    for name in sorted(SHAPES, key=_turn):
        for place in SHAPES.get(name).places:
            if (place.method, place.path) not in seen:
                seen.add((place.method, place.path))
                yield place.path, place.method.lower(), _call(name, place)
    for root in ("/v1beta/models", "/v1beta/models/{model}"):
        yield root, "get", _call("gemini", Place("GET", root, "models"))


def _turn(shape: str) -> tuple[int, str]:
    """Those that are described, in their order, then the others."""
    known = list(PROTOCOLS)
    return (known.index(shape) if shape in known else len(known)), shape


def _call(shape: str, place: Place) -> Json:
    said = PROTOCOLS.get(shape) or Protocol(shape.replace("_", " "), "")
    content = {"application/json": {"schema": said.answer(place)}}
    if "stream" in said.body(place).get("properties", {}) or "streamGenerate" in place.path:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    if place.operation == "speech" or place.path.endswith("/content"):
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    operation: Json = {
        "tags": [said.title],
        "summary": WORDS[place.operation],
        "operationId": _id(place.method, place.path),
        "parameters": _parameters(place.path),
        "security": CLIENTS,
        "responses": {
            "200": {"description": "The answer, as the protocol writes it", "content": content},
            "default": {"description": "A failure, in the protocol's own form"},
        },
    }
    if said.source:
        operation["externalDocs"] = {"url": said.source}
    if place.method == "POST" and not place.path.endswith("/cancel"):
        operation["requestBody"] = _sent(said, place)
    return operation


def _sent(said: Protocol, place: Place) -> Json:
    upload = UPLOADS.get(place.path)
    if upload is not None:
        return {"required": True, "content": {"multipart/form-data": {"schema": upload}}}
    return {"required": True, "content": {"application/json": {"schema": said.body(place)}}}


# everything else


def _states() -> Iterator[tuple[str, str, Json]]:
    for path, summary, content, otherwise in STATES:
        schema = {"type": "object"} if content == "application/json" else {"type": "string"}
        responses: Json = {"200": {"description": summary, "content": {content: {"schema": schema}}}}
        if otherwise:
            responses["503"] = {"description": otherwise}
        yield path, "get", _plain("Health and metrics", summary, path, responses)


def _own() -> Iterator[tuple[str, str, Json]]:
    for path, summary, content in (
        ("/", "What this is, and where to go", "application/json"),
        ("/docs", "This description, to be read", "text/html"),
        ("/openapi.json", "This description", "application/json"),
    ):
        schema = {"type": "object"} if content == "application/json" else {"type": "string"}
        responses = {"200": {"description": summary, "content": {content: {"schema": schema}}}}
        yield path, "get", _plain("Description", summary, path, responses)


def _plain(tag: str, summary: str, path: str, responses: Json) -> Json:
    return {"tags": [tag], "summary": summary, "operationId": _id("get", path), "security": [], "responses": responses}


def _administration(endpoints: Sequence[Endpoint]) -> Iterator[tuple[str, str, Json]]:
    for one in endpoints:
        operation: Json = {
            "tags": [f"Administration: {one.subject.lower()}"],
            "summary": one.summary,
            "operationId": _id(one.method, one.path),
            "parameters": [*_parameters(one.path), *_queried(one)],
            "security": ADMINISTRATION,
            "responses": {
                str(one.status): {
                    "description": one.summary,
                    "content": {"application/json": {"schema": _reference(one.answer)}},
                },
                "default": {
                    "description": "Why not, and what to do",
                    "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}}},
                },
            },
        }
        if one.words:
            operation["description"] = one.words
        if one.body is not None:
            operation["requestBody"] = {"content": {"application/json": {"schema": _reference(one.body)}}}
        yield one.path, one.method.lower(), operation


def _queried(endpoint: Endpoint) -> list[Json]:
    if endpoint.query is None:
        return []
    schema = _bare(endpoint.query.model_json_schema(ref_template=REF))
    return [
        {"name": name, "in": "query", "required": False, "description": one.pop("description", ""), "schema": one}
        for name, one in schema["properties"].items()
    ]


def _parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": REF.format(model=model.__name__)}


def _schemas(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    wanted: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = []
    for one in endpoints:
        wanted += [(model, "validation") for model in (one.body, one.answer) if model is not None]
    _, schemas = models_json_schema(list(dict.fromkeys(wanted)), ref_template=REF)
    return {name: _bare(schema) for name, schema in schemas["$defs"].items()}


def _bare(schema: Any) -> Any:
    """Without the titles that pydantic makes of names."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    return [_bare(one) for one in schema] if isinstance(schema, list) else schema


def _id(method: str, path: str) -> str:
    return "_".join(re.findall(r"\w+", f"{method.lower()} {path}")) or method
