"""Cohere, strictly: chat, embed and rerank of version 2.

Source: https://docs.cohere.com/reference/chat and its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from tests.apps.hub.standins.strict import (
    ARGUMENTS,
    THOUGHT,
    Json,
    Refused,
    Standin,
    Strict,
    answer,
    bearer,
    events,
    read,
    unless,
    words,
)

USAGE = {
    "billed_units": {"input_tokens": 11, "output_tokens": 5},
    "tokens": {"input_tokens": 11, "output_tokens": 5},
    "cached_tokens": 3,
}


class TextPart(Strict):
    type: Literal["text"]
    text: str


class URL(Strict):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(Strict):
    type: Literal["image_url"]
    image_url: URL


class ThinkingPart(Strict):
    type: Literal["thinking"]
    thinking: str


class DocumentPart(Strict):
    type: Literal["document"]
    document: Json


class System(Strict):
    role: Literal["system"]
    content: str | list[TextPart]


class User(Strict):
    role: Literal["user"]
    content: str | list[Annotated[TextPart | ImagePart, Field(discriminator="type")]]


class Called(Strict):
    name: str
    arguments: str


class Call(Strict):
    id: str
    type: Literal["function"]
    function: Called


class Assistant(Strict):
    role: Literal["assistant"]
    content: str | list[Annotated[TextPart | ThinkingPart, Field(discriminator="type")]] | None = None
    tool_calls: list[Call] | None = None
    tool_plan: str | None = None
    citations: list[Json] | None = None


class Tool(Strict):
    role: Literal["tool"]
    tool_call_id: str
    content: str | list[Annotated[TextPart | DocumentPart, Field(discriminator="type")]]


class Function(Strict):
    name: str
    description: str | None = None
    parameters: Json


class Declared(Strict):
    type: Literal["function"]
    function: Function


class Format(Strict):
    type: Literal["text", "json_object"]
    json_schema: Json | None = None


class Thinking(Strict):
    type: Literal["enabled", "disabled"]
    token_budget: int | None = Field(default=None, ge=1)


class Chat(Strict):
    """`POST /v2/chat`."""

    model: str
    messages: list[Annotated[System | User | Assistant | Tool, Field(discriminator="role")]] = Field(min_length=1)
    stream: bool = False
    tools: list[Declared] | None = None
    tool_choice: Literal["REQUIRED", "NONE"] | None = None
    strict_tools: bool | None = None
    documents: list[Any] | None = None
    citation_options: Json | None = None
    response_format: Format | None = None
    safety_mode: Literal["CONTEXTUAL", "STRICT", "OFF"] | None = None
    max_tokens: int | None = None
    stop_sequences: list[str] | None = Field(default=None, max_length=5)
    temperature: float | None = None
    seed: int | None = None
    frequency_penalty: float | None = Field(default=None, ge=0, le=1)
    presence_penalty: float | None = Field(default=None, ge=0, le=1)
    k: int | None = None
    p: float | None = None
    logprobs: bool | None = None
    thinking: Thinking | None = None
    priority: int | None = None


class Embed(Strict):
    """`POST /v2/embed`."""

    model: str
    input_type: Literal["search_document", "search_query", "classification", "clustering", "image"]
    texts: list[str] | None = Field(default=None, max_length=96)
    images: list[str] | None = None
    embedding_types: list[Literal["float", "int8", "uint8", "binary", "ubinary", "base64"]] | None = None
    output_dimension: Literal[256, 512, 1024, 1536] | None = None
    max_tokens: int | None = None
    truncate: Literal["NONE", "START", "END"] | None = None
    priority: int | None = None


class Rerank(Strict):
    """`POST /v2/rerank`."""

    model: str
    query: str
    documents: list[str] = Field(min_length=1)
    top_n: int | None = Field(default=None, ge=1)
    max_tokens_per_doc: int | None = None
    priority: int | None = None


class Cohere(Standin):
    """Cohere."""

    def check(self, request: Request) -> None:
        """One key, as Bearer."""
        bearer(request, self.key)

    def error(self, refused: Refused) -> Response:
        """`{"message": …}`."""
        return answer({"id": "e1", "message": refused.message}, refused.status)

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Version 2."""
        yield "POST", "/v2/chat", self.chat
        yield "POST", "/v2/embed", self.embed
        yield "POST", "/v2/rerank", self.rerank
        yield "GET", "/v1/models", self.models

    async def chat(self, request: Request, body: bytes) -> Response:
        """Says `WORDS`, or calls the first tool when it has to."""
        asked: Chat = read(Chat, body, request.headers)
        tool = asked.tools[0].function.name if asked.tools and asked.tool_choice == "REQUIRED" else None
        unless(asked.tool_choice is None or bool(asked.tools), "tool_choice needs tools")
        if asked.stream:
            return events(_stream(asked, tool))
        if tool is not None:
            message = {"role": "assistant", "tool_plan": "I will look", "tool_calls": [_call(tool)]}
            return answer({"id": "c1", "finish_reason": "TOOL_CALL", "message": message, "usage": USAGE})
        content: list[Json] = [{"type": "thinking", "thinking": THOUGHT}] if _thinks(asked) else []
        content.append({"type": "text", "text": "".join(words(_fits(asked)))})
        message = {"role": "assistant", "content": content}
        return answer({"id": "c1", "finish_reason": "COMPLETE", "message": message, "usage": USAGE})

    async def embed(self, request: Request, body: bytes) -> Response:
        """Two numbers each."""
        asked: Embed = read(Embed, body, request.headers)
        unless(bool(asked.texts) or bool(asked.images), "texts or images")
        count = len(asked.texts or asked.images or ())
        meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 4}}
        vectors = {"float": [[0.6, 0.8]] * count}
        return answer({"id": "e1", "embeddings": vectors, "texts": asked.texts, "meta": meta})

    async def rerank(self, request: Request, body: bytes) -> Response:
        """The last first."""
        asked: Rerank = read(Rerank, body, request.headers)
        count = len(asked.documents)
        results = [{"index": index, "relevance_score": (index + 1) / count} for index in reversed(range(count))]
        meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
        return answer({"id": "r1", "results": results[: asked.top_n], "meta": meta})

    async def models(self, request: Request, body: bytes) -> Response:
        """One."""
        return answer({"models": [{"name": "command-town", "endpoints": ["chat"]}]})


def _call(tool: str) -> Json:
    return {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": json.dumps(ARGUMENTS)}}


def _thinks(asked: Chat) -> bool:
    return asked.thinking is not None and asked.thinking.type == "enabled"


def _fits(asked: Chat) -> bool:
    return asked.response_format is not None and asked.response_format.type == "json_object"


def _stream(asked: Chat, tool: str | None) -> Iterator[tuple[str, Json]]:
    yield _event("message-start", id="c1", delta={"message": {"role": "assistant", "content": []}})
    number = 0
    if _thinks(asked):
        yield _event("content-start", index=0, delta={"message": {"content": {"type": "thinking", "thinking": ""}}})
        yield _event("content-delta", index=0, delta={"message": {"content": {"thinking": THOUGHT}}})
        yield _event("content-end", index=0)
        number = 1
    if tool is None:
        yield _event("content-start", index=number, delta={"message": {"content": {"type": "text", "text": ""}}})
        for word in words(_fits(asked)):
            yield _event("content-delta", index=number, delta={"message": {"content": {"text": word}}})
        yield _event("content-end", index=number)
    else:
        begun = _call(tool) | {"function": {"name": tool, "arguments": ""}}
        yield _event("tool-plan-delta", delta={"message": {"tool_plan": "I will look"}})
        yield _event("tool-call-start", index=0, delta={"message": {"tool_calls": begun}})
        for piece in ('{"place"', ':"town"}'):
            delta = {"message": {"tool_calls": {"function": {"arguments": piece}}}}
            yield _event("tool-call-delta", index=0, delta=delta)
        yield _event("tool-call-end", index=0)
    reason = "TOOL_CALL" if tool else "COMPLETE"
    yield _event("message-end", delta={"finish_reason": reason, "usage": USAGE})


def _event(kind: str, **fields: Any) -> tuple[str, Json]:
    return kind, {"type": kind, **fields}
