"""What one protocol says and another can't is refused by name; what asks for nothing is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apps.hub.calls import Chat, Plain, Unsayable
from fairlead.apps.hub.shapes import SHAPES, Sent

ASK: dict[str, dict[str, Any]] = {
    "openai_chat": {"messages": [{"role": "user", "content": "Hi"}]},
    "openai_responses": {"input": "Hi"},
    "anthropic": {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
    "cohere": {"messages": [{"role": "user", "content": "Hi"}]},
}
PATH = b"/v1beta/models/m:generateContent"


def crossed(source: str, target: str, **fields: Any) -> Sent:
    """A client's call with more fields, as a provider of another protocol gets it."""
    ours, theirs = SHAPES.get(source), SHAPES.get(target)
    body = json.dumps({"model": "m", **ASK[source], **fields} if source != "gemini" else {**ASK[source], **fields})
    return theirs.write_call(ours.read_call(ours.places[0], PATH, {}, body.encode()))


@pytest.mark.parametrize(
    ("source", "target", "field", "value"),
    [
        ("openai_chat", "anthropic", "logit_bias", {"1": 2}),
        ("openai_chat", "gemini", "modalities", ["audio"]),
        ("openai_chat", "anthropic", "a_field_of_tomorrow", 1),
        ("openai_chat", "openai_responses", "web_search_options", {"search_context_size": "low"}),
        ("openai_chat", "anthropic", "store", True),
        ("openai_responses", "anthropic", "previous_response_id", "resp_1"),
        ("openai_responses", "openai_chat", "conversation", "conv_1"),
        ("openai_responses", "openai_chat", "background", True),
        ("openai_responses", "gemini", "truncation", "auto"),
        ("anthropic", "openai_chat", "container", "c_1"),
        ("anthropic", "gemini", "speed", "fast"),
        ("gemini", "openai_chat", "safetySettings", [{"category": "HARM_CATEGORY_HARASSMENT"}]),
        ("gemini", "anthropic", "cachedContent", "cachedContents/1"),
        ("cohere", "openai_chat", "documents", [{"data": {}}]),
    ],
)
def test_a_field_of_one_protocol_only_is_refused_by_its_name(source: str, target: str, field: str, value: Any) -> None:
    """Never left out in silence; and said again by its own protocol."""
    with pytest.raises(Unsayable, match=field):
        crossed(source, target, **{field: value})

    assert json.loads(crossed(source, source, **{field: value}).body)[field] == value


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("openai_chat", {"store": False, "prompt_cache_key": "k", "stop": None, "a_field_of_tomorrow": None}),
        ("openai_responses", {"store": False, "truncation": "disabled", "include": ["reasoning.encrypted_content"]}),
        ("openai_responses", {"background": False, "previous_response_id": None}),
        ("gemini", {"safetySettings": []}),
    ],
)
def test_what_asks_for_nothing_is_not_refused(source: str, fields: dict[str, Any]) -> None:
    """It is what every other protocol does anyway."""
    assert crossed(source, "anthropic", **fields).path == "/v1/messages"


def test_openais_two_protocols_share_their_words() -> None:
    """Both ways."""
    shared = {"store": True, "safety_identifier": "s", "prompt_cache_key": "k", "prompt_cache_retention": "24h"}

    told = json.loads(crossed("openai_chat", "openai_responses", verbosity="low", **shared).body)
    back = json.loads(crossed("openai_responses", "openai_chat", text={"verbosity": "low"}, **shared).body)

    assert told["text"] == {"verbosity": "low"}
    assert back["verbosity"] == "low"
    assert shared.items() <= told.items()
    assert shared.items() <= back.items()


@pytest.mark.parametrize(
    ("source", "tool"),
    [
        ("anthropic", {"type": "web_search_20250305", "name": "web_search"}),
        ("openai_responses", {"type": "web_search_preview"}),
        ("openai_chat", {"type": "custom", "custom": {"name": "code_exec"}}),
        ("gemini", {"googleSearch": {}}),
    ],
)
def test_a_tool_that_the_provider_runs_is_refused_elsewhere(source: str, tool: dict[str, Any]) -> None:
    """Its name is told."""
    for target in ASK.keys() - {source}:
        with pytest.raises(Unsayable, match=r"web_search|code_exec|googleSearch"):
            crossed(source, target, tools=[tool])


def test_a_caching_mark_is_kept_where_there_is_a_word_and_met_without_elsewhere() -> None:
    """Claude Code marks every prompt."""
    marked = [{"type": "text", "text": "Long", "cache_control": {"type": "ephemeral"}}]
    said = {target: crossed("anthropic", target, system=marked).body for target in ASK}

    assert b"cache_control" in said["anthropic"]
    assert not [target for target in ASK if target != "anthropic" and b"ephemeral" in said[target]]


def test_openais_caching_mark_is_kept_an_hour_by_anthropic() -> None:
    """Thirty minutes at least; twelve hours it has no words for."""

    def marked(ttl: str) -> list[dict[str, Any]]:
        mark = {"mode": "explicit", "ttl": ttl}
        return [{"role": "user", "content": [{"type": "text", "text": "x", "prompt_cache_breakpoint": mark}]}]

    assert b'"ttl":"1h"' in crossed("openai_chat", "anthropic", messages=marked("30m")).body
    with pytest.raises(Unsayable, match="12 hours"):
        crossed("openai_chat", "anthropic", messages=marked("12h"))


def test_no_protocol_of_conversations_says_an_embedding() -> None:
    """The kind of the call is told."""
    for name in (*ASK, "openai_completions"):
        with pytest.raises(Unsayable, match="embedding"):
            SHAPES.get(name).write_call(Plain("embedding", "m", {}))


def test_a_temperature_above_one_is_refused_by_anthropic_only() -> None:
    """OpenAI's and Gemini's end at two."""
    with pytest.raises(Unsayable, match="temperature"):
        crossed("openai_chat", "anthropic", temperature=1.5)

    assert json.loads(crossed("openai_chat", "gemini", temperature=1.5).body)["generationConfig"]["temperature"] == 1.5


def test_a_count_of_tokens_crosses_to_protocols_that_count() -> None:
    """And is refused by the others."""
    anthropic = SHAPES.get("anthropic")
    body = b'{"model":"m","messages":[{"role":"user","content":"Hi"}]}'
    call = anthropic.read_call(anthropic.places[1], b"", {}, body)
    assert isinstance(call, Chat)

    assert anthropic.write_call(call).path == "/v1/messages/count_tokens"
    assert SHAPES.get("gemini").write_call(call).path == "/v1beta/models/m:countTokens"
    assert SHAPES.get("openai_responses").write_call(call).path == "/v1/responses/input_tokens"
    for name in ("openai_chat", "cohere", "openai_completions"):
        with pytest.raises(Unsayable, match="counting"):
            SHAPES.get(name).write_call(call)

    reply = SHAPES.get("gemini").read_reply(call, {}, b'{"totalTokens":31,"cachedContentTokenCount":4}')
    assert anthropic.write_reply(call, reply) == b'{"input_tokens":31}'
