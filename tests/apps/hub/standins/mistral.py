"""Mistral, strictly: chat completions, embeddings, moderations, transcriptions, files, models; unknown fields refused.

Source: https://docs.mistral.ai/api, and the field lists of the official `mistralai` client.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from tests.apps.hub.standins.cabinet import Cabinet
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

USAGE = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16, "prompt_tokens_details": {"cached_tokens": 3}}
ID = r"^[a-zA-Z0-9]{9}$"
"""Of a tool's call: Mistral refuses any other."""


class TextChunk(Strict):
    type: Literal["text"]
    text: str


class ThinkChunk(Strict):
    type: Literal["thinking"]
    thinking: list[TextChunk]
    signature: str | None = None
    closed: bool | None = None


class ImageURL(Strict):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImageChunk(Strict):
    type: Literal["image_url"]
    image_url: str | ImageURL


class DocumentChunk(Strict):
    type: Literal["document_url"]
    document_url: str
    document_name: str | None = None


class Called(Strict):
    name: str
    arguments: str | Json


class Call(Strict):
    id: str = Field(pattern=ID)
    type: Literal["function"] | None = None
    function: Called
    index: int | None = None


class System(Strict):
    role: Literal["system"]
    content: str | list[TextChunk]


class User(Strict):
    role: Literal["user"]
    content: str | list[Annotated[TextChunk | ImageChunk | DocumentChunk, Field(discriminator="type")]]


class Assistant(Strict):
    role: Literal["assistant"]
    content: str | list[Annotated[TextChunk | ThinkChunk, Field(discriminator="type")]] | None = None
    tool_calls: list[Call] | None = None
    prefix: bool | None = None


class Tool(Strict):
    role: Literal["tool"]
    content: str | list[TextChunk] | None
    tool_call_id: str = Field(pattern=ID)
    name: str | None = None


class Function(Strict):
    name: str
    description: str | None = None
    strict: bool | None = None
    parameters: Json


class Declared(Strict):
    type: Literal["function"]
    function: Function


class Named(Strict):
    name: str


class Choice(Strict):
    type: Literal["function"]
    function: Named


class Schema(Strict):
    name: str
    description: str | None = None
    schema_: Json = Field(alias="schema")
    strict: bool | None = None


class Format(Strict):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: Schema | None = None


class Chat(Strict):
    """`POST /v1/chat/completions`."""

    model: str
    messages: list[Annotated[System | User | Assistant | Tool, Field(discriminator="role")]] = Field(min_length=1)
    stream: bool = False
    temperature: float | None = Field(default=None, ge=0, le=1.5)
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    stop: str | list[str] | None = None
    random_seed: int | None = None
    metadata: Json | None = None
    response_format: Format | None = None
    tools: list[Declared] | None = None
    tool_choice: Literal["auto", "none", "any", "required"] | Choice | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    n: int | None = None
    prediction: Json | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    prompt_mode: Literal["reasoning"] | None = None
    safe_prompt: bool | None = None


class Embeddings(Strict):
    """`POST /v1/embeddings`."""

    model: str
    input: str | list[str]
    output_dimension: int | None = None
    output_dtype: Literal["float", "int8", "uint8", "binary", "ubinary"] | None = None
    encoding_format: Literal["float", "base64"] | None = None


class Moderation(Strict):
    """`POST /v1/moderations`."""

    model: str
    input: str | list[str]


FORM = {"model", "file", "file_url", "file_id", "language", "temperature", "stream", "timestamp_granularities"}
UPLOAD = frozenset({"file", "purpose", "visibility", "expiry"})
TOLD = {"sample_type": "batch_request", "source": "upload", "deleted": False}
FORM |= {"diarize", "context_bias", "metadata"}


@dataclass
class Mistral(Standin):
    """La Plateforme."""

    cabinet: Cabinet = field(default_factory=lambda: Cabinet(UPLOAD, TOLD))

    def check(self, request: Request) -> None:
        """One key, as Bearer."""
        bearer(request, self.key)

    def error(self, refused: Refused) -> Response:
        """`{"object": "error", …}`."""
        told = {"object": "error", "message": refused.message, "type": refused.kind, "param": None, "code": None}
        return answer(told, refused.status)

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Below /v1."""
        yield "POST", "/v1/chat/completions", self.chat
        yield "POST", "/v1/embeddings", self.embeddings
        yield "POST", "/v1/moderations", self.moderation
        yield "POST", "/v1/audio/transcriptions", self.transcription
        yield "GET", "/v1/models", self.models
        yield from self.cabinet.files("/v1")

    async def chat(self, request: Request, body: bytes) -> Response:
        """Says `WORDS`, or calls the tool that has to be called."""
        asked: Chat = read(Chat, body, request.headers)
        self.rules(asked)
        tool = tool_of(asked)
        if asked.stream:
            return events(_chunks(asked, tool))
        content = _content(asked, list(words(_fits(asked))))
        message: Json = {"role": "assistant", "content": content, "tool_calls": None, "prefix": False}
        if tool is not None:
            message |= {"content": "", "tool_calls": [_call(tool)]}
        reason = "tool_calls" if tool else "stop"
        choices = [{"index": at, "message": message, "finish_reason": reason} for at in range(asked.n or 1)]
        return answer(_head(asked, "chat.completion") | {"choices": choices, "usage": USAGE})

    def rules(self, asked: Chat) -> None:
        """Between messages. Raises `Refused`."""
        waiting: set[str] = set()
        for message in asked.messages:
            if isinstance(message, Tool):
                unless(message.tool_call_id in waiting, "Not the same number of function calls and responses")
                waiting.discard(message.tool_call_id)
                continue
            unless(not waiting, "Not the same number of function calls and responses")
            if isinstance(message, Assistant):
                unless(bool(message.content or message.tool_calls), "Assistant message must have content or tool_calls")
                waiting = {call.id for call in message.tool_calls or ()}
        unless(not waiting, "Not the same number of function calls and responses")
        last = asked.messages[-1]
        unless(last.role in ("user", "tool") or getattr(last, "prefix", False), "Expected last role User or Tool")

    async def embeddings(self, request: Request, body: bytes) -> Response:
        """Two numbers each."""
        asked: Embeddings = read(Embeddings, body, request.headers)
        count = len(asked.input) if isinstance(asked.input, list) else 1
        data = [{"object": "embedding", "index": at, "embedding": [0.6, 0.8]} for at in range(count)]
        usage = {"prompt_tokens": 4, "total_tokens": 4, "completion_tokens": 0}
        return answer({"id": "e1", "object": "list", "data": data, "model": asked.model, "usage": usage})

    async def moderation(self, request: Request, body: bytes) -> Response:
        """Nothing is wrong."""
        asked: Moderation = read(Moderation, body, request.headers)
        verdict = {"categories": {"violence": False}, "category_scores": {"violence": 0.01}}
        return answer({"id": "mod-1", "model": asked.model, "results": [verdict]})

    async def transcription(self, request: Request, body: bytes) -> Response:
        """The size of the file."""
        form = await request.form()
        unless(set(form) <= FORM, "unknown field")
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Refused("file is missing")
        text = f"{file.filename} {len(await file.read())}"
        usage = {"prompt_audio_seconds": 9, "prompt_tokens": 4, "total_tokens": 16, "completion_tokens": 12}
        told: Json = {"model": form.get("model"), "text": text, "language": None, "segments": [], "usage": usage}
        return answer(told)

    async def models(self, request: Request, body: bytes) -> Response:
        """One."""
        return answer({"object": "list", "data": [{"id": "mistral-town", "object": "model", "owned_by": "mistralai"}]})


def tool_of(asked: Chat) -> str | None:
    """The tool that has to be called."""
    if isinstance(asked.tool_choice, Choice):
        return asked.tool_choice.function.name
    return asked.tools[0].function.name if asked.tools and asked.tool_choice in ("any", "required") else None


def _fits(asked: Chat) -> bool:
    return asked.response_format is not None and asked.response_format.type != "text"


def _thinks(asked: Chat) -> bool:
    return asked.prompt_mode == "reasoning" or asked.reasoning_effort not in (None, "none")


def _thought() -> Json:
    return {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}], "closed": True}


def _content(asked: Chat, said: list[str]) -> Any:
    text = "".join(said)
    return [_thought(), {"type": "text", "text": text}] if _thinks(asked) else text


def _chunks(asked: Chat, tool: str | None) -> Iterator[Json | str]:
    """Text as strings, thoughts as lists of chunks; the usage in the last, unasked."""
    steps: list[Json] = [{"role": "assistant", "content": ""}]
    if tool is not None:
        steps.append({"content": "", "tool_calls": [_call(tool) | {"index": 0}]})
    else:
        steps += [{"content": [_thought()]}] if _thinks(asked) else []
        steps += [{"content": word} for word in words(_fits(asked))]
    for delta in steps:
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        yield _head(asked, "chat.completion.chunk") | {"choices": [choice]}
    choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "tool_calls" if tool else "stop"}
    yield _head(asked, "chat.completion.chunk") | {"choices": [choice], "usage": USAGE}
    yield "[DONE]"


def _head(asked: Chat, kind: str) -> Json:
    return {"id": "cmpl-1", "object": kind, "created": 1_741_569_952, "model": asked.model}


def _call(tool: str) -> Json:
    return {"id": "D681PevKs", "type": "function", "function": {"name": tool, "arguments": json.dumps(ARGUMENTS)}}
