"""The JSON Schema of the stack file (Draft 2020-12), so that editors complete and check while somebody writes.

Made from the model: shorthands are accepted, a `${VARIABLE}` may stand for any value, and overlays are partial stacks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.stack.described import describe
from fairlead.stack.model import Stack

Schema = dict[str, Any]

ID = "https://fairlead.dev/schema/fairlead.json"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:[-?][^{}]*)?\}"}


def json_schema() -> Schema:
    """The schema as data."""
    describe()
    stack = Stack.model_json_schema(by_alias=True)
    parts: dict[str, Schema] = stack.pop("$defs")
    _write_defaults(stack, parts)
    full = {name: _opened(part) for name, part in parts.items()}
    top = _opened(stack)
    environments = top["properties"].pop("environments")
    overlay = {**_partial(top), "title": "Overlay", "description": "Any key of the stack; `null` takes a key out."}
    names = next(iter(environments["patternProperties"]))
    environments["patternProperties"] = {names: _or_null({"$ref": "#/$defs/Overlay"})}
    top["properties"]["environments"] = environments
    overlays = {f"{name}Overlay": _partial(part) for name, part in full.items()}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID}
    return {**head, **top, "title": "Fairlead stack", "$defs": {**full, **overlays, "Overlay": overlay}}


def _write_defaults(stack: Schema, parts: dict[str, Schema]) -> None:
    """Put in defaults as the file writes them (`30s`), and take out those that only repeat a whole part."""
    written = Stack.model_json_schema(by_alias=True, mode="serialization")
    known = written.pop("$defs")
    for part, source in [(stack, written), *((parts[name], known[name]) for name in parts)]:
        for name, field in part.get("properties", {}).items():
            field.pop("default", None)
            default = source["properties"][name].get("default")
            if default not in (None, "") and not isinstance(default, dict):
                field["default"] = default


def _below(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """The schema with each schema directly below it changed."""
    result = dict(schema)
    for key in ("properties", "patternProperties"):
        if key in schema:
            result[key] = {name: change(each) for name, each in schema[key].items()}
    for key in ("anyOf", "prefixItems"):
        if key in schema:
            result[key] = [change(each) for each in schema[key]]
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = change(schema[key])
    return result


def _opened(schema: Schema) -> Schema:
    """The schema with `${VARIABLE}` let in wherever it would be refused, and with no key let in that has no name."""
    result = _below(schema, _opened)
    if "patternProperties" in result:
        result["additionalProperties"] = False
    return _with_variable(result) if _refuses_text(result) else result


def _refuses_text(schema: Schema) -> bool:
    bounded = "pattern" in schema or "enum" in schema
    return (
        "const" in schema
        or schema.get("type") in ("integer", "number", "boolean")
        or (bounded and schema.get("type") == "string")
    )


def _with_variable(schema: Schema) -> Schema:
    about, rest = _parted(schema, "title", "description", "default", "examples")
    return {**about, "anyOf": [rest, dict(_VARIABLE)]}


def _partial(schema: Schema) -> Schema:
    """The schema with nothing required, `null` let in to take a key out, and references to partial schemas."""
    result = _below(schema, _partial)
    result.pop("required", None)
    result.pop("default", None)
    if "$ref" in result:
        result["$ref"] += "Overlay"
    for key in ("properties", "patternProperties"):
        if key in result:
            result[key] = {name: _or_null(each) for name, each in result[key].items()}
    if isinstance(schema.get("items"), dict):
        result["items"] = schema["items"]  # a list replaces the whole list, so its items are whole
    if isinstance(result.get("additionalProperties"), dict):
        result["additionalProperties"] = _or_null(result["additionalProperties"])
    return result


def _or_null(schema: Schema) -> Schema:
    about, rest = _parted(schema, "title", "description")
    return {**about, "anyOf": [rest, {"type": "null"}]}


def _parted(schema: Schema, *keys: str) -> tuple[Schema, Schema]:
    about = {key: schema[key] for key in keys if key in schema}
    return about, {key: value for key, value in schema.items() if key not in about}
