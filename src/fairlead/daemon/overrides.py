"""`--set key=value`: one release that differs from the file in a few keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from fairlead.errors import UsageError
from fairlead.stack import wording
from fairlead.stack.model.service import Service


def override(name: str, spec: Service, changes: Mapping[str, str]) -> Service:
    """The service called `name` with these keys (`environment.GREETING`, `scale.min`) set. Raises `UsageError`.

    A value is read as JSON where that fits (numbers, booleans, lists, mappings), and as text everywhere else.
    """
    if not changes:
        return spec
    try:
        return _set(spec, {key: _json(text) for key, text in changes.items()})
    except ValidationError as error:
        wants_text = {_key(details["loc"]) for details in error.errors() if details["type"] == "string_type"}
    try:
        return _set(spec, {key: text if key in wants_text else _json(text) for key, text in changes.items()})
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        message, hint = wording.message(details, ("services", name, *details["loc"]), {})
        raise UsageError(f"--set {_key(details['loc'])}: {message}", hint=hint) from None


def _set(spec: Service, values: Mapping[str, Any]) -> Service:
    data = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for key, value in values.items():
        _put(data, key, value)
    return Service.model_validate(data)


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    inside = data
    for parent in parents:
        inside = inside.setdefault(parent, {})
        if not isinstance(inside, dict):
            raise UsageError(f"--set {key}: `{parent}` holds a single value, not keys")
    inside[last] = value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)
