"""What stands in for secrets in a text that goes to others, and puts them back into what comes from there."""

from __future__ import annotations

import re

from fairlead.apps.guard.findings import Finding

_PLACEHOLDER = re.compile(r"<secret:[a-z0-9_.-]{1,100}:[0-9]{1,9}>")


class Numbered:
    """`<secret:github.personal-access-token:1>`: the kind, so that a model knows what it deals with, and a number.

    Equal values get equal placeholders. It holds the values themselves: keep it in memory, for one conversation.
    """

    def __init__(self) -> None:
        self._of_value: dict[str, str] = {}
        self._of_placeholder: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Numbered({len(self._of_value)} values)"

    def of(self, finding: Finding, value: str) -> str:
        """What stands in for a value: the same for the same value."""
        known = self._of_value.get(value)
        if known is None:
            known = f"<secret:{_name(finding.rule)}:{len(self._of_value) + 1}>"
            self._of_value[value] = known
            self._of_placeholder[known] = value
        return known

    def restored(self, text: str) -> str:
        """A text with the secrets back in their places; a placeholder that was never given stays as it is."""
        if "<secret:" not in text:
            return text
        return _PLACEHOLDER.sub(lambda found: self._of_placeholder.get(found[0], found[0]), text)


def _name(rule: str) -> str:
    return re.sub(r"[^a-z0-9_.-]", "-", rule.lower())[:100] or "unknown"


class Masked:
    """`<secret:github.personal-access-token>`: for texts that nobody will want back."""

    def of(self, finding: Finding, value: str) -> str:
        """Says what stood there, nothing of the value."""
        del value
        return f"<secret:{_name(finding.rule)}>"

    def restored(self, text: str) -> str:
        """The text as it is: nothing was kept."""
        return text
