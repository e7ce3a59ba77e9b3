"""Uploads (`multipart/form-data`, RFC 7578): read strictly, written, and one field replaced with the rest untouched.

Strict means: what could be read in two ways is refused, since the hub decides on the model and the limits by what it
reads, and the provider must not read something else. So: the boundary at the very beginning, CR LF at every line end,
a length or an encoding of a part's own nowhere, no name twice where one is meant, nothing after the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fairlead.apps.hub.calls import Json, Unsayable

MOST_PARTS = 256
MOST_HEAD_BYTES = 4096
_BOUNDARY = re.compile(rb"""[0-9A-Za-z'()+_,./:=?-]{1,70}""")
"""RFC 2046, 5.1.1, without the space, which nobody uses and some cut off."""
_TYPE = re.compile(rb'multipart/form-data\s*;\s*boundary=(?:"([^"\\]+)"|([^\s;"]+))\s*', re.IGNORECASE)
_DISPOSITION = re.compile(rb'form-data((?:\s*;\s*\w+="[^"\r\n]*")+)\s*', re.IGNORECASE)
_PARAMETER = re.compile(rb';\s*(\w+)="([^"\r\n]*)"')
_SAID = {b"name", b"filename"}
_HEADERS = {b"content-disposition", b"content-type"}


@dataclass(frozen=True, slots=True)
class Part:
    """One field: where its value stands in the body; `file` is None for one that is no file."""

    name: str
    file: str | None
    mime: str | None
    start: int
    end: int


def boundary_of(content_type: bytes) -> bytes:
    """The boundary that a header names. Raises `Unsayable`."""
    found = _TYPE.fullmatch(content_type)
    boundary = (found[1] or found[2]) if found else b""
    if not _BOUNDARY.fullmatch(boundary):
        raise Unsayable("the content type should be multipart/form-data with a boundary")
    return boundary


def boundary_in(body: bytes) -> bytes:
    """The boundary that a body begins with, for who does not have the header."""
    line = body[: body.find(b"\r\n")] if b"\r\n" in body[:80] else b""
    if not line.startswith(b"--") or not _BOUNDARY.fullmatch(line[2:]):
        raise Unsayable("the body should begin with its boundary")
    return line[2:]


def parts(body: bytes, boundary: bytes) -> list[Part]:
    """The parts of a body, which are not copied. Raises `Unsayable`."""
    found = list(_parts(body, boundary))
    if len(found) > MOST_PARTS:
        raise Unsayable(f"the body has more than {MOST_PARTS} parts")
    return found


def _parts(body: bytes, boundary: bytes) -> Iterator[Part]:
    between = b"\r\n--" + boundary
    if not body.startswith(between[2:]):
        raise Unsayable("the body should begin with its boundary")
    at = len(between) - 2
    while body[at : at + 2] == b"\r\n":
        start = body.find(b"\r\n\r\n", at, at + MOST_HEAD_BYTES)
        end = body.find(between, start + 2)
        if start < 0 or end < start + 4:
            raise Unsayable("the body has a part without an end")
        yield _part(body[at + 2 : start], start + 4, end)
        at = end + len(between)
    if body[at:] not in (b"--\r\n", b"--"):
        raise Unsayable("the body should end with its boundary")


def _part(head: bytes, start: int, end: int) -> Part:
    headers: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        name = name.lower()
        if not colon or name not in _HEADERS or name in headers or b"\n" in line or b"\0" in line:
            raise Unsayable("a part of the body has a header that it should not have")
        headers[name] = value.strip()
    said = _said(headers.get(b"content-disposition", b""))
    mime = headers.get(b"content-type")
    return Part(said["name"], said.get("filename"), None if mime is None else mime.decode("latin-1"), start, end)


def _said(disposition: bytes) -> dict[str, str]:
    found = _DISPOSITION.fullmatch(disposition)
    pairs = _PARAMETER.findall(found[1]) if found else []
    names = [name.lower() for name, _ in pairs]
    if b"name" not in names or len(set(names)) != len(names) or not set(names) <= _SAID:
        raise Unsayable("a part of the body should have a name")
    return {name.decode().lower(): _unquoted(value) for name, value in pairs}


def _unquoted(value: bytes) -> str:
    """As browsers write it: quotes and line ends percent-encoded (WHATWG HTML, multipart/form-data)."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise Unsayable("a name in the body should be UTF-8") from error
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def single(body: bytes, found: Iterable[Part], name: str) -> str | None:
    """The value of a field that is there once or not at all. Raises `Unsayable`."""
    matching = [part for part in found if part.name == name]
    if len(matching) > 1 or any(part.file is not None for part in matching):
        raise Unsayable(f"{name} should be there once, and be no file")
    return _text(body, matching[0]) if matching else None


def _text(body: bytes, part: Part) -> str:
    try:
        return body[part.start : part.end].decode()
    except UnicodeDecodeError as error:
        raise Unsayable(f"{part.name} should be UTF-8") from error


def taken(body: bytes, found: Sequence[Part]) -> tuple[Json, list[tuple[str, str, str, bytes]]]:
    """Fields (a list where one is repeated, or its name ends with `[]`) and files."""
    fields: Json = {}
    for part in found:
        if part.file is not None:
            continue
        value = _text(body, part)
        if part.name in fields or part.name.endswith("[]"):
            fields[part.name] = [*_listed(fields.get(part.name, [])), value]
        else:
            fields[part.name] = value
    files = [_file(body, part.file, part) for part in found if part.file is not None]
    return fields, files


def _file(body: bytes, name: str, part: Part) -> tuple[str, str, str, bytes]:
    return part.name, name, part.mime or "application/octet-stream", body[part.start : part.end]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def replaced(body: bytes, name: str, value: str) -> bytes:
    """The same body with another value of a field, or with that field when it had none."""
    boundary = boundary_in(body)
    found = [part for part in parts(body, boundary) if part.name == name]
    if len(found) > 1:
        raise Unsayable(f"{name} should be there once")
    if found:
        return b"%b%b%b" % (body[: found[0].start], value.encode(), body[found[0].end :])
    return b"".join(_field(boundary, name, value.encode())) + body


def written(
    fields: Mapping[str, object], files: Sequence[tuple[str, str, str, bytes]], boundary: bytes
) -> tuple[str, bytes]:
    """Content type and body. `boundary` must occur in no value: the caller takes one that can't be guessed."""
    pieces: list[bytes] = []
    for name, value in fields.items():
        for one in _listed(value):
            pieces += _field(boundary, name, _plain(one).encode())
    for name, file, mime, data in files:
        pieces += _field(boundary, name, data, file, mime)
    pieces.append(b"--%b--\r\n" % boundary)
    return f"multipart/form-data; boundary={boundary.decode()}", b"".join(pieces)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _field(boundary: bytes, name: str, value: bytes, file: str | None = None, mime: str = "") -> list[bytes]:
    named = b'name="%b"' % _quoted(name)
    typed = b""
    if file is not None:
        named += b'; filename="%b"' % _quoted(file)
        typed = b"\r\nContent-Type: %b" % mime.replace("\r", "").replace("\n", "").encode()
    return [b"--%b\r\nContent-Disposition: form-data; %b%b\r\n\r\n" % (boundary, named, typed), value, b"\r\n"]


def _quoted(text: str) -> bytes:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode()
