"""What is taken for a request, and what is refused: over real sockets, byte for byte."""

from __future__ import annotations

import pytest
from tests.apps.hub.wire.sockets import post, serving

from fairlead.apps.hub.wire.bounds import Bounds

HEAD = b"POST / HTTP/1.1\r\nhost: hub\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n"

REFUSED = {
    "two lengths": HEAD + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    "the same length twice": HEAD + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
    "a list of lengths": HEAD + b"content-length: 3, 3\r\n\r\nabc",
    "a length with a sign": HEAD + b"content-length: +3\r\n\r\nabc",
    "a negative length": HEAD + b"content-length: -3\r\n\r\nabc",
    "a length that is no number": HEAD + b"content-length: 0x3\r\n\r\nabc",
    "a length and chunks": HEAD + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": CHUNKED + b"content-length: 3\r\n\r\n0\r\n\r\n",
    "chunks twice": CHUNKED + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks hidden behind another coding": CHUNKED + b"transfer-encoding: identity\r\n\r\n0\r\n\r\n",
    "a coding that is folded": HEAD + b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a length in a trailer": CHUNKED + b"\r\n0\r\ncontent-length: 5\r\n\r\n",
    "a coding that looks like chunks": HEAD + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks that are not last": HEAD + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a coding beside chunks": HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding hidden by a control": HEAD + b"transfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks of HTTP/1.0": b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk with a negative size": CHUNKED + b"\r\n-3\r\nabc\r\n0\r\n\r\n",
    "a chunk with a prefixed size": CHUNKED + b"\r\n0x3\r\nabc\r\n0\r\n\r\n",
    "a chunk with a blank in its size": CHUNKED + b"\r\n3 \r\nabc\r\n0\r\n\r\n",
    "a chunk whose size overflows": CHUNKED + b"\r\nfffffffffffffffff\r\nabc",
    "a chunk that is longer than told": CHUNKED + b"\r\n3\r\nabcX\r\n0\r\n\r\n",
    "a chunk that ends with LF": CHUNKED + b"\r\n3\nabc\n0\n\n",
    "an extension that ends with LF": CHUNKED + b"\r\n3;a=b\nabc\r\n0\r\n\r\n",
    "a head that ends with LF": b"POST / HTTP/1.1\nhost: hub\ncontent-length: 0\n\n",
    "a bare CR in a value": HEAD + b"x: a\rb\r\n\r\n",
    "a NUL in a value": HEAD + b"x: a\0b\r\n\r\n",
    "a folded header": HEAD + b"x: a\r\n b\r\n\r\n",
    "a blank before the colon": HEAD + b"content-length : 3\r\n\r\nabc",
    "a header without a name": HEAD + b": x\r\n\r\n",
    "no host": b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
    "two hosts": HEAD + b"host: other\r\n\r\n",
    "two keys": HEAD + b"authorization: a\r\nauthorization: b\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\nhost: hub\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another protocol": b"DESCRIBE / RTSP/1.0\r\nhost: hub\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a tunnel": b"CONNECT other:443 HTTP/1.1\r\nhost: other\r\n\r\n",
    "an unknown method": b"STEAL / HTTP/1.1\r\nhost: hub\r\n\r\n",
    "a blank in the path": b"GET /a b HTTP/1.1\r\nhost: hub\r\n\r\n",
    "a path without a slash": b"GET secrets HTTP/1.1\r\nhost: hub\r\n\r\n",
    "another scheme": b"GET ftp://hub/a HTTP/1.1\r\nhost: hub\r\n\r\n",
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED.keys())
async def test_what_could_be_read_in_two_ways_is_refused_and_ends_the_connection(sent: bytes) -> None:
    """And nothing behind it is read as a request."""
    async with serving() as served:
        told = await served.sends(sent + b"GET /smuggled HTTP/1.1\r\nhost: hub\r\n\r\n")

        assert told.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
        assert told.count(b"HTTP/1.1") == 1
        assert not served.asked


TAKEN = {
    "chunks": (CHUNKED + b"\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
    "extensions of chunks": (CHUNKED + b"\r\n3;a=b\r\nabc\r\n0\r\n\r\n", b"abc"),
    "a trailer": (CHUNKED + b"\r\n3\r\nabc\r\n0\r\nhost: evil\r\nauthorization: evil\r\n\r\n", b"abc"),
    "names that look like others": (
        HEAD + b"content_length: 5\r\ntransfer_encoding: chunked\r\ncontent-length: 2\r\n\r\nhi",
        b"hi",
    ),
    "a tab before chunked": (HEAD + b"transfer-encoding:\tchunked\r\n\r\n1\r\na\r\n0\r\n\r\n", b"a"),
    "a whole address": (b"POST http://hub/there HTTP/1.1\r\nhost: hub\r\ncontent-length: 2\r\n\r\nhi", b"hi"),
    "empty lines before": (b"\r\n\r\n" + HEAD + b"content-length: 1\r\n\r\na", b"a"),
}


@pytest.mark.parametrize(("sent", "body"), TAKEN.values(), ids=TAKEN.keys())
async def test_unusual_but_plain_requests_are_taken(sent: bytes, body: bytes) -> None:
    """Whatever the cut between packets."""
    async with serving() as served:
        client = await served.connects()
        for at in range(len(sent)):
            client.send(sent[at : at + 1])
            await client.writer.drain()

        assert await client.answer() == body
        client.close()


async def test_a_trailer_changes_nothing_of_what_was_asked() -> None:
    """Else a key could be put in where a proxy did not look."""
    async with serving() as served:
        client = await served.connects()
        client.send(TAKEN["a trailer"][0])
        await client.answer()

        assert served.asked[0].headers[b"host"] == b"hub"
        assert b"authorization" not in served.asked[0].headers
        client.close()


async def test_a_whole_address_is_asked_by_its_path() -> None:
    """Clients of a proxy send it (RFC 9112, 3.2.2)."""
    async with serving() as served:
        client = await served.connects()
        client.send(b"GET http://hub?x=1 HTTP/1.1\r\nhost: hub\r\n\r\n")
        await client.head()
        client.send(b"GET HTTPS://hub/a/b?x=1 HTTP/1.1\r\nhost: hub\r\n\r\n")
        await client.head()

        assert [(one.path, one.query) for one in served.asked] == [(b"/", b"x=1"), (b"/a/b", b"x=1")]
        client.close()


SMALL = Bounds(head_bytes=1000, headers=20, body_bytes=5000)
TOO_LARGE = {
    "a header": (HEAD + b"x: " + b"a" * 2000 + b"\r\n\r\n", 431),
    "a header without an end": (HEAD + b"x: " + b"a" * 70_000, 431),
    "many headers": (HEAD + b"".join(b"x%d: a\r\n" % n for n in range(30)) + b"\r\n", 431),
    "a path": (b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\nhost: hub\r\n\r\n", 431),
    "a body": (HEAD + b"content-length: 5001\r\n\r\n" + b"a" * 5001, 413),
    "a length": (HEAD + b"content-length: 999999999999999999\r\n\r\n", 413),
    "chunks": (CHUNKED + b"\r\n" + b"400\r\n" + b"a" * 1024 + b"\r\n" + (b"400\r\n" + b"a" * 1024 + b"\r\n") * 5, 413),
    "an extension of a chunk": (CHUNKED + b"\r\n1;" + b"a" * 400_000, 400),
    "a trailer": (CHUNKED + b"\r\n0\r\n" + b"x: " + b"a" * 2500 + b"\r\n\r\n", 431),
}


@pytest.mark.parametrize(("sent", "status"), TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_what_is_larger_than_its_bound_is_refused_before_it_is_whole(sent: bytes, status: int) -> None:
    """Memory is bounded by what is declared, not by what a client sends."""
    async with serving(bounds=SMALL) as served:
        told = await served.sends(sent)

        assert int(told.split(b" ")[1]) == status
        assert not served.asked


async def test_many_tiny_chunks_are_a_body_like_any_other() -> None:
    """Six bytes for each byte are much, but no abuse."""
    async with serving() as served:
        client = await served.connects()
        client.send(CHUNKED + b"\r\n" + b"1\r\na\r\n" * 50_000 + b"0\r\n\r\n")

        assert len(await client.answer()) == 50_000
        client.close()


async def test_a_client_that_waits_to_be_told_is_told_to_go_on() -> None:
    """`Expect: 100-continue`, as curl sends it with large bodies."""
    async with serving() as served:
        client = await served.connects()
        client.send(HEAD + b"content-length: 2\r\nexpect: 100-continue\r\n\r\n")
        assert (await client.head()).startswith(b"HTTP/1.1 100 ")
        client.send(b"hi")

        assert await client.answer() == b"hi"
        client.close()


async def test_a_request_to_speak_otherwise_is_answered_as_if_it_had_not_been_made() -> None:
    """A server may ignore `Upgrade` (RFC 9110, 7.8); what follows can't be trusted, so the connection ends."""
    async with serving() as served:
        sent = b"GET / HTTP/1.1\r\nhost: hub\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x81\x05hello"
        told = await served.sends(sent)

        assert told.startswith(b"HTTP/1.1 200 ")
        assert len(served.asked) == 1


async def test_names_of_headers_are_lower_case_and_lists_are_joined() -> None:
    """As RFC 9110, 5.2 has it."""
    async with serving() as served:
        client = await served.connects()
        client.send(post(b"", b"X-Tag: a", b"x-tag: b"))
        await client.head()

        assert served.asked[0].headers[b"x-tag"] == b"a, b"
        client.close()
