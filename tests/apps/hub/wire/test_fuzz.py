"""The parser of requests, tried with whatever there may be: cut anywhere, changed anywhere, held beside another one.

h11 is the other: written apart, in another language and in another way. Where both take a request they have to read the
same one, since a proxy and the server behind it that disagree are how requests are smuggled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import h11
from hypothesis import example, given, settings
from hypothesis import strategies as some

from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.requests import METHODS, Refused, Requests, _origin_form

SMALL = Bounds(head_bytes=4096, headers=30, body_bytes=4096)
TOKEN = some.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_", min_size=1, max_size=12)
VALUE = some.text("abcXYZ019 ,;=:/\"'()[]{}\t~", max_size=20).map(str.strip)
FRAMING = {"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "keep-alive"}


@dataclass(frozen=True, slots=True)
class Read:
    """One request, as it was read."""

    method: bytes
    url: bytes
    body: bytes


@dataclass(slots=True)
class Listening:
    """Writes down what the parser tells; nothing after a request that ends its connection counts."""

    read: list[Read] = field(default_factory=list)
    headers: list[dict[bytes, bytes]] = field(default_factory=list)
    over: bool = False

    def expected(self) -> None:
        """Its body is waited for."""

    def whole(self, method: bytes, url: bytes, headers: dict[bytes, bytes], body: bytes, keep: bool, new: bool) -> None:
        """It is whole."""
        if not self.over:
            self.read.append(Read(method, url, body))
            self.headers.append(headers)
            self.over = not keep


def ours(pieces: Sequence[bytes]) -> tuple[Listening, bool]:
    """What the hub reads of these bytes, and whether it refused some of them."""
    found = Listening()
    parser = Requests(found, SMALL)
    try:
        for piece in pieces:
            parser.feed(piece)
    except Refused:
        return found, True
    finally:
        parser.close()
    return found, False


def theirs(data: bytes) -> list[Read]:
    """What h11 reads of them, until it refuses something or the connection would end."""
    found: list[Read] = []
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=SMALL.head_bytes)
    asked, body = None, b""
    try:
        parser.receive_data(data)
        while True:
            event = parser.next_event()
            if isinstance(event, h11.Request):
                asked, body = event, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage) and asked is not None:
                found.append(Read(asked.method, asked.target, body))
                parser.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                parser.send(h11.EndOfMessage())
                parser.start_next_cycle()
            else:
                return found
    except h11.ProtocolError:
        return found


@some.composite
def chunked(draw: some.DrawFn, body: bytes) -> bytes:
    """A body in chunks of any sizes, with extensions and trailers."""
    ends = sorted({0, len(body), *draw(some.lists(some.integers(0, len(body)), max_size=3))})
    sent = b""
    for start, end in pairwise(ends):
        extension = draw(some.sampled_from([b"", b";a", b";a=b", b';a="b c"']))
        sent += b"%x%b\r\n%b\r\n" % (end - start, extension, body[start:end])
    trailer = draw(some.sampled_from([b"", b"x-sum: 1\r\n", b"authorization: b\r\nhost: evil\r\n"]))
    return sent + b"0\r\n" + trailer + b"\r\n"


@some.composite
def requests(draw: some.DrawFn) -> tuple[bytes, Read]:
    """A proper request, and what is to be read of it."""
    method = draw(some.sampled_from(sorted(METHODS))).decode()
    path = "/" + draw(some.text("abc/%20?=&.~-_", max_size=30))
    headers = draw(some.dictionaries(TOKEN, VALUE, max_size=5))
    lines = [f"{name}: {value}" for name, value in headers.items() if name.lower() not in FRAMING]
    body = draw(some.binary(max_size=100)) if method in ("POST", "PUT", "PATCH") else b""
    coded = bool(body) and draw(some.booleans())
    sent = draw(chunked(body)) if coded else body
    lines.append("Transfer-Encoding: chunked" if coded else f"Content-Length: {len(body)}")
    lines.insert(draw(some.integers(0, len(lines))), "Host: hub")
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()
    return head + sent, Read(method.encode(), path.encode(), body)


@some.composite
def cuts(draw: some.DrawFn, data: bytes) -> list[bytes]:
    """The same bytes in pieces."""
    if draw(some.booleans()) and len(data) < 500:
        return [data[at : at + 1] for at in range(len(data))]
    places = sorted({0, len(data), *draw(some.lists(some.integers(0, len(data)), max_size=6))})
    return [data[start:end] for start, end in pairwise(places)]


PIECES = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\0", b":", b";", b",", b"\x0b", b"\xa0", b"0", b"+", b"-", b"_",
    b"content-length: 5\r\n", b"Content-Length : 5\r\n", b"content-length: +5\r\n", b"content-length: 5, 5\r\n",
    b"content_length: 5\r\n", b"transfer-encoding: chunked\r\n", b"Transfer-Encoding: chunked, identity\r\n",
    b"transfer-encoding: identity\r\n", b"transfer_encoding: chunked\r\n", b"transfer-encoding:\r\n chunked\r\n",
    b"connection: close\r\n", b"connection: keep-alive\r\n", b"host: other\r\n", b" folded\r\n", b"HTTP/1.0",
    b"HTTP/0.9", b"0x", b"http://other", b"0\r\n\r\n", b"5\r\nhello\r\n", b"ffffffffffffffff\r\n",
    b"GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n",
]  # fmt: skip
"""What a request changes its meaning by."""


@some.composite
def changed(draw: some.DrawFn) -> bytes:
    """Some requests, with something put in, taken out or put in its place."""
    data = b"".join(sent for sent, _ in draw(some.lists(requests(), min_size=1, max_size=3)))
    for _ in range(draw(some.integers(1, 3))):
        at = draw(some.integers(0, len(data)))
        taken = draw(some.integers(0, 3))
        piece = draw(some.sampled_from([b"", *PIECES]) | some.binary(min_size=1, max_size=2))
        data = data[:at] + piece + data[at + taken :]
    return data


@settings(max_examples=150, deadline=None)
@given(some.data(), some.lists(requests(), min_size=1, max_size=4))
def test_proper_requests_are_read_as_they_are_meant_however_they_are_cut(
    data: some.DataObject, meant: list[tuple[bytes, Read]]
) -> None:
    """Each of them, and nothing else."""
    sent = b"".join(one for one, _ in meant)
    found, refused = ours(data.draw(cuts(sent)))

    assert not refused
    assert found.read == [read for _, read in meant]
    assert all(headers[b"host"] == b"hub" for headers in found.headers)
    assert theirs(sent) == found.read


POST = b"POST / HTTP/1.1\r\nhost: hub\r\n"


@settings(max_examples=600, deadline=None)
@given(some.data(), changed())
@example(None, POST + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd")
@example(None, POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")
@example(None, POST + b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n")
@example(None, POST + b"transfer-encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n")
@example(None, POST + b"transfer_encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n")
@example(None, POST + b"content_length: 0\r\ncontent-length: 5\r\n\r\nhello")
def test_whatever_is_sent_has_one_reading_or_none(data: some.DataObject | None, sent: bytes) -> None:
    """The same in one piece and in many, the same as another parser's, and no failure but a refusal."""
    at_once, refused = ours([sent])
    pieces = [sent[at : at + 1] for at in range(len(sent))] if data is None else data.draw(cuts(sent))
    cut, refused_too = ours(pieces)

    assert (cut.read, cut.headers) == (at_once.read, at_once.headers)
    assert refused_too == refused or at_once.over
    for mine, other in zip(at_once.read, theirs(sent), strict=False):
        assert (mine.method, mine.body) == (other.method, other.body)
        assert mine.url == (other.url if other.url.startswith(b"/") else _origin_form(other.method, other.url))


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=400))
def test_bytes_by_chance_are_refused_or_waited_for(sent: bytes) -> None:
    """They give no request."""
    found, _ = ours([sent])

    assert found.read == []
