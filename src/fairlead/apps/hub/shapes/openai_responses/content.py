"""The content of items in OpenAI's responses: input_text, input_image, input_file, output_text, refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.apps.hub.calls import Json, Media, Other, Part, Refusal, Text, Unsayable
from fairlead.apps.hub.shapes.fields import Fields, said
from fairlead.apps.hub.shapes.media import at, url_of
from fairlead.apps.hub.shapes.refusing import ITEM, own

NAME = "openai_responses"


def read_content(holder: Fields, name: str) -> tuple[Text | Media | Refusal | Other, ...]:
    """A string or a list of parts."""
    content = holder.any(name)
    if isinstance(content, str):
        return (Text(content),)
    if content is not None and not isinstance(content, list):
        raise Unsayable(f"{holder.at(name)} should be a string or a list of parts")
    return tuple(read_part(Fields(one, f"{holder.at(name)}[{n}]")) for n, one in enumerate(content or ()))


def read_part(part: Fields) -> Text | Media | Refusal | Other:
    """One part; of a kind that only responses have words for as it is."""
    kind = part.need("type")
    if kind in ("input_text", "output_text", "text"):
        return _text(part)
    if kind == "refusal":
        return Refusal(part.need("refusal"))
    if kind == "input_image":
        return _image(part)
    if kind == "input_file":
        return _file(part)
    return Other(kind, {"type": kind, **part.rest()})


def _text(part: Fields) -> Text:
    text, cache = part.need("text"), part.json("prompt_cache_breakpoint")
    annotations, logprobs = part.items("annotations"), part.items("logprobs")
    return Text(text, cache=cache, extra=part.rest() | said(annotations=annotations or None, logprobs=logprobs or None))


def _image(part: Fields) -> Media:
    url, file, cache = part.text("image_url"), part.text("file_id"), part.json("prompt_cache_breakpoint")
    detail = part.text("detail")
    found = at(url, "image") if url is not None else Media("image")
    extra = part.rest() | ({} if detail in (None, "auto") else {"detail": detail})
    return Media("image", found.mime, found.data, found.url, file, cache=cache, extra=extra)


def _file(part: Fields) -> Media:
    data, url, file = part.text("file_data"), part.text("file_url"), part.text("file_id")
    name, cache = part.text("filename"), part.json("prompt_cache_breakpoint")
    held = at(data, "document") if data and data.startswith("data:") else Media("document", data=data)
    return Media("document", held.mime, held.data, url, file, name, cache=cache, extra=part.rest())


def write_content(parts: Sequence[Part], marks: bool) -> Any:
    """A string where that says it all, else a list, of what somebody tells the model."""
    if len(parts) == 1 and isinstance(parts[0], Text) and not parts[0].extra and not (marks and parts[0].cache):
        return parts[0].text
    return [write_input(part, marks) for part in parts]


def write_input(part: Part, marks: bool) -> Json:
    """One part of what the model is told."""
    if isinstance(part, Text):
        return {"type": "input_text", "text": part.text} | _mark(part.cache, marks) | part.extra
    if isinstance(part, Media):
        return _media(part) | _mark(part.cache, marks) | part.extra
    if isinstance(part, Other):
        return part.fields
    raise Unsayable(f"{NAME} has no words for {type(part).__name__} in the content of this role")


def write_output(part: Text | Refusal) -> Json:
    """One part of what the model said."""
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.text}
    return {"type": "output_text", "text": part.text, "annotations": []} | own(part.extra, ITEM)


def _mark(cache: Json | None, marks: bool) -> Json:
    return {"prompt_cache_breakpoint": cache} if marks and cache is not None else {}


def _media(media: Media) -> Json:
    if media.kind == "image":
        url = None if media.file is not None else url_of(media, NAME)
        return said(type="input_image", image_url=url, file_id=media.file, detail="auto")
    if media.kind != "document":
        raise Unsayable(f"{NAME} has no words for {media.kind}")
    data = None
    if media.data is not None:
        data = f"data:{media.mime};base64,{media.data}" if media.mime else media.data
    return said(type="input_file", file_data=data, file_url=media.url, file_id=media.file, filename=media.name)
