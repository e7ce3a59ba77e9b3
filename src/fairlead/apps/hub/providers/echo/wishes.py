"""What the echo was told to do beside answering: to be slow, to fail, to think."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl

from fairlead.apps.hub.calls import Unsayable
from fairlead.kit.quantity import parse_duration

HEADER = b"x-echo"
MOST_TOKENS = 100_000


def _duration(text: str) -> float:
    return parse_duration(text) if text[-1:].isalpha() else float(text)


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("expected yes or no")
    return text == "yes"


def _cut(text: str) -> str:
    if text not in ("half", "start"):
        raise ValueError("expected half or start")
    return text


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= MOST_TOKENS:
        raise ValueError(f"expected 0 to {MOST_TOKENS}")
    return count


def _status(text: str) -> int:
    status = int(text)
    if not 400 <= status <= 599:
        raise ValueError("expected a status of 400 to 599")
    return status


def _said(read: Callable[[str], Any], default: Any = None) -> Any:
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True, slots=True)
class Wishes:
    """Times in seconds; see the package for what each does."""

    delay: float = _said(_duration, 0.0)
    first_token: float = _said(_duration, 0.0)
    between: float = _said(_duration, 0.0)
    tokens: int | None = _said(_count)
    fail: int | None = _said(_status)
    retry_after: float | None = _said(_duration)
    after: int | None = _said(_count)
    every: int = _said(_count, 1)
    cut: str | None = _said(_cut)
    garbled: bool = _said(_yes, False)
    cached: bool = _said(_yes, False)
    think: bool = _said(_yes, False)
    tool: bool = _said(_yes, False)

    @property
    def timed(self) -> bool:
        """Whether anything has to be waited for."""
        hangs = self.after is not None and self.fail is None and self.cut is None
        return bool(self.delay or self.first_token or self.between or hangs)


_READ: Mapping[str, Callable[[str], Any]] = {slot.name: slot.metadata["read"] for slot in fields(Wishes)}


def wishes_in(model: str, header: bytes | None) -> Wishes:
    """Those of a model's name and of the header. Raises `Unsayable` for a word that is none."""
    _, _, named = model.partition("?")
    said = dict(_pairs(named)) | dict(_pairs((header or b"").decode("latin-1")))
    return Wishes(**{name: _value(name, text) for name, text in said.items()}) if said else NONE


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=len(_READ)) if text else []
    except ValueError as error:
        raise Unsayable(f"echo should be told `word=value&…`, found {text[:80]}") from error


def _value(name: str, text: str) -> Any:
    if name not in _READ:
        raise Unsayable(f"echo does not know the word {name[:40]}")
    try:
        return _READ[name](text)
    except ValueError as error:
        raise Unsayable(f"echo can't read {name}={text[:40]}: {error}") from error


NONE = Wishes()
