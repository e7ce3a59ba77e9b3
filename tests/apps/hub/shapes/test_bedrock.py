"""Claude and all others at AWS and Google: the exchanges that the vendors publish, and streams cut anywhere."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.calls import (
    Chat,
    Delta,
    Failure,
    Format,
    Media,
    Message,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Unsayable,
    Usage,
)
from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.eventstream import Frames, framed
from fairlead.apps.hub.shapes.folding import folded

CONVERSE, INVOKE, VERTEX = (SHAPES.get(name) for name in ("bedrock_converse", "bedrock_anthropic", "vertex_anthropic"))
HI = Message("user", (Text("hello"),))
PLAIN = Chat("amazon.nova-pro-v1:0", (HI,))
CLAUDE = Chat("claude-sonnet-4@20250514", (HI,), max_tokens=64)


def body_of(chat: Chat) -> Any:
    """What Converse is told."""
    return json.loads(CONVERSE.write_call(chat).body)


def event(kind: str, **fields: Any) -> bytes:
    """A message of a stream."""
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return framed(headers, json.dumps(fields).encode())


def test_converse_gets_its_published_request() -> None:
    """As in the guide to Converse: system, settings, tools and all kinds of blocks."""
    spec = {"name": "top_song", "description": "The song", "inputSchema": {"json": {"type": "object"}}}
    chat = Chat(
        "amazon.nova-pro-v1:0",
        (
            Message("system", (Text("Be brief", cache={"type": "ephemeral"}),)),
            Message("user", (Text("look"), Media("image", "image/png", "aGk="))),
            Message("assistant", (Thinking("hm", origin="gemini"), ToolUse("t1", "top_song", '{"sign":"WZPZ"}'))),
            Message("tool", (ToolResult("t1", (Text('{"song":"Elemental"}'),)),)),
            Message("user", (Media("document", "application/pdf", "aGk=", name="a.pdf"),)),
        ),
        tools=(Tool("top_song", "The song", {"type": "object"}),),
        tool_choice="required",
        max_tokens=9,
        stop=("END",),
        format=Format("schema", "song", {"type": "object"}),
        tier="flex",
    )
    assert body_of(chat) == {
        "system": [{"text": "Be brief"}, {"cachePoint": {"type": "default"}}],
        "messages": [
            {"role": "user", "content": [{"text": "look"}, {"image": {"format": "png", "source": {"bytes": "aGk="}}}]},
            {
                "role": "assistant",
                "content": [{"toolUse": {"toolUseId": "t1", "name": "top_song", "input": {"sign": "WZPZ"}}}],
            },
            {
                "role": "user",
                "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"json": {"song": "Elemental"}}]}},
                    {"document": {"name": "a pdf", "format": "pdf", "source": {"bytes": "aGk="}}},
                ],
            },
        ],
        "inferenceConfig": {"maxTokens": 9, "stopSequences": ["END"]},
        "toolConfig": {
            "tools": [{"toolSpec": spec}],
            "toolChoice": {"any": {}},
        },
        "outputConfig": {
            "textFormat": {
                "type": "json_schema",
                "structure": {"jsonSchema": {"schema": '{"type":"object"}', "name": "song"}},
            }
        },
        "serviceTier": {"type": "flex"},
    }


def test_the_model_is_in_the_path_with_its_colon_encoded() -> None:
    """And whether it streams."""
    assert CONVERSE.write_call(PLAIN).path == "/model/amazon.nova-pro-v1%3A0/converse"
    streamed = Chat(PLAIN.model, (HI,), stream=True)
    assert CONVERSE.write_call(streamed).path == "/model/amazon.nova-pro-v1%3A0/converse-stream"


REFUSED = {
    "seed": Chat("m", (HI,), seed=1),
    "logprobs": Chat("m", (HI,), logprobs=1),
    "count": Chat("m", (HI,), count=2),
    "effort": Chat("m", (HI,), thinking_tokens=1024),
    "top_k": Chat("m", (HI,), top_k=5),
    "parallel_tools": Chat("m", (HI,), parallel_tools=False),
    "by URL": Chat("m", (Message("user", (Media("image", url="https://a/b.png"),)),)),
    "without a schema": Chat("m", (HI,), format=Format("json")),
    "amid a conversation": Chat("m", (HI, Message("system", (Text("x"),)))),
    "a tool that its provider runs": Chat("m", (HI,), tools=(Tool("web", builtin={"type": "web"}),)),
}


OF_MODELS: dict[str, tuple[Chat, dict[str, Any]]] = {
    "claude, tokens": (
        Chat("anthropic.claude-x", (HI,), thinking_tokens=2048, top_k=5),
        {"top_k": 5, "thinking": {"type": "enabled", "budget_tokens": 2048}},
    ),
    "claude, as it likes": (
        Chat("eu.anthropic.claude-x", (HI,), thinking_tokens=-1, effort="high"),
        {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
    ),
    "claude, none": (Chat("anthropic.claude-x", (HI,), effort="none"), {"thinking": {"type": "disabled"}}),
    "nova": (
        Chat("amazon.nova-2-lite", (HI,), thinking_tokens=2048, top_k=5),
        {
            "inferenceConfig": {"topK": 5},
            "reasoningConfig": {"type": "enabled", "maxReasoningEffort": "medium"},
        },
    ),
    "openai": (Chat("openai.gpt-oss-20b", (HI,), effort="low"), {"reasoning_effort": "low"}),
}


@pytest.mark.parametrize("what", OF_MODELS)
def test_how_much_to_think_is_said_in_the_words_of_the_model(what: str) -> None:
    """Beside Converse's own fields."""
    chat, fields = OF_MODELS[what]
    assert json.loads(CONVERSE.write_call(chat).body)["additionalModelRequestFields"] == fields


@pytest.mark.parametrize("what", REFUSED)
def test_what_converse_has_no_words_for_is_refused(what: str) -> None:
    """By name."""
    with pytest.raises(Unsayable, match=what):
        CONVERSE.write_call(REFUSED[what])


def test_converses_published_answer_is_read() -> None:
    """The one of the guide, with tokens read from and written to the cache beside."""
    answer = {
        "output": {
            "message": {
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
                    {"toolUse": {"toolUseId": "tooluse_hbTgdi0CSLq_hM4P8csZJA", "name": "top_song", "input": {"s": 1}}},
                ],
                "role": "assistant",
            }
        },
        "stopReason": "tool_use",
        "usage": {
            "inputTokens": 10,
            "outputTokens": 49,
            "totalTokens": 79,
            "cacheReadInputTokens": 15,
            "cacheWriteInputTokens": 5,
        },
        "metrics": {"latencyMs": 1275},
    }
    reply = CONVERSE.read_reply(PLAIN, {b"x-amzn-requestid": b"r1"}, json.dumps(answer).encode())
    assert isinstance(reply, Reply)
    assert (reply.id, reply.choices[0].finish) == ("r1", "tools")
    assert reply.usage == Usage(input=30, output=49, cached=15, written=5)
    assert reply.choices[0].parts == (
        Thinking("hm", "c2ln", origin="bedrock_converse"),
        ToolUse("tooluse_hbTgdi0CSLq_hM4P8csZJA", "top_song", '{"s":1}'),
    )


STREAM = (
    event("messageStart", role="assistant")
    + event("contentBlockDelta", contentBlockIndex=0, delta={"text": "Let me "})
    + event("contentBlockDelta", contentBlockIndex=0, delta={"text": "see"})
    + event("contentBlockStop", contentBlockIndex=0)
    + event("contentBlockStart", contentBlockIndex=1, start={"toolUse": {"toolUseId": "t1", "name": "look"}})
    + event("contentBlockDelta", contentBlockIndex=1, delta={"toolUse": {"input": '{"a":'}})
    + event("contentBlockDelta", contentBlockIndex=1, delta={"toolUse": {"input": "1}"}})
    + event("contentBlockStop", contentBlockIndex=1)
    + event("messageStop", stopReason="tool_use")
    + event("metadata", usage={"inputTokens": 3, "outputTokens": 7, "totalTokens": 10}, metrics={"latencyMs": 1})
)


@given(st.integers(1, 200))
def test_a_stream_is_read_wherever_it_is_cut(size: int) -> None:
    """Pieces end in the middle of lengths, headers and payloads."""
    reader = CONVERSE.reader(PLAIN)
    found = [one for at in range(0, len(STREAM), size) for one in reader.feed(STREAM[at : at + size])]
    assert not reader.close()
    reply = folded([one for one in found if isinstance(one, Delta)])
    assert reply.choices[0].parts == (Text("Let me see"), ToolUse("t1", "look", '{"a":1}'))
    assert (reply.choices[0].finish, reply.usage) == ("tools", Usage(input=3, output=7))


def test_a_stream_that_ends_early_is_a_failure() -> None:
    """Between messages and within one."""
    for end in (len(STREAM) // 2, len(STREAM) - 300):
        reader = CONVERSE.reader(PLAIN)
        reader.feed(STREAM[:end])
        (failure,) = reader.close()
        assert isinstance(failure, Failure)


def test_an_exception_in_a_stream_is_a_failure_of_its_kind() -> None:
    """Nothing that follows is read."""
    headers = {":exception-type": "throttlingException", ":message-type": "exception"}
    reader = CONVERSE.reader(PLAIN)
    (failure,) = reader.feed(framed(headers, b'{"message":"slow down"}') + STREAM)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.message) == ("rate limited", "slow down")
    assert not reader.feed(STREAM)
    assert not reader.close()


@pytest.mark.parametrize("place", [0, 9, 20, -1])
def test_a_damaged_message_is_a_failure(place: int) -> None:
    """Its checksums say so."""
    damaged = bytearray(event("messageStart", role="assistant"))
    damaged[place] ^= 1
    (failure,) = CONVERSE.reader(PLAIN).feed(bytes(damaged))
    assert isinstance(failure, Failure)


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=50)), st.binary(), st.integers(1, 30))
def test_frames_are_read_as_they_were_written(headers: dict[str, str], payload: bytes, size: int) -> None:
    """Whatever they hold."""
    headers = {name: value for name, value in headers.items() if len(name.encode()) < 256}
    data, frames = framed(headers, payload) * 2, Frames()
    found = [one for at in range(0, len(data), size) for one in frames.feed(data[at : at + size])]
    assert found == [(headers, payload)] * 2
    assert frames.whole


ERRORS = {
    "ThrottlingException:http://internal.amazon.com/": (429, "rate limited"),
    "ServiceQuotaExceededException": (400, "rate limited"),
    "UnrecognizedClientException": (403, "unauthorized"),
    "ModelTimeoutException": (408, "timeout"),
    "": (503, "overloaded"),
}


@pytest.mark.parametrize("named", ERRORS)
def test_an_error_is_known_by_its_name(named: str) -> None:
    """Which says more than its status."""
    status, kind = ERRORS[named]
    failure = INVOKE.read_failure(status, {b"x-amzn-errortype": named.encode()}, b'{"message":"no"}')
    assert (failure.kind, failure.message, failure.status) == (kind, "no", status)


def test_claude_at_aws_is_told_in_anthropics_words() -> None:
    """The model in the path, the version in the body, beta features too."""
    place = SHAPES.get("anthropic").places[0]
    asked = b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"stream":true}'
    chat = SHAPES.get("anthropic").read_call(place, b"", {b"anthropic-beta": b"one-2025, two-2025"}, asked)
    sent = INVOKE.write_call(chat)
    assert sent.path == "/model/m/invoke-with-response-stream"
    assert json.loads(sent.body) == {
        "anthropic_version": "bedrock-2023-05-31",
        "anthropic_beta": ["one-2025", "two-2025"],
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
    }


def test_claudes_stream_at_aws_is_anthropics_in_base64() -> None:
    """Its events are read as those of Anthropic."""
    writer = SHAPES.get("anthropic").writer(CLAUDE)
    told = writer.write(Delta(reply=Reply("msg_1", "m", ()), usage=Usage(input=3)))
    told += writer.write(Delta(part=0, begins=Text(""))) + writer.write(Delta(part=0, text="hi"))
    told += writer.write(Delta(finish="stop", usage=Usage(output=1))) + writer.close()
    lines = [line.removeprefix(b"data: ") for line in told.splitlines() if line.startswith(b"data: ")]
    stream = b"".join(event("chunk", bytes=base64.b64encode(line).decode()) for line in lines)
    reader = INVOKE.reader(CLAUDE)
    found = [one for at in range(0, len(stream), 50) for one in reader.feed(stream[at : at + 50])]
    assert not reader.close()
    reply = folded([one for one in found if isinstance(one, Delta)])
    assert reply.choices[0].parts == (Text("hi"),)
    assert reply.usage == Usage(input=3, output=1)


def test_tokens_are_counted_at_aws_for_a_body_in_base64() -> None:
    """As CountTokens takes it."""
    counting = Chat("m", (HI,), counting=True)
    sent = INVOKE.write_call(counting)
    assert sent.path == "/model/m/count-tokens"
    body = json.loads(base64.b64decode(json.loads(sent.body)["input"]["invokeModel"]["body"]))
    assert body["messages"] == [{"role": "user", "content": "hello"}]
    assert body["max_tokens"] > 0
    reply = INVOKE.read_reply(counting, {}, b'{"inputTokens":8}')
    assert isinstance(reply, Reply)
    assert reply.usage == Usage(input=8)


def test_claude_at_google_is_told_where_it_streams() -> None:
    """By the path, and by the body too."""
    assert VERTEX.write_call(CLAUDE).path == "/models/claude-sonnet-4@20250514:rawPredict"
    sent = VERTEX.write_call(Chat("c", (HI,), max_tokens=9, stream=True))
    assert sent.path == "/models/c:streamRawPredict"
    assert json.loads(sent.body) == {
        "anthropic_version": "vertex-2023-10-16",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
    }


def test_tokens_are_counted_at_google_by_a_model_of_its_own() -> None:
    """The real one is in the body."""
    sent = VERTEX.write_call(Chat("c", (HI,), counting=True))
    assert sent.path == "/models/count-tokens:rawPredict"
    assert json.loads(sent.body) == {"model": "c", "messages": [{"role": "user", "content": "hello"}]}
