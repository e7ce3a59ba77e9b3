"""Turns a document's data into a `Stack`, with every problem at its line and in our own words.

Where keys are wrong, the rest is validated without them: what can be said of the rest is said at the same time.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fairlead.errors import Problem
from fairlead.kit.yaml import Document, KeyPath, dotted, parse
from fairlead.stack import wording
from fairlead.stack.interpolate import Interpolation
from fairlead.stack.model import Stack

_UNION_MEMBERS = {"str", "int", "float", "bool"}
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Validated:
    """What came of it. `stack` lacks the keys in `wrong`, or is None when too little is left."""

    stack: Stack | None
    problems: tuple[Problem, ...]
    wrong: frozenset[KeyPath]


def validated(document: Document, filled: Interpolation) -> Validated:
    """The stack in a document whose variables are put in."""
    data = deepcopy(filled.data)
    stack, errors = _attempt(data)
    for path in [path for path in errors if path in filled.variables and path not in filled.missing]:
        _convert(data, path)
    stack, errors = _attempt(data)
    problems = _problems(document, errors, filled)
    wrong = set(errors) | filled.missing
    for _ in range(_ROUNDS if errors else 0):
        if stack is not None or not all(_prune(data, path) for path in errors):
            break
        stack, errors = _attempt(data)
        wrong |= set(errors)
    return Validated(stack, problems, frozenset(wrong))


def _attempt(data: Any) -> tuple[Stack | None, dict[KeyPath, ErrorDetails]]:
    """The stack, or the first error at each path."""
    try:
        return Stack.model_validate(data), {}
    except ValidationError as error:
        found: dict[KeyPath, ErrorDetails] = {}
        for details in error.errors(include_url=False):
            found.setdefault(_path(details["loc"], data), details)
        return None, found


def _path(location: tuple[int | str, ...], data: Any) -> KeyPath:
    """Pydantic's location without its notes on unions, functions and keys."""
    path: list[str | int] = []
    here = data
    for part in location:
        inside = (isinstance(here, dict) and part in here) or (isinstance(here, list) and type(part) is int)
        if not inside and (part == "[key]" or part in _UNION_MEMBERS or (isinstance(part, str) and "[" in part)):
            break
        path.append(part)
        here = here[part] if inside and (isinstance(here, dict) or int(part) < len(here)) else None
    return tuple(path)


def _convert(data: Any, path: KeyPath) -> None:
    """Read what a variable held as YAML would, since the model wants no text there."""
    holder = _holder(data, path)
    if holder is None or not isinstance(holder[path[-1]], str):
        return
    value = parse(holder[path[-1]], "").data
    if isinstance(value, int | float | bool):
        holder[path[-1]] = value


def _problems(document: Document, errors: Mapping[KeyPath, ErrorDetails], filled: Interpolation) -> tuple[Problem, ...]:
    """One problem for each error that is not already told."""
    known = {problem.path for problem in document.problems}
    told = [
        (path, details)
        for path, details in errors.items()
        if not _under(path, filled.missing) and dotted(path) not in known
    ]
    return tuple(_problem(document, path, details, filled) for path, details in told)


def _problem(document: Document, path: KeyPath, details: ErrorDetails, filled: Interpolation) -> Problem:
    message, hint = wording.message(details, path, filled.variables)
    return Problem(document.file, document.line(path), dotted(path), message, hint)


def _under(path: KeyPath, roots: set[KeyPath]) -> bool:
    return any(path[: len(root)] == root for root in roots)


def _prune(data: Any, path: KeyPath) -> bool:
    """Take out what is wrong, or what lacks something; False when that would be everything."""
    if _stand_in(data, path):
        return True
    for n in range(len(path), 0, -1):
        holder = _holder(data, path[:n])
        if holder is not None:
            del holder[path[n - 1]]
            return n > 1 or len(path) == 1
    return False


def _stand_in(data: Any, path: KeyPath) -> bool:
    """Put something right where a part would be lost for one wrong key, and others name that part."""
    if path == ("name",):
        data["name"] = "stack"
        return True
    if path[:1] == ("stores",) and path[2:] == ("kind",) and isinstance(data["stores"][path[1]], dict):
        data["stores"][path[1]]["kind"] = "postgres"
        return True
    return False


def _holder(data: Any, path: KeyPath) -> Any:
    """The mapping or list that has the last key of a path, or None."""
    here = data
    for n, part in enumerate(path):
        if not (isinstance(here, dict) and part in here) and not (
            isinstance(here, list) and type(part) is int and part < len(here)
        ):
            return None
        if n == len(path) - 1:
            return here
        here = here[part]  # type: ignore[index]  # the check above says which kind it is
    return None
