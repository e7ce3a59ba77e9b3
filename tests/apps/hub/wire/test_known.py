"""Heads that are known by their bytes: read as llhttp reads them, also where the next request is made to differ."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.apps.hub.wire.test_fuzz import Listening, ours

from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.known import known
from fairlead.apps.hub.wire.requests import Refused, Requests

HEAD = b"POST /v1/chat HTTP/1.1\r\nHost: hub\r\nauthorization: Bearer one\r\nContent-Length: %b\r\nX-Last: 1\r\n\r\n"
FIRST = HEAD % b"5" + b"hello"
LATER = (
    HEAD % b"5" + b"other",
    HEAD % b"2" + b"{}",
    HEAD % b"0",
    HEAD % b"005" + b"other",
    HEAD % b"5" + b"more than that",
    HEAD % b"5" + b"les",
    HEAD % b"5, 5" + b"other",
    HEAD % b"+5" + b"other",
    HEAD % b"5 " + b"other",
    HEAD % b"0x5" + b"other",
    HEAD % b"" + b"other",
    HEAD % b"\xb2" + b"{}",
    HEAD % b"9999" + b"o" * 9999,
    HEAD % b"5\r\nContent-Length: 2" + b"other",
    HEAD % b"5\r\nTransfer-Encoding: chunked" + b"other",
    HEAD.replace(b"one", b"two") % b"5" + b"other",
    HEAD.replace(b"POST", b"PUT") % b"5" + b"other",
    HEAD % b"5" + b"other" + FIRST,
    b"\r\n" + FIRST,
    b"POST / HTTP/1.0\r\nhost: hub\r\ncontent-length: 2\r\n\r\n{}",
)
"""What may follow the first, well or badly."""


def alone(requests: list[bytes]) -> tuple[Listening, bool]:
    """The same by llhttp only: each byte comes on its own, so that no head is known."""
    return ours([bytes([byte]) for request in requests for byte in request])


@pytest.mark.parametrize("later", LATER)
def test_what_follows_a_known_head_is_read_as_if_it_were_not_known(later: bytes) -> None:
    """Lengths in other forms, of other sizes, twice, and bytes too many or too few."""
    (found, refused), (expected, too) = ours([FIRST, later, FIRST]), alone([FIRST, later, FIRST])
    assert (found.read, found.headers, refused) == (expected.read, expected.headers, too)


@settings(max_examples=200)
@given(some.lists(some.sampled_from(LATER), max_size=4), some.integers(0, 300), some.binary(max_size=2))
def test_a_changed_byte_makes_a_head_another_one(later: list[bytes], place: int, bytes_: bytes) -> None:
    """Whatever is put in the place of whatever part of the last one."""
    changed = FIRST[:place] + bytes_ + FIRST[place + len(bytes_) :]
    requests = [FIRST, *later, changed]
    (found, refused), (expected, too) = ours(requests), alone(requests)
    assert (found.read, found.headers, refused) == (expected.read, expected.headers, too)


def test_a_head_that_came_before_is_not_read_again() -> None:
    """Only compared: the parser gets nothing, and the headers are the same ones."""
    found = Listening()
    requests = Requests(found, Bounds())
    requests.feed(FIRST)
    requests.feed(HEAD % b"2" + b"{}")
    assert [one.body for one in found.read] == [b"hello", b"{}"]
    assert found.headers[0] is found.headers[1]


def test_nothing_is_taken_after_a_request_that_ends_the_connection() -> None:
    """Though its predecessor's head is known."""
    found = Listening()
    requests = Requests(found, Bounds())
    requests.feed(FIRST)
    requests.feed(FIRST.replace(b"X-Last: 1", b"connection: close"))
    with pytest.raises(Refused):
        requests.feed(FIRST)
    assert len(found.read) == 2


def test_a_head_without_a_length_or_with_more_behind_it_is_not_kept() -> None:
    """Where its message ends can't be told from it."""
    assert known(b"GET / HTTP/1.1\r\nhost: hub\r\n\r\n", None) is None
    assert known(FIRST + FIRST, None) is None
    assert known(FIRST[:-1], None) is None
