"""What the echo answers where it is no conversation: embeddings, images, sounds, verdicts, rankings, models."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from fairlead.apps.hub.calls import Json, Operation, Plain, Unsayable
from fairlead.apps.hub.providers.echo import making, tokens
from fairlead.apps.hub.shapes.embeddings import packed
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.openai_plain.listing import model, write_models

BORN = 1_700_000_000
"""When the model was made, in seconds since 1970: of a model that is always the same."""
MOST_DIMENSIONS = 4096
MOST_IMAGES = 10
Made = Json | tuple[str, bytes]
"""Fields of an answer, or the content type and the bytes of one that is no JSON."""


def worked(call: Plain, now: int) -> Plain:
    """The answer, at `now` (seconds since 1970). Raises `Unsayable`."""
    made = WORK[call.operation](call)
    if isinstance(made, dict) and call.operation == "image":
        made = {"created": now} | made
    if isinstance(made, tuple):
        return Plain(call.operation, call.model, {}, [("", "", *made)])
    return Plain(call.operation, call.model, made)


def _embedding(call: Plain) -> Json:
    given = call.fields.get("input", "")
    texts = [given] if isinstance(given, str) else given
    if texts and isinstance(texts[0], int):
        texts = [texts]
    dimensions = _within(call, "dimensions", making.DIMENSIONS, MOST_DIMENSIONS)
    vectors = [making.vector(_words(text), dimensions) for text in texts]
    as_base64 = call.fields.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": packed(vector) if as_base64 else vector}
        for index, vector in enumerate(vectors)
    ]
    count = sum(len(text) if isinstance(text, list) else tokens.count(_words(text)) for text in texts)
    usage = {"prompt_tokens": count, "total_tokens": count}
    return {"object": "list", "model": call.model, "data": data, "usage": usage}


def _words(text: Any) -> str:
    return text if isinstance(text, str) else encoded(text).decode()


def _within(call: Plain, name: str, default: int, most: int) -> int:
    value = call.fields.get(name)
    try:
        number = default if value is None else int(value)
    except (TypeError, ValueError) as error:
        raise Unsayable(f"{name} should be a number") from error
    if not 1 <= number <= most:
        raise Unsayable(f"{name} should be 1 to {most}")
    return number


def _image(call: Plain) -> Json:
    words = str(call.fields.get("prompt", "echo"))
    made = base64.b64encode(making.image(words)).decode()
    count = _within(call, "n", 1, MOST_IMAGES)
    asked, images = tokens.count(words), sum(tokens.IMAGE for _ in call.files)
    usage = {
        "input_tokens": asked + images,
        "output_tokens": count * tokens.IMAGE,
        "total_tokens": asked + images + count * tokens.IMAGE,
        "input_tokens_details": {"text_tokens": asked, "image_tokens": images},
    }
    return {"data": [{"b64_json": made, "revised_prompt": words}] * count, "usage": usage}


def _speech(call: Plain) -> tuple[str, bytes]:
    form = call.fields.get("response_format", "mp3")
    made = making.sound(tokens.count(str(call.fields.get("input", ""))))
    return ("audio/pcm", made[44:]) if form == "pcm" else ("audio/wav", made)


def _transcription(call: Plain) -> Made:
    """The sound's name and length, in the form that was asked for."""
    named = [(name, data) for field, name, _, data in call.files if field == "file"]
    if not named:
        raise Unsayable("file is missing")
    name, data = named[0]
    seconds = round(making.seconds(data), 3)
    text, form = f"{name}, {len(data)} bytes", str(call.fields.get("response_format", "json"))
    if form in _SUBTITLES:
        return _SUBTITLES[form](text, seconds)
    usage = {"type": "duration", "seconds": seconds}
    if form != "verbose_json":
        return {"text": text, "usage": usage}
    segment = {"id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": text, "tokens": [], "temperature": 0.0}
    segment |= {"avg_logprob": -0.25, "compression_ratio": 1.0, "no_speech_prob": 0.0}
    told = {"task": "transcribe", "language": "english", "duration": seconds, "text": text, "segments": [segment]}
    return told | {"usage": usage}


def _clock(seconds: float, mark: str) -> str:
    whole = round(seconds * 1000)
    hours, minutes, rest = whole // 3_600_000, whole // 60_000 % 60, whole // 1000 % 60
    return f"{hours:02}:{minutes:02}:{rest:02}{mark}{whole % 1000:03}"


def _srt(text: str, seconds: float) -> tuple[str, bytes]:
    return "application/x-subrip", f"1\n{_clock(0, ',')} --> {_clock(seconds, ',')}\n{text}\n\n".encode()


def _vtt(text: str, seconds: float) -> tuple[str, bytes]:
    return "text/vtt", f"WEBVTT\n\n{_clock(0, '.')} --> {_clock(seconds, '.')}\n{text}\n\n".encode()


def _text(text: str, seconds: float) -> tuple[str, bytes]:
    return "text/plain; charset=utf-8", f"{text}\n".encode()


_SUBTITLES: dict[str, Callable[[str, float], tuple[str, bytes]]] = {"srt": _srt, "vtt": _vtt, "text": _text}
KINDS = ("harassment", "hate", "self-harm", "sexual", "violence")


def _moderation(call: Plain) -> Json:
    """Flags what says `violence` and the like."""
    given = call.fields.get("input", "")
    texts = [_words(one) for one in (given if isinstance(given, list) else [given])]
    return {"id": "modr-echo", "model": call.model, "results": [_verdict(text) for text in texts]}


def _verdict(text: str) -> Json:
    found = {kind: kind in text.lower() for kind in KINDS}
    scores = {kind: 0.99 if flagged else 0.01 for kind, flagged in found.items()}
    inputs = {kind: ["text"] for kind in KINDS}
    said = {"categories": found, "category_scores": scores, "category_applied_input_types": inputs}
    return {"flagged": any(found.values())} | said


def _rerank(call: Plain) -> Json:
    """By nearness of the vectors."""
    query = making.vector(_words(call.fields["query"]))
    documents = call.fields["documents"]
    scores = [_nearness(query, document) for document in documents]
    order = sorted(range(len(documents)), key=lambda index: -scores[index])
    best = order[: _within(call, "top_n", len(documents), 10_000)]
    results = [{"index": index, "relevance_score": round(scores[index], 6)} for index in best]
    meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
    total = sum(tokens.count(_document(document)) for document in documents) + tokens.count(
        _words(call.fields["query"])
    )
    return {"id": "echo-rerank", "results": results, "meta": meta, "usage": {"total_tokens": total}}


def _document(document: Any) -> str:
    return str(document.get("text", "")) if isinstance(document, dict) else str(document)


def _nearness(query: list[float], document: Any) -> float:
    other = making.vector(_document(document))
    return (1 + sum(a * b for a, b in zip(query, other, strict=True))) / 2


def _models(call: Plain) -> Made:
    if call.model:
        return model(call.model, "echo", BORN)
    return "application/json", write_models(["echo"], ["echo"], BORN)


WORK: dict[Operation, Callable[[Plain], Made]] = {
    "embedding": _embedding,
    "image": _image,
    "speech": _speech,
    "transcription": _transcription,
    "moderation": _moderation,
    "rerank": _rerank,
    "models": _models,
}
