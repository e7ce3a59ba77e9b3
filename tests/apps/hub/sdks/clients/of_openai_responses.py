"""The `openai` client: responses, and the count of their input."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from tests.apps.hub.sdks.clients.of_openai import Found, checked, client
from tests.apps.hub.sdks.matrix import PNG, SAID, SCHEMA, check, expected, fitting, right_usage
from tests.apps.hub.sdks.town import Town

TOOL: Any = {"type": "function", "name": "look", "description": "Looks", "parameters": SCHEMA, "strict": False}


@checked("responses")
def response(client: openai.OpenAI, name: str) -> None:
    """With instructions and settings that all have."""
    answer = client.responses.create(
        model=name, input=SAID, instructions="Be brief.", max_output_tokens=100, temperature=0.5
    )
    assert (answer.output_text, answer.status) == (expected(name), "completed")
    assert answer.usage is not None
    right_usage(name, answer.usage.input_tokens, answer.usage.output_tokens)
    assert answer.created_at > 1_600_000_000


@checked("responses, streamed")
def streamed(client: openai.OpenAI, name: str) -> None:
    """As typed events."""
    with client.responses.stream(model=name, input=SAID) as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert kinds.count("response.output_text.delta") >= 4
    assert answer.output_text == expected(name)
    assert answer.usage is not None
    right_usage(name, answer.usage.input_tokens, answer.usage.output_tokens)


@checked("responses: a tool's call and what it gave back")
def tool(client: openai.OpenAI, name: str) -> None:
    """All of the answer's items given back."""
    first = client.responses.create(model=name, input=SAID, tools=[TOOL], tool_choice="required")
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert (call.name, json.loads(call.arguments)) == ("look", {"place": fitting(name)})
    given = [item.to_dict() for item in first.output]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "It is in the square."}
    history: Any = [{"role": "user", "content": SAID}, *given, result]
    answer = client.responses.create(model=name, input=history, tools=[TOOL])
    assert answer.output_text == expected(name, "It is in the square.")


@checked("responses: a tool's call, streamed")
def tool_streamed(client: openai.OpenAI, name: str) -> None:
    """Its arguments in pieces."""
    with client.responses.stream(model=name, input=SAID, tools=[TOOL], tool_choice="required") as stream:
        for _ in stream:
            pass
        answer = stream.get_final_response()
    (call,) = [item for item in answer.output if item.type == "function_call"]
    assert json.loads(call.arguments) == {"place": fitting(name)}


@checked("responses: an image, several turns")
def image(client: openai.OpenAI, name: str) -> None:
    """Its bytes, after a turn of the model."""
    url = f"data:image/png;base64,{PNG}"
    parts = [{"type": "input_text", "text": "What?"}, {"type": "input_image", "image_url": url, "detail": "auto"}]
    history: Any = [
        {"role": "user", "content": SAID},
        {"role": "assistant", "content": "In the square."},
        {"role": "user", "content": parts},
    ]
    answer = client.responses.create(model=name, input=history)
    assert answer.output_text == expected(name, "What? [image/png of 70 bytes]")


@checked("responses: an answer held to a schema")
def schema(client: openai.OpenAI, name: str) -> None:
    """Parsed by the client."""
    answer = client.responses.parse(model=name, input=SAID, text_format=Found)
    assert answer.output_parsed == Found(place=fitting(name))


@checked("responses: reasoning, sealed, given back")
def reasoning(client: openai.OpenAI, name: str) -> None:
    """As Codex asks for it: nothing stored, the reasoning sealed; all of it given back."""
    settings: Any = {
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "prompt_cache_key": "k",
        "parallel_tool_calls": True,
        "tools": [TOOL],
        "tool_choice": "auto",
    }
    first = client.responses.create(model=name, input=SAID, **settings)
    assert first.output_text == expected(name)
    assert [item.type for item in first.output] == ["reasoning", "message"]
    given = [item.to_dict() for item in first.output]
    history: Any = [{"role": "user", "content": SAID}, *given, {"role": "user", "content": "Thanks."}]
    answer = client.responses.create(model=name, input=history, **settings)
    assert answer.output_text == expected(name, "Thanks.")


@checked("responses: as the Agents SDK asks")
def agents(client: openai.OpenAI, name: str) -> None:
    """With what it always says."""
    answer = client.responses.create(
        model=name, input=[{"role": "user", "content": SAID}], include=[], metadata={}, truncation="disabled"
    )
    assert answer.output_text == expected(name)


@checked("responses: what the provider would have to keep")
def stored(client: openai.OpenAI, name: str) -> None:
    """An earlier answer by its id."""
    answer = client.responses.create(model=name, input=SAID, previous_response_id="resp_0")
    assert answer.output_text == expected(name)


@checked("responses: tokens counted")
def counted(client: openai.OpenAI, name: str) -> None:
    """By the provider, or estimated by the hub."""
    assert client.responses.input_tokens.count(model=name, input=SAID).input_tokens > 0


@check("openai", "responses: a provider's refusal: bad request, not found, rate limit")
def failures(town: Town, name: str) -> None:
    """Told by the client's own exceptions."""
    kinds = {400: openai.BadRequestError, 404: openai.NotFoundError, 429: openai.RateLimitError}
    for status, kind in kinds.items():
        with town.failing(name, status, "not in this town") as model, pytest.raises(kind):
            client(town.url).responses.create(model=model, input=SAID)
