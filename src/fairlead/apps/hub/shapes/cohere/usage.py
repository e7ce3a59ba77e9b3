"""Usage as Cohere reports it: `billed_units` is what is paid for, `tokens` all that the model saw (Cohere's reference).

The difference are the words that Cohere puts around a prompt; the billed ones are counted here.
"""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.calls import Json, Usage
from fairlead.apps.hub.shapes.sse import payloads


class _Counts(msgspec.Struct):
    input_tokens: float | None = None
    output_tokens: float | None = None
    search_units: float | None = None


class Reported(msgspec.Struct):
    """The `usage` of an answer."""

    billed_units: _Counts | None = None
    tokens: _Counts | None = None
    cached_tokens: float | None = None


class _Delta(msgspec.Struct):
    usage: Reported | None = None


class _Body(msgspec.Struct):
    usage: Reported | None = None
    delta: _Delta | None = None


_DECODER = msgspec.json.Decoder(_Body)


def usage_in(body: bytes) -> Usage | None:
    """What a whole answer or an event of a stream reports."""
    found = None
    for payload in payloads(body, b'"usage"'):
        try:
            said = _DECODER.decode(payload)
        except (msgspec.MsgspecError, RecursionError):
            continue
        reported = said.usage or (said.delta.usage if said.delta else None)
        found = neutral(reported) if reported is not None else found
    return found


def usage_of(value: object) -> Usage | None:
    """The same of a `usage` that was decoded already."""
    try:
        reported = msgspec.convert(value, Reported | None)
    except msgspec.ValidationError:
        return None
    return None if reported is None else neutral(reported)


def neutral(said: Reported) -> Usage:
    """In our words."""
    counts = said.billed_units or said.tokens or _Counts()
    searches = counts.search_units or 0
    return Usage(
        input=int(counts.input_tokens or 0),
        output=int(counts.output_tokens or 0),
        cached=int(said.cached_tokens or 0),
        units={"searches": float(searches)} if searches else {},
    )


def written(usage: Usage) -> Json:
    """For a client."""
    counts: Json = {"input_tokens": usage.input, "output_tokens": usage.output}
    searches = {"search_units": usage.units["searches"]} if "searches" in usage.units else {}
    cached = {"cached_tokens": usage.cached} if usage.cached else {}
    return {"billed_units": counts | searches, "tokens": counts} | cached
