"""Google's Gemini, strictly: generateContent, streamGenerateContent, countTokens, batchEmbedContents.

Source: https://ai.google.dev/api/generate-content. JSON of protocol buffers takes names in either spelling (ProtoJSON),
and Google's own client mixes them.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Literal

from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from tests.apps.hub.standins.strict import (
    ARGUMENTS,
    THOUGHT,
    Camel,
    Json,
    Refused,
    Standin,
    answer,
    events,
    read,
    unless,
    words,
)

USAGE = {
    "promptTokenCount": 11,
    "cachedContentTokenCount": 3,
    "candidatesTokenCount": 3,
    "thoughtsTokenCount": 2,
    "totalTokenCount": 16,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 11}],
}
STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
STATUSES |= {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}


class Proto(Camel):
    """Fields in camelCase or in snake_case."""

    model_config = ConfigDict(populate_by_name=True)


class Blob(Proto):
    mime_type: str
    data: str


class FileData(Proto):
    mime_type: str | None = None
    file_uri: str


class FunctionCall(Proto):
    id: str | None = None
    name: str
    args: Json | None = None


class FunctionResponse(Proto):
    id: str | None = None
    name: str
    response: Json


class Part(Proto):
    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    thought: bool | None = None
    thought_signature: str | None = None

    def kinds(self) -> int:
        """How many of the fields of which there may be one only."""
        kinds = (self.text, self.inline_data, self.file_data, self.function_call, self.function_response)
        return sum(kind is not None for kind in kinds)


class Content(Proto):
    role: Literal["user", "model"] | None = None
    parts: list[Part] = Field(min_length=1)


class System(Proto):
    role: str | None = None
    parts: list[Part] = Field(min_length=1)


class Declaration(Proto):
    name: str = Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$")
    description: str | None = None
    parameters: Json | None = None
    parameters_json_schema: Json | None = None
    response: Json | None = None
    response_json_schema: Json | None = None


class Tool(Proto):
    function_declarations: list[Declaration] | None = None
    google_search: Json | None = None
    code_execution: Json | None = None


class Calling(Proto):
    mode: Literal["AUTO", "ANY", "NONE", "VALIDATED"] | None = None
    allowed_function_names: list[str] | None = None


class ToolConfig(Proto):
    function_calling_config: Calling | None = None


class ThinkingConfig(Proto):
    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: Literal["MINIMAL", "LOW", "MEDIUM", "HIGH", "minimal", "low", "medium", "high"] | None = None


class Config(Proto):
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = None
    top_k: float | None = None
    candidate_count: int | None = None
    max_output_tokens: int | None = None
    stop_sequences: list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_mime_type: str | None = None
    response_schema: Json | None = None
    response_json_schema: Json | None = None
    response_logprobs: bool | None = None
    logprobs: int | None = None
    response_modalities: list[str] | None = None
    thinking_config: ThinkingConfig | None = None


class Generate(Proto):
    """`:generateContent`, `:streamGenerateContent`."""

    contents: list[Content] = Field(min_length=1)
    system_instruction: System | None = None
    tools: list[Tool] | None = None
    tool_config: ToolConfig | None = None
    safety_settings: list[Json] | None = None
    generation_config: Config | None = None
    cached_content: str | None = None
    service_tier: str | None = None


class Inner(Generate):
    model: str


class Count(Proto):
    """`:countTokens`: either the contents or a whole request."""

    contents: list[Content] | None = None
    generate_content_request: Inner | None = None


class Embed(Proto):
    model: str
    content: Content
    task_type: str | None = None
    title: str | None = None
    output_dimensionality: int | None = None


class Batch(Proto):
    """`:batchEmbedContents`."""

    requests: list[Embed] = Field(min_length=1)


def check_contents(asked: Generate) -> None:
    """Rules between contents. Raises `Refused`."""
    waiting = 0
    for content in asked.contents:
        unless(all(part.kinds() <= 1 for part in content.parts), "a part holds one kind of data")
        answers = sum(part.function_response is not None for part in content.parts)
        right = answers == waiting or not waiting
        unless(right, "the number of function response parts should equal that of the function calls before")
        unless(not answers or bool(waiting), "a function response should follow its call")
        waiting = sum(part.function_call is not None for part in content.parts)
        unless(content.role == "model" or not waiting, "a user calls no functions")
    config = asked.generation_config
    if config is not None and (config.response_schema or config.response_json_schema):
        unless(config.response_mime_type == "application/json", "a schema needs responseMimeType application/json")


def tool_of(asked: Generate) -> str | None:
    """The function that has to be called."""
    calling = asked.tool_config.function_calling_config if asked.tool_config else None
    if calling is None or calling.mode != "ANY" or not asked.tools:
        return None
    names = calling.allowed_function_names or [one.name for one in asked.tools[0].function_declarations or ()]
    return names[0]


def fits(asked: Generate) -> bool:
    """Whether JSON is asked for."""
    return asked.generation_config is not None and asked.generation_config.response_mime_type == "application/json"


def _thought(asked: Generate) -> list[Json]:
    thinking = asked.generation_config.thinking_config if asked.generation_config else None
    shown = thinking is not None and thinking.include_thoughts
    return [{"text": THOUGHT, "thought": True}] if shown else []


class Gemini(Standin):
    """The Gemini API."""

    def check(self, request: Request) -> None:
        """The key in its header, never in the query."""
        unless(request.headers.getlist("x-goog-api-key") == [self.key], "API key not valid", 401)
        unless("key" not in request.query_params, "the key should not stand in the query")
        unless("authorization" not in request.headers, "one key only", 401)

    def error(self, refused: Refused) -> Response:
        """`{"error": {"code", "message", "status"}}`."""
        status = STATUSES.get(refused.status, "UNKNOWN")
        return answer({"error": {"code": refused.status, "message": refused.message, "status": status}}, refused.status)

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Models by their name in the path."""
        for version in ("v1", "v1beta"):
            where = f"/{version}/models/{{model}}"
            yield "POST", f"{where}:generateContent", self.generate
            yield "POST", f"{where}:streamGenerateContent", self.stream
            yield "POST", f"{where}:countTokens", self.count
            yield "POST", f"{where}:batchEmbedContents", self.embed
        yield "GET", "/v1beta/models", self.models

    async def generate(self, request: Request, body: bytes) -> Response:
        """Says `WORDS`, or calls the function that has to be called."""
        asked: Generate = read(Generate, body, request.headers)
        check_contents(asked)
        tool, thought = tool_of(asked), _thought(asked)
        said: Json = (
            {"functionCall": {"name": tool, "args": ARGUMENTS}} if tool else {"text": "".join(words(fits(asked)))}
        )
        told = _told(request, [*thought, said], "STOP")
        config = asked.generation_config or Config()
        if config.response_logprobs:
            one = {"token": "Hello", "logProbability": -0.3}
            found = {"chosenCandidates": [one], "topCandidates": [{"candidates": [one] * (config.logprobs or 0)}]}
            told["candidates"][0]["logprobsResult"] = found
        told["candidates"] = [
            one | {"index": at} for at in range(config.candidate_count or 1) for one in told["candidates"]
        ]
        return answer(told | {"usageMetadata": USAGE})

    async def stream(self, request: Request, body: bytes) -> Response:
        """The same in pieces: events when asked so, else one array."""
        asked: Generate = read(Generate, body, request.headers)
        check_contents(asked)
        pieces = list(self._pieces(request, asked))
        if request.query_params.get("alt") == "sse":
            return events(pieces)
        return Response(json.dumps(pieces), media_type="application/json")

    def _pieces(self, request: Request, asked: Generate) -> Iterator[Json]:
        for thought in _thought(asked):
            yield _told(request, [thought], None)
        if (tool := tool_of(asked)) is not None:
            yield _told(request, [{"functionCall": {"name": tool, "args": ARGUMENTS}}], None)
        else:
            for word in words(fits(asked)):
                yield _told(request, [{"text": word}], None) | {"usageMetadata": USAGE | {"candidatesTokenCount": 1}}
        yield _told(request, [{"text": ""}], "STOP") | {"usageMetadata": USAGE}

    async def count(self, request: Request, body: bytes) -> Response:
        """Eleven."""
        asked: Count = read(Count, body, request.headers)
        unless((asked.contents is None) != (asked.generate_content_request is None), "either contents or a request")
        return answer({"totalTokens": 11, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 11}]})

    async def embed(self, request: Request, body: bytes) -> Response:
        """Two numbers each."""
        asked: Batch = read(Batch, body, request.headers)
        model = f"models/{request.path_params['model']}"
        unless(all(one.model == model for one in asked.requests), "each request should name the model of the path")
        return answer({"embeddings": [{"values": [0.6, 0.8]} for _ in asked.requests]})

    async def models(self, request: Request, body: bytes) -> Response:
        """One."""
        return answer({"models": [{"name": "models/gemini-town", "supportedGenerationMethods": ["generateContent"]}]})


def _told(request: Request, parts: list[Json], reason: str | None) -> Json:
    candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
    finish = {"finishReason": reason} if reason else {}
    head = {"modelVersion": request.path_params["model"], "responseId": "r1"}
    return {"candidates": [candidate | finish]} | head
