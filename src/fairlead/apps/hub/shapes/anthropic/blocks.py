"""The blocks of content in Anthropic's messages, read and written.

Written for a client (`answer`), sealed reasoning of other providers becomes a block of redacted or signed thinking
that it gives back; written for Anthropic, only its own is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.apps.hub.calls import Json, Media, Other, Part, Refusal, Text, Thinking, ToolResult, ToolUse, Unsayable
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded, said
from fairlead.apps.hub.shapes.media import as_text, text_of
from fairlead.apps.hub.shapes.seals import foreign, marked, returned

NAME = "anthropic"
SERVED = ("server_tool_use", "mcp_tool_use")
"""Tools that the provider runs itself; their calls look like those of any tool."""


def read_content(holder: Fields, name: str) -> tuple[Part, ...]:
    """A string or a list of blocks."""
    content = holder.any(name)
    if content is None:
        return ()
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise Unsayable(f"{holder.at(name)} should be a string or a list of blocks")
    return tuple(read_block(Fields(block, f"{holder.at(name)}[{number}]")) for number, block in enumerate(content))


def read_block(block: Fields) -> Part:
    """One block; of a kind that only Anthropic has words for as it is."""
    kind = block.need("type")
    if kind == "text":
        return Text(block.need("text"), cache=block.json("cache_control"), extra=block.rest())
    if kind in ("image", "document") and "source" in block:
        return _media(kind, block)
    if kind == "thinking":
        thought = Thinking(block.text("thinking") or "", block.text("signature") or None, extra=block.rest())
        return returned(thought, NAME)
    if kind == "redacted_thinking":
        return returned(Thinking(sealed=block.need("data"), extra=block.rest()), NAME)
    if kind == "tool_use" or kind in SERVED:
        return _use(kind, block)
    return _result(block) if kind == "tool_result" else Other(kind, {"type": kind, **block.rest()})


def _use(kind: str, block: Fields) -> ToolUse:
    id, name, arguments = block.need("id"), block.need("name"), encoded(block.json("input") or {}).decode()
    cache, extra = block.json("cache_control"), {} if kind == "tool_use" else {"type": kind}
    return ToolUse(id, name, arguments, cache=cache, extra=extra | block.rest())


def _result(block: Fields) -> ToolResult:
    id, failed, cache = block.need("tool_use_id"), block.flag("is_error") or False, block.json("cache_control")
    parts = tuple(_of_tool(part, block.where) for part in read_content(block, "content"))
    return ToolResult(id, parts, failed=failed, cache=cache, extra=block.rest())


def _of_tool(part: Part, where: str) -> Text | Media | Other:
    if isinstance(part, Text | Media | Other):
        return part
    raise Unsayable(f"{where}.content should be of text, images and documents")


def _media(kind: str, block: Fields) -> Media | Other:
    """An image or a document; one whose source only Anthropic knows (blocks of content) stays as it is."""
    source, cache, name = block.json("source") or {}, block.json("cache_control"), block.text("title")
    fields = Fields(source, block.at("source"))
    form = fields.need("type")
    if form not in ("base64", "url", "file", "text"):
        whole = said(type=kind, source=source, cache_control=cache, title=name)
        return Other(kind, whole | block.rest())
    return Media(
        kind="image" if kind == "image" else "document",
        mime=fields.text("media_type"),
        data=_data(form, fields),
        url=fields.need("url") if form == "url" else None,
        file=fields.need("file_id") if form == "file" else None,
        name=name,
        cache=cache,
        extra=block.rest(),
    )


def _data(form: str, source: Fields) -> str | None:
    if form == "text":
        return as_text(source.need("data"))
    return source.need("data") if form == "base64" else None


def write_content(parts: Sequence[Part], answer: bool = False) -> list[Json]:
    """Blocks; an empty text is none, as Anthropic refuses it."""
    return [block for part in parts for block in write_part(part, answer)]


def write_part(part: Part, answer: bool) -> Iterator[Json]:
    """The blocks of one part. Sealed reasoning stands after a text that it belongs to, and before a tool call."""
    if isinstance(part, Text | Refusal):
        yield from _words(part, answer)
    elif isinstance(part, Thinking):
        yield from _thinking(part, answer)
    elif isinstance(part, ToolUse):
        yield from _seal(part.signature, answer)
        yield _written_use(part)
    elif isinstance(part, ToolResult):
        yield _written_result(part)
    elif isinstance(part, Media):
        if answer:
            raise Unsayable(f"anthropic has no words for a {part.kind} in an answer")
        yield _written_media(part)
    else:
        yield part.fields


def _words(part: Text | Refusal, answer: bool) -> Iterator[Json]:
    if part.text:
        extra, cache = (part.extra, part.cache) if isinstance(part, Text) else ({}, None)
        yield {"type": "text", "text": part.text} | _mark(cache) | extra
    if isinstance(part, Text):
        yield from _seal(part.signature, answer)


def _seal(signature: str | None, answer: bool) -> Iterator[Json]:
    """What Gemini tied to a text or a tool call."""
    if answer and signature is not None:
        yield {"type": "redacted_thinking", "data": marked(signature, "gemini", NAME)}


def _thinking(part: Thinking, answer: bool) -> Iterator[Json]:
    if not answer and foreign(part, NAME):
        return
    if part.sealed is not None and not part.text:
        yield {"type": "redacted_thinking", "data": marked(part.sealed, part.origin, NAME)} | part.extra
        return
    signature = marked(part.signature or part.sealed, part.origin, NAME)
    yield {"type": "thinking", "thinking": part.text, "signature": signature or ""} | part.extra


def _written_use(use: ToolUse) -> Json:
    value = decoded(use.arguments or "{}", f"what the tool `{use.name}` is given")
    if not isinstance(value, dict):
        raise Unsayable(f"anthropic has no words for what the tool `{use.name}` is given, as it is no object")
    return {"type": "tool_use", "id": use.id, "name": use.name, "input": value} | _mark(use.cache) | use.extra


def _written_result(result: ToolResult) -> Json:
    content: Any = write_content(result.parts)
    if len(result.parts) == 1 and isinstance(only := result.parts[0], Text) and not (only.cache or only.extra):
        content = only.text
    fields = said(content=content or None, is_error=result.failed or None)
    return {"type": "tool_result", "tool_use_id": result.id} | fields | _mark(result.cache) | result.extra


def _written_media(media: Media) -> Json:
    if media.kind not in ("image", "document"):
        raise Unsayable(f"anthropic has no words for {media.kind}")
    fields = said(type=media.kind, source=_source(media), title=media.name if media.kind == "document" else None)
    return fields | _mark(media.cache) | media.extra


def _source(media: Media) -> Json:
    if media.file is not None:
        return {"type": "file", "file_id": media.file}
    if media.url is not None:
        return {"type": "url", "url": media.url}
    if media.mime == "text/plain":
        return {"type": "text", "media_type": media.mime, "data": text_of(media)}
    mime = media.mime or ("application/pdf" if media.kind == "document" else None)
    if media.data is None or mime is None:
        raise Unsayable(f"anthropic has no words for a {media.kind} without a type or without bytes")
    return {"type": "base64", "media_type": mime, "data": media.data}


def _mark(cache: Json | None) -> Json:
    """A caching mark. OpenAI's lasts 30 minutes, said as an hour here, or 12 hours, which is too long."""
    if cache is None:
        return {}
    if "mode" not in cache:
        return {"cache_control": cache}
    if cache.get("ttl") == "12h":
        raise Unsayable("anthropic has no words for a cached prompt of 12 hours")
    return {"cache_control": {"type": "ephemeral"} | ({"ttl": "1h"} if "ttl" in cache else {})}
