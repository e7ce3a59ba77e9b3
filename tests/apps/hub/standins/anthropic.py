"""Anthropic, strictly: messages and count_tokens.

Source: https://platform.claude.com/docs/en/api/messages, and the pages on thinking, tools, streaming and errors.
"""

from __future__ import annotations

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
    events,
    read,
    unless,
    words,
)

USAGE = {
    "input_tokens": 6,
    "cache_creation_input_tokens": 2,
    "cache_read_input_tokens": 3,
    "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 0},
    "output_tokens": 5,
    "service_tier": "standard",
}
"""11 tokens of input in all."""
SIGNATURE = "c2VhbA=="
OLDER, NEWER = "2023-06-01", "2026-10-21"
"""Versions; the newer one has no temperature, top_p and top_k."""
ERRORS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}


class Cache(Strict):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | None = None


class Base64(Strict):
    type: Literal["base64"]
    media_type: str
    data: str = Field(min_length=1)


class ByURL(Strict):
    type: Literal["url"]
    url: str


class Plain(Strict):
    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class Text(Strict):
    type: Literal["text"]
    text: str = Field(min_length=1)
    citations: list[Json] | None = None
    cache_control: Cache | None = None


class Image(Strict):
    type: Literal["image"]
    source: Annotated[Base64 | ByURL, Field(discriminator="type")]
    cache_control: Cache | None = None


class Document(Strict):
    type: Literal["document"]
    source: Annotated[Base64 | ByURL | Plain, Field(discriminator="type")]
    title: str | None = None
    context: str | None = None
    cache_control: Cache | None = None


class Use(Strict):
    type: Literal["tool_use"]
    id: str = Field(pattern=r"^[a-zA-Z0-9_-]+$")
    name: str
    input: Json
    cache_control: Cache | None = None


class Result(Strict):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[Annotated[Text | Image | Document, Field(discriminator="type")]] | None = None
    is_error: bool | None = None
    cache_control: Cache | None = None


class Thinking(Strict):
    type: Literal["thinking"]
    thinking: str
    signature: Literal["c2VhbA=="]


class Redacted(Strict):
    type: Literal["redacted_thinking"]
    data: str


Block = Annotated[Text | Image | Document | Use | Result | Thinking | Redacted, Field(discriminator="type")]


class Message(Strict):
    role: Literal["user", "assistant"]
    content: str | list[Block]


class Tool(Strict):
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    description: str | None = None
    input_schema: Json
    strict: bool | None = None
    cache_control: Cache | None = None
    type: Literal["custom"] | None = None


class Choice(Strict):
    type: Literal["auto", "any", "none", "tool"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Enabled(Strict):
    type: Literal["enabled"]
    budget_tokens: int = Field(ge=1024)
    display: Literal["summarized", "omitted"] | None = None


class Other(Strict):
    type: Literal["disabled", "adaptive"]
    display: Literal["summarized", "omitted"] | None = None


class Format(Strict):
    type: Literal["json_schema"]
    schema_: Json = Field(alias="schema")


class Output(Strict):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: Format | None = None


class Metadata(Strict):
    user_id: str | None = None


class Counted(Strict):
    """`POST /v1/messages/count_tokens`."""

    model: str
    messages: list[Message] = Field(min_length=1)
    system: str | list[Text] | None = None
    tools: list[Tool] | None = None
    tool_choice: Choice | None = None
    thinking: Annotated[Enabled | Other, Field(discriminator="type")] | None = None
    output_config: Output | None = None


class Messages(Counted):
    """`POST /v1/messages`."""

    max_tokens: int = Field(ge=1)
    stream: bool | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None


def check_turns(asked: Counted) -> None:
    """Rules between messages. Raises `Refused`."""
    unless(asked.messages[0].role == "user", "the first message should be of the user")
    waiting: set[str] = set()
    for message in asked.messages:
        blocks = message.content if isinstance(message.content, list) else []
        unless(bool(message.content), "content should not be empty")
        results = [block.tool_use_id for block in blocks if isinstance(block, Result)]
        unless(set(results) == waiting, "each tool_use should be followed by its tool_result, in the next message")
        first = next((at for at, block in enumerate(blocks) if not isinstance(block, Result)), len(blocks))
        unless(first >= len(results), "tool_result blocks come first")
        waiting = {block.id for block in blocks if isinstance(block, Use)}
        unless(message.role == "assistant" or not waiting, "a user uses no tools")
    unless(not waiting, "tool_use without tool_result")


def check_settings(asked: Messages) -> None:
    """Rules between settings. Raises `Refused`."""
    if isinstance(asked.thinking, Enabled):
        unless(asked.thinking.budget_tokens < asked.max_tokens, "max_tokens should be greater than budget_tokens")
        unless(asked.temperature in (None, 1.0), "temperature should be 1 with thinking")
        forced = asked.tool_choice is not None and asked.tool_choice.type in ("any", "tool")
        unless(not forced, "thinking does not go with a tool that is forced")
    unless(asked.tool_choice is None or bool(asked.tools), "tool_choice needs tools")


def tool_of(asked: Counted) -> str | None:
    """The tool that has to be used."""
    if asked.tool_choice is None or not asked.tools:
        return None
    return {"tool": asked.tool_choice.name, "any": asked.tools[0].name}.get(asked.tool_choice.type)


class Anthropic(Standin):
    """Anthropic."""

    def check(self, request: Request) -> None:
        """The key in its own header, and a version."""
        unless(request.headers.getlist("x-api-key") == [self.key], "invalid x-api-key", 401)
        unless("authorization" not in request.headers, "one key only", 401)
        version = request.headers.getlist("anthropic-version")
        unless(version in ([OLDER], [NEWER]), f"anthropic-version: {version} is not a valid version")

    def error(self, refused: Refused) -> Response:
        """`{"type": "error", "error": …}`."""
        error = {"type": ERRORS.get(refused.status, refused.kind), "message": refused.message}
        headers = {"retry-after": "2"} if refused.status == 429 else None
        return answer({"type": "error", "error": error, "request_id": "req_1"}, refused.status, headers)

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Below /v1."""
        yield "POST", "/v1/messages", self.messages
        yield "POST", "/v1/messages/count_tokens", self.count

    async def messages(self, request: Request, body: bytes) -> Response:
        """Says `WORDS`, thinks when asked to, or uses the tool that has to be used."""
        asked: Messages = read(Messages, body, request.headers)
        if request.headers["anthropic-version"] == NEWER:
            unless((asked.temperature, asked.top_p, asked.top_k) == (None, None, None), "sampling is not set any more")
        return self.told(asked)

    def told(self, asked: Messages) -> Response:
        """The answer to a call."""
        check_turns(asked)
        check_settings(asked)
        if asked.stream:
            return events(self.events(asked))
        content, reason = self.content(asked)
        return answer(self.head(asked) | {"content": content, "stop_reason": reason, "usage": USAGE})

    def head(self, asked: Messages) -> Json:
        """What stands in every message."""
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked.model, "content": []}
        return head | {"stop_reason": None, "stop_sequence": None}

    def content(self, asked: Messages) -> tuple[list[Json], str]:
        """The blocks, and why they end."""
        thoughts = isinstance(asked.thinking, Enabled) or (
            asked.thinking is not None and asked.thinking.type == "adaptive"
        )
        blocks: list[Json] = [{"type": "thinking", "thinking": THOUGHT, "signature": SIGNATURE}] if thoughts else []
        if (tool := tool_of(asked)) is not None:
            return [*blocks, {"type": "tool_use", "id": "toolu_1", "name": tool, "input": ARGUMENTS}], "tool_use"
        return [*blocks, {"type": "text", "text": "".join(said(asked)), "citations": None}], "end_turn"

    def events(self, asked: Messages) -> Iterator[tuple[str, Json]]:
        """The same as a stream."""
        content, reason = self.content(asked)
        yield _event("message_start", message=self.head(asked) | {"usage": USAGE | {"output_tokens": 1}})
        yield _event("ping")
        for index, block in enumerate(content):
            empty: dict[str, Any] = {"thinking": "", "signature": "", "text": "", "input": {}}
            begun = {name: empty.get(name, value) for name, value in block.items()}
            yield _event("content_block_start", index=index, content_block=begun)
            for delta in _deltas(block, said(asked)):
                yield _event("content_block_delta", index=index, delta=delta)
            yield _event("content_block_stop", index=index)
        delta = {"stop_reason": reason, "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage={"output_tokens": USAGE["output_tokens"]})
        yield _event("message_stop")

    async def count(self, request: Request, body: bytes) -> Response:
        """Eleven."""
        asked: Counted = read(Counted, body, request.headers)
        check_turns(asked)
        return answer({"input_tokens": 11})


def _event(kind: str, **fields: Any) -> tuple[str, Json]:
    return kind, {"type": kind, **fields}


def said(asked: Messages) -> tuple[str, ...]:
    """The words."""
    return words(asked.output_config is not None and asked.output_config.format is not None)


def _deltas(block: Json, said: tuple[str, ...]) -> Iterator[Json]:
    if block["type"] == "thinking":
        yield {"type": "thinking_delta", "thinking": block["thinking"]}
        yield {"type": "signature_delta", "signature": SIGNATURE}
    elif block["type"] == "text":
        yield from ({"type": "text_delta", "text": word} for word in said)
    else:
        yield from ({"type": "input_json_delta", "partial_json": piece} for piece in ("", '{"place"', ': "town"}'))
