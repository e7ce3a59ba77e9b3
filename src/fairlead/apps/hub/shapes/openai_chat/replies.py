"""A whole answer of chat completions, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.apps.hub.calls import (
    Choice,
    Finish,
    Json,
    Media,
    Part,
    Refusal,
    Reply,
    Text,
    Thinking,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded, said
from fairlead.apps.hub.shapes.media import at, url_of
from fairlead.apps.hub.shapes.openai.usage import usage_of, written
from fairlead.apps.hub.shapes.openai_chat.asking import read_assistant
from fairlead.apps.hub.shapes.openai_chat.reasoning import write_reasoning, write_signature
from fairlead.apps.hub.shapes.openai_chat.telling import write_use
from fairlead.apps.hub.shapes.refusing import MESSAGE, group, own

FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "tool_calls": "tools",
    "function_call": "tools",
    "content_filter": "filtered",
    "error": "error",
    "insufficient_system_resource": "error",
}
"""The finish reasons of OpenAI, Mistral, OpenRouter and DeepSeek; any other is a stop of its own name."""

WRITTEN: dict[Finish, str] = {
    "stop": "stop",
    "length": "length",
    "tools": "tool_calls",
    "refused": "content_filter",
    "filtered": "content_filter",
    "paused": "length",
    "error": "length",
}


def read_reply(body: bytes) -> Reply:
    """The answer. Raises `Unsayable` for what is none."""
    answer = Fields(decoded(body))
    answer.any("object")
    usage, tier = answer.any("usage"), answer.text("service_tier")
    if "choices" not in answer:
        raise Unsayable("choices is missing")
    choices = sorted(answer.parts("choices"), key=_index)
    return Reply(
        id=answer.text("id") or "",
        model=answer.text("model") or "",
        choices=tuple(_choice(choice) for choice in choices),
        usage=usage_of(usage, tier),
        created=answer.whole("created"),
        protocol="openai_chat",
        extra=answer.rest() | ({"service_tier": tier} if tier is not None else {}),
    )


def _index(choice: Fields) -> int:
    return choice.whole("index") or 0


def _choice(choice: Fields) -> Choice:
    if (message := choice.part("message")) is None:
        raise Unsayable(f"{choice.at('message')} is missing")
    message.any("role")
    parts = (*read_assistant(message), *read_images(message))
    finish, raw = finish_of(choice.text("finish_reason"), any(isinstance(part, ToolUse) for part in parts))
    logprobs, more = read_logprobs(choice)
    rest = message.rest()
    return Choice(parts, finish, logprobs, choice.rest() | raw | more | ({MESSAGE: rest} if rest else {}))


def finish_of(reason: str | None, tools: bool) -> tuple[Finish | None, Json]:
    """In our words, and the very reason where those say less. A tool that was forced ends with `stop`."""
    if reason is None:
        return None, {}
    finish: Finish = "tools" if tools and reason == "stop" else FINISHES.get(reason, "stop")
    return finish, {} if WRITTEN[finish] == reason else {"finish_reason": reason}


def read_logprobs(choice: Fields) -> tuple[list[Any] | None, Json]:
    """Those of the text; what else stands with them (of a refusal) is kept."""
    if (logprobs := choice.part("logprobs")) is None:
        return None, {}
    items = logprobs.items("content")
    rest = logprobs.rest()
    return items or None, {"logprobs": rest} if rest else {}


def read_images(message: Fields) -> list[Media]:
    """Images that the model made (OpenRouter)."""
    found = (image.part("image_url") for image in message.parts("images"))
    return [at(image.need("url"), "image") for image in found if image is not None]


def write_reply(reply: Reply) -> bytes:
    """The answer for a client."""
    head = {"id": reply.id, "object": "chat.completion", "created": reply.created or 0, "model": reply.model}
    usage = {} if reply.usage is None else {"usage": written(reply.usage)}
    choices = [_written(index, choice) for index, choice in enumerate(reply.choices)]
    return encoded(head | {"choices": choices} | usage | reply.extra)


def _written(index: int, choice: Choice) -> Json:
    extra = choice.extra
    reason = extra.get("finish_reason") or (None if choice.finish is None else WRITTEN[choice.finish])
    logprobs = None if choice.logprobs is None else {"content": choice.logprobs, "refusal": None}
    if "logprobs" in extra:
        logprobs = {"content": choice.logprobs, **extra["logprobs"]}
    whole = {"index": index, "message": _message(choice.parts) | group(extra, MESSAGE), "logprobs": logprobs}
    return whole | {"finish_reason": reason} | own(extra, "finish_reason", "logprobs", MESSAGE)


def _message(parts: Sequence[Part]) -> Json:
    words = [part.text for part in parts if isinstance(part, Text)]
    refusals = [part.text for part in parts if isinstance(part, Refusal)]
    message: Json = {"role": "assistant", "content": "".join(words) if words else None}
    message["refusal"] = "".join(refusals) if refusals else None
    if uses := [write_use(part) for part in parts if isinstance(part, ToolUse)]:
        message["tool_calls"] = uses
    if images := [write_image(part) for part in parts if isinstance(part, Media)]:
        message["images"] = images
    signatures = [part.signature for part in parts if isinstance(part, Text) and part.signature]
    thoughts = [part for part in parts if isinstance(part, Thinking)]
    return message | write_reasoning(thoughts) | write_signature(signatures[-1] if signatures else None)


def write_image(media: Media) -> Json:
    """One that the model made."""
    if media.kind != "image":
        raise Unsayable(f"openai_chat has no words for a {media.kind} in an answer")
    return {"type": "image_url", "image_url": said(url=url_of(media, "openai_chat"))}
