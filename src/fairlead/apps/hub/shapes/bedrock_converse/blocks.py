"""The blocks of content in Converse, read and written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fairlead.apps.hub.calls import (
    Json,
    Media,
    Other,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded, said

NAME = "bedrock_converse"
POINT: Json = {"cachePoint": {"type": "default"}}
FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
}
TYPES = {form: mime for mime, form in FORMATS.items()}
_NAME_OF_DOCUMENT = re.compile(r"[^A-Za-z0-9()\[\]-]+")


def write_blocks(parts: Sequence[Part]) -> Iterator[Json]:
    """The blocks, each with the cache point that marks it after it. Raises `Unsayable`."""
    for number, part in enumerate(parts):
        if isinstance(part, Thinking) and part.origin != NAME:
            continue
        if isinstance(part, Text) and not part.text:
            continue
        yield _written(part, number)
        if getattr(part, "cache", None) is not None:
            yield POINT


def _written(part: Part, number: int) -> Json:
    if isinstance(part, Text | Refusal):
        return {"text": part.text}
    if isinstance(part, Media):
        return _media(part, number)
    if isinstance(part, ToolUse):
        return {"toolUse": {"toolUseId": part.id, "name": part.name, "input": _arguments(part)}}
    if isinstance(part, ToolResult):
        content = [_result(inner, number) for inner in part.parts]
        status = {"status": "error"} if part.failed else {}
        return {"toolResult": {"toolUseId": part.id, "content": content} | status}
    if isinstance(part, Thinking):
        return {"reasoningContent": _reasoning(part)}
    raise Unsayable(f"{NAME} has no words for `{part.kind}`")


def _arguments(use: ToolUse) -> Json:
    arguments = decoded(use.arguments or "{}", f"what `{use.name}` was called with")
    if not isinstance(arguments, dict):
        raise Unsayable(f"{NAME} has no words for a call of `{use.name}` with what is no object")
    return arguments


def _reasoning(thought: Thinking) -> Json:
    if thought.sealed is not None:
        return {"redactedContent": thought.sealed}
    return {"reasoningText": said(text=thought.text, signature=thought.signature)}


def _result(part: Text | Media | Other, number: int) -> Json:
    """What a tool gave back: an object as `json`."""
    if isinstance(part, Text) and part.text[:1] == "{":
        try:
            found = decoded(part.text)
        except Unsayable:
            found = None
        if isinstance(found, dict):
            return {"json": found}
    return _written(part, number)


def _media(media: Media, number: int) -> Json:
    form = FORMATS.get(media.mime or "")
    if media.data is None or form is None or media.kind == "audio":
        raise Unsayable(f"{NAME} has no words for this {media.kind} ({media.mime or 'of unknown type'}), or not by URL")
    source = {"format": form, "source": {"bytes": media.data}}
    if media.kind != "document":
        return {media.kind: source}
    name = _NAME_OF_DOCUMENT.sub(" ", media.name or "").strip() or f"document {number + 1}"
    return {"document": {"name": name, **source}}


def read_block(block: Fields) -> Part:
    """One block of an answer; of a kind without words here as it is."""
    if (text := block.text("text")) is not None:
        return Text(text, extra=block.rest())
    if (use := block.part("toolUse")) is not None:
        arguments = encoded(use.json("input") or {}).decode()
        return ToolUse(use.need("toolUseId"), use.need("name"), arguments, extra=use.rest())
    if (thought := block.part("reasoningContent")) is not None:
        return _thought(thought)
    if (image := block.part("image")) is not None:
        form, source = image.need("format"), image.part("source") or Fields({})
        return Media("image", TYPES.get(form, f"image/{form}"), source.need("bytes"))
    rest = block.rest()
    return Other(next(iter(rest), "nothing"), rest)


def _thought(thought: Fields) -> Thinking:
    if (sealed := thought.text("redactedContent")) is not None:
        return Thinking(sealed=sealed, origin=NAME)
    text = thought.part("reasoningText") or Fields({})
    return Thinking(text.text("text") or "", text.text("signature"), origin=NAME)
