"""Says what pydantic found in our own words: what was expected, what was found, and how to mend it.

A value is shown only where it can't be a secret: not under keys that may hold one, not when it came from a variable,
not when it looks like a token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from fairlead.kit import suggest
from fairlead.kit.yaml import KeyPath, dotted
from fairlead.stack import keys, secretive

_FREE = {
    "environment",
    "with",
    "secrets",
    "secret",
    "external",
    "external_secret",
    "headers",
    "args",
    "settings",
    "key",
}
_FREE |= {"request_set", "response_set", "remote_write", "certificate", "labels", "tags"}
_SHOWABLE = re.compile(r"^[\w ./:@%*$,+<>=-]{0,40}$", re.ASCII)

_HABITS = {
    "env": "environment", "depends_on": "needs", "dependsOn": "needs", "healthcheck": "probes", "health": "probes",
    "health_check": "probes", "replicas": "scale", "instances": "scale", "autoscaling": "scale", "cmd": "command",
    "entrypoint": "command", "working_dir": "directory", "workdir": "directory", "config": "with", "settings": "with",
    "limits": "resources", "deploy": "release", "strategy": "release", "ingress": "expose", "routes": "expose",
    "env_file": "environment", "app": "uses", "cron": "schedule", "databases": "stores", "volumes_from": "volumes",
    "monitoring": "watching", "observability": "watching", "ci": "pipeline", "overlays": "environments",
    "interval": "every", "period": "every", "retries": "failures", "initial_delay": "within", "cidr_block": "cidr",
    "type": "kind", "url": "external", "retention": "keep", "db": "database", "slo": "objectives",
    "minimum": "min", "maximum": "max", "minReplicas": "min", "maxReplicas": "max",
}  # fmt: skip
"""What people who know Compose, Kubernetes or another tool write first, and what it is called here."""


def message(error: ErrorDetails, path: KeyPath, variables: Mapping[KeyPath, tuple[str, ...]]) -> tuple[str, str | None]:
    """What is wrong at a path, and a hint."""
    if error["type"] == "extra_forbidden":
        return "unknown key", _instead(path)
    if error["loc"][-1] == "[key]":
        place = keys.at(path[:-1])
        return f"should be {_key_words(place)}", "rename it"
    place = keys.at(path)
    expected = _expected(error, place)
    if error["type"] == "missing":
        return f"missing, {expected}", f"add `{path[-1]}: …`"
    if error["type"] in {"too_short", "string_too_short"}:
        return expected, f"such as `{example}`" if place and (
            example := place.example()
        ) else "write it, or take it out"
    plain = error["type"] not in {"model_type", "dict_type", "list_type"}
    return f"{expected}, got {_found(error['input'], path, variables, plain)}", _mend(error, path, place) or _explained(
        path
    )


def _expected(error: ErrorDetails, place: keys.Place | None) -> str:
    """`should be …`, by the kind of error first, by what belongs at the place otherwise."""
    limits = error.get("ctx") or {}
    unit = "%" if place and place.example() == "70%" else ""
    match error["type"]:
        case "greater_than_equal":
            return f"should be at least {limits['ge']:g}"
        case "less_than_equal":
            return f"should be at most {limits['le']:g}{unit}"
        case "greater_than":
            return f"should be more than {limits['gt']:g}{unit}"
        case "less_than":
            return f"should be less than {limits['lt']:g}{unit}"
        case "too_short" | "string_too_short":
            return "should not be empty"
        case "value_error" if place is None or not place.words().startswith(("a", "f")):
            return str(limits.get("error", "should be something else")).replace("expected", "should be", 1)
    return f"should be {place.words()}" if place else "should be something else"


def _found(value: Any, path: KeyPath, variables: Mapping[KeyPath, tuple[str, ...]], plain: bool) -> str:
    names = next((variables[path[:n]] for n in range(len(path), 0, -1) if path[:n] in variables), None)
    if names:
        return "what " + ", ".join(f"`${{{name}}}`" for name in names) + " holds"
    return shown(value, path) if plain else kind_of(value)


def shown(value: Any, path: KeyPath) -> str:
    """A value as a message may show it: in full, or only what kind of value it is."""
    if value is None or isinstance(value, dict | list) or _hides(path):
        return kind_of(value)
    if not isinstance(value, str):
        return str(value).lower()
    if secretive.form(value) or not _SHOWABLE.match(value) or _dense(value):
        return f"text of {len(value)} characters"
    return f"`{value}`" if value else "empty text"


def kind_of(value: Any) -> str:
    """What kind of value it is, and nothing of the value."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return str(value).lower()
    return "text" if isinstance(value, str) else "a number"


def _hides(path: KeyPath) -> bool:
    return any(isinstance(part, str) and (part in _FREE or secretive.name(part)) for part in path)


def _dense(text: str) -> bool:
    """Long, without gaps, letters and digits mixed: more like a token than like a word."""
    return (
        len(text) >= 16
        and not set(text) & set(" ./:,*")
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
    )


def _key_words(place: keys.Place | None) -> str:
    key = place.key_place() if place else None
    return key.words() if key else "a name"


def _instead(path: KeyPath) -> str | None:
    """What an unknown key may have meant."""
    wrong, place = str(path[-1]), keys.at(path[:-1])
    known = place.children() if place else {}
    if (better := _HABITS.get(wrong)) in known:
        return f"it is called `{better}` here"
    if (near := suggest.nearest(wrong, known)) is not None:
        return f"did you mean `{near}`?"
    if (home := _elsewhere(wrong, path)) is not None:
        return f"`{wrong}` belongs under `{home}`"
    return suggest.hint(wrong, known, none="`fairlead docs` lists the keys")


def _elsewhere(wrong: str, path: KeyPath) -> str | None:
    """The neighbouring key under which the unknown one is known."""
    for n in range(len(path) - 1, max(len(path) - 3, -1), -1):
        place = keys.at(path[:n])
        for name, field in (place.children() if place else {}).items():
            if name != "environments" and wrong in keys.of_field(field).children():
                return ".".join(map(str, (*path[:n], name)))
    return None


def _mend(error: ErrorDetails, path: KeyPath, place: keys.Place | None) -> str | None:
    value = error["input"]
    if value is None:
        return (
            "indent its keys below it, or take it out"
            if place and place.words() == "a mapping"
            else "write it, or take it out"
        )
    if path[0] == "secrets" and len(path) == 2:
        return "say where its value is found: `{env: VARIABLE}`, `{file: .env}` or `{encrypted: true}`"
    if place is not None and error["type"] == "literal_error" and isinstance(value, str) and not _hides(path):
        near = suggest.nearest(value, map(str, keys.choices(place)))
        return f"did you mean `{near}`?" if near else None
    if error["type"] == "string_type" and isinstance(value, int | float):
        return "put it in quotes"
    if error["type"] in {"dict_type", "model_type"} and isinstance(value, list):
        return "write `key: value` lines, not `- item` lines"
    if error["type"] == "list_type":
        return "write `- item` lines, or `[item, item]`"
    return _with_unit(value, place.example() or "") if place and error["type"] == "value_error" else None


def _explained(path: KeyPath) -> str:
    return f"`fairlead docs {dotted(path)}` explains it"


def _with_unit(value: Any, example: str) -> str | None:
    """A bare number with the unit that it probably lacks, a size without its `B`."""
    unit = example.lstrip("0123456789.")
    if type(value) in (int, float) and unit and unit != example:
        return f"did you mean `{value}{unit}`?"
    if isinstance(value, str) and re.fullmatch(r"[0-9.]{1,12}\s?[kKMGT]i?B", value) and unit == "Mi":
        return f"did you mean `{value[:-1]}`?"
    return None
