"""With `unsupported: ignore` settings that a provider lacks are left out; the conversation never is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.apps.hub.shapes.test_crossing import WEATHER, chat

from fairlead.apps.hub.calls import Chat, Format, Media, Message, Text, Tool, Unsayable
from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.easing import leniently
from fairlead.apps.hub.shapes.refusing import SETTLED

TARGETS = ("openai_chat", "openai_responses", "anthropic", "gemini", "cohere", "bedrock_converse", "mistral_chat")
EVERYTHING: dict[str, Any] = {
    "seed": 7,
    "count": 2,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "logprobs": 2,
    "temperature": 1.5,
    "top_k": 5,
    "stop": ("END",),
    "effort": "high",
    "tier": "priority",
    "user": "u",
    "metadata": {"a": "b"},
    "parallel_tools": False,
    "format": Format("json"),
}
FROM = {"openai_chat": {"logit_bias": {"1": 2}}, "anthropic": {"container": "c"}, "gemini": {"a_field_of_tomorrow": 1}}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", FROM)
def test_no_setting_of_any_client_is_refused(source: str, target: str) -> None:
    """All at once: what is said, what is mapped, and what is left out."""
    tools = (WEATHER, Tool("web", builtin={"type": "web_search", "name": "web"}))
    message = Message("user", (Text("How warm is it?"),), name="Ann")
    call = chat(message, tools=tools, protocol=source, extra=FROM[source], **EVERYTHING)
    if source == target:
        return

    sent = leniently(SHAPES.get(target).write_call, call)

    assert b"How warm is it?" in sent.body
    assert b"get_weather" in sent.body
    assert b"web_search" not in sent.body


def test_what_there_are_words_for_stays() -> None:
    """Only the one setting is left out."""
    told = json.loads(leniently(SHAPES.get("anthropic").write_call, chat(seed=7, top_k=5, temperature=1.5)).body)

    assert (told["top_k"], told["temperature"]) == (5, 1.0)
    assert "seed" not in told


@pytest.mark.parametrize(
    ("target", "call"),
    [
        ("cohere", chat(Message("user", (Media("document", "application/pdf", "JVBERi0="),)))),
        ("anthropic", chat(Message("user", (Media("audio", "audio/wav", "UklGRg=="),)))),
        ("anthropic", chat(protocol="openai_responses", extra={"previous_response_id": "resp_1"})),
        ("openai_chat", chat(protocol="gemini", extra={"cachedContent": "cachedContents/1"})),
        ("openai_chat", chat(counting=True)),
    ],
)
def test_the_conversation_is_never_left_out(target: str, call: Chat) -> None:
    """What the model is told, and what an earlier answer was stored under."""
    with pytest.raises(Unsayable):
        leniently(SHAPES.get(target).write_call, call)


def test_every_settled_field_is_of_a_protocol_that_there_is() -> None:
    """A name that changed would let a field be refused again."""
    assert {protocol for protocol, _ in SETTLED} <= set(SHAPES)
