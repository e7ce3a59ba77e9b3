"""YAML 1.2 as plain data that still knows its lines.

Not a general reader: keys are text and values are what JSON has. What a stack file has no use for (tags, several
documents, aliases that multiply) is refused, never guessed at. Every duplicate key is a problem of its own; broken
syntax is one problem, since nothing after it can be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fairlead.errors import Problem, StackError

KeyPath = tuple[str | int, ...]

MAX_BYTES = 512 * 1024
MAX_VALUES = 20_000
MAX_DEPTH = 40

_TAG = "tag:yaml.org,2002:"
_TEXT = {_TAG + kind for kind in ("str", "timestamp", "value", "merge")}
_TRUE = {"true", "yes", "on"}


@dataclass(frozen=True, slots=True)
class Document:
    """A file as data, with the line of every key and list item, and what is wrong with it as YAML."""

    file: str
    data: Any
    lines: Mapping[KeyPath, int]
    problems: tuple[Problem, ...] = ()

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest key above it that is written down."""
        return next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 0)


def dotted(path: KeyPath) -> str:
    """A key's path as people write it: `services.hub.needs.0`."""
    return ".".join(str(part) for part in path)


def dumps(data: Any) -> str:
    """Plain data as YAML, keys in the order they have."""
    writer = YAML(typ="rt", pure=True)
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = 1000
    stream = StringIO()
    writer.dump(data, stream)
    return stream.getvalue()


def read(path: Path, file: str | None = None) -> Document:
    """The document in a file; raises `StackError` when it can't be read at all."""
    file = file or str(path)
    return parse(_text(path, file), file)


def parse(text: str, file: str) -> Document:
    """The document in a text; its `data` is None where the syntax is broken."""
    if len(text) > MAX_BYTES:
        return Document(file, None, {}, (_too_large(file),))
    builder = _Builder(file)
    try:
        node = _compose(text, file)
        data = builder.value(node, (), 0) if node is not None else None
    except StackError as error:
        return Document(file, None, {}, error.problems)
    return Document(file, data, builder.lines, tuple(builder.problems))


def _refused(file: str, line: int, message: str, hint: str | None = None) -> StackError:
    """The text goes beyond what is read here."""
    return StackError([Problem(file, line, "", message, hint)])


def _text(path: Path, file: str) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        hint = "`fairlead init` writes one; `--file` names another"
        raise _refused(file, 0, "there is no such file", hint) from None
    except IsADirectoryError:
        raise _refused(file, 0, "this is a directory, expected a file", "name the file in it") from None
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "the name is not one a file can have").lower()
        raise _refused(file, 0, f"can't be read: {why}", "look at its permissions") from None
    if len(raw) > MAX_BYTES:
        raise StackError([_too_large(file)])
    return _decoded(raw, file)


def _decoded(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused(file, line, "this is not UTF-8 text", "save it as UTF-8") from None


def _too_large(file: str) -> Problem:
    return Problem(
        file, 0, "", f"should be at most {MAX_BYTES // 1024} KiB, this file is larger", "is it the right file?"
    )


def _too_deep(file: str, line: int) -> StackError:
    hint = "look for an alias that holds itself"
    return _refused(file, line, f"should be nested at most {MAX_DEPTH} deep, this is deeper", hint)


def _compose(text: str, file: str) -> Node | None:
    """The tree of nodes; ruamel's own errors become ours."""
    reader = YAML(typ="safe", pure=True)
    reader.composer.warn_double_anchors = False  # setting an anchor anew is legal YAML
    try:
        return reader.compose(text)  # type: ignore[no-any-return]  # ruamel leaves it untyped
    except MarkedYAMLError as error:
        what = " ".join((error.problem or error.context or "broken").split()).removeprefix("but ")
        raise _refused(file, _where(error, what), f"this is not valid YAML: {what}", _mend(what)) from None
    except YAMLError:
        raise _refused(
            file, _bad_line(text), "there is a character here that YAML does not allow", "take it out"
        ) from None
    except RecursionError:
        raise _too_deep(file, 0) from None
    except (ValueError, OverflowError, LookupError, AttributeError, TypeError, AssertionError):
        # ruamel 0.19 leaks its own slips on some broken texts, such as escapes beyond Unicode
        raise _refused(file, 0, "this is not valid YAML", "look for a stray quote, bracket or backslash") from None


def _where(error: MarkedYAMLError, what: str) -> int:
    """The line to look at: where a thing was begun when it is never ended, else where it broke."""
    began = "end of stream" in what and error.context_mark
    mark = began or error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 0


def _mend(what: str) -> str:
    if "'\\t'" in what:
        return "indent with spaces, not tabs"
    if "undefined alias" in what:
        return "an alias (`*name`) needs its anchor (`&name`) further up"
    if "mapping values are not allowed" in what:
        return "put text that contains `: ` in quotes, or look at the indentation"
    if "expected a single document" in what or "another document" in what:
        return "keep one document in a file"
    return "look at the indentation, quotes and brackets here and on the line above"


def _bad_line(text: str) -> int:
    """The line of the first character outside YAML's printable set (YAML 1.2, 5.1)."""
    for number, line in enumerate(text.split("\n"), 1):
        if any((ord(c) < 32 and c not in "\t\r") or c == "\x7f" or 0xD800 <= ord(c) <= 0xDFFF for c in line):
            return number
    return 0


class _Builder:
    """Turns nodes into data, writing down lines and problems on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._count = 0

    def value(self, node: Node, path: KeyPath, depth: int) -> Any:
        self._bound(node, depth)
        self.lines.setdefault(path, _line(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return self._sequence(node, path, depth)
        return self._scalar(node, path)

    def _bound(self, node: Node, depth: int) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            hint = "aliases count each time they are used"
            raise _refused(self.file, _line(node), f"should hold at most {MAX_VALUES} values, this holds more", hint)
        if depth > MAX_DEPTH:
            raise _too_deep(self.file, _line(node))

    def _sequence(self, node: SequenceNode, path: KeyPath, depth: int) -> list[Any]:
        return [self.value(item, (*path, n), depth + 1) for n, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, path: KeyPath, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, (key_node, value_node) in self._pairs(node, path, depth).items():
            self.lines[(*path, key)] = _line(key_node)
            result[key] = self.value(value_node, (*path, key), depth + 1)
        return result

    def _pairs(self, node: MappingNode, path: KeyPath, depth: int) -> dict[str, tuple[Node, Node]]:
        """Keys with their nodes: the mapping's own, then what its merge keys (`<<`) add."""
        own: dict[str, tuple[Node, Node]] = {}
        merged: list[tuple[Node, Node]] = []
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged.append((key_node, value_node))
            elif (key := self._key(key_node, path)) in own:
                self._duplicate(key, path, _line(own[key][0]), _line(key_node))
            else:
                own[key] = (key_node, value_node)
        for key_node, value_node in merged:
            for source in self._sources(key_node, value_node, depth):
                own = {**self._pairs(source, path, depth + 1), **own}
        return own

    def _sources(self, key_node: Node, value_node: Node, depth: int) -> Iterator[MappingNode]:
        """The mappings that a merge key names, the strongest first."""
        for source in value_node.value if isinstance(value_node, SequenceNode) else [value_node]:
            self._bound(source, depth)
            if not isinstance(source, MappingNode):
                hint = "write `<<: *name`, with `&name` at a mapping further up"
                raise _refused(self.file, _line(key_node), "`<<` should name a mapping, or a list of them", hint)
            yield source

    def _key(self, node: Node, path: KeyPath) -> str:
        if not isinstance(node, ScalarNode):
            raise _refused(
                self.file,
                _line(node),
                "a key should be text, got a list or a mapping",
                "look for a stray `?`, `[` or `{`",
            )
        return str(node.value)

    def _duplicate(self, key: str, path: KeyPath, first: int, second: int) -> None:
        message = f"written twice, first at line {first}"
        self.problems.append(Problem(self.file, second, dotted((*path, key)), message, "keep one of them"))

    def _scalar(self, node: Node, path: KeyPath) -> Any:
        text = str(node.value)
        if node.tag in _TEXT:
            return text
        try:
            return _plain(str(node.tag), text)
        except ValueError as error:
            hint = "put it in quotes if it is text, else write it another way"
            self.problems.append(Problem(self.file, _line(node), dotted(path), str(error), hint))
            return text


def _plain(tag: str, text: str) -> Any:
    """A scalar of YAML's core schema (YAML 1.2, 10.3)."""
    if tag == _TAG + "null":
        return None
    if tag == _TAG + "bool":
        return text.lower() in _TRUE
    if "_" in text and tag in (_TAG + "int", _TAG + "float"):
        return text  # ruamel takes `1_000` for a number, as YAML 1.1 did
    if tag == _TAG + "int":
        return _whole(text)
    if tag == _TAG + "float":
        return _fraction(text)
    raise ValueError("should have no tag (`!…`)")


def _whole(text: str) -> int:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text.lstrip("+"))
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2].lower(), 10)
    try:
        return sign * int(digits[2:] if base != 10 else digits, base)
    except ValueError:
        raise ValueError("should be a whole number that can be read") from None


def _fraction(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("should be a finite number")
    return number


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
