"""Signed and sealed reasoning of one protocol's providers, carried by clients of another and given back unchanged.

A client returns what it does not understand as it got it. What another protocol's provider signed is marked on its
way to the client with where it came from, and unmarked on its way back; it is said to its own provider only, as any
other refuses it.
"""

from __future__ import annotations

import base64
from dataclasses import replace

from fairlead.apps.hub.calls import Thinking

MARK = "fairlead~"
"""Begins a value that came of another protocol: `fairlead~gemini:…`. A body with it can't be passed on as it is."""

RARE = b"~"
"""The sign in it that most bodies lack: to look for one byte takes a thirtieth of the time."""

_PLAIN = MARK.encode()
_ENCODED = base64.b64encode(_PLAIN)[:-1]
"""As Gemini's clients give it back, in either alphabet of base64: they differ in the last letter."""


def marked(value: str | None, origin: str, protocol: str) -> str | None:
    """For a client of `protocol`; also where there is no value, so that the origin is known when it comes back."""
    return value if origin in ("", protocol) else f"{MARK}{origin}:{value or ''}"


def unmarked(value: str | None, protocol: str) -> tuple[str | None, str]:
    """What a client of `protocol` gave back, and where it came from."""
    if value is None or not value.startswith(MARK):
        return value, protocol
    origin, _, rest = value.removeprefix(MARK).partition(":")
    return rest or None, origin


def returned(thought: Thinking, protocol: str) -> Thinking:
    """Reasoning that a client of `protocol` gave back, unmarked."""
    signature, origin = unmarked(thought.signature, protocol)
    sealed, elsewhere = unmarked(thought.sealed, protocol)
    return replace(thought, signature=signature, sealed=sealed, origin=elsewhere if thought.sealed else origin)


def foreign(thought: Thinking, protocol: str) -> bool:
    """Whether it came of providers of another protocol."""
    return thought.origin not in ("", protocol)


def held_in(body: bytes, protocol: str) -> bool:
    """Whether a call may hold what another protocol's provider sealed: it can't be passed on byte by byte then."""
    return _ENCODED in body if protocol == "gemini" else RARE in body and _PLAIN in body
