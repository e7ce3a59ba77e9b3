"""A value that fits a JSON Schema: the smallest that is sure to, from the words that schemas of tools use."""

from __future__ import annotations

from typing import Any

from fairlead.apps.hub.calls import Json

DEEPEST = 16
"""A schema that refers to itself is not followed further: what is optional is left out there."""


def fitting(schema: Any, words: str = "echo") -> Any:
    """A value; `words` are what its strings say."""
    root = schema if isinstance(schema, dict) else {}
    return _value(root, root, words, 0)


def _value(schema: Any, root: Json, words: str, depth: int) -> Any:
    if not isinstance(schema, dict) or depth > DEEPEST:
        return None
    if isinstance(reference := schema.get("$ref"), str):
        return _value(_found(root, reference), root, words, depth + 1)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    for name in ("anyOf", "oneOf"):
        if schema.get(name):
            return _value(schema[name][0], root, words, depth + 1)
    if schema.get("allOf"):
        return _value(_merged(schema["allOf"], root), root, words, depth + 1)
    return _typed(schema, root, words, depth)


def _typed(schema: Json, root: Json, words: str, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = str(kind[0] if isinstance(kind, list) and kind else kind).lower()
    if kind == "object":
        return _object(schema, root, words, depth)
    if kind == "array":
        return [_value(schema.get("items", {}), root, words, depth + 1) for _ in range(_least(schema, "minItems"))]
    if kind in ("integer", "number"):
        return _number(schema, kind)
    return {"boolean": True, "null": None}.get(kind, _string(schema, words))


def _object(schema: Json, root: Json, words: str, depth: int) -> Json:
    """All properties, so that something is shown; deep inside only those required."""
    properties, required = schema.get("properties", {}), schema.get("required", ())
    names = properties if depth < 4 else [name for name in properties if name in required]
    return {name: _value(properties[name], root, words, depth + 1) for name in names}


def _number(schema: Json, kind: str) -> Any:
    low, high, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + (1 if kind == "integer" else 0.5)
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - (1 if kind == "integer" else 0.5)
    value = low if low is not None else min(1, high) if high is not None else 1
    if step:
        value = -(-value // step) * step
    return int(value) if kind == "integer" else value


FORMATS = {
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
    "email": "echo@example.com",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
}


def _string(schema: Json, words: str) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    least, most = _least(schema, "minLength", 0), schema.get("maxLength")
    text = words.ljust(least, ".") if len(words) < least else words
    return text[:most] if isinstance(most, int) else text


def _least(schema: Json, name: str, default: int = 1) -> int:
    found = schema.get(name, default)
    return min(found, 1000) if isinstance(found, int) else default


def _found(root: Json, reference: str) -> Any:
    """What `#/$defs/name` refers to."""
    found: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found


def _merged(schemas: list[Any], root: Json) -> Json:
    whole: Json = {}
    for schema in schemas:
        one = _found(root, schema["$ref"]) if isinstance(schema, dict) and "$ref" in schema else schema
        if isinstance(one, dict):
            properties = whole.get("properties", {}) | one.get("properties", {})
            required = [*whole.get("required", ()), *one.get("required", ())]
            whole = whole | one | ({"properties": properties, "required": required} if properties else {})
    return whole
