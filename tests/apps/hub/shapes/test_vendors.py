"""What vendors do differently from the protocol that they speak, and what models of one vendor ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairlead.apps.hub.calls import Chat, Delta, Failure, Message, Reply, Text, Thinking, ToolUse, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES
from fairlead.apps.hub.shapes.folding import folded
from fairlead.apps.hub.shapes.gemini.parts import NO_SEAL

ASKED = Chat(model="m", messages=(Message("user", (Text("Hi"),)),), stream=True, stream_usage=True)
CHAT = SHAPES.get("openai_chat")


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **fields: Any) -> bytes:
    """One chunk of chat completions."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return b"data: " + json.dumps({"id": "c", "model": "m", "choices": choices, **fields}).encode() + b"\n\n"


def heard(*chunks: bytes) -> Reply:
    """The answer of a stream of chunks."""
    reader = CHAT.reader(ASKED)
    found = [*reader.feed(b"".join(chunks)), *reader.close()]
    assert not [one for one in found if isinstance(one, Failure)]
    return folded(one for one in found if isinstance(one, Delta))


def test_xais_reasoning_is_added_to_its_output() -> None:
    """It stands beside the completion there, and in the total."""
    body = (
        b'{"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,'
        b'"prompt_tokens_details":{"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":94}}}'
    )

    assert CHAT.usage("chat", body) == Usage(input=32, output=103, cached=6, reasoning=94)


def test_openais_reasoning_is_in_its_output_already() -> None:
    """The total is that of prompt and completion."""
    body = (
        b'{"usage":{"prompt_tokens":32,"completion_tokens":103,"total_tokens":135,'
        b'"completion_tokens_details":{"reasoning_tokens":94}}}'
    )

    assert CHAT.usage("chat", body) == Usage(input=32, output=103, reasoning=94)


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("x_groq", {"id": "req", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
        ("usage", {"prompt_tokens": 3, "completion_tokens": 4, "cached_tokens": 0}),
    ],
)
def test_groq_and_moonshot_tell_usage_in_places_of_their_own(name: str, usage: dict[str, Any]) -> None:
    """In the last chunk of a stream."""
    last = chunk({}, "stop", **{name: usage})

    assert heard(chunk({"content": "a"}), last).usage == Usage(input=3, output=4)
    assert CHAT.usage("chat", last) == Usage(input=3, output=4)


def test_a_stream_without_the_mark_of_its_end_is_whole_when_it_said_why_it_ended() -> None:
    """Some vendors send none."""
    assert heard(chunk({"content": "a"}), chunk({}, "stop")).choices[0].finish == "stop"


def test_azures_first_chunk_without_choices_tells_nothing() -> None:
    """It holds what a filter thinks of the prompt."""
    reply = heard(chunk(None, prompt_filter_results=[{}]), chunk({"content": "a"}), chunk({}, "stop"))

    assert reply.choices[0].parts == (Text("a"),)


@pytest.mark.parametrize("indexes", [(0, 0), (None, None), (0, 1)])
def test_two_calls_of_tools_are_told_apart_by_their_ids(indexes: tuple[int | None, int | None]) -> None:
    """Some vendors count them wrongly, or not."""
    uses = [
        {"index": index, "id": f"call_{number}", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        for number, index in enumerate(indexes)
    ]

    (choice,) = heard(*(chunk({"tool_calls": [use]}) for use in uses), chunk({}, "stop")).choices

    assert choice.parts == (ToolUse("call_0", "look", "{}"), ToolUse("call_1", "look", "{}"))
    assert choice.finish == "tools"


def test_text_after_a_call_of_a_tool_is_a_part_of_its_own() -> None:
    """The order of what was said is kept."""
    use = {"index": 0, "id": "call_0", "type": "function", "function": {"name": "look", "arguments": "{}"}}

    (choice,) = heard(chunk({"content": "a"}), chunk({"tool_calls": [use]}), chunk({"content": "b"}, "stop")).choices

    assert choice.parts == (Text("a"), ToolUse("call_0", "look", "{}"), Text("b"))


def test_openrouters_details_go_before_the_text_that_repeats_them() -> None:
    """Signed reasoning is told once."""
    detail = {"type": "reasoning.text", "text": "Hm.", "signature": "c2ln", "index": 0, "format": "anthropic-claude-v1"}

    (choice,) = heard(
        chunk({"reasoning": "Hm.", "reasoning_details": [detail]}), chunk({"content": "a"}, "stop")
    ).choices

    thought = choice.parts[0]
    assert isinstance(thought, Thinking)
    assert (thought.text, thought.signature) == ("Hm.", "c2ln")


@pytest.mark.parametrize("client", ["anthropic", "openai_responses", "cohere"])
def test_calls_whose_arguments_come_in_turns_are_refused_where_they_have_to_come_one_by_one(client: str) -> None:
    """Never mixed up."""
    writer = SHAPES.get(client).writer(ASKED)
    steps = [
        Delta(reply=Reply("r", "m", ())),
        Delta(part=0, begins=ToolUse("a", "look", "")),
        Delta(part=0, text="{"),
        Delta(part=1, begins=ToolUse("b", "look", "")),
        Delta(part=1, text="{"),
    ]
    for step in steps:
        writer.write(step)

    with pytest.raises(Unsayable, match="in turns"):
        writer.write(Delta(part=0, text="}"))


@pytest.mark.parametrize(
    ("model", "level", "budget"), [("gemini-3-pro", "HIGH", None), ("gemini-2.5-flash", None, 24_576)]
)
def test_effort_is_a_level_or_a_budget_as_the_model_knows_it(model: str, level: str | None, budget: int | None) -> None:
    """Google's own table for its OpenAI endpoint."""
    chat = Chat(model=model, messages=ASKED.messages, effort="high", protocol="openai_chat")

    config = json.loads(SHAPES.get("gemini").write_call(chat).body)["generationConfig"]["thinkingConfig"]

    assert config == ({"thinkingLevel": level} if level else {"thinkingBudget": budget})


def test_calls_that_gemini_did_not_make_bear_its_word_for_that() -> None:
    """Only the first of a turn, only where the model asks for seals."""
    turn = Message("assistant", (ToolUse("a", "look", "{}"), ToolUse("b", "look", "{}")))
    gemini = SHAPES.get("gemini")

    def sent(model: str) -> list[str | None]:
        chat = Chat(model=model, messages=(*ASKED.messages, turn), protocol="anthropic")
        parts = json.loads(gemini.write_call(chat).body)["contents"][1]["parts"]
        return [part.get("thoughtSignature") for part in parts]

    assert sent("gemini-3-pro-preview") == [NO_SEAL, None]
    assert sent("gemini-2.5-pro") == [None, None]


def test_answers_without_a_limit_get_one_where_it_has_to_be_said() -> None:
    """And thinking is on top of it."""
    body = json.loads(SHAPES.get("anthropic").write_call(Chat("claude-sonnet-5", ASKED.messages)).body)
    older = json.loads(SHAPES.get("anthropic").write_call(Chat("claude-3-haiku-20240307", ASKED.messages)).body)
    thinking = Chat("claude-sonnet-4-5", ASKED.messages, thinking_tokens=2048)

    assert body["max_tokens"] == 32_000
    assert older["max_tokens"] == 4_096
    assert json.loads(SHAPES.get("anthropic").write_call(thinking).body)["max_tokens"] == 34_048


@pytest.mark.parametrize(
    ("model", "field"),
    [("gpt-5-mini", "max_completion_tokens"), ("o3", "max_completion_tokens"), ("mistral-large", "max_tokens")],
)
def test_a_limit_is_named_as_the_vendors_models_know_it(model: str, field: str) -> None:
    """For calls of other protocols; a client of this one chose the name itself."""
    chat = Chat(model, ASKED.messages, max_tokens=5, protocol="anthropic")

    assert json.loads(CHAT.write_call(chat).body)[field] == 5


def test_a_blocked_prompt_is_a_filtered_answer() -> None:
    """Gemini gives no candidate for it."""
    gemini, body = (
        SHAPES.get("gemini"),
        b'{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4}}',
    )

    reply = gemini.read_reply(ASKED, {}, body)

    assert isinstance(reply, Reply)
    assert reply.choices[0].finish == "filtered"
    assert json.loads(CHAT.write_reply(ASKED, reply))["choices"][0]["finish_reason"] == "content_filter"
    assert json.loads(gemini.write_reply(ASKED, reply))["promptFeedback"] == {"blockReason": "SAFETY"}


def test_a_failed_response_in_a_stream_is_a_failure() -> None:
    """With what was used until then."""
    response = {"id": "r", "status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow down"}}
    event = {"type": "response.failed", "response": response | {"usage": {"input_tokens": 3, "output_tokens": 1}}}
    reader = SHAPES.get("openai_responses").reader(ASKED)

    usage, failure = reader.feed(b"data: " + json.dumps(event).encode() + b"\n\n")

    assert isinstance(usage, Delta)
    assert usage.usage == Usage(input=3, output=1)
    assert failure == Failure("rate limited", "slow down", 429)


def test_geminis_schemas_are_read_as_json_schema() -> None:
    """Upper case types, `nullable`, counts as strings, snake case."""
    own = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True, "max_length": "5"}}}
    body = {"contents": [], "tools": [{"function_declarations": [{"name": "look", "parameters": own}]}]}
    gemini = SHAPES.get("gemini")

    call = gemini.read_call(gemini.places[0], b"/v1/models/m:generateContent", {}, json.dumps(body).encode())

    assert isinstance(call, Chat)
    assert call.tools[0].schema == {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"], "maxLength": 5}},
    }
