"""A call of a model and its answer, in words that every protocol can be read into and written from. Plain data.

Nothing is dropped in silence: what a protocol says and these words can't is kept in `extra`, under the protocol's own
name for it, and is written again by the same protocol; another protocol refuses what it can't say (`Unsayable`).
Whose words the extras are stands in `protocol`, the name of the shape that read them ("" where nobody did).
Times are seconds, sizes bytes, money nano-dollars (1e-9 USD, an integer: sums of floats are not exact).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

Json = dict[str, Any]

Operation = Literal[
    "chat",
    "completion",
    "embedding",
    "rerank",
    "image",
    "speech",
    "transcription",
    "moderation",
    "count",
    "models",
    "files",
    "batches",
]
"""What is asked for. All that a conversation is asked by (chat completions, responses, messages, …) is `chat`."""


class Unsayable(Exception):
    """A protocol or a provider can't express something that was asked for; the message names it and who can't."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str
    cache: Json | None = None
    """A mark that the prompt up to here should be cached by the provider, as its protocol writes it."""
    signature: str | None = None
    """Sealed reasoning that led to it, where the provider ties it to the words (Gemini)."""
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Media:
    """An image, a document or a sound: either its bytes in base64 (`data`) or where it is (`url`, or a `file` id)."""

    kind: Literal["image", "document", "audio", "video"]
    mime: str | None = None
    data: str | None = None
    url: str | None = None
    file: str | None = None
    name: str | None = None
    cache: Json | None = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thinking:
    """Reasoning, readable or sealed. `signature` proves to the provider that it is its own; kept as it is."""

    text: str = ""
    signature: str | None = None
    sealed: str | None = None
    origin: str = ""
    """The protocol whose provider made it: what it signed or sealed is of use to no other."""
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The model asks for a tool. `arguments` is JSON as text, since a model may write what is none."""

    id: str
    name: str
    arguments: str
    cache: Json | None = None
    signature: str | None = None
    """Sealed reasoning that led to it, where the provider ties it to the call (Gemini)."""
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Other:
    """A part that only one protocol has words for, as it writes it (what a tool of the provider found, …)."""

    kind: str
    fields: Json


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back."""

    id: str
    parts: tuple[Text | Media | Other, ...]
    name: str | None = None
    failed: bool = False
    cache: Json | None = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model's words why it does not answer."""

    text: str


Part = Text | Media | Thinking | ToolUse | ToolResult | Refusal | Other


@dataclass(frozen=True, slots=True)
class Message:
    """One turn."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    parts: tuple[Part, ...]
    name: str | None = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may use. `builtin` is one that the provider runs itself, as its protocol writes it."""

    name: str
    description: str | None = None
    schema: Json | None = None
    strict: bool | None = None
    builtin: Json | None = None
    cache: Json | None = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """The form that the answer has to have: any JSON object, or what `schema` says."""

    kind: Literal["text", "json", "schema"]
    name: str | None = None
    schema: Json | None = None
    strict: bool | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation to be carried on. `None` is what was not said: the provider's default holds."""

    model: str
    messages: tuple[Message, ...]
    stream: bool = False
    stream_usage: bool = False
    """Whether the client asked for usage in the stream (the hub always does, of the provider)."""
    tools: tuple[Tool, ...] = ()
    tool_choice: Literal["auto", "none", "required", "tool"] | None = None
    tool_named: str | None = None
    """The very tool that has to be used, for the choice "tool"."""
    parallel_tools: bool | None = None
    format: Format | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    count: int = 1
    """How many answers."""
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: int | None = None
    """How many alternatives for each token; 0: only the token's own."""
    effort: str | None = None
    """How much to reason: "none", "minimal", "low", "medium", "high", …"""
    thinking_tokens: int | None = None
    """The budget for reasoning, where the protocol gives one in tokens; 0: none; -1: as much as the model likes."""
    thinking_shown: bool | None = None
    """Whether the reasoning, or a summary of it, is to be told."""
    user: str | None = None
    tier: str | None = None
    """The service tier, in OpenAI's words: "auto", "default", "flex", "priority", …"""
    metadata: Mapping[str, str] = field(default_factory=dict)
    counting: bool = False
    """Nothing is to be answered, only its tokens counted: the reply has no choices, and the count as `usage.input`."""
    array: bool = False
    """Whether the client takes a stream as one JSON array (Gemini without `alt=sse`)."""
    protocol: str = ""
    extra: Json = field(default_factory=dict)


Finish = Literal["stop", "length", "tools", "refused", "filtered", "paused", "error"]


class Usage(msgspec.Struct, gc=False):
    """Tokens as the provider reports them. `input` holds the cached and written ones, `output` the reasoning ones.

    `estimated`: counted by us because the provider said nothing. Not to be changed. One is made for every request: no
    dataclass, which takes several times as long to make.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    written_hour: int = 0
    """Of `written`: those kept for an hour (dearer than those kept for minutes)."""
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    image_input: int = 0
    image_output: int = 0
    units: Mapping[str, float] = {}
    """What is billed by other measures: "images", "characters", "seconds", "searches", "requests"."""
    tier: str | None = None
    estimated: bool = False


def joined(earlier: Usage | None, later: Usage) -> Usage:
    """What both say of one answer. Providers count up while they stream, and not every event names every kind."""
    if earlier is None:
        return later
    counts = {name: max(getattr(earlier, name), getattr(later, name)) for name in COUNTS}
    units = {name: max(earlier.units.get(name, 0), later.units.get(name, 0)) for name in {*earlier.units, *later.units}}
    return Usage(**counts, units=units, tier=later.tier or earlier.tier, estimated=earlier.estimated or later.estimated)


COUNTS = tuple(slot.name for slot in msgspec.structs.fields(Usage) if slot.type is int)
"""The kinds of tokens."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer. `logprobs` has an item for each token, as OpenAI writes them: token, logprob, bytes, top_logprobs."""

    parts: tuple[Part, ...]
    finish: Finish | None = None
    logprobs: Any = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a chat."""

    id: str
    model: str
    choices: tuple[Choice, ...]
    usage: Usage | None = None
    created: int | None = None
    """Seconds since 1970."""
    protocol: str = ""
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delta:
    """One step of a streamed reply, of the choice `index`. `part` says which part it belongs to, counted from 0.

    At least one is there of `begins` (a part without its contents: its kind, a tool's id and name), `text` (more of a
    text, reasoning, refusal or of a tool's arguments), `signature`, `finish`, `usage` and `reply` (id, model, created:
    comes first).
    """

    index: int = 0
    part: int = 0
    begins: Part | None = None
    text: str | None = None
    signature: str | None = None
    logprobs: Any = None
    finish: Finish | None = None
    usage: Usage | None = None
    reply: Reply | None = None
    extra: Json = field(default_factory=dict)
    """As of a choice; but for citations, which are of the part."""


FailureKind = Literal[
    "invalid",
    "unauthorized",
    "forbidden",
    "unknown",
    "too large",
    "rate limited",
    "over budget",
    "overloaded",
    "provider",
    "timeout",
    "filtered",
    "gone",
]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer, for each protocol to write in its form; `retry_after_s`: when to try again."""

    kind: FailureKind
    message: str
    status: int
    code: str | None = None
    param: str | None = None
    retry_after_s: float | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """A call other than a chat (an embedding, an image, …); its fields as OpenAI writes them, for `rerank` Cohere."""

    operation: Operation
    model: str
    fields: Json
    files: Sequence[tuple[str, str, str, bytes]] = ()
    """Uploads: field, file name, MIME type, bytes."""
    stream: bool = False
