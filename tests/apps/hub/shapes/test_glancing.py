"""What the hub needs of a request, and the request with another model's name: the rest byte by byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apps.hub.shapes.recordings import body_of, shape_of

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes import SHAPES, Asked, Place
from fairlead.apps.hub.shapes.openai.usage import only_usage

CHAT, PLACE = shape_of("openai_chat")


@pytest.mark.parametrize(
    ("protocol", "name", "asked"),
    [
        ("openai_chat", "tools", Asked("chat", "gpt-4o", True, 600, "user-1234", usage=True)),
        ("anthropic", "tools", Asked("chat", "claude-opus-5", True, 2048)),
        ("openai_responses", "tools", Asked("chat", "gpt-5", True, 256, "u")),
        ("cohere", "tools", Asked("chat", "command-a-03-2025", True, 100)),
        ("openai_completions", "text", Asked("completion", "gpt-3.5-turbo-instruct", True, 14, "u", usage=True)),
    ],
)
def test_a_glance_tells_model_stream_limit_and_user(protocol: str, name: str, asked: Asked) -> None:
    """The limit counts for each of the answers asked for."""
    shape, place = shape_of(protocol)

    assert shape.glance(place, place.path.encode(), {}, body_of(protocol, f"{name}.call.json")) == asked


def test_geminis_model_and_stream_stand_in_the_path() -> None:
    """Percent signs are undone; a limit may be in snake case."""
    gemini = SHAPES.get("gemini")
    path = b"/v1beta/models/google%2Fgemini-2.5-pro:streamGenerateContent?alt=sse"
    body = b'{"contents":[],"generation_config":{"max_output_tokens":5,"candidate_count":3}}'

    asked = gemini.glance(gemini.places[1], path, {b"x-fairlead-tags": b"a, b"}, body)

    assert asked == Asked("chat", "google/gemini-2.5-pro", True, 15, None, ("a", "b"))


def test_a_count_is_told_from_a_call() -> None:
    """By its place."""
    shape = SHAPES.get("anthropic")

    assert shape.glance(shape.places[1], b"", {}, b'{"model":"m"}').operation == "count"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"model":7}', b'{"messages":[]}', b'{"model":"a"', b"\xff", b"[" * 9999]
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(Unsayable):
        CHAT.glance(PLACE, b"", {}, body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"a","messages":[]}', b'{"model":"b","messages":[]}'),
        (
            b'{ "messages" : [1.0, "\\u00e9"],\n "model"\t: "a" }',
            b'{ "messages" : [1.0, "\\u00e9"],\n "model"\t: "b" }',
        ),
        (b'{"model":"a","stream":false}', b'{"model":"b","stream":false}'),
        (
            b'{"model":"a","stream":true,"n":1.0}',
            b'{"stream_options":{"include_usage":true},"model":"b","stream":true,"n":1.0}',
        ),
        (
            b'{"model":"a","stream":true,"stream_options":{"include_usage":true}}',
            b'{"model":"b","stream":true,"stream_options":{"include_usage":true}}',
        ),
    ],
)
def test_only_the_name_is_replaced(body: bytes, expected: bytes) -> None:
    """And usage asked for in a stream; nothing else moves."""
    assert CHAT.renamed(PLACE, body, "b") == expected


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"model": "x"}, "model": "a"},
        {"messages": [{"role": "model"}], "model": "a"},
        {"model": 'a"quoted"', "n": 1},
        {"model": "a", "messages": [{"content": 'say "model": "x" please'}]},
    ],
)
def test_only_the_model_of_the_request_is_renamed(body: dict[str, object]) -> None:
    """A word of that name elsewhere stays."""
    assert json.loads(CHAT.renamed(PLACE, json.dumps(body).encode(), "b")) == body | {"model": "b"}


def test_a_name_spelled_with_escapes_is_renamed_too() -> None:
    """Where the plain word names something else."""
    body = b'{"mod\\u0065l":"a","x":{"model":"y"}}'

    assert json.loads(CHAT.renamed(PLACE, body, "b")) == {"model": "b", "x": {"model": "y"}}


def test_options_of_a_stream_are_kept_beside_the_usage() -> None:
    """One that says no is overruled."""
    body = b'{"model":"a","stream":true,"stream_options":{"include_usage":false,"include_obfuscation":false}}'

    options = json.loads(CHAT.renamed(PLACE, body, "b"))["stream_options"]

    assert options == {"include_usage": True, "include_obfuscation": False}


def test_a_stream_of_another_object_is_none_of_the_request() -> None:
    """`stream` inside a tool's schema asks for nothing."""
    body = b'{"model":"a","tools":[{"parameters":{"stream":true}}]}'

    assert CHAT.renamed(PLACE, body, "a") == body


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["model", "a"]), inner, max_size=2)
            ),
            max_leaves=6,
        ),
        max_size=5,
    ),
    st.text(max_size=9),
)
def test_any_other_field_stays_as_it_is(fields: dict[str, object], model: str) -> None:
    """Whatever stands in the body."""
    said = fields | {"model": model}

    renamed = SHAPES.get("anthropic").renamed(Place("POST", "/v1/messages", "chat"), json.dumps(said).encode(), "b")

    assert json.loads(renamed) == fields | {"model": "b"}


def test_the_event_that_holds_nothing_but_usage_is_known() -> None:
    """Azure's first event has no choices either, but no usage."""
    assert only_usage(b'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n')
    assert not only_usage(b'data: {"choices":[],"prompt_filter_results":[],"usage":null}\n\n')
    assert not only_usage(
        b'data: {"choices":[{"delta":{"content":"\\"choices\\":[] \\"usage\\":{"}}],"usage":null}\n\n'
    )
