"""Usage as Anthropic reports it: `input_tokens` leave out what was read from the cache or written to it.

Source: Anthropic's pages on the Messages API and on prompt caching (total input = input_tokens +
cache_creation_input_tokens + cache_read_input_tokens; `cache_creation` splits the written ones by how long they are
kept). A stream tells the input in `message_start` and the output, counted up, in `message_delta`.
"""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.calls import Json, Usage
from fairlead.apps.hub.shapes.sse import payloads


class _Creation(msgspec.Struct):
    ephemeral_1h_input_tokens: int | None = None


class _Details(msgspec.Struct):
    thinking_tokens: int | None = None


class _Served(msgspec.Struct):
    web_search_requests: int | None = None
    web_fetch_requests: int | None = None


class Reported(msgspec.Struct):
    """The `usage` of a message."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: _Creation | None = None
    output_tokens_details: _Details | None = None
    server_tool_use: _Served | None = None
    service_tier: str | None = None


class _Message(msgspec.Struct):
    usage: Reported | None = None


class _Body(msgspec.Struct):
    usage: Reported | None = None
    message: _Message | None = None


class _Count(msgspec.Struct):
    input_tokens: int


_DECODER = msgspec.json.Decoder(_Body)
_COUNT = msgspec.json.Decoder(_Count)


def usage_in(body: bytes) -> Usage | None:
    """What a whole answer or an event of a stream reports; an event of the end may tell the output only."""
    found = None
    for payload in payloads(body, b'"usage"'):
        try:
            said = _DECODER.decode(payload)
        except (msgspec.MsgspecError, RecursionError):
            continue
        reported = said.usage or (said.message.usage if said.message else None)
        found = neutral(reported) if reported is not None else found
    return found


def counted(body: bytes) -> Usage | None:
    """What count_tokens answers."""
    try:
        return Usage(input=_COUNT.decode(body).input_tokens)
    except (msgspec.MsgspecError, RecursionError):
        return None


def usage_of(value: object) -> Usage | None:
    """The same of a `usage` that was decoded already."""
    try:
        reported = msgspec.convert(value, Reported | None)
    except msgspec.ValidationError:
        return None
    return None if reported is None else neutral(reported)


def neutral(said: Reported) -> Usage:
    """In our words."""
    cached, written = said.cache_read_input_tokens or 0, said.cache_creation_input_tokens or 0
    return Usage(
        input=(said.input_tokens or 0) + cached + written,
        output=said.output_tokens or 0,
        cached=cached,
        written=written,
        written_hour=(said.cache_creation.ephemeral_1h_input_tokens or 0) if said.cache_creation else 0,
        reasoning=(said.output_tokens_details.thinking_tokens or 0) if said.output_tokens_details else 0,
        units=_units(said.server_tool_use),
        tier=said.service_tier,
    )


def _units(served: _Served | None) -> dict[str, float]:
    if served is None:
        return {}
    counts = {"searches": served.web_search_requests or 0, "fetches": served.web_fetch_requests or 0}
    return {name: float(count) for name, count in counts.items() if count}


def written(usage: Usage) -> Json:
    """For a client."""
    fields: Json = {
        "input_tokens": max(0, usage.input - usage.cached - usage.written),
        "cache_creation_input_tokens": usage.written,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.output,
    }
    if usage.written:
        kept = {"ephemeral_5m_input_tokens": usage.written - usage.written_hour}
        fields["cache_creation"] = kept | {"ephemeral_1h_input_tokens": usage.written_hour}
    if usage.reasoning:
        fields["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    if usage.units.keys() & {"searches", "fetches"}:
        searches, fetches = usage.units.get("searches", 0), usage.units.get("fetches", 0)
        fields["server_tool_use"] = {"web_search_requests": int(searches), "web_fetch_requests": int(fetches)}
    if usage.tier in ("standard", "priority", "batch"):
        fields["service_tier"] = usage.tier
    return fields
