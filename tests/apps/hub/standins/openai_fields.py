"""The fields of OpenAI's requests, and the rules between them.

Source: https://platform.openai.com/docs/api-reference, as of 2026.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from tests.apps.hub.standins.strict import Json, Strict, unless


class ImageURL(Strict):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class Audio(Strict):
    data: str
    format: Literal["wav", "mp3"]


class File(Strict):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class TextPart(Strict):
    type: Literal["text"]
    text: str


class ImagePart(Strict):
    type: Literal["image_url"]
    image_url: ImageURL


class AudioPart(Strict):
    type: Literal["input_audio"]
    input_audio: Audio


class FilePart(Strict):
    type: Literal["file"]
    file: File


class RefusalPart(Strict):
    type: Literal["refusal"]
    refusal: str


UserPart = Annotated[TextPart | ImagePart | AudioPart | FilePart, Field(discriminator="type")]


class Instruction(Strict):
    role: Literal["system", "developer"]
    content: str | list[TextPart]
    name: str | None = None


class User(Strict):
    role: Literal["user"]
    content: str | list[UserPart]
    name: str | None = None


class Called(Strict):
    name: str
    arguments: str


class Call(Strict):
    id: str = Field(min_length=1)
    type: Literal["function"]
    function: Called


class Assistant(Strict):
    role: Literal["assistant"]
    content: str | list[Annotated[TextPart | RefusalPart, Field(discriminator="type")]] | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: list[Call] | None = Field(default=None, min_length=1)
    reasoning_content: str | None = None
    """Of servers of one's own only."""
    annotations: list[Json] | None = None
    """Of the answer that is given back as it was: OpenAI's own pages do that."""


class ToolMessage(Strict):
    role: Literal["tool"]
    content: str | list[TextPart]
    tool_call_id: str


Message = Annotated[Instruction | User | Assistant | ToolMessage, Field(discriminator="role")]


class Function(Strict):
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str | None = None
    parameters: Json | None = None
    strict: bool | None = None


class Tool(Strict):
    type: Literal["function"]
    function: Function


class Named(Strict):
    name: str


class Choice(Strict):
    type: Literal["function"]
    function: Named


class Schema(Strict):
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str | None = None
    schema_: Json | None = Field(default=None, alias="schema")
    strict: bool | None = None


class Format(Strict):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: Schema | None = None


class StreamOptions(Strict):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Chat(Strict):
    """`POST /v1/chat/completions`."""

    model: str
    messages: list[Message] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[Tool] | None = Field(default=None, min_length=1)
    tool_choice: Literal["none", "auto", "required"] | Choice | None = None
    parallel_tool_calls: bool | None = None
    response_format: Format | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    n: int | None = Field(default=None, ge=1, le=128)
    stop: str | list[str] | None = Field(default=None)
    seed: int | None = None
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority"] | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None


class Completion(Strict):
    """`POST /v1/completions`."""

    model: str
    prompt: str | list[str] | list[int] | list[list[int]]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    best_of: int | None = None
    echo: bool | None = None
    suffix: str | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    logprobs: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    user: str | None = None


class Image(Strict):
    """`POST /v1/images/generations`."""

    model: str | None = None
    prompt: str
    n: int | None = Field(default=None, ge=1, le=10)
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None
    response_format: Literal["url", "b64_json"] | None = None
    user: str | None = None


class Embeddings(Strict):
    """`POST /v1/embeddings`."""

    model: str
    input: str | list[str] | list[int] | list[list[int]]
    dimensions: int | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None


class Speech(Strict):
    """`POST /v1/audio/speech`."""

    model: str
    input: str = Field(max_length=4096)
    voice: str
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None
    speed: float | None = Field(default=None, ge=0.25, le=4)
    stream_format: Literal["sse", "audio"] | None = None


class Moderation(Strict):
    """`POST /v1/moderations`."""

    input: str | list[Any]
    model: str | None = None


FORM = {"model", "file", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]", "stream"}


def check_chat(asked: Chat, thinks: bool) -> None:
    """Rules between fields; `thinks`: reasoning is told and may be given back. Raises `Refused`."""
    given = any(isinstance(one, Assistant) and one.reasoning_content is not None for one in asked.messages)
    unless(thinks or not given, "Unrecognized request argument: reasoning_content")
    unless(asked.stream_options is None or bool(asked.stream), "stream_options needs stream")
    unless(asked.top_logprobs is None or bool(asked.logprobs), "top_logprobs needs logprobs")
    unless(asked.tool_choice is None or asked.tools is not None, "tool_choice needs tools")
    unless(asked.parallel_tool_calls is None or asked.tools is not None, "parallel_tool_calls needs tools")
    unless(asked.max_tokens is None or asked.max_completion_tokens is None, "one limit only")
    waiting: set[str] = set()
    for message in asked.messages:
        if isinstance(message, ToolMessage):
            unless(message.tool_call_id in waiting, "a message of a tool should follow its call")
            waiting.discard(message.tool_call_id)
            continue
        unless(not waiting, f"no message of the tool for {sorted(waiting)}")
        if isinstance(message, Assistant):
            unless(message.content is not None or bool(message.tool_calls), "an assistant says or calls something")
            waiting = {call.id for call in message.tool_calls or ()}
    unless(not waiting, f"no message of the tool for {sorted(waiting)}")


def tool_of(asked: Chat) -> str | None:
    """The tool that has to be called."""
    if isinstance(asked.tool_choice, Choice):
        return asked.tool_choice.function.name
    return asked.tools[0].function.name if asked.tools and asked.tool_choice == "required" else None


def fits(asked: Chat) -> bool:
    """Whether JSON is asked for."""
    return asked.response_format is not None and asked.response_format.type != "text"
