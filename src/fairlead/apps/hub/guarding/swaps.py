"""What stands for a secret while a call is under way, and how the client gets its own back.

The map lives in the memory of one flight and ends with it: nobody else can undo a placeholder. Numbers count within a
call in the order of the prompt, so a conversation that grows keeps its placeholders, and providers their prompt caches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from fairlead.apps.guard.findings import Finding, Placeholders


class Swaps:
    """Of one flight: `Placeholders` that remembers which values were the client's own."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._own: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self.taking = True
        """Whether what is redacted now is the client's own."""

    @property
    def gives_back(self) -> bool:
        """Whether there is anything of the client's to be put back."""
        return bool(self._own)

    def forgetful(self) -> Swaps:
        """The same numbers, with nothing to put back."""
        other = Swaps(self._placeholders)
        other.taking = False
        return other

    def of(self, finding: Finding, value: str) -> str:
        """What stands in for a value."""
        found = self._placeholders.of(finding, value)
        if self.taking and found not in self._own:
            self._own[found] = value
            self._pattern = None
        return found

    def restored(self, text: str, *, as_json: bool = False) -> str:
        """A text with the client's own values; `as_json`: within the text of JSON, where they are escaped."""
        if not self._own:
            return text
        return self._any().sub(lambda match: self._value(match[0], as_json), text)

    def held(self, text: str) -> int:
        """How many characters at its end may begin a placeholder."""
        longest = max(map(len, self._own), default=1) - 1
        for size in range(min(longest, len(text)), 0, -1):
            if any(one.startswith(text[-size:]) for one in self._own):
                return size
        return 0

    def _any(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest_first = sorted(self._own, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern

    def _value(self, placeholder: str, as_json: bool) -> str:
        value = self._own[placeholder]
        return json.dumps(value, ensure_ascii=False)[1:-1] if as_json else value


class Restoring:
    """One text that comes in pieces, restored: a placeholder may be cut anywhere."""

    def __init__(self, swaps: Swaps, *, as_json: bool = False) -> None:
        self._swaps = swaps
        self._as_json = as_json
        self._rest = ""

    def feed(self, text: str) -> str:
        """More of it: what can be let out by now."""
        text = self._rest + text
        held = self._swaps.held(text)
        self._rest = text[len(text) - held :]
        return self._swaps.restored(text[: len(text) - held], as_json=self._as_json)

    def close(self) -> str:
        """The rest."""
        rest, self._rest = self._rest, ""
        return self._swaps.restored(rest, as_json=self._as_json)


def spliced(text: str, findings: Sequence[Finding], swaps: Placeholders, lead: int = 0) -> str:
    """A text with placeholders for what was found in it; `lead` characters went before it when it was looked at."""
    pieces: list[str] = []
    at = 0
    for finding in findings:
        start, end = max(at, finding.start - lead), finding.end - lead
        if end > start:
            pieces += (text[at:start], swaps.of(finding, text[start:end]))
            at = end
    return "".join([*pieces, text[at:]])
