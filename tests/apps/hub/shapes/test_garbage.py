"""Whatever comes from the network, nothing but `Unsayable` is raised, and a broken stream is a failure."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps.hub.shapes.recordings import PATHS, body_of, recorded, shape_of

from fairlead.apps.hub.calls import Chat, Delta, Failure, Reply, Unsayable
from fairlead.apps.hub.shapes import SHAPES, Shape
from fairlead.apps.hub.shapes.folding import folded

ALL = ("openai_chat", "openai_responses", "openai_completions", "anthropic", "gemini", "cohere")
ASKED = Chat(model="m", messages=(), stream=True, stream_usage=True)
odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**30, "", "x", [], [None], [[]], [{}], {}, {"type": "text"}, {"a": {"b": []}}]
)
often = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """JSON with something odd in one place."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 5)) == 0:
        return draw(odd)
    if isinstance(value, dict):
        name = draw(st.sampled_from(sorted(value)))
        return value | {name: draw(spoilt(value[name]))}
    place = draw(st.integers(0, len(value) - 1))
    return [*value[:place], draw(spoilt(value[place])), *value[place + 1 :]]


def survives(shape: Shape, body: bytes, path: bytes) -> None:
    """Everything that a shape does with bytes from outside, and what it makes of what it read."""
    place = shape.places[0]
    for act in (
        lambda: shape.glance(place, path, {}, body),
        lambda: shape.renamed(place, body, "b"),
        lambda: shape.write_call(shape.read_call(place, path, {}, body)),
        lambda: shape.write_reply(ASKED, shape.read_reply(ASKED, {}, body)),
        lambda: shape.usage("chat", body),
        lambda: shape.write_failure(shape.read_failure(500, {}, body)),
        lambda: hears(shape, body),
        lambda: hears(shape, b"data: " + body + b"\n\n"),
    ):
        with contextlib.suppress(Unsayable):
            act()


def hears(shape: Shape, stream: bytes) -> Reply:
    """Read a stream and write what it tells."""
    reader, writer = shape.reader(ASKED), shape.writer(ASKED)
    deltas = [one for one in (*reader.feed(stream), *reader.close()) if isinstance(one, Delta)]
    for delta in deltas:
        writer.write(delta)
    writer.close()
    return folded(deltas)


@pytest.mark.parametrize("protocol", ALL)
@often
@given(
    body=st.binary(max_size=60) | st.sampled_from([b"[" * 5000, b'{"a":' * 5000, b'"\\ud800"', b'{"model":"\\ud800"}'])
)
def test_bytes_that_mean_nothing_are_refused(protocol: str, body: bytes) -> None:
    """Random ones, deep ones, half a character."""
    survives(SHAPES.get(protocol), body, PATHS.get(protocol, b""))


@pytest.mark.parametrize(("protocol", "name"), [*recorded(".call.json"), *recorded(".answer.json")])
@often
@given(data=st.data())
def test_a_body_with_something_odd_in_it_is_read_or_refused(protocol: str, name: str, data: st.DataObject) -> None:
    """Wrong types and missing fields, in every place."""
    whole = json.loads(body_of(protocol, name))
    body = json.dumps(data.draw(spoilt(whole))).encode()

    survives(SHAPES.get(protocol), body, PATHS.get(protocol, b""))


@pytest.mark.parametrize(("protocol", "name"), recorded(".stream"))
@often
@given(data=st.data())
def test_a_stream_with_something_odd_in_it_is_read_or_fails(protocol: str, name: str, data: st.DataObject) -> None:
    """One of its events, anywhere in it; or bytes lost from it."""
    (shape, _), stream = shape_of(protocol), body_of(protocol, name)
    lines = stream.split(b"\n")
    events = [number for number, line in enumerate(lines) if line.startswith(b"data: {")]
    if events and data.draw(st.sampled_from([True, False])):
        number = data.draw(st.sampled_from(events), label="event")
        lines[number] = b"data: " + json.dumps(data.draw(spoilt(json.loads(lines[number][6:])))).encode()
        stream = b"\n".join(lines)
    else:
        start = data.draw(st.integers(0, len(stream) - 1))
        stream = stream[:start] + stream[start + data.draw(st.integers(1, 30)) :]
    reader = shape.reader(ASKED)

    found = [*reader.feed(stream), *reader.close()]

    assert all(isinstance(one, Delta | Failure) for one in found)
    with contextlib.suppress(Unsayable):
        hears(shape, stream)
