"""Streams whose provider closes them: whole only when the protocol's end was seen, or what comes just before it."""

from __future__ import annotations

import pytest
from tests.apps.hub.serving.fakes import DONE, FINISH, ROLE, STREAM, USAGE, word
from tests.apps.hub.serving.telling import STREAMED_USAGE, body_of, events, town

from fairlead.apps.hub.calls import Chat, Delta, Reply, Text, Usage
from fairlead.apps.hub.shapes import SHAPES

TOLD = Usage(input=10, output=5)
SPOKEN = [name for name in SHAPES if any(one.operation == "chat" for one in SHAPES.get(name).places)]


@pytest.mark.parametrize("end", [(FINISH,), (FINISH, USAGE), (USAGE,), (DONE,), (FINISH, DONE), (USAGE, b": bye\n\n")])
def test_a_stream_is_whole_when_any_of_its_ends_was_seen(end: tuple[bytes, ...]) -> None:
    """Some providers never send `[DONE]`."""
    here = town()
    _, line = here.asks(STREAMED_USAGE)
    here.asked("one").begins(headers=STREAM).says(ROLE, word("a"), *end).ends()

    assert here.ended[0].failure is None
    assert body_of(line) == ROLE + word("a") + b"".join(end)
    here.check_all_is_over()


@pytest.mark.parametrize("size", [10, 10_000])
def test_a_stream_that_is_closed_without_its_end_is_broken_off(size: int) -> None:
    """The client is told, what came is paid, and the key has one failure."""
    here = town()
    _, line = here.asks(STREAMED_USAGE)
    came = ROLE + word("a") + word('say \\"finish_reason\\":\\"stop\\"')
    pieces = (came[at : at + size] for at in range(0, len(came), size))
    here.asked("one").begins(headers=STREAM).says(*pieces).ends()

    assert events(line)[-1]["error"]["message"] == "one: the provider's stream ended before it was whole"
    assert body_of(line).startswith(came)
    (entry,) = here.accounts.entries
    assert entry.usage is not None
    assert entry.usage.estimated
    failure = here.ended[0].failure
    assert failure is not None
    assert failure.kind == "provider"
    assert here.table.hosts["one"].lanes[0].breaker.trouble
    here.check_all_is_over()


@pytest.mark.parametrize("name", SPOKEN)
def test_each_protocol_knows_its_end(name: str) -> None:
    """As it writes it itself; and nothing before that."""
    shape = SHAPES.get(name)
    writer = shape.writer(Chat("m", (), stream=True, stream_usage=True))
    steps = Delta(reply=Reply("1", "m", ())), Delta(begins=Text("")), Delta(text='"type": "message_stop"')
    begun = b"".join(writer.write(step) for step in steps)
    rest = writer.write(Delta(finish="stop", usage=TOLD)) + writer.close()

    assert shape.ended is not None
    assert shape.ended.search(begun) is None
    assert shape.ended.search(rest) is not None
