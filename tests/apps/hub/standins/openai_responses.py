"""OpenAI's responses, strictly: what is asked, and answers whole and as typed events.

Source: https://platform.openai.com/docs/api-reference/responses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag
from tests.apps.hub.standins.strict import ARGUMENTS, THOUGHT, Json, Strict, unless, words

USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 3},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 16,
}


class InputText(Strict):
    type: Literal["input_text"]
    text: str


class InputImage(Strict):
    type: Literal["input_image"]
    image_url: str | None = None
    file_id: str | None = None
    detail: Literal["auto", "low", "high"] | None = None


class InputFile(Strict):
    type: Literal["input_file"]
    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None


class OutputText(Strict):
    type: Literal["output_text"]
    text: str
    annotations: list[Json] | None = None
    logprobs: list[Json] | None = None


class OutputRefusal(Strict):
    type: Literal["refusal"]
    refusal: str


Content = Annotated[InputText | InputImage | InputFile | OutputText | OutputRefusal, Field(discriminator="type")]


class Message(Strict):
    type: Literal["message"] | None = None
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[Content]
    id: str | None = None
    status: str | None = None


class FunctionCall(Strict):
    type: Literal["function_call"]
    call_id: str
    name: str
    arguments: str
    id: str | None = None
    status: str | None = None


class FunctionOutput(Strict):
    type: Literal["function_call_output"]
    call_id: str
    output: str | list[Content]
    id: str | None = None
    status: str | None = None


class Reasoning(Strict):
    type: Literal["reasoning"]
    id: str | None = None
    summary: list[Json]
    content: list[Json] | None = None
    encrypted_content: str | None = None
    status: str | None = None


def _kind(item: Any) -> str:
    return str(item.get("type") or "message") if isinstance(item, dict) else "message"


Item = Annotated[
    Annotated[Message, Tag("message")]
    | Annotated[FunctionCall, Tag("function_call")]
    | Annotated[FunctionOutput, Tag("function_call_output")]
    | Annotated[Reasoning, Tag("reasoning")],
    Discriminator(_kind),
]


class Tool(Strict):
    type: Literal["function"]
    name: str
    description: str | None = None
    parameters: Json | None
    strict: bool | None = None


class Choice(Strict):
    type: Literal["function"]
    name: str


class Form(Strict):
    type: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    description: str | None = None
    schema_: Json | None = Field(default=None, alias="schema")
    strict: bool | None = None


class TextSettings(Strict):
    format: Form | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningSettings(Strict):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None


class Responses(Strict):
    """`POST /v1/responses`."""

    model: str
    input: str | list[Item]
    instructions: str | None = None
    stream: bool | None = None
    stream_options: Json | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | Choice | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | None = Field(default=None, ge=16)
    max_tool_calls: int | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = None
    top_logprobs: int | None = None
    text: TextSettings | None = None
    reasoning: ReasoningSettings | None = None
    include: list[str] | None = None
    store: bool | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    truncation: Literal["auto", "disabled"] | None = None
    metadata: dict[str, str] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority"] | None = None


def check_items(asked: Responses) -> None:
    """Every call has its output, and every output its call. Raises `Refused`."""
    items = asked.input if isinstance(asked.input, list) else []
    calls = {item.call_id for item in items if isinstance(item, FunctionCall)}
    outputs = {item.call_id for item in items if isinstance(item, FunctionOutput)}
    unless(calls == outputs, f"No tool output found for {sorted(calls ^ outputs)}")


def fits(asked: Responses) -> bool:
    """Whether JSON is asked for."""
    return asked.text is not None and asked.text.format is not None and asked.text.format.type != "text"


def thought(asked: Responses) -> Json | None:
    """The item of reasoning, where its summary is asked for; sealed where that is."""
    if asked.reasoning is None or asked.reasoning.summary is None:
        return None
    item = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": THOUGHT}]}
    sealed = "reasoning.encrypted_content" in (asked.include or ())
    return item | ({"encrypted_content": "c2VhbA=="} if sealed else {})


def output(asked: Responses) -> Json:
    """The item that is no reasoning."""
    tool = asked.tool_choice.name if isinstance(asked.tool_choice, Choice) else None
    tool = asked.tools[0].name if asked.tools and asked.tool_choice == "required" else tool
    if tool is not None:
        called = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": tool, "status": "completed"}
        return called | {"arguments": json.dumps(ARGUMENTS)}
    text = {"type": "output_text", "text": "".join(words(fits(asked))), "annotations": [], "logprobs": []}
    return {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [text]}


def response(asked: Responses, status: str = "completed") -> Json:
    """The answer, or its beginning."""
    done = status == "completed"
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_741_476_542,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "model": asked.model,
        "output": [one for one in (thought(asked), output(asked)) if one is not None] if done else [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": USAGE if done else None,
        "user": None,
        "metadata": {},
    }


def events_of(asked: Responses) -> Iterator[tuple[str, Json]]:
    """The answer as typed events, numbered."""
    for number, (kind, fields) in enumerate(_steps(asked)):
        yield kind, {"type": kind, "sequence_number": number, **fields}


def _steps(asked: Responses) -> Iterator[tuple[str, Json]]:
    item = output(asked)
    yield "response.created", {"response": response(asked, "in_progress")}
    yield "response.in_progress", {"response": response(asked, "in_progress")}
    number, thinks = 0, thought(asked)
    if thinks is not None:
        yield from _thinks(thinks)
        number = 1
    where: Json = {"item_id": item["id"], "output_index": number}
    if item["type"] == "function_call":
        yield (
            "response.output_item.added",
            {"output_index": number, "item": item | {"arguments": "", "status": "in_progress"}},
        )
        for piece in ('{"place"', ': "town"}'):
            yield "response.function_call_arguments.delta", where | {"delta": piece}
        yield "response.function_call_arguments.done", where | {"arguments": item["arguments"], "name": item["name"]}
    else:
        part: Json = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        inner = where | {"content_index": 0}
        begun = item | {"content": [], "status": "in_progress"}
        yield "response.output_item.added", {"output_index": number, "item": begun}
        yield "response.content_part.added", inner | {"part": part}
        for word in words(fits(asked)):
            yield "response.output_text.delta", inner | {"delta": word, "logprobs": []}
        yield "response.output_text.done", inner | {"text": "".join(words(fits(asked))), "logprobs": []}
        yield "response.content_part.done", inner | {"part": item["content"][0]}
    yield "response.output_item.done", {"output_index": number, "item": item}
    yield "response.completed", {"response": response(asked)}


def _thinks(item: Json) -> Iterator[tuple[str, Json]]:
    where: Json = {"item_id": item["id"], "output_index": 0, "summary_index": 0}
    part = {"type": "summary_text", "text": ""}
    yield "response.output_item.added", {"output_index": 0, "item": item | {"summary": []}}
    yield "response.reasoning_summary_part.added", where | {"part": part}
    yield "response.reasoning_summary_text.delta", where | {"delta": THOUGHT}
    yield "response.reasoning_summary_text.done", where | {"text": THOUGHT}
    yield "response.reasoning_summary_part.done", where | {"part": part | {"text": THOUGHT}}
    yield "response.output_item.done", {"output_index": 0, "item": item}
