"""A kept answer in another form tells the same, in every protocol that streams."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fairlead.apps.hub.cache.kept import Kept, is_good
from fairlead.apps.hub.cache.replaying import as_stream, as_whole
from fairlead.apps.hub.calls import Chat, Choice, Delta, Failure, Message, Plain, Reply, Text, ToolUse, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Shape
from fairlead.apps.hub.shapes.folding import Folded, told

SPOKEN = [name for name in ("openai_chat", "openai_responses", "anthropic", "gemini", "cohere") if name in SHAPES]
CALL = Chat("m", (Message("user", (Text("hi"),)),), stream=True, stream_usage=True)
USAGE = Usage(input=12, output=34)
PARTS = (Text("Hello there, how are you?"), ToolUse("call_1", "get_weather", '{"city":"Paris"}'))
REPLY = Reply("id_1", "m", (Choice(PARTS, "tools"),), USAGE, created=1_700_000_000)


def kept(pieces: list[bytes], *, stream: bool, shows_usage: bool = True) -> Kept:
    return Kept(pieces, stream, shows_usage, b"x", USAGE, "p", "m", 0, 0.0, 300.0)


def told_as(shape: Shape, call: Chat = CALL) -> list[bytes]:
    """The answer as a stream whose words come one by one."""
    writer = shape.writer(call)
    pieces = []
    for delta in told(REPLY):
        words = delta.text.split(" ") if delta.text and " " in delta.text else [delta.text]
        for number, word in enumerate(words):
            text = f" {word}" if number and word is not None else word
            pieces.append(writer.write(replace(delta, text=text)))
    return [piece for piece in [*pieces, writer.close()] if piece]


def read(shape: Shape, pieces: list[bytes]) -> Reply:
    """What a stream tells."""
    reader, whole = shape.reader(CALL), Folded()
    for item in [*(one for piece in pieces for one in reader.feed(piece)), *reader.close()]:
        assert isinstance(item, Delta), item
        whole.add(item)
    return whole.reply()


def said(reply: Reply) -> tuple[object, ...]:
    """What two answers have to agree in."""
    choice = reply.choices[0]
    parts = [
        part.text if isinstance(part, Text) else (part.name, part.arguments.replace(" ", ""))
        for part in choice.parts
        if isinstance(part, Text | ToolUse)
    ]
    usage = reply.usage
    return parts, choice.finish, (usage.input, usage.output) if usage is not None else None


@pytest.mark.parametrize("name", SPOKEN)
def test_a_stream_is_told_again_piece_by_piece(name: str) -> None:
    """With the bounds that it had."""
    pieces = told_as(SHAPES.get(name))

    assert len(pieces) > 5
    assert list(as_stream(kept(pieces, stream=True), SHAPES.get(name), CALL, shows_usage=True)) == pieces


@pytest.mark.parametrize("name", SPOKEN)
def test_a_stream_given_as_a_whole_says_the_same(name: str) -> None:
    """And is made once."""
    shape = SHAPES.get(name)
    entry = kept(told_as(shape), stream=True)
    body = as_whole(entry, shape, replace(CALL, stream=False))
    reply = shape.read_reply(CALL, {}, body)

    assert isinstance(reply, Reply)
    assert said(reply) == said(REPLY)
    assert as_whole(entry, shape, CALL) is body
    assert entry.size > kept(entry.pieces, stream=True).size


@pytest.mark.parametrize("name", SPOKEN)
def test_a_whole_answer_told_as_a_stream_says_the_same(name: str) -> None:
    """In whatever pieces."""
    shape = SHAPES.get(name)
    entry = kept([shape.write_reply(CALL, REPLY)], stream=False)
    pieces = list(as_stream(entry, shape, CALL, shows_usage=True))

    assert said(read(shape, pieces)) == said(REPLY)
    assert as_whole(entry, shape, CALL) is entry.pieces[0]


def test_usage_is_told_to_those_who_want_it_whoever_asked_first() -> None:
    """And left out for the others; the bounds stay."""
    shape = SHAPES.get("openai_chat")
    silent = replace(CALL, stream_usage=False)
    without, with_it = told_as(shape, silent), told_as(shape)
    assert b'"usage":{' not in b"".join(without)

    shown = list(as_stream(kept(without, stream=True, shows_usage=False), shape, CALL, shows_usage=True))
    hidden = list(as_stream(kept(with_it, stream=True), shape, silent, shows_usage=False))

    assert said(read(shape, shown)) == said(REPLY)
    assert b'"usage":{' not in b"".join(hidden)
    assert len(without) - 1 <= len(shown) <= len(without)


def test_what_can_be_read_in_one_form_only_is_not_given_in_another() -> None:
    """It is asked for again."""
    shape = SHAPES.get("openai_chat")
    with pytest.raises(Unsayable):
        as_stream(kept([b"{}"], stream=False), shape, Plain("embedding", "m", {}), shows_usage=True)
    broken = [told_as(shape)[0], b'data: {"error":{"message":"no"}}\n\n']
    with pytest.raises(Unsayable, match="broke"):
        as_whole(kept(broken, stream=True), shape, CALL)


@pytest.mark.parametrize("name", SPOKEN)
@pytest.mark.parametrize("finish", ["stop", "length", "tools", "filtered", "refused"])
def test_answers_that_were_filtered_are_not_kept(name: str, finish: str) -> None:
    """Whole or streamed; all others are."""
    shape = SHAPES.get(name)
    reply = replace(REPLY, choices=(Choice(PARTS if finish == "tools" else PARTS[:1], finish),))  # type: ignore[arg-type]  # the finishes above
    whole = shape.write_reply(CALL, reply)
    writer = shape.writer(CALL)
    stream = [*(writer.write(delta) for delta in told(reply)), writer.close()]
    good = finish in ("stop", "length", "tools")

    if name == "openai_responses" and finish == "length":
        good = False  # it says `incomplete`, as it does of filtered ones
    assert is_good(name, "chat", [whole], stream=False) == good
    assert is_good(name, "chat", stream, stream=True) == good


@pytest.mark.parametrize("name", SPOKEN)
def test_a_stream_that_broke_is_not_kept(name: str) -> None:
    """However its protocol says so."""
    shape = SHAPES.get(name)
    writer = shape.writer(CALL)
    pieces = [writer.write(delta) for delta in list(told(REPLY))[:3]]
    pieces.append(writer.fail(Failure("provider", "it fell over", 502)))

    assert not is_good(name, "chat", pieces, stream=True)


def test_words_in_a_text_are_not_taken_for_its_end() -> None:
    """Their quotes are escaped."""
    shape = SHAPES.get("openai_chat")
    text = '{"finish_reason": "content_filter"} and event: error, said the answer'
    reply = replace(REPLY, choices=(Choice((Text(text),), "stop"),))

    assert is_good("openai_chat", "chat", [shape.write_reply(CALL, reply)], stream=False)


@pytest.mark.parametrize("name", SPOKEN)
def test_what_does_not_say_that_it_ended_is_not_kept(name: str) -> None:
    """Garbage, the first half of a stream, another kind of answer."""
    half = told_as(SHAPES.get(name))[:3]

    for pieces in ([b"garbled"], [b"{}"], [b"[]"], [b'{"a":1}'], [b'{"choices":[{"finish_reason":null}]}']):
        assert not is_good(name, "chat", pieces, stream=False)
    assert not is_good(name, "chat", half, stream=True)
    assert is_good(name, "embedding", [b'{"data":[[0.1,0.2]]}'], stream=False)
    assert not is_good(name, "embedding", [b'{"data":[[0.1,'], stream=False)
