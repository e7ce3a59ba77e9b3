"""Sealed reasoning of one provider, carried by any client, comes back to it unchanged, and to no other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fairlead.apps.hub.calls import Chat, Choice, Message, Reply, Text, Thinking, ToolUse
from fairlead.apps.hub.shapes import SHAPES, Shape
from fairlead.apps.hub.shapes.folding import told
from fairlead.apps.hub.shapes.seals import held_in

SEAL = "RXJzdGVyU2llZ2Vs"
ASKED = Chat(model="m", messages=(Message("user", (Text("Hi"),)),), stream=True, stream_usage=True)
CLIENTS = ("openai_chat", "openai_responses", "anthropic", "gemini")
ANSWERS = {
    "anthropic": (Thinking("Let me see.", signature=SEAL, origin="anthropic"), ToolUse("call_1", "look", "{}")),
    "anthropic redacted": (Thinking(sealed=SEAL, origin="anthropic"), ToolUse("call_1", "look", "{}")),
    "openai_responses": (
        Thinking("I look.", signature=SEAL, origin="openai_responses"),
        ToolUse("call_1", "look", "{}"),
    ),
    "gemini": (ToolUse("call_1", "look", "{}", signature=SEAL),),
    "gemini text": (Text("Well.", signature=SEAL), ToolUse("call_1", "look", "{}")),
}


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_seal_comes_back_to_its_provider(answer: str, client: str, streamed: bool) -> None:
    """Through a whole answer and through a stream."""
    origin = answer.partition(" ")[0]
    reply = Reply("r", "m", (Choice(ANSWERS[answer], "tools"),), protocol=origin)

    call = through(SHAPES.get(client), reply, streamed)

    assert SEAL.encode() in SHAPES.get(origin).write_call(call).body


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("answer", ["anthropic", "anthropic redacted", "openai_responses"])
def test_a_seal_is_said_to_no_other_provider(answer: str, client: str) -> None:
    """It would be refused there."""
    origin = answer.partition(" ")[0]
    call = through(SHAPES.get(client), Reply("r", "m", (Choice(ANSWERS[answer], "tools"),), protocol=origin), False)

    for target in {*CLIENTS, "cohere"} - {origin}:
        body = SHAPES.get(target).write_call(replace(call, model="m")).body
        assert SEAL.encode() not in body
        assert b"fairlead" not in body


@pytest.mark.parametrize("client", CLIENTS)
def test_a_call_that_holds_a_seal_of_another_protocol_is_known_by_its_bytes(client: str) -> None:
    """It can't be passed on as it is."""
    origin = "gemini" if client == "anthropic" else "anthropic"
    reply = Reply("r", "m", (Choice(ANSWERS[origin], "tools"),), protocol=origin)
    shape = SHAPES.get(client)

    assert held_in(shape.write_reply(ASKED, reply), client)
    assert not held_in(shape.write_reply(ASKED, Reply("r", "m", (Choice((Text("a~"),), "stop"),))), client)


def through(client: Shape, reply: Reply, streamed: bool) -> Chat:
    """An answer to a client, and the call in which it gives the answer back, bytes as they were."""
    writer = client.writer(ASKED)
    if streamed:
        stream = b"".join(writer.write(delta) for delta in told(reply)) + writer.close()
        message = HEARD[client.name](stream)
    else:
        message = WHOLE[client.name](json.loads(client.write_reply(ASKED, reply)))
    body = BODIES[client.name](message)
    sent_to = client.places[0]
    found = client.read_call(sent_to, b"/v1beta/models/m:generateContent", {}, json.dumps(body).encode())
    assert isinstance(found, Chat)
    return found


def events(stream: bytes) -> list[dict[str, Any]]:
    """The JSON of a stream's events."""
    lines = [line[6:] for line in stream.decode().splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def heard_chat(stream: bytes) -> dict[str, Any]:
    """As OpenAI's clients put deltas together: texts joined, lists by index."""
    message: dict[str, Any] = {"role": "assistant", "content": "", "tool_calls": [], "reasoning_details": []}
    for event in events(stream):
        delta = event["choices"][0]["delta"] if event["choices"] else {}
        message["content"] += delta.get("content") or ""
        message["reasoning_details"] += delta.get("reasoning_details", [])
        for use in delta.get("tool_calls", []):
            if "id" in use:
                message["tool_calls"].append(use)
            else:
                message["tool_calls"][use["index"]]["function"]["arguments"] += use["function"]["arguments"]
        if "extra_content" in delta:
            message["extra_content"] = delta["extra_content"]
    return {name: value for name, value in message.items() if value}


def heard_anthropic(stream: bytes) -> list[dict[str, Any]]:
    """As Anthropic's clients do."""
    blocks: list[dict[str, Any]] = []
    for event in events(stream):
        if event["type"] == "content_block_start":
            blocks.append(event["content_block"])
        elif event["type"] == "content_block_delta":
            delta = event["delta"]
            if delta["type"] == "input_json_delta":
                continue
            name = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}[delta["type"]]
            blocks[-1][name] += delta[name]
    return blocks


HEARD: dict[str, Any] = {
    "openai_chat": heard_chat,
    "openai_responses": lambda stream: events(stream)[-1]["response"]["output"],
    "anthropic": heard_anthropic,
    "gemini": lambda stream: [p for e in events(stream) for p in e["candidates"][0]["content"]["parts"]],
}
WHOLE: dict[str, Any] = {
    "openai_chat": lambda answer: answer["choices"][0]["message"],
    "openai_responses": lambda answer: answer["output"],
    "anthropic": lambda answer: answer["content"],
    "gemini": lambda answer: answer["candidates"][0]["content"]["parts"],
}
ASK = {"role": "user", "content": "Hi"}
BODIES: dict[str, Any] = {
    "openai_chat": lambda message: {
        "model": "m",
        "messages": [ASK, message, {"role": "tool", "tool_call_id": "call_1", "content": "3"}],
    },
    "openai_responses": lambda items: {
        "model": "m",
        "input": [ASK, *items, {"type": "function_call_output", "call_id": "call_1", "output": "3"}],
    },
    "anthropic": lambda blocks: {
        "model": "m",
        "max_tokens": 9,
        "messages": [
            ASK,
            {"role": "assistant", "content": blocks},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "3"}]},
        ],
    },
    "gemini": lambda parts: {
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": parts},
            {
                "role": "user",
                "parts": [{"functionResponse": {"id": "call_1", "name": "look", "response": {"output": "3"}}}],
            },
        ]
    },
}
