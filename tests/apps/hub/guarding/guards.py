"""A small guard that keeps the contract of the large one: it knows one token, in a text and in pieces of one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from fairlead.apps.guard.findings import Finding, Placeholders
from fairlead.apps.guard.placeholders import Masked

SECRET = "acme_" + "k9Q2x7Lp4Rt8Wz3B"
OTHER = "acme_" + "Zz1Yy2Xx3Ww4Vv5U"
RULE = "acme.token"
KIND = "Acme token"

_TOKEN = re.compile(r"acme_[A-Za-z0-9]{16}")
_BEGINNING = re.compile(r"a(?:c(?:m(?:e(?:_[A-Za-z0-9]{0,15})?)?)?)?\Z")


class SmallGuard:
    """Finds `acme_` with 16 letters or digits."""

    def __init__(self) -> None:
        self.looks = 0

    def scan(self, text: str) -> Sequence[Finding]:
        """All of them."""
        self.looks += 1
        return [finding(match, 0) for match in _TOKEN.finditer(text)]

    def redact(self, text: str, placeholders: Placeholders | None = None) -> tuple[str, Sequence[Finding]]:
        """The text without them."""
        stream = self.stream(placeholders)
        (first, found), (rest, more) = stream.feed(text), stream.close()
        return first + rest, [*found, *more]

    def stream(self, placeholders: Placeholders | None = None) -> SmallStream:
        """In pieces."""
        return SmallStream(placeholders or Masked())


class SmallStream:
    """Holds back what may begin a token."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._rest = ""
        self._at = 0

    @property
    def clear(self) -> int:
        """How many characters were let out."""
        return self._at

    def feed(self, text: str) -> tuple[str, Sequence[Finding]]:
        """More of it."""
        text = self._rest + text
        match = _BEGINNING.search(text)
        end = match.start() if match else len(text)
        self._rest = text[end:]
        return self._out(text[:end])

    def close(self) -> tuple[str, Sequence[Finding]]:
        """The rest."""
        rest, self._rest = self._rest, ""
        return self._out(rest)

    def _out(self, text: str) -> tuple[str, Sequence[Finding]]:
        found, pieces, at = [], [], 0
        for match in _TOKEN.finditer(text):
            one = finding(match, self._at)
            found.append(one)
            pieces += [text[at : match.start()], self._placeholders.of(one, match[0])]
            at = match.end()
        self._at += len(text)
        return "".join([*pieces, text[at:]]), found


def finding(match: re.Match[str], offset: int) -> Finding:
    """Of a token."""
    digest = hashlib.sha256(match[0].encode()).hexdigest()[:16]
    return Finding(RULE, KIND, "high", 1.0, offset + match.start(), offset + match.end(), digest)


class BrokenGuard(SmallGuard):
    """Fails with words that quote the text."""

    def scan(self, text: str) -> Sequence[Finding]:
        """Not today."""
        raise ValueError(f"can't read {text}")

    def stream(self, placeholders: Placeholders | None = None) -> SmallStream:
        """Nor in pieces."""
        raise ValueError("no streams")
