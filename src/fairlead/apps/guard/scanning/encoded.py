"""Texts within texts: base64, hexadecimal and URL encoding, told from ordinary words before anything is decoded.

Looking for them costs little: one pattern finds the beginnings of long runs that may say something, and most texts
have none.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import unquote_to_bytes

from fairlead.apps.guard.patterns.linear import linear

SHORTEST = 24
"""Characters of base64: 18 bytes, the least that a password with its name has."""
SHORTEST_HEX = 36
LARGEST = 1 << 20
"""Characters of one run that are decoded; a window holds no more."""
WRAPPED = 48
"""Characters of a line from which a run may go on in the next (PEM has 64, MIME 76)."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_RUN = re.compile(rb"[A-Za-z0-9+/_-]*")
_TEXT_FIRST = re.compile(rb"(?:[A-Za-f][A-Za-z0-9+/_-]{3}){4}|[A-Za-f][A-Za-z0-9+/_-]{3}7[7-9][A-Za-z0-9+/_-]")
"""Of text, whose bytes are all below 128, every fourth character stands for less than 32; a byte order mark is none."""
_HEX = re.compile(rb"(?:[2-7][0-9a-fA-F]|0[9aAdD]){18,}\Z")
_OF_ALPHABET = "[A-Za-z0-9+/_-]"
_ANY = linear(
    rf"\A{_OF_ALPHABET}{{{SHORTEST}}}|(?:\A|[^A-Za-z0-9+/_-])(?:(?:[A-Za-f]{_OF_ALPHABET}{{3}}){{4}}{_OF_ALPHABET}{{8}}|"
    rf"[A-Za-f]{_OF_ALPHABET}{{3}}7[7-9]{_OF_ALPHABET}{{18}}|(?:[2-7][0-9a-fA-F]|0[9aAdD]){{18}})",
    captures=False,
)
"""The beginning of a run that is long enough, and may be a text; with the byte before it. At the beginning of a window
a run may have begun before it."""
_BREAK = re.compile(rb"\r?\n[ \t]*|\\r?\\n")
_ESCAPED = re.compile(rb"%[2-7][0-9A-Fa-f]")
_BOUNDS = (b" ", b"\n", b"\t", b'"', b"'", b"<", b">", b"`")
"""Bytes that stand in no address."""
_SEGMENT = re.compile(rb"[^ \n\t\"'<>`]{0,16384}")
_BEFORE = 4096
"""Bytes of an address before what is encoded in it."""
_UNPRINTED = bytes({*range(32), 127} - {9, 10, 13})


@dataclass(frozen=True, slots=True)
class Run:
    """An encoded text: between which bytes it stands, how it is encoded, and what it says."""

    start: int
    end: int
    encoding: str
    content: bytes


def runs(data: bytes) -> Iterable[Run]:
    """All that is in a text; nothing, for most."""
    letters = _ANY.search(data, 0, len(data)) is not None
    urls = b"%" in data and _ESCAPED.search(data) is not None
    if not letters and not urls:
        return ()
    return chain(_of_letters(data) if letters else (), _of_urls(data) if urls else ())


def _of_letters(data: bytes) -> Iterator[Run]:
    """Runs of base64, or of hexadecimal digits, whose alphabet is a part of it."""
    at = 0
    while found := _ANY.search(data, at, len(data)):
        start = found[0][0]
        start += data[start] not in _ALPHABET
        at = end = _end(_RUN, data, start)
        looks_so = _TEXT_FIRST.match(data, start, end)
        if looks_so or start == 0:
            last = _wrapped(data, start, end)
            at = last if looks_so else end
            yield from _base64(data, start, last)
        if _HEX.match(data, start, end):
            yield from _hex(data, start, end)


def _wrapped(data: bytes, start: int, end: int) -> int:
    """The end of a run that goes on in the lines below, all as long as the first but the last."""
    width = end - start
    if width < WRAPPED or width % 4:
        return end
    while (gap := _BREAK.match(data, end)) and end - start < LARGEST:
        following = _end(_RUN, data, gap.end())
        if not 2 <= following - gap.end() <= width:
            break
        end = following
        if following - gap.end() < width:
            break
    return end


def _base64(data: bytes, start: int, end: int) -> Iterator[Run]:
    text = _BREAK.sub(b"", data[start : min(end, start + LARGEST)]).translate(None, b" \t")
    # A window may begin within a run: it is not known then which of four characters is the first.
    for skipped in range(4) if start == 0 else range(1):
        content = _decoded(text[skipped:])
        if content is not None:
            yield Run(start, end, "base64", content)
            return


def _decoded(text: bytes) -> bytes | None:
    plain = text.replace(b"-", b"+").replace(b"_", b"/")
    try:
        content = base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + b"==")
    except binascii.Error:
        return None
    return _text(content)


def _hex(data: bytes, start: int, end: int) -> Iterator[Run]:
    if end - start >= SHORTEST_HEX and not (end - start) % 2:
        content = _text(binascii.unhexlify(data[start : min(end, start + LARGEST)]))
        if content is not None:
            yield Run(start, end, "hex", content)


def _text(content: bytes) -> bytes | None:
    """The content when it is a text, in UTF-8 or in UTF-16 as PowerShell encodes its commands."""
    if content[1::2].count(0) > len(content) * 0.4:
        content = content.decode("utf-16-le", "replace").encode("utf-8", "replace")
    if len(content.translate(None, _UNPRINTED)) != len(content):
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content if error.start >= len(content) - 3 else None
    return content


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    """Where a run ends that begins here."""
    found = pattern.match(data, start)
    return found.end() if found else start


def _of_urls(data: bytes) -> Iterator[Run]:
    at = 0
    while found := _ESCAPED.search(data, at):
        lowest = max(at, found.start() - _BEFORE)
        start = max(lowest, *(data.rfind(bound, lowest, found.start()) + 1 for bound in _BOUNDS))
        at = _end(_SEGMENT, data, found.start())
        yield Run(start, at, "url", unquote_to_bytes(data[start:at]))
