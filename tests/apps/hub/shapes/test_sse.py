"""Server-sent events, as the HTML standard says, in pieces cut anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes import sse
from fairlead.apps.hub.shapes.sse import Events

STREAM = (
    b": hello\n\nevent: a\nid: 7\ndata: one\ndata:two\ndata\nretry: 3\n\ndata: \xc3\xbc\n\nevent: empty\n\ndata:  x\n\n"
)
EXPECTED = [("a", b"one\ntwo\n"), ("", b"\xc3\xbc"), ("", b" x")]


def heard(*pieces: bytes) -> list[tuple[str, bytes]]:
    """The events in pieces."""
    events = Events()
    return [event for piece in pieces for event in events.feed(piece)]


def test_comments_other_fields_and_events_without_data_tell_nothing() -> None:
    """Data of several lines is put together; one space after the colon goes."""
    assert heard(STREAM) == EXPECTED


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@given(cuts=st.lists(st.integers(0, len(STREAM) + 20), max_size=6))
@settings(deadline=None)
def test_events_are_the_same_wherever_they_are_cut(end: bytes, cuts: list[int]) -> None:
    """Between CR and LF too."""
    stream = STREAM.replace(b"\n", end)
    places = [0, *sorted(cuts), len(stream)]

    assert heard(*(stream[a:b] for a, b in pairwise(places))) == EXPECTED


def test_a_byte_order_mark_is_no_part_of_the_first_field() -> None:
    """Even when it comes in two pieces."""
    assert heard(b"\xef\xbb", b"\xbfdata: x\n\n") == [("", b"x")]


def test_an_event_without_its_empty_line_is_left_at_the_end() -> None:
    """Some vendors end without it."""
    events = Events()

    assert list(events.feed(b"data: x")) == []
    assert list(events.rest()) == [("", b"x")]


def test_an_event_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not fill the memory."""
    monkeypatch.setattr(sse, "MOST_BYTES", 100)

    with pytest.raises(Unsayable, match="longer than 100 bytes"):
        heard(*[b"data: 0123456789\n"] * 20)


def test_an_event_reads_as_it_was_written() -> None:
    """With a name and without."""
    assert heard(sse.event(b"{}", "ping"), sse.event(b"[1]")) == [("ping", b"{}"), ("", b"[1]")]
