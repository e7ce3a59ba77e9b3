"""What can be asked of the administration: each endpoint with its words, so that serving and describing it are one."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from pydantic import BaseModel

from fairlead.apps.hub.pages.asking import Asked, Form
from fairlead.apps.hub.state import Hub

Handler = Callable[[Hub, Asked], Awaitable[BaseModel]]
"""Does it. Raises `Refused`, `StoreAway`, `WrongFields`, `NameTaken`, `UnknownName`."""


@dataclass(frozen=True)
class Endpoint:
    """One of them."""

    method: str
    path: str
    """With `{name}` for what varies."""
    summary: str
    handler: Handler
    answer: type[BaseModel]
    subject: str
    """What it is about: keys, teams, …"""
    words: str = ""
    """More to say about it."""
    query: type[Form] | None = None
    body: type[Form] | None = None
    """Its form; what it may hold is checked by what makes something of it."""
    status: int = 200
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)))


class Endpoints:
    """All of them, by path."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self.all = tuple(endpoints)

    def find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]] | None:
        """The endpoint, and what stands in the path."""
        for one in self.all:
            if one.method == method and (match := one.pattern.fullmatch(path)) is not None:
                return one, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def allowed(self, path: str) -> list[str]:
        """The methods that a path can be asked by; none for an unknown path."""
        return sorted({one.method for one in self.all if one.pattern.fullmatch(path)})
