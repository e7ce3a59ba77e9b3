"""Google's own form of schemas, a part of OpenAPI 3.0, as JSON Schema. Only read: JSON Schema is what Gemini is sent.

The types are in upper case (`STRING`), `nullable` stands beside the type, and counts are strings (ProtoJSON's int64).
"""

from __future__ import annotations

from typing import Any

from fairlead.apps.hub.calls import Json
from fairlead.apps.hub.shapes.gemini.proto import camel

COUNTS = ("maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties")


def json_schema(schema: Any, depth: int = 0) -> Any:
    """The same schema as JSON Schema says it."""
    if not isinstance(schema, dict) or depth > 100:
        return schema
    found: Json = {camel(name): value for name, value in schema.items()}
    if isinstance(kind := found.get("type"), str):
        found["type"] = kind.lower()
        if found.pop("nullable", False) is True:
            found["type"] = [kind.lower(), "null"]
    for name in COUNTS:
        if isinstance(count := found.get(name), str) and count.isdecimal():
            found[name] = int(count)
    if isinstance(properties := found.get("properties"), dict):
        found["properties"] = {name: json_schema(value, depth + 1) for name, value in properties.items()}
    if "items" in found:
        found["items"] = json_schema(found["items"], depth + 1)
    if isinstance(either := found.get("anyOf"), list):
        found["anyOf"] = [json_schema(value, depth + 1) for value in either]
    return found
