"""Answers of providers whose head came before."""

from __future__ import annotations

import asyncio

from tests.apps.hub.wire.askers import WHOLE, Asking

from fairlead.apps.hub.wire import upstream


class Taking(asyncio.Transport):
    """A connection that takes what is written."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """It is gone."""

    def abort(self) -> None:
        """It ends."""


async def test_an_answer_with_a_known_head_is_told_like_the_first() -> None:
    """Of any length; one that differs, or comes in pieces, is read as ever."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %b\r\n\r\n"
    freed: list[upstream.Upstream] = []
    one = upstream.Upstream(freed.append, lambda _: None)
    one.connection_made(Taking())
    for sent, body in [
        ([head % b"2" + b"ok"], b"ok"),
        ([head % b"4" + b"more"], b"more"),
        ([head % b"4" + b"mo", b"re"], b"more"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", head % b"2" + b"ok"], b"ok"),
        ([head.replace(b"200 OK", b"404 No") % b"2" + b"no"], b"no"),
    ]:
        asking = Asking()
        one.ask(asking, b"")
        for data in sent:
            one.data_received(data)
        assert (asking.told[-1], asking.body) == ("answered", body)
    assert len(freed) == 5
    assert not one.closed


async def test_more_behind_an_answer_with_a_known_head_spoils_the_connection() -> None:
    """As behind any other."""
    one = upstream.Upstream(lambda _: None, lambda _: None)
    one.connection_made(Taking())
    for data in (WHOLE, WHOLE, WHOLE + WHOLE):
        asking = Asking()
        one.ask(asking, b"")
        one.data_received(data)
        assert asking.body == b"ok"
    assert one.closed
