"""The secrets that a team knows of and has not got rid of yet: a line each, sorted, nothing that changes by itself.

No path, no line number, no time: moving a secret is no news, and two branches' baselines merge as text does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from fairlead.errors import UsageError
from fairlead.kit.files import write_atomically

TITLE = (
    "# fairlead guard baseline 1: fingerprints of secrets that are known; `fairlead guard scan --baseline` passes them"
)
_LINE = re.compile(r"(?P<fingerprint>[0-9a-f]{32})(?: +(?P<rule>\S+))?")


def read(path: Path) -> frozenset[str]:
    """The fingerprints in a file. Raises `UsageError` with every line that is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise UsageError(
            f"the baseline {path} can't be read: {str(reason).lower()}", hint="`--write-baseline` makes one"
        ) from error
    known, wrong = set(), []
    for number, line in enumerate(lines, 1):
        if found := _LINE.fullmatch(line.strip()):
            known.add(found["fingerprint"])
        elif line.strip() and not line.startswith("#"):
            wrong.append(number)
    if wrong:
        where = ", ".join(map(str, wrong[:5]))
        raise UsageError(
            f"{path}: no fingerprint in line {where}", hint="after a conflict keep the lines of both sides"
        )
    return frozenset(known)


def write(path: Path, entries: Iterable[tuple[str, str]]) -> None:
    """Fingerprints with the rules that found them, in order. Raises `OSError`."""
    lines = sorted({f"{fingerprint} {rule}" for fingerprint, rule in entries})
    write_atomically(path, "\n".join([TITLE, *lines, ""]), mode=0o644)
