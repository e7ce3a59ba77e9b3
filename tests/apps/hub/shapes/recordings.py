"""Exchanges as the vendors publish them, one file each: `<protocol>/<name>.call.json`, `.answer.json`, `.stream`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fairlead.apps.hub.shapes import SHAPES, Place, Shape

FOLDER = Path(__file__).parent / "recorded"
PATHS = {"gemini": b"/v1beta/models/gemini-2.5-pro:generateContent"}
"""The path of calls whose body does not name the model."""


def recorded(suffix: str) -> list[tuple[str, str]]:
    """Every recording of a kind: protocol and file."""
    return sorted((path.parent.name, path.name) for path in FOLDER.glob(f"*/*{suffix}"))


def body_of(protocol: str, name: str) -> bytes:
    """What a recording holds."""
    return (FOLDER / protocol / name).read_bytes()


def shape_of(protocol: str) -> tuple[Shape, Place]:
    """A protocol, and its place of conversations."""
    shape = SHAPES.get(protocol)
    return shape, shape.places[0]


def tidy(value: Any) -> Any:
    """JSON without what says nothing: nulls, and lists and objects that are empty for it."""
    if isinstance(value, dict):
        found = {name: tidy(inner) for name, inner in value.items()}
        return {name: inner for name, inner in found.items() if inner not in (None, [], {}) or name == "googleSearch"}
    if isinstance(value, list):
        return [tidy(inner) for inner in value]
    return value


def as_json(body: bytes) -> Any:
    """Decoded, and tidied."""
    return tidy(json.loads(body))
