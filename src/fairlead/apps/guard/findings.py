"""What the guard finds, in words that the library, the scanner and the service share. Never the secret itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Severity = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret in a text: where it stands, what it is and why it is taken for one.

    `start` and `end` count characters of the text (of a stream, from its beginning); `confidence` is a probability
    (0 to 1); `digest` a keyed hash of the value, equal for equal values under one key.
    """

    rule: str
    """Which rule or model found it: `github.personal-access-token`, `generic.password`."""
    kind: str
    """What it is, in words: "GitHub personal access token"."""
    severity: Severity
    confidence: float
    start: int
    end: int
    digest: str
    reasons: tuple[str, ...] = ()


class Placeholders(Protocol):
    """Gives every secret a stable stand-in; who holds it can put the secrets back."""

    def of(self, finding: Finding, value: str) -> str:
        """What stands in for a value: the same for the same value."""

    def restored(self, text: str) -> str:
        """A text with the secrets back in their places."""


class Stream(Protocol):
    """One text that comes in pieces. What is let out holds no byte of a secret that the whole text would show."""

    def feed(self, text: str) -> tuple[str, Sequence[Finding]]:
        """More of it: what may be let out by now, redacted, and what was newly found."""

    def close(self) -> tuple[str, Sequence[Finding]]:
        """There is no more: the rest, redacted, and what was found in it."""


class Guard(Protocol):
    """Looks through texts. Safe to use from one thread; what it needs is loaded once."""

    def scan(self, text: str) -> Sequence[Finding]:
        """What stands in a text, in order, without overlaps."""

    def redact(self, text: str, placeholders: Placeholders | None = None) -> tuple[str, Sequence[Finding]]:
        """The text without its secrets, and what was found."""

    def stream(self, placeholders: Placeholders | None = None) -> Stream:
        """A text that comes in pieces."""
