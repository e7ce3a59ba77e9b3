"""What a protocol can say it says so that it reads the same again: calls, answers and streams."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps.hub.shapes.sayable import CHATS, answers, bare, calls, flat

from fairlead.apps.hub.calls import Chat, Delta, Failure, Reply
from fairlead.apps.hub.shapes import SHAPES, Place, Sent, Shape
from fairlead.apps.hub.shapes.folding import folded, told

ASKED = Chat(model="model-1", messages=(), stream=True, stream_usage=True)
quickly = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def read_again(shape: Shape, sent: Sent) -> Chat:
    """What was sent, as the other side reads it."""
    found = shape.read_call(place_of(shape, sent), sent.path.encode(), {}, sent.body)
    assert isinstance(found, Chat)
    return found


def place_of(shape: Shape, sent: Sent) -> Place:
    """Where a call was sent to."""
    plain = sent.path.partition("?")[0]
    method = plain.partition(":")[2]
    return next(p for p in shape.places if p.path == plain or (method and p.path.endswith(f":{method}")))


def told_by(shape: Shape, reply: Reply, call: Chat = ASKED) -> bytes:
    """An answer, as a stream of a protocol."""
    writer = shape.writer(call)
    return b"".join(writer.write(delta) for delta in told(reply)) + writer.close()


def heard_by(shape: Shape, stream: bytes) -> Reply:
    """The answer of a stream."""
    reader = shape.reader(ASKED)
    found = [*reader.feed(stream), *reader.close()]
    deltas = [one for one in found if isinstance(one, Delta)]
    assert not [one for one in found if isinstance(one, Failure)]
    return folded(deltas)


def plain(reply: Reply) -> Reply:
    """An answer without what only tells where it came from."""
    choices = tuple(replace(c, parts=tuple(bare(p) for p in c.parts), extra={}) for c in reply.choices)
    return replace(reply, choices=choices, protocol="", extra={}, created=None)


@pytest.mark.parametrize("name", CHATS)
@quickly
@given(data=st.data())
def test_a_call_reads_the_same_after_it_was_written(name: str, data: st.DataObject) -> None:
    """Nothing that a protocol has words for is lost or added."""
    chat, shape = data.draw(calls(name)), SHAPES.get(name)

    assert flat(read_again(shape, shape.write_call(chat))) == flat(chat)


@pytest.mark.parametrize("name", CHATS)
@quickly
@given(data=st.data())
def test_writing_what_was_read_writes_the_same(name: str, data: st.DataObject) -> None:
    """The second writing is the first, byte by byte."""
    shape = SHAPES.get(name)
    sent = shape.write_call(data.draw(calls(name)))

    assert shape.write_call(read_again(shape, sent)) == sent


@pytest.mark.parametrize("name", CHATS)
@quickly
@given(data=st.data())
def test_an_answer_reads_the_same_after_it_was_written(name: str, data: st.DataObject) -> None:
    """Parts, why it ended, usage."""
    reply, shape = data.draw(answers(name)), SHAPES.get(name)

    found = shape.read_reply(ASKED, {}, shape.write_reply(ASKED, reply))

    assert isinstance(found, Reply)
    assert plain(found) == plain(reply)


@pytest.mark.parametrize("name", CHATS)
@quickly
@given(data=st.data())
def test_a_stream_tells_what_the_whole_answer_says(name: str, data: st.DataObject) -> None:
    """An answer written as a stream and read back is the answer."""
    reply, shape = data.draw(answers(name)), SHAPES.get(name)

    assert plain(heard_by(shape, told_by(shape, reply))) == plain(reply)


@pytest.mark.parametrize("client", CHATS)
@pytest.mark.parametrize("provider", CHATS)
@quickly
@given(data=st.data())
def test_a_stream_of_one_protocol_tells_the_same_in_another(provider: str, client: str, data: st.DataObject) -> None:
    """The answer's parts, the calls of tools, why it ended, and the usage, through both protocols."""
    reply = data.draw(answers("cohere"))
    reply = replace(
        reply, choices=tuple(replace(c, parts=tuple(p for p in c.parts if keeps(p))) for c in reply.choices)
    )
    theirs, ours = SHAPES.get(provider), SHAPES.get(client)
    reader, writer = theirs.reader(ASKED), ours.writer(ASKED)

    stream = told_by(theirs, replace(reply, protocol=""))
    deltas = [one for one in (*reader.feed(stream), *reader.close()) if isinstance(one, Delta)]
    passed = b"".join(writer.write(delta) for delta in deltas) + writer.close()

    assert plain(heard_by(ours, passed)) == plain(heard_by(theirs, stream))


def keeps(part: object) -> bool:
    """Reasoning is told with where it came from, which has a test of its own."""
    return type(part).__name__ != "Thinking"
