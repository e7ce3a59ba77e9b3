"""The parts of a message in chat completions: text, refusal, image_url, input_audio, file, video_url."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from fairlead.apps.hub.calls import Json, Media, Part, Refusal, Text, Thinking, Unsayable
from fairlead.apps.hub.shapes.fields import OURS, Fields, said
from fairlead.apps.hub.shapes.media import at, url_of
from fairlead.apps.hub.shapes.refusing import own
from fairlead.apps.hub.shapes.seals import returned

BESIDE = f"{OURS}beside"
URLS: dict[str, Literal["image", "document"]] = {"image_url": "image", "document_url": "document"}
"""Parts that may be an address alone (Mistral)."""
AUDIO = {"wav": "audio/wav", "mp3": "audio/mpeg"}
FORMATS = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}


def read_content(message: Fields) -> Iterator[Text | Media | Refusal | Thinking]:
    """The content of a message, a string or a list of parts."""
    content = message.any("content")
    if isinstance(content, str):
        yield Text(content)
        return
    if content is not None and not isinstance(content, list):
        raise Unsayable(f"{message.at('content')} should be a string or a list of parts")
    for number, part in enumerate(content or ()):
        yield _part(Fields(part, f"{message.at('content')}[{number}]"))


def texts_of(message: Fields) -> tuple[Text | Media, ...]:
    """The content of a tool's message."""
    parts = tuple(read_content(message))
    if any(isinstance(part, Refusal | Thinking) for part in parts):
        raise Unsayable(f"{message.at('content')} should be of text")
    return tuple(part for part in parts if not isinstance(part, Refusal | Thinking))


def _part(part: Fields) -> Text | Media | Refusal | Thinking:
    kind = part.need("type")
    if kind == "text":
        text = part.need("text")
        return Text(text, cache=_mark(part), extra=part.rest())
    if kind == "refusal":
        return Refusal(part.need("refusal"))
    if kind == "thinking":
        return read_chunk(part)
    if isinstance(url := part.peek(kind), str) and kind in URLS:
        part.any(kind)
        return replace(at(url, URLS[kind]), name=part.text("document_name"), cache=_mark(part), extra=part.rest())
    read = {"image_url": _url, "video_url": _url, "input_audio": _audio, "file": _file}.get(kind)
    if read is None:
        raise Unsayable(f"{part.at('type')} is no kind of content: {kind[:40]}")
    if (inner := part.part(kind)) is None:
        raise Unsayable(f"{part.at(kind)} is missing")
    return read(kind, inner, _mark(part), part)


def read_chunk(part: Fields) -> Thinking:
    """Reasoning as Mistral writes it: chunks of text."""
    part.any("closed")
    text = "".join(chunk.text("text") or "" for chunk in part.parts("thinking"))
    return returned(Thinking(text, signature=part.text("signature"), extra=part.rest()), "openai_chat")


def beside(inner: Fields, outer: Fields) -> Json:
    """The unknown fields of an object that wraps another; those of the wrapper under a name of their own."""
    wrapper = outer.rest()
    return inner.rest() | ({BESIDE: wrapper} if wrapper else {})


def besides(extra: Json) -> Json:
    """The unknown fields of the wrapper."""
    found: Json = extra.get(BESIDE, {})
    return found


def _mark(part: Fields) -> Json | None:
    """A caching mark, of OpenAI's kind or of the one that OpenRouter and others took from Anthropic."""
    mark = part.json("prompt_cache_breakpoint")
    return mark if mark is not None else part.json("cache_control")


def _url(kind: str, inner: Fields, cache: Json | None, part: Fields) -> Media:
    found = at(inner.need("url"), "image" if kind == "image_url" else "video")
    return Media(found.kind, found.mime, found.data, found.url, cache=cache, extra=beside(inner, part))


def _audio(kind: str, inner: Fields, cache: Json | None, part: Fields) -> Media:
    form, data = inner.need("format"), inner.need("data")
    return Media("audio", AUDIO.get(form, f"audio/{form}"), data, cache=cache, extra=beside(inner, part))


def _file(kind: str, inner: Fields, cache: Json | None, part: Fields) -> Media:
    data, id, name = inner.text("file_data"), inner.text("file_id"), inner.text("filename")
    held = at(data, "document") if data and data.startswith("data:") else Media("document", data=data)
    return Media("document", held.mime, held.data, None, id, name, cache=cache, extra=beside(inner, part))


def write_content(parts: Sequence[Part], marks: bool) -> Any:
    """A string where that says it all, else a list; caching marks only where they are the protocol's own (`marks`)."""
    if len(parts) == 1 and isinstance(parts[0], Text) and not parts[0].extra and not (marks and parts[0].cache):
        return parts[0].text
    return [write_part(part, marks) for part in parts]


def write_part(part: Part, marks: bool) -> Json:
    """One part."""
    if isinstance(part, Text):
        return {"type": "text", "text": part.text} | part.extra | (_marked(part.cache) if marks else {})
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.text}
    if isinstance(part, Media):
        return _media(part) | besides(part.extra) | (_marked(part.cache) if marks else {})
    raise Unsayable(f"openai_chat has no words for {type(part).__name__} in the content of this role")


def _marked(cache: Json | None) -> Json:
    if cache is None:
        return {}
    return {"prompt_cache_breakpoint": cache} if "mode" in cache else {"cache_control": cache}


def _media(media: Media) -> Json:
    if media.kind == "audio":
        return {"type": "input_audio", "input_audio": _sound(media)}
    if media.kind == "document":
        return {"type": "file", "file": _document(media)}
    kind = f"{media.kind}_url"
    return {"type": kind, kind: {"url": url_of(media, "openai_chat"), **own(media.extra, BESIDE)}}


def _sound(media: Media) -> Json:
    form = FORMATS.get(media.mime or "", (media.mime or "").removeprefix("audio/"))
    if media.data is None or not form:
        raise Unsayable("openai_chat has no words for a sound that is not given as bytes of a known form")
    return {"data": media.data, "format": form, **own(media.extra, BESIDE)}


def _document(media: Media) -> Json:
    if media.url is not None:
        raise Unsayable("openai_chat has no words for a document by URL")
    data = None
    if media.data is not None:
        data = f"data:{media.mime};base64,{media.data}" if media.mime else media.data
    return said(file_data=data, file_id=media.file, filename=media.name) | own(media.extra, BESIDE)
