"""What plain operations cost: as the answer reports it, or counted from what was asked.

Source: OpenAI's API reference. Embeddings report `prompt_tokens`; images (GPT Image) `input_tokens` with details and
`output_tokens`, which are of images unless the details say otherwise; transcriptions either tokens or seconds
(`usage.type`), Whisper's verbose form `duration`. Images of DALL-E, speech and moderations report nothing: images are
counted in the answer, the words of a speech in the request (`asked_for`), moderations cost nothing.
"""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.calls import Operation, Plain, Usage
from fairlead.apps.hub.shapes.openai_plain import expected
from fairlead.apps.hub.shapes.sse import payloads


class _Details(msgspec.Struct):
    audio_tokens: int | None = None
    image_tokens: int | None = None
    text_tokens: int | None = None
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: _Details | None = None
    input_token_details: _Details | None = None
    output_tokens_details: _Details | None = None
    seconds: float | None = None


class _Body(msgspec.Struct):
    usage: _Usage | None = None
    data: list[msgspec.Raw] | None = None
    duration: float | str | None = None


_DECODER = msgspec.json.Decoder(_Body)
_NONE = _Details()


def usage_in(operation: Operation, body: bytes) -> Usage | None:
    """What an answer, or an event of a stream, reports; `None` when it is nothing."""
    mark = {"image": b'"', "transcription": b'"'}.get(operation, b'"usage"')
    found = None
    for payload in payloads(body, mark):
        try:
            found = _told(operation, _DECODER.decode(payload)) or found
        except (msgspec.MsgspecError, RecursionError):
            continue
    return found


def _told(operation: Operation, body: _Body) -> Usage | None:
    if body.usage is not None and body.usage.seconds is not None:
        return Usage(units={"seconds": body.usage.seconds})
    if body.usage is not None:
        return _tokens(operation, body.usage)
    if operation == "image" and body.data:
        return Usage(units={"images": float(len(body.data))})
    if operation == "transcription" and body.duration is not None:
        return Usage(units={"seconds": float(body.duration)})
    return None


def _tokens(operation: Operation, said: _Usage) -> Usage:
    asked, given = said.input_tokens_details or said.input_token_details or _NONE, said.output_tokens_details or _NONE
    output = said.output_tokens or 0
    images = given.image_tokens if given.image_tokens is not None else output - (given.text_tokens or 0)
    return Usage(
        input=said.prompt_tokens or said.input_tokens or _all(said),
        output=output,
        cached=asked.cached_tokens or 0,
        audio_input=asked.audio_tokens or 0,
        image_input=asked.image_tokens or 0,
        image_output=images if operation == "image" else 0,
        audio_output=output if operation == "speech" else 0,
    )


def _all(said: _Usage) -> int:
    """Some report the total only (Jina)."""
    return (said.total_tokens or 0) - (said.output_tokens or 0)


def asked_for(call: Plain) -> Usage | None:
    """What a call costs by itself, where no answer tells: the words of a speech, images; one search of a reranking."""
    if call.operation == "speech":
        return expected.speech(call.fields)
    if call.operation == "image":
        return expected.images(call.fields)
    return Usage(units={"searches": 1.0}) if call.operation == "rerank" else None
