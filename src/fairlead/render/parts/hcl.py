"""HCL written as `terraform fmt` would leave it: data in, text out, equals signs of neighbours under one another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.render.parts.dumping import HEADER, SOURCE

BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
INDENT = "  "

Body = Mapping[str, Any]
"""Attributes by name: text, numbers, truth, lists, mappings and `Raw`; `Inner`, or a list of them, is a block inside.
What is `None` is not written."""


class Raw(str):
    """An expression, written as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Inner:
    """A block inside of another one."""

    body: Body = field(default_factory=dict)
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a file. `notes` are comments at its head, among them the exceptions of scanners."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    notes: tuple[str, ...] = ()


def resource(kind: str, name: str, body: Body, *, notes: Iterable[str] = ()) -> Block:
    """A resource."""
    return Block("resource", (kind, name), body, tuple(notes))


def data(kind: str, name: str, body: Body | None = None) -> Block:
    """Something that is there already."""
    return Block("data", (kind, name), body or {})


def variable(name: str, kind: str, description: str, **body: Any) -> Block:
    """What a user would change. A default of `null` is `Raw("null")`."""
    return Block("variable", (name,), {"type": Raw(kind), "description": description, **body})


def output(name: str, value: str, description: str, **body: Any) -> Block:
    """What others ask for; `value` is an expression."""
    return Block("output", (name,), {"description": description, "value": Raw(value), **body})


def json_of(value: Any) -> Raw:
    """A call of `jsonencode`."""
    return Raw(f"jsonencode({written(value, 1)})")


def template(text: str) -> Raw:
    """Text with `${…}` in it."""
    return Raw(json.dumps(text, ensure_ascii=False))


def hcl_text(blocks: Iterable[Block]) -> str:
    """A file, with its header."""
    parts = ["\n".join(_block(block.kind, block.labels, block.body, 0, block.notes)) for block in blocks]
    return HEADER.format(source=SOURCE) + "\n" + "\n\n".join(parts) + "\n"


def assignments(body: Body) -> str:
    """A file of values for variables."""
    return HEADER.format(source=SOURCE) + "\n" + "\n".join(_attributes(body, 0)) + "\n"


def written(value: Any, depth: int) -> str:
    """A value; what is inside of it is indented by `depth`."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value.replace("${", "$${").replace("%{", "%%{"), ensure_ascii=False)
    if isinstance(value, Mapping):
        lines = _attributes(value, depth)
        return "\n".join(["{", *lines, f"{INDENT * (depth - 1)}}}"]) if lines else "{}"
    items = [written(item, depth + 1) for item in value]
    if not any("\n" in item for item in items) and sum(map(len, items)) < 90:
        return f"[{', '.join(items)}]"
    return "\n".join(["[", *(f"{INDENT * depth}{item}," for item in items), f"{INDENT * (depth - 1)}]"])


def _block(kind: str, labels: tuple[str, ...], body: Body, depth: int, notes: Iterable[str] = ()) -> Iterator[str]:
    edge, inside = INDENT * depth, INDENT * (depth + 1)
    head = " ".join([kind, *(written(label, 0) for label in labels)])
    flat = {key: value for key, value in body.items() if not _is_inner(value)}
    lines = [*(f"{inside}# {note}" for note in notes), *_attributes(flat, depth + 1)]
    for key, inner in _inners(body):
        lines += [*([""] if lines else []), *_block(key, inner.labels, inner.body, depth + 1)]
    if lines:
        yield from [f"{edge}{head} {{", *lines, f"{edge}}}"]
    else:
        yield f"{edge}{head} {{}}"


def _is_inner(value: Any) -> bool:
    return isinstance(value, Inner) or (isinstance(value, list) and bool(value) and isinstance(value[0], Inner))


def _inners(body: Body) -> Iterator[tuple[str, Inner]]:
    for key, value in body.items():
        if _is_inner(value):
            yield from ((key, one) for one in (value if isinstance(value, list) else [value]))


def _attributes(body: Body, depth: int) -> list[str]:
    """Those that fit on one line have their equals signs under one another, for as long as they are neighbours."""
    lines: list[str] = []
    run: list[tuple[str, str]] = []
    for key, value in body.items():
        if value is None:
            continue
        name = key if BARE.fullmatch(key) else Raw(written(key, 0))
        text = written(_deeper(value, depth), depth + 1)
        if "\n" not in text:
            run.append((name, text))
            continue
        lines += [*_aligned(run, depth), f"{INDENT * depth}{name} = {text}"]
        run = []
    return [*lines, *_aligned(run, depth)]


def _deeper(value: Any, depth: int) -> Any:
    """An expression of several lines was written for the first depth: moved to where it is."""
    if isinstance(value, Raw) and "\n" in value:
        return Raw(value.replace("\n", "\n" + INDENT * depth))
    return value


def _aligned(run: list[tuple[str, str]], depth: int) -> list[str]:
    width = max((len(name) for name, _ in run), default=0)
    return [f"{INDENT * depth}{name.ljust(width)} = {text}" for name, text in run]
