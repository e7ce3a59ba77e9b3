"""An answer that is kept: as the client got it, in the pieces in which it came."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from fairlead.apps.hub.cache.keys import CHANCE
from fairlead.apps.hub.calls import Operation, Usage

OVERHEAD = 700
"""Bytes of memory that an entry takes beside its contents; a piece takes 40 more."""


class Kept(msgspec.Struct, array_like=True):
    """One answer. The order of the fields is that of the bytes in Redis: with another order, another version."""

    pieces: list[bytes]
    """A whole answer is one."""
    stream: bool
    shows_usage: bool
    """Whether the usage is told in the stream."""
    content_type: bytes
    usage: Usage | None
    """As it was when it was paid."""
    provider: str
    target: str
    """The model as the provider names it."""
    cost_nano: int
    at: float
    """Seconds since 1970."""
    until: float
    other: list[bytes] | None = None
    """The same in the other form, whole or as a stream, once somebody asked for that."""

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        pieces = self.pieces + (self.other or [])
        return OVERHEAD + sum(map(len, pieces)) + 40 * len(pieces)


ENDS = re.compile(rb'"(?:finish_reason|stop_reason|finishReason|blockReason)"\s*:\s*"([^"\\]*)"')
COMPLETED = re.compile(rb'"status"\s*:\s*"completed"')
UNWELL = re.compile(rb'"status"\s*:\s*"(?:failed|incomplete|cancelled|queued)"')
BROKE = re.compile(rb'^(?:event: error|data: \{"error")', re.MULTILINE)
WELL = frozenset(
    b"stop length tool_calls function_call end_turn max_tokens stop_sequence tool_use STOP MAX_TOKENS COMPLETE "
    b"complete TOOL_CALL STOP_SEQUENCE eos".split()
)
"""How answers end that are whole: by themselves, or at the limit that the request set."""


def is_good(shape: str, operation: Operation, pieces: Sequence[bytes], stream: bool) -> bool:
    """Whether an answer may be given again: it is whole, was neither filtered nor refused, and did not fail half way.

    Looks for the words by which the protocols say so, without reading the rest; JSON in a text has its quotes escaped
    and is not mistaken for them. A connection may cut anywhere, so the pieces are looked at as one.
    """
    text = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    if stream and (BROKE.search(text) or not text.endswith((b"\n\n", b"\r\n\r\n"))):
        return False
    if not stream and not _is_object(text):
        return False
    if operation not in CHANCE:
        return True
    if shape == "openai_responses":
        return COMPLETED.search(text) is not None and UNWELL.search(text) is None
    ends = ENDS.findall(text)
    return bool(ends) and all(end in WELL for end in ends)


def _is_object(text: bytes) -> bool:
    try:
        return bool(_fields(text))
    except msgspec.MsgspecError:
        return False


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
