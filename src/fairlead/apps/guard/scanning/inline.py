"""What stands beside a secret in the file itself: `fairlead: allow secret -- a made-up value until 2027-01-01`.

In the same line, or alone in the line above.
"""

from __future__ import annotations

import re
from datetime import date

from fairlead.apps.guard.scanning.found import Inline

WORD = b"fairlead: allow secret"
_FORM = re.compile(
    rb"fairlead: allow secret(?:\s+--\s*(?P<reason>[^\r\n]*?))??(?:\s+until\s+(?P<until>[0-9-]{10}))?"
    rb"\s*(?:\*/|-->|\#\}|$)",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"^\s*(?:#|//|--|/\*|<!--|;|%|\{#)")


def allowance(lines: bytes) -> Inline | None:
    """What a line, or the one above it, allows."""
    if WORD not in lines:
        return None
    above, newline, own = lines.rpartition(b"\n")
    if WORD in own:
        return _read(own)
    return _read(above) if newline and _COMMENT.match(above) else None


def _read(line: bytes) -> Inline | None:
    found = _FORM.search(line)
    if found is None:
        return Inline("")
    reason = (found["reason"] or b"").decode("utf-8", "replace").strip()
    until = found["until"]
    try:
        return Inline(reason, date.fromisoformat(until.decode()) if until else None)
    except ValueError:
        return Inline("", None)
