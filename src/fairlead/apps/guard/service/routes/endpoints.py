"""An endpoint with its words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from fairlead.apps.guard.service.state import Service

Handler = Callable[[Service, Request], Awaitable[Response]]
"""Does it. Raises `Refused`, `StoreAway`, `UnknownVersion`, `NotReady`, `NothingBefore`."""
Who = Literal["anybody", "client", "admin"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of them."""

    method: str
    path: str
    """With `{name}` for what varies."""
    summary: str
    handler: Handler
    subject: str
    answer: Any = None
    """The type of what is answered; what is not JSON has none."""
    body: Any = None
    words: str = ""
    who: Who = "client"
    status: int = 200
    content: str = "application/json"
