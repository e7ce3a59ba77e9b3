"""Usage as OpenAI's protocols report it, and the vendors that speak them with small differences.

Chat completions and completions: `prompt_tokens` (with the cached and written ones), `completion_tokens` (with the
reasoning ones) and their details; OpenAI's API reference. Beside it are read DeepSeek's `prompt_cache_hit_tokens`,
Moonshot's `cached_tokens`, Groq's `x_groq.usage` in streams, and xAI's `completion_tokens`, which leave the reasoning
out (known by a `total_tokens` that adds it). Responses: `input_tokens`, `output_tokens`, and the 12 hour part of
written ones counted as `written_hour`; searches are charged by the call, so the calls in the output are counted.
Perplexity's deep research tells `citation_tokens`, `reasoning_tokens` and `num_search_queries`, which neither the
prompt nor the completion holds, and charges each (https://docs.perplexity.ai/getting-started/pricing).
"""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.calls import Json, Usage
from fairlead.apps.hub.shapes.sse import payloads


class _Written(msgspec.Struct):
    ttl_12h_tokens: int | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_tokens_details: _Written | None = None
    reasoning_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class Reported(msgspec.Struct):
    """The `usage` of any of the protocols."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None
    prompt_cache_hit_tokens: int | None = None
    cached_tokens: int | None = None
    citation_tokens: int | None = None
    reasoning_tokens: int | None = None
    num_search_queries: int | None = None


class _Item(msgspec.Struct):
    type: str = ""


class _Groq(msgspec.Struct):
    usage: Reported | None = None


class _Response(msgspec.Struct):
    usage: Reported | None = None
    service_tier: str | None = None
    output: list[_Item] | None = None


class _Body(msgspec.Struct):
    usage: Reported | None = None
    x_groq: _Groq | None = None
    response: _Response | None = None
    service_tier: str | None = None
    output: list[_Item] | None = None


_DECODER = msgspec.json.Decoder(_Body)
_NONE = _Details()


def usage_in(body: bytes) -> Usage | None:
    """What a whole answer or an event of a stream reports; `None` when it reports nothing that can be read."""
    if body.startswith(b"{"):  # a whole answer: what is worth it for events would only take time
        try:
            return _of(_DECODER.decode(body))
        except (msgspec.MsgspecError, RecursionError):
            return None
    found = None
    for payload in payloads(body, b'"usage"'):
        try:
            found = _of(_DECODER.decode(payload)) or found
        except (msgspec.MsgspecError, RecursionError):
            continue
    return found


def usage_of(value: object, tier: object = None, output: object = None) -> Usage | None:
    """The same of a `usage` that was decoded already, with the searches in a response's `output`."""
    try:
        reported = msgspec.convert(value, Reported | None)
    except msgspec.ValidationError:
        return None
    if reported is None:
        return None
    items = (
        [_Item(str(one.get("type"))) for one in output if isinstance(one, dict)] if isinstance(output, list) else None
    )
    return _with_searches(neutral(reported, tier if isinstance(tier, str) else None), items)


def _of(body: _Body) -> Usage | None:
    if body.response is not None and body.response.usage is not None:
        return _with_searches(neutral(body.response.usage, body.response.service_tier), body.response.output)
    reported = body.usage or (body.x_groq.usage if body.x_groq else None)
    return None if reported is None else _with_searches(neutral(reported, body.service_tier), body.output)


def _with_searches(usage: Usage, output: list[_Item] | None) -> Usage:
    if output and (searches := sum(item.type == "web_search_call" for item in output)):
        usage.units = {"searches": float(searches)}
    return usage


def neutral(said: Reported, tier: str | None) -> Usage:
    """In our words."""
    asked = said.prompt_tokens_details or said.input_tokens_details or _NONE
    given = said.completion_tokens_details or said.output_tokens_details or _NONE
    if said.citation_tokens is not None:
        return _researched(said, tier)
    cached = said.prompt_cache_hit_tokens or said.cached_tokens or 0
    if asked is _NONE and given is _NONE:
        return Usage(said.prompt_tokens or said.input_tokens or 0, _output(said, 0), cached, tier=tier)
    written = asked.cache_write_tokens_details
    reasoning = given.reasoning_tokens or 0
    return Usage(
        input=said.prompt_tokens or said.input_tokens or 0,
        output=_output(said, reasoning),
        cached=asked.cached_tokens or cached,
        written=asked.cache_write_tokens or 0,
        written_hour=(written.ttl_12h_tokens or 0) if written else 0,
        reasoning=reasoning,
        audio_input=asked.audio_tokens or 0,
        audio_output=given.audio_tokens or 0,
        image_input=asked.image_tokens or 0,
        image_output=given.image_tokens or 0,
        tier=tier,
    )


def _researched(said: Reported, tier: str | None) -> Usage:
    """Perplexity's deep research."""
    reasoning = said.reasoning_tokens or 0
    return Usage(
        input=(said.prompt_tokens or 0) + (said.citation_tokens or 0),
        output=(said.completion_tokens or 0) + reasoning,
        reasoning=reasoning,
        units={"searches": float(said.num_search_queries)} if said.num_search_queries else {},
        tier=tier,
    )


def _output(said: Reported, reasoning: int) -> int:
    output = said.completion_tokens or said.output_tokens or 0
    if not reasoning:
        return output
    left_out = said.total_tokens == (said.prompt_tokens or said.input_tokens or 0) + output + reasoning
    return output + reasoning if left_out else output


def only_usage(event: bytes) -> bool:
    """Whether an event of a stream holds the usage and nothing else: nothing for a client that did not ask for it."""
    return (b'"choices":[]' in event or b'"choices": []' in event) and (b'"usage":{' in event or b'"usage": {' in event)


def written(usage: Usage) -> Json:
    """For chat completions and completions."""
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": usage.audio_input}
        | _more(cache_write_tokens=usage.written, image_tokens=usage.image_input),
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": usage.audio_output}
        | _more(image_tokens=usage.image_output),
    }


def written_for_responses(usage: Usage) -> Json:
    """For responses."""
    kept = {"ttl_12h_tokens": usage.written_hour, "ttl_30m_tokens": usage.written - usage.written_hour}
    asked: Json = {"cached_tokens": usage.cached, "cache_write_tokens": usage.written}
    if usage.written_hour:
        asked["cache_write_tokens_details"] = kept
    return {
        "input_tokens": usage.input,
        "input_tokens_details": asked | _more(audio_tokens=usage.audio_input, image_tokens=usage.image_input),
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning}
        | _more(audio_tokens=usage.audio_output, image_tokens=usage.image_output),
        "total_tokens": usage.input + usage.output,
    }


def _more(**counts: int) -> Json:
    return {name: count for name, count in counts.items() if count}
