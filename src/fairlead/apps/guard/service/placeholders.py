"""Placeholders whose map can be handed out, and taken up again: equal values get equal ones, over requests too."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fairlead.apps.guard.findings import Finding
from fairlead.apps.guard.placeholders import Numbered

_OURS = re.compile(r"<secret:[a-z0-9_.-]{1,100}:([0-9]{1,9})>")


class Mapped:
    """`<secret:github.personal-access-token:1>`, and what each stands for. It holds values: for one request."""

    def __init__(self, before: Mapping[str, str] | None = None) -> None:
        self.map: dict[str, str] = dict(before or {})
        self._of_value = {value: placeholder for placeholder, value in self.map.items()}
        self._name = Numbered()
        self._last = max((int(found[1]) for name in self.map if (found := _OURS.fullmatch(name))), default=0)

    def __repr__(self) -> str:
        return f"Mapped({len(self.map)} values)"

    def of(self, finding: Finding, value: str) -> str:
        """What stands in for a value: the same for the same value."""
        known = self._of_value.get(value)
        if known is None:
            self._last += 1
            known = f"{self._name.of(finding, value).rpartition(':')[0]}:{self._last}>"
            self._of_value[value] = known
            self.map[known] = value
        return known

    def restored(self, text: str) -> str:
        """A text with the secrets back in their places."""
        return restored(text, self.map)


def restored(text: str, said: Mapping[str, str]) -> str:
    """A text with what a map says put back, in one pass: what is put back is not looked through again."""
    if not said:
        return text
    longest_first = sorted(said, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: said[found[0]], text)
