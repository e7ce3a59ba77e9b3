"""A value that may be a secret, with what stands before it: all that a scorer sees, the same in a file and a stream."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.apps.guard.patterns.linear import linear

_BEFORE = 120
"""Bytes of the line before a value that a scorer sees."""
PAIR = 240
"""Bytes before a value within which its name may stand on another line."""
_NAME = linear(
    r"([A-Za-z0-9_.$-]{1,64})[\]\"')\s]{0,4}(?::[ ]?[A-Za-z]{1,12}\s{0,2})?[\s=:>~,(\[\"'`@bfru&|]{0,12}\z",
)
"""The name before a value, with what may stand between: `password: str = b"`, `["password"] = '`, `-p `."""
_PAIR = linear(
    r"(?i)(?:name|key|id)[\"']?\s{0,2}[=:]\s{0,4}[\"']?([\w.:-]{1,64})[\"']?,?\s{1,40}[\"']?value[\"']?\s{0,2}[=:]"
    r"\s{0,4}[\"']?\z|<[\w:.-]{1,40}\s[^<>]{0,40}?(?:name|key|id)=[\"']([\w.:-]{1,64})[\"'][^<>]{0,40}>\s{0,40}\z|"
    r"variable\s{1,4}\"([\w-]{1,64})\"\s{0,4}\{[^{}]{0,120}?default\s{0,8}=\s{0,8}\"\z"
)
"""The name of a pair: `- name: PASSWORD` and `value: ` below, `key="password" value="`, `<entry key="x">`."""
_SAID = linear(
    r"(?i)([\w.-]{0,24}(?:passw|passphrase|passcode|pwd|secret|token|credential|kennwort|senha|clave|api.?key|"
    r"access.key|contrase|passe|wachtwoord|has\xc5\x82o|parol|\bkey\b|\bpin\b|\bpass\b|\bpw\b)[\w.-]{0,24})[^\"'`=]{0,60}[\"'`(]?\z"
)
"""The last words of a sentence about a secret, before what it says of it."""
_JOINING = frozenset(b"is was be are to as ist est es jest lautet value with and i the a it".split())
"""Words that stand between such a name and the value, and are none."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value and where it stands."""

    value: str
    variable: str
    """The name that it is assigned to; empty when none can be told."""
    before: str
    """The line before the value, at most 120 bytes of it."""
    quote: str
    """The character right before the value when it is a quotation mark, else empty."""


def candidate(data: bytes, start: int, end: int, value: str, begin: int | None = None) -> Candidate:
    """What a scorer sees of a value at these bounds; a name on another line is looked for from `begin` on."""
    lowest = max(0, start - _BEFORE)
    line = data[max(lowest, data.rfind(b"\n", lowest, start) + 1) : start]
    before = line.decode("utf-8", "replace")
    quote = before[-1:] if before[-1:] in "\"'`" else ""
    name = _paired(data[begin:start]) if begin is not None else b""
    if not name and (found := _NAME.search(line, 0, len(line))):
        name = line[slice(*found[1])]
    if (not name or name.lower() in _JOINING) and (said := _SAID.search(line, 0, len(line))):
        name = line[slice(*said[1])]
    return Candidate(value, name.decode("utf-8", "replace"), before, quote)


def _paired(text: bytes) -> bytes:
    """The name of a pair of which the value follows."""
    found = _PAIR.search(text, 0, len(text))
    return next((text[slice(*span)] for span in found[1:] if span[0] >= 0), b"") if found else b""
