"""Usage as Gemini reports it: thoughts stand beside the candidates, and what tools read beside the prompt.

Source: Google's API reference, UsageMetadata: promptTokenCount holds the cached ones; candidatesTokenCount does not
hold thoughtsTokenCount, nor promptTokenCount toolUsePromptTokenCount; totalTokenCount is the sum of all four.
"""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.calls import Json, Usage
from fairlead.apps.hub.shapes.sse import payloads


class _Of(msgspec.Struct, rename="camel"):
    modality: str | None = None
    token_count: int | None = None


class Reported(msgspec.Struct, rename="camel"):
    """The `usageMetadata` of an answer."""

    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    prompt_tokens_details: list[_Of] | None = None
    candidates_tokens_details: list[_Of] | None = None
    traffic_type: str | None = None


class _Body(msgspec.Struct, rename="camel"):
    usage_metadata: Reported | None = None


class _Count(msgspec.Struct, rename="camel"):
    total_tokens: int
    cached_content_token_count: int | None = None


_DECODER = msgspec.json.Decoder(_Body)
_LIST = msgspec.json.Decoder(list[_Body])
_COUNT = msgspec.json.Decoder(_Count)
TIERS = {"ON_DEMAND_PRIORITY": "priority", "ON_DEMAND_FLEX": "flex"}


def usage_in(body: bytes) -> Usage | None:
    """What a whole answer or an event of a stream reports (or all of a stream that is one array)."""
    found = None
    for payload in payloads(body, b'"usageMetadata"'):
        try:
            bodies = _LIST.decode(payload) if payload.startswith(b"[") else [_DECODER.decode(payload)]
        except (msgspec.MsgspecError, RecursionError):
            continue
        for one in bodies:
            found = neutral(one.usage_metadata) if one.usage_metadata is not None else found
    return found


def counted(body: bytes) -> Usage | None:
    """What countTokens answers."""
    try:
        count = _COUNT.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return Usage(input=count.total_tokens, cached=count.cached_content_token_count or 0)


def usage_of(value: object) -> Usage | None:
    """The same of a `usageMetadata` that was decoded already."""
    try:
        reported = msgspec.convert(value, Reported | None)
    except msgspec.ValidationError:
        return None
    return None if reported is None else neutral(reported)


def neutral(said: Reported) -> Usage:
    """In our words."""
    thoughts = said.thoughts_token_count or 0
    return Usage(
        input=(said.prompt_token_count or 0) + (said.tool_use_prompt_token_count or 0),
        output=(said.candidates_token_count or 0) + thoughts,
        cached=said.cached_content_token_count or 0,
        reasoning=thoughts,
        audio_input=_of("AUDIO", said.prompt_tokens_details),
        audio_output=_of("AUDIO", said.candidates_tokens_details),
        image_input=_of("IMAGE", said.prompt_tokens_details),
        image_output=_of("IMAGE", said.candidates_tokens_details),
        tier=TIERS.get(said.traffic_type or ""),
    )


def _of(modality: str, details: list[_Of] | None) -> int:
    return sum(one.token_count or 0 for one in details or () if one.modality == modality)


def written(usage: Usage) -> Json:
    """For a client."""
    fields: Json = {"promptTokenCount": usage.input, "candidatesTokenCount": usage.output - usage.reasoning}
    fields["totalTokenCount"] = usage.input + usage.output
    if usage.cached:
        fields["cachedContentTokenCount"] = usage.cached
    if usage.reasoning:
        fields["thoughtsTokenCount"] = usage.reasoning
    asked = _details(usage.input, usage.audio_input, usage.image_input)
    given = _details(usage.output - usage.reasoning, usage.audio_output, usage.image_output)
    more = {"promptTokensDetails": asked, "candidatesTokensDetails": given}
    return fields | {name: details for name, details in more.items() if details}


def _details(total: int, audio: int, image: int) -> list[Json]:
    if not audio and not image:
        return []
    counts = {"TEXT": total - audio - image, "AUDIO": audio, "IMAGE": image}
    return [{"modality": kind, "tokenCount": count} for kind, count in counts.items() if count > 0]
