"""Whatever a provider answers, its reader raises nothing but `Unsayable`, and tells a broken stream as a failure.

test_garbage.py does so for protocols that clients speak; here are those of providers only, and the plain operations.
"""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.apps.hub.shapes.test_garbage import ASKED, spoilt

from fairlead.apps.hub.calls import Delta, Failure, Operation, Plain, Unsayable
from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.eventstream import framed

often = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}], "signature": "s", "closed": True}
CALL = {"id": "D681PevKs", "index": 0, "type": "function", "function": {"name": "look", "arguments": "{}"}}

WHOLE: dict[str, Any] = {
    "mistral_chat": {
        "id": "1",
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": [THOUGHT], "tool_calls": [CALL]}}],
        "usage": USAGE,
    },
    "bedrock_converse": {
        "output": {
            "message": {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "s"}}},
                    {"text": "Well"},
                    {"toolUse": {"toolUseId": "t", "name": "look", "input": {"a": 1}}},
                ],
            }
        },
        "stopReason": "tool_use",
        "usage": {"inputTokens": 1, "outputTokens": 2, "cacheReadInputTokens": 3},
    },
    "bedrock_anthropic": {
        "id": "1",
        "content": [{"type": "text", "text": "Well"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    },
}
"""A whole answer of each."""

EVENTS: dict[str, list[tuple[str, Any]]] = {
    "bedrock_converse": [
        ("messageStart", {"role": "assistant"}),
        ("contentBlockStart", {"start": {"toolUse": {"toolUseId": "t", "name": "look"}}, "contentBlockIndex": 0}),
        ("contentBlockDelta", {"delta": {"toolUse": {"input": "{}"}}, "contentBlockIndex": 0}),
        ("contentBlockDelta", {"delta": {"reasoningContent": {"text": "Hm"}}, "contentBlockIndex": 1}),
        ("contentBlockDelta", {"delta": {"text": "Well"}, "contentBlockIndex": 2}),
        ("contentBlockStop", {"contentBlockIndex": 2}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": {"inputTokens": 1, "outputTokens": 2}}),
    ],
    "mistral_chat": [
        ("", {"id": "1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": [THOUGHT]}}]}),
        ("", {"id": "1", "choices": [{"index": 0, "delta": {"content": "Well", "tool_calls": [CALL]}}]}),
        ("", {"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}),
    ],
}
"""What a stream of each tells."""

PLAIN: dict[tuple[str, Operation], Any] = {
    ("gemini_embed", "embedding"): {"embeddings": [{"values": [0.1, 0.2]}]},
    ("vertex_embed", "embedding"): {
        "predictions": [{"embeddings": {"values": [0.1], "statistics": {"truncated": False, "token_count": 4}}}]
    },
    ("cohere_embed", "embedding"): {"embeddings": {"float": [[0.1]]}, "meta": {"billed_units": {"input_tokens": 1}}},
    ("cohere_rerank", "rerank"): {"results": [{"index": 0, "relevance_score": 0.5}], "meta": {}},
    ("jina_rerank", "rerank"): {"results": [{"index": 0, "relevance_score": 0.5, "document": {"text": "a"}}]},
    ("openai_plain", "embedding"): {"data": [{"index": 0, "embedding": [0.1]}], "usage": USAGE},
    ("mistral_plain", "embedding"): {"data": [{"index": 0, "embedding": [0.1]}], "usage": USAGE},
    ("mistral_plain", "files"): {"object": "list", "data": [{"id": "file-1", "object": "file", "bytes": 1}]},
    ("mistral_plain", "transcription"): {"text": "a", "usage": {"seconds": 9}},
}
"""An answer of each operation."""


@pytest.mark.parametrize("protocol", WHOLE)
@often
@given(data=st.data())
def test_a_whole_answer_is_read_or_refused(protocol: str, data: st.DataObject) -> None:
    """With something odd in one place; and written for a client what could be read."""
    shape, body = SHAPES.get(protocol), json.dumps(data.draw(spoilt(WHOLE[protocol]))).encode()

    with contextlib.suppress(Unsayable):
        reply = shape.read_reply(ASKED, {}, body)
        SHAPES.get("mistral_chat").write_reply(ASKED, reply)
    shape.usage("chat", body)
    assert shape.read_failure(500, {}, body).status == 500


@pytest.mark.parametrize("protocol", EVENTS)
@often
@given(data=st.data())
def test_a_stream_is_read_or_fails(protocol: str, data: st.DataObject) -> None:
    """One event odd, and cut anywhere; what was told is written for a client."""
    events = list(EVENTS[protocol])
    at = data.draw(st.integers(0, len(events) - 1))
    events[at] = events[at][0], data.draw(spoilt(events[at][1]))
    stream = b"".join(_framed(protocol, kind, fields) for kind, fields in events)
    cut = data.draw(st.integers(0, len(stream)))
    reader, writer = SHAPES.get(protocol).reader(ASKED), SHAPES.get("mistral_chat").writer(ASKED)

    found = [*reader.feed(stream[:cut]), *reader.feed(stream[cut:]), *reader.close()]

    assert all(isinstance(one, Delta | Failure) for one in found)
    with contextlib.suppress(Unsayable):
        for one in found:
            if isinstance(one, Delta):
                writer.write(one)
        writer.close()


@often
@given(data=st.data())
def test_anthropics_events_in_aws_frames_are_read_or_fail(data: st.DataObject) -> None:
    """Base64 that is none, JSON that is none, bytes lost."""
    event = data.draw(spoilt({"type": "message_start", "message": {"id": "1", "usage": {"input_tokens": 1}}}))
    held = base64.b64encode(json.dumps(event).encode()).decode()
    fields = data.draw(spoilt({"bytes": held}) | st.just({"bytes": held}))
    stream = framed({":event-type": "chunk", ":message-type": "event"}, json.dumps(fields).encode())
    start = data.draw(st.integers(0, len(stream)))
    stream = stream[:start] + stream[start + data.draw(st.integers(0, 9)) :]
    reader = SHAPES.get("bedrock_anthropic").reader(ASKED)

    assert all(isinstance(one, Delta | Failure) for one in (*reader.feed(stream), *reader.close()))


@pytest.mark.parametrize(("protocol", "operation"), PLAIN)
@often
@given(data=st.data())
def test_a_plain_answer_is_read_or_refused(protocol: str, operation: Operation, data: st.DataObject) -> None:
    """And written for a client what could be read."""
    shape, body = SHAPES.get(protocol), json.dumps(data.draw(spoilt(PLAIN[protocol, operation]))).encode()
    call = Plain(operation, "m", {"input": ["a"], "query": "q", "documents": ["a"], "texts": ["a"]})

    with contextlib.suppress(Unsayable):
        shape.write_reply(call, shape.read_reply(call, {b"content-type": b"application/json"}, body))
    shape.usage(operation, body)


def _framed(protocol: str, kind: str, fields: Any) -> bytes:
    payload = json.dumps(fields).encode()
    if protocol != "bedrock_converse":
        return b"data: " + payload + b"\n\n"
    return framed({":event-type": kind, ":message-type": "event", ":content-type": "application/json"}, payload)
