"""The text of an env file: `NAME=value` lines, read strictly and written back exactly.

No shell reads it: `$` means nothing, nothing is expanded. A message names a line and never shows what is on it, since
that may be a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_BLANK = re.compile(r"[ \t]*(?:#.*)?")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`", "\n": ""}
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "'": re.compile(r"'([^']*)'"),
}


class EnvError(ValueError):
    """A line that is not `NAME=value`; the message holds nothing of the line."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


def decode(content: bytes) -> str:
    """The text of a file: UTF-8, with or without a byte order mark, LF or CRLF. Raises `EnvError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EnvError(line, "not UTF-8 text") from None
    if "\0" in text:
        raise EnvError(text.count("\n", 0, text.index("\0")) + 1, "holds a NUL character")
    return text.replace("\r\n", "\n")


def parse(text: str) -> dict[str, str]:
    """Name -> value. Quotes, `export`, comments and values over several quoted lines are understood.

    In double quotes a backslash escapes (`\\n`, `\\"`); in single quotes nothing does. Raises `EnvError`.
    """
    found: dict[str, str] = {}
    for name, value, line in _entries(text):
        if name in found:
            raise EnvError(line, f"`{name}` is given a second time")
        found[name] = value
    return found


def _entries(text: str) -> Iterator[tuple[str, str, int]]:
    position, line = 0, 1
    while position < len(text):
        end = _line_end(text, position)
        if not _BLANK.fullmatch(text, position, end):
            name, begin = _name(text, position, line)
            value, end = _value(text, begin, line)
            yield name, value, line
        line += text.count("\n", position, end) + 1
        position = end + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _name(text: str, position: int, line: int) -> tuple[str, int]:
    match = _NAME.match(text, position)
    if not match:
        raise EnvError(line, "should be NAME=value")
    return match[1], match.end()


def _value(text: str, begin: int, line: int) -> tuple[str, int]:
    quote = text[begin : begin + 1]
    if quote not in _QUOTED:
        end = _line_end(text, begin)
        return re.split(r"(?:^|[ \t])#", text[begin:end], maxsplit=1)[0].rstrip(" \t"), end
    match = _QUOTED[quote].match(text, begin)
    if not match:
        raise EnvError(line, "a quote is opened and never closed")
    end = _line_end(text, match.end())
    if not _BLANK.fullmatch(text, match.end(), end):
        raise EnvError(line, "something follows the closing quote")
    return (match[1] if quote == "'" else _unescaped(match[1], line)), end


def _unescaped(text: str, line: int) -> str:
    def meaning(match: re.Match[str]) -> str:
        if match[1] not in _MEANING:
            raise EnvError(line, "unknown escape after a backslash; write a backslash as two, or use single quotes")
        return _MEANING[match[1]]

    return _ESCAPE.sub(meaning, text)


def dump(values: Mapping[str, str]) -> str:
    """The text that `parse` reads as these values, sorted by name."""
    return "".join(f"{name}={_quoted(values[name])}\n" for name in sorted(values))


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
    return f'"{escaped}"'
