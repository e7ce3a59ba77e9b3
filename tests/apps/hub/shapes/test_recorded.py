"""The vendors' own examples: read and written again, they say the same, down to fields that nobody here knows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.apps.hub.shapes.recordings import PATHS, as_json, body_of, recorded, shape_of

from fairlead.apps.hub.calls import Chat, Delta, Failure, Media, Reply, Text, Thinking, ToolUse, Usage
from fairlead.apps.hub.shapes import SHAPES, Shape
from fairlead.apps.hub.shapes.folding import folded

ASKED = Chat(model="command-a-03-2025", messages=(), stream=True, stream_usage=True)


def heard(shape: Shape, pieces: list[bytes]) -> list[Delta | Failure]:
    """What a reader makes of a stream in pieces."""
    reader = shape.reader(ASKED)
    found = [one for piece in pieces for one in reader.feed(piece)]
    return [*found, *reader.close()]


def whole(shape: Shape, stream: bytes) -> Reply:
    """The answer that a stream told."""
    return folded(one for one in heard(shape, [stream]) if isinstance(one, Delta))


@pytest.mark.parametrize(("protocol", "name"), recorded(".call.json"))
def test_a_call_is_written_as_it_came(protocol: str, name: str) -> None:
    """Every field, known or not, in the place where it stood."""
    (shape, place), body = shape_of(protocol), body_of(protocol, name)

    call = shape.read_call(place, PATHS.get(protocol, b""), {}, body)

    assert as_json(shape.write_call(call).body) == as_json(body)


@pytest.mark.parametrize(("protocol", "name"), recorded(".answer.json"))
def test_an_answer_is_written_as_it_came(protocol: str, name: str) -> None:
    """But for the usage, which is told in our words."""
    (shape, _), body = shape_of(protocol), body_of(protocol, name)

    reply = shape.read_reply(ASKED, {}, body)
    written, said = as_json(shape.write_reply(ASKED, reply)), as_json(body)

    assert {name: value for name, value in written.items() if name in said and "usage" not in name} == {
        name: value for name, value in said.items() if "usage" not in name
    }


@pytest.mark.parametrize(("protocol", "name"), recorded(".stream"))
def test_a_stream_tells_the_same_wherever_it_is_cut(protocol: str, name: str) -> None:
    """Two pieces, cut at every byte; and every byte a piece of its own."""
    (shape, _), stream = shape_of(protocol), body_of(protocol, name)
    expected = heard(shape, [stream])

    assert all(heard(shape, [stream[:cut], stream[cut:]]) == expected for cut in range(0, len(stream), 7))
    assert heard(shape, [stream[at : at + 1] for at in range(len(stream))]) == expected
    assert not [one for one in expected if isinstance(one, Failure)]


@pytest.mark.parametrize(("protocol", "name"), recorded(".stream"))
@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_a_stream_tells_the_same_with_other_line_ends_and_a_byte_order_mark(
    protocol: str, name: str, end: bytes
) -> None:
    """CRLF and CR are line ends as LF is; an array has none that count."""
    (shape, _), stream = shape_of(protocol), body_of(protocol, name)
    other = b"\xef\xbb\xbf" + stream.replace(b"\r\n", b"\n").replace(b"\n", end)

    assert heard(shape, [other[:1], other[1:40], other[40:]]) == heard(shape, [stream])


@pytest.mark.parametrize(("protocol", "name"), recorded(".stream"))
def test_a_stream_written_again_tells_the_same(protocol: str, name: str) -> None:
    """Each step is written as it is read."""
    (shape, _), stream = shape_of(protocol), body_of(protocol, name)
    writer = shape.writer(ASKED)

    deltas = [one for one in heard(shape, [stream]) if isinstance(one, Delta)]
    again = b"".join(writer.write(delta) for delta in deltas) + writer.close()

    told, said = whole(shape, again), whole(shape, stream)
    assert replace(told, extra={}) == replace(said, extra={})
    assert told.extra.items() >= said.extra.items()


@pytest.mark.parametrize(("protocol", "name"), recorded(".stream"))
def test_a_stream_that_ends_early_is_a_failure(protocol: str, name: str) -> None:
    """Whoever reads it knows that it was not whole."""
    (shape, _), stream = shape_of(protocol), body_of(protocol, name)

    found = heard(shape, [stream[: len(stream) // 2]])

    assert isinstance(found[-1], Failure)
    assert found[-1].kind == "provider"


USAGES = {
    ("anthropic", "tools.answer.json"): Usage(
        input=2098, output=503, cached=1800, written=248, written_hour=100, units={"searches": 1.0}, tier="standard"
    ),
    ("anthropic", "stopped.answer.json"): Usage(input=2095, output=503),
    ("anthropic", "tools.stream"): Usage(input=512, output=89, cached=30, written=10),
    ("cohere", "tools.answer.json"): Usage(input=5, output=418, cached=2, units={"searches": 1.0}),
    ("cohere", "tools.stream"): Usage(input=17, output=12),
    ("gemini", "tools.answer.json"): Usage(input=1050, output=700, cached=600, reasoning=500, audio_input=300),
    ("gemini", "text.stream"): Usage(input=8, output=46, reasoning=16),
    ("gemini", "array.stream"): Usage(input=8, output=46, reasoning=16),
    ("openai_chat", "text.answer.json"): Usage(
        input=2006, output=300, cached=1920, reasoning=64, audio_input=7, audio_output=5, tier="default"
    ),
    ("openai_chat", "tools.answer.json"): Usage(input=82, output=17),
    ("openai_chat", "text.stream"): Usage(input=19, output=10, cached=4),
    ("openai_chat", "tools.stream"): Usage(input=100, output=40, cached=64, reasoning=21),
    ("openai_completions", "text.answer.json"): Usage(input=5, output=7),
    ("openai_completions", "text.stream"): Usage(input=5, output=7),
    ("openai_responses", "tools.answer.json"): Usage(
        input=291, output=23, cached=100, written=40, written_hour=30, reasoning=8
    ),
    ("openai_responses", "tools.stream"): Usage(input=37, output=11, cached=8, reasoning=4),
}
"""By hand, from the vendors' words: what counts as input and what as output."""


@pytest.mark.parametrize(("protocol", "name"), recorded(".answer.json"))
def test_the_usage_of_an_answer_is_what_the_vendor_means(protocol: str, name: str) -> None:
    """The same whether the whole answer is read or the usage alone."""
    (shape, _), body = shape_of(protocol), body_of(protocol, name)
    reply = shape.read_reply(ASKED, {}, body)

    assert isinstance(reply, Reply)
    assert reply.usage == USAGES[protocol, name]
    assert shape.usage("chat", body) == USAGES[protocol, name]


@pytest.mark.parametrize(("protocol", "name"), recorded(".stream"))
def test_the_usage_of_a_stream_is_what_the_vendor_means(protocol: str, name: str) -> None:
    """Counted up over its events."""
    (shape, _), stream = shape_of(protocol), body_of(protocol, name)

    assert whole(shape, stream).usage == USAGES[protocol, name]


def test_every_recording_has_its_usage_worked_out() -> None:
    """A new one is not forgotten."""
    assert {*recorded(".answer.json"), *recorded(".stream")} == {*USAGES}


def test_reasoning_of_an_openai_vendor_stands_before_its_tools() -> None:
    """Two calls at once, their arguments in pieces."""
    (choice,) = whole(SHAPES.get("openai_chat"), body_of("openai_chat", "tools.stream")).choices

    assert choice.finish == "tools"
    assert choice.parts == (
        Thinking("The user wants weather.", origin="openai_chat"),
        ToolUse("call_DdmO9pD3xa9XTPNJ32zg2hcA", "get_weather", '{"location":"Paris"}'),
        ToolUse("call_2", "get_time", "{}"),
    )


def test_anthropics_signature_is_kept_with_its_thinking() -> None:
    """And the arguments of a tool are the pieces put together."""
    (choice,) = whole(SHAPES.get("anthropic"), body_of("anthropic", "tools.stream")).choices

    assert choice.parts == (
        Thinking(
            "Let me solve this step by step",
            signature="EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds",
            origin="anthropic",
        ),
        Text("Okay, let's check — now:"),
        ToolUse("toolu_01T1x1fJ34qAmk2tNTrN7Up6", "get_weather", '{"location": "San Francisco, CA"}'),
    )


@pytest.mark.parametrize("name", ["text.stream", "array.stream"])
def test_geminis_calls_get_ids_and_keep_their_signature(name: str) -> None:
    """Both framings of a stream."""
    (choice,) = whole(SHAPES.get("gemini"), body_of("gemini", name)).choices

    assert choice.finish == "tools"
    assert choice.parts == (
        Thinking("Let me think.", origin="gemini"),
        Text('Grüße {"a": [1]}'),
        ToolUse("gemini-call-r1-0", "get_weather", '{"city":"London"}', signature="RXJzdA=="),
        ToolUse("gemini-call-r1-1", "get_weather", '{"city":"Rome"}'),
    )


def test_an_image_by_url_and_by_bytes_are_told_apart() -> None:
    """Anthropic's sources, in our words."""
    shape, place = shape_of("anthropic")
    call = shape.read_call(place, b"", {}, body_of("anthropic", "tools.call.json"))
    assert isinstance(call, Chat)

    pictures = [part for part in call.messages[1].parts if isinstance(part, Media)]

    assert [(one.kind, one.mime, one.url, one.file) for one in pictures] == [
        ("image", "image/jpeg", None, None),
        ("image", None, "https://example.com/ant.jpg", None),
        ("document", "text/plain", None, None),
        ("document", None, None, "file_011CNha8iCJcU1wXNR6q4V8w"),
    ]
