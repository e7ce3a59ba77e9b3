"""`--set key=value`: one release that differs from the file in a few keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from fairlead.errors import UsageError
from fairlead.stack.model.service import Service


def override(spec: Service, changes: Mapping[str, str]) -> Service:
    """The service with these keys (`environment.GREETING`, `scale.min`) set. Raises `UsageError`."""
    if not changes:
        return spec
    data = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for key, value in changes.items():
        _put(data, key, _value(value))
    try:
        return Service.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"--set {where}: {first['msg'].lower()}", hint=f"`fairlead docs services.{where}` explains it"
        ) from None


def _value(text: str) -> Any:
    """Numbers, booleans, lists and mappings as in JSON; everything else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    inside = data
    for parent in parents:
        inside = inside.setdefault(parent, {})
        if not isinstance(inside, dict):
            raise UsageError(f"--set {key}: `{parent}` holds a single value, not keys")
    inside[last] = value
