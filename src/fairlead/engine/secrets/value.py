"""A secret's value that hides itself, and the removal of values from text that is to be shown."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from typing import NoReturn
from urllib.parse import quote

SHORTEST_REDACTED = 4
"""Characters: anything shorter is in every text by chance, and taking it out would only spoil the text."""

_SHORTEST_LINE = 8
_MASK = "***"


class Secret:
    """A value that is seen by nobody who does not ask for it with `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the environment of a program, and for nothing that is written down."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret can't be pickled or copied to another process")


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """The text with `***` for every value in it, as it is or as JSON, a URL or a log line would write it."""
    forms = {form for secret in secrets for form in _forms(secret.reveal())}
    for form in sorted(forms, key=len, reverse=True):  # one value may hold another
        text = text.replace(form, _MASK)
    return text


def _forms(value: str) -> Iterator[str]:
    if len(value) < SHORTEST_REDACTED:
        return
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield quote(_bytes(value), safe="")
    yield quote(_bytes(value))
    yield from (line for line in value.splitlines() if len(line) >= _SHORTEST_LINE)


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
