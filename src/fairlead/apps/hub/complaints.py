"""What is wrong with a configuration, in our own words: where, what, and what may have been meant.

Data are shown only as far as they can't be a secret: a wrong value is told by its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from fairlead.apps.hub.config import Config
from fairlead.kit import suggest

_MENDED = re.compile(r" \(([^()]*`[^()]*)\)$")
"""How something may be mended, at the end of a problem that is written in one line."""

KeyPath = tuple[str | int, ...]


class Complaint(NamedTuple):
    """One thing that is wrong."""

    path: KeyPath
    message: str
    hint: str | None = None


def of_form(data: Any) -> list[Complaint]:
    """What is wrong with its keys and values, each taken for itself."""
    try:
        Config.model_validate(data)
    except ValidationError as error:
        return list(told(error, data))
    return []


def told(error: ValidationError, data: Any) -> Iterator[Complaint]:
    """The same, of what was found already; of a key with several forms it is told once."""
    seen: set[KeyPath] = set()
    for details in error.errors(include_url=False, include_input=False):
        path = _inside(details["loc"], data)
        if path in seen:
            continue
        seen.add(path)
        if details["type"] == "extra_forbidden":
            known = sorted(_keys(Config.model_json_schema(), path[:-1]))
            yield Complaint(path, "unknown key", suggest.hint(str(path[-1]), known) if known else None)
        else:
            message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
            yield Complaint(path, message[:1].lower() + message[1:])


def placed(problem: str, data: Any) -> Complaint:
    """A problem that begins with its key (`models.gpt-4.1.targets[0]: …`), with that key found in the data."""
    path: list[str | int] = []
    rest, here = problem, data
    while (step := _step(rest, here)) is not None:
        part, rest = step
        path.append(part)
        here = here[part]
    said = rest.partition(": ")[2] if path and ": " in rest else problem
    mended = _MENDED.search(said)
    return Complaint(tuple(path), said[: mended.start()], mended[1]) if mended else Complaint(tuple(path), said)


def _step(rest: str, here: Any) -> tuple[str | int, str] | None:
    """The next part of a key, and what is left. Names of models have dots in them: the longest that fits is meant."""
    rest = rest.removeprefix(".")
    if isinstance(here, list) and rest.startswith("["):
        number, _, left = rest[1:].partition("]")
        return (int(number), left) if number.isdigit() and int(number) < len(here) else None
    if not isinstance(here, Mapping):
        return None
    fitting = [name for name in here if rest.startswith(str(name)) and rest[len(str(name)) :][:1] in (".", "[", ":")]
    name = max(fitting, key=lambda one: len(str(one)), default=None)
    return None if name is None else (name, rest[len(str(name)) :])


def _inside(location: KeyPath, data: Any) -> KeyPath:
    """Pydantic's location as far as the data have it, and the key that is missing or unknown; not its own notes."""
    path: list[str | int] = []
    here = data
    for part in location:
        if _has(here, part):
            here = here[part]
            path.append(part)
        elif isinstance(here, Mapping) and part == location[-1] and part != "[key]":
            return (*path, part)
    return tuple(path)


def _has(here: Any, part: str | int) -> bool:
    if isinstance(here, list):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, Mapping) and part in here


def _keys(schema: Mapping[str, Any], path: KeyPath) -> set[str]:
    """The keys that are known at a path, by the JSON Schema."""
    heres = [schema]
    for part in path:
        heres = [below for here in heres for form in _forms(schema, here) for below in _below(form, part)]
    return {key for here in heres for form in _forms(schema, here) for key in form.get("properties", {})}


def _forms(schema: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in here:
        yield from _forms(schema, schema["$defs"][here["$ref"].rpartition("/")[2]])
        return
    yield here
    for other in here.get("anyOf", []):
        yield from _forms(schema, other)


def _below(form: Mapping[str, Any], part: str | int) -> Iterator[Mapping[str, Any]]:
    found = form.get("properties", {}).get(part, form.get("items" if isinstance(part, int) else "additionalProperties"))
    if isinstance(found, Mapping):
        yield found
