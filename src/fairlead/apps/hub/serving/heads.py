"""Status lines and headers of answers, prepared as far as they are the same for all."""

from __future__ import annotations

from http import HTTPStatus

from fairlead.apps.hub.calls import Failure
from fairlead.apps.hub.shapes import Shape
from fairlead.apps.hub.wire.exchange import Exchange

LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in HTTPStatus}
LINES |= {499: b"HTTP/1.1 499 Client Closed Request", 529: b"HTTP/1.1 529 Overloaded"}

JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: "
"""Of a whole answer; the flight's stamp follows."""


def line(status: int) -> bytes:
    """The status line."""
    return LINES.get(status) or b"HTTP/1.1 %d Error" % status


def whole(content_type: bytes, stamp: str) -> bytes:
    """Of a whole answer that went well."""
    return b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\nx-request-id: %b" % (content_type, stamp.encode())


def stream(content_type: bytes, stamp: str) -> bytes:
    """Of a stream; proxies on the way must neither keep it nor hold it back."""
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\nx-request-id: %b"
        % (content_type, stamp.encode())
    )


def refuse(exchange: Exchange, shape: Shape, failure: Failure, more: str = "") -> None:
    """Answer with a failure, in the client's protocol; `more`: further headers, each after a line end."""
    status, headers, body = shape.write_failure(failure)
    lines = "".join(f"\r\n{name}: {value}" for name, value in headers.items())
    exchange.answer(line(status) + (lines + more).encode("latin-1", "replace"), body)
