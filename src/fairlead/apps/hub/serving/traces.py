"""The trace that a call is part of, as W3C's Trace Context has it: https://www.w3.org/TR/trace-context/

Whoever traces sets `flight.trace`; a provider is told of it. Where nobody does, what the client said of its trace is
passed on as it is, as the recommendation wants it of those who take no part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.flight import Flight

FORM = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")

MOST_STATE = 512
"""Bytes of `tracestate` that are passed on (section 3.3.1.5: at least so many should be)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A span of a trace. Ids are in lower-case hex, as they are sent."""

    id: str
    span: str
    parent: str | None
    """The client's span."""
    sampled: bool
    state: bytes = b""
    """What systems of other vendors say, as it came."""

    @property
    def lines(self) -> bytes:
        """Headers for whoever is asked."""
        said = b"traceparent: 00-%b-%b-0%d\r\n" % (self.id.encode(), self.span.encode(), self.sampled)
        return said + (b"tracestate: %b\r\n" % self.state if self.state else b"")


def told(headers: Mapping[bytes, bytes]) -> tuple[str, str, bool] | None:
    """The trace, the span and whether it is sampled, as a client says; `None` where it says none, or nothing valid."""
    value = headers.get(b"traceparent")
    found = FORM.fullmatch(value) if value is not None else None
    if found is None:
        return None
    version, trace, span, flags, more = found.groups()
    if version == b"ff" or (version == b"00" and more) or not trace.strip(b"0") or not span.strip(b"0"):
        return None
    return trace.decode(), span.decode(), bool(int(flags, 16) & 1)


def state(headers: Mapping[bytes, bytes]) -> bytes:
    """What is said for other vendors, if it is not too much."""
    found = headers.get(b"tracestate", b"")
    return found if len(found) <= MOST_STATE else b""


def lines(flight: Flight) -> bytes:
    """What a provider is told."""
    if flight.trace is not None:
        return flight.trace.lines
    headers = flight.exchange.headers
    if told(headers) is None:
        return b""
    said, more = headers[b"traceparent"], state(headers)
    return b"traceparent: %b\r\n" % said + (b"tracestate: %b\r\n" % more if more else b"")
