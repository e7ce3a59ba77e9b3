"""What a rule file of others allows: the matches that its rule is not reported for."""

from __future__ import annotations

from fairlead.apps.guard.patterns.linear import linear
from fairlead.apps.guard.rules.model import Allowed

_LINE = 256
"""Bytes of the line before a match that are looked at, and that a stream therefore keeps."""


class Filters:
    """The allow lists of one rule, and the paths that it is for."""

    def __init__(self, path: str, allowed: tuple[Allowed, ...]) -> None:
        self._path = linear(path) if path else None
        self._lists = [_List(one) for one in allowed]

    def let_pass(self, data: bytes, match: tuple[int, int], value: str, path: str | None) -> bool:
        """Whether a match is to be reported."""
        name = (path or "").encode("utf-8", "surrogateescape")
        if self._path is not None and path is not None and not self._path.search(name, 0, len(name)):
            return False
        return not any(one.allows(data, match, value, name) for one in self._lists)


class _List:
    def __init__(self, allowed: Allowed) -> None:
        self.target = allowed.target
        self.every = allowed.every
        self.regexes = [linear(pattern) for pattern in allowed.regexes]
        self.paths = [linear(pattern) for pattern in allowed.paths]
        self.words = [word.lower() for word in allowed.stopwords]

    def allows(self, data: bytes, match: tuple[int, int], value: str, path: bytes) -> bool:
        text = self.seen(data, match, value)
        answers = []
        if self.regexes:
            answers.append(any(one.search(text, 0, len(text)) for one in self.regexes))
        if self.words:
            answers.append(any(word in value.lower() for word in self.words))
        if self.paths:
            answers.append(any(one.search(path, 0, len(path)) for one in self.paths))
        return bool(answers) and (all(answers) if self.every else any(answers))

    def seen(self, data: bytes, match: tuple[int, int], value: str) -> bytes:
        """What the patterns look at. Of a line, what stands before the match and the match: a stream has no more."""
        if self.target == "secret":
            return value.encode("utf-8", "surrogatepass")
        lowest = max(0, match[0] - _LINE)
        start = max(lowest, data.rfind(b"\n", lowest, match[0]) + 1) if self.target == "line" else match[0]
        return data[start : match[1]]
