"""A call in our words, written for Mistral by way of OpenAI's chat completions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

from fairlead.apps.hub.calls import Chat, Json, Unsayable
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.fields import decoded, encoded, said
from fairlead.apps.hub.shapes.mistral.asking import NAME
from fairlead.apps.hub.shapes.openai_chat import telling
from fairlead.apps.hub.shapes.refusing import refuse, translatable

SHARED = frozenset({"detail", "prediction"})
"""The extras that both protocols say in the same words."""

MARKS = ("cache_control", "prompt_cache_breakpoint")
"""Of prompts that should be cached: Mistral does so by itself."""

ID = re.compile(r"[a-zA-Z0-9]{9}")
"""Of a tool's call: any other is refused (mistral-common, `tokens/tokenizers` of version 3 and later)."""


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what chat completions have no words for."""
    for message in chat.messages:
        refuse(NAME, name=message.name)
    chat = translatable(chat, NAME, SHARED)
    protocol = telling.NAME if chat.protocol == NAME else chat.protocol
    sent = telling.write_call(replace(chat, protocol=protocol, top_k=None))
    body = decoded(sent.body)
    body["messages"] = [_message(message) for message in body["messages"]]
    limit = body.pop("max_completion_tokens", None)
    return Sent(sent.path, sent.headers, encoded(body | said(max_tokens=limit, top_k=chat.top_k)))


def short(id: str) -> str:
    """An id as Mistral takes it: the same for the same, so that call and result still match."""
    return id if ID.fullmatch(id) else hashlib.sha256(id.encode(errors="surrogatepass")).hexdigest()[:9]


def _message(message: Json) -> Json:
    told = dict(message)
    if "tool_call_id" in told:
        told["tool_call_id"] = short(told["tool_call_id"])
    if "tool_calls" in told:
        told["tool_calls"] = [call | {"id": short(call["id"])} for call in told["tool_calls"]]
    if isinstance(told.get("content"), list):
        told["content"] = [_chunk(part) for part in told["content"]]
    return _thinking(told) if told.get("role") == "assistant" else told


def _thinking(message: Json) -> Json:
    """Reasoning as a chunk before the words."""
    details, text = message.pop("reasoning_details", None), message.pop("reasoning_content", None)
    message.pop("extra_content", None)
    signed = [(one.get("text", ""), one.get("signature")) for one in details or () if "text" in one]
    thoughts = [chunk_of(*one) for one in signed] if signed else [chunk_of(text, None)] if text else []
    if not thoughts:
        return message
    words = message.get("content") or []
    rest = [{"type": "text", "text": words}] if isinstance(words, str) else words
    return message | {"content": [*thoughts, *rest]}


def chunk_of(text: str, signature: str | None) -> Json:
    """Reasoning as Mistral writes it."""
    thinking = [{"type": "text", "text": text}] if text else []
    return said(type="thinking", thinking=thinking, signature=signature)


def _chunk(part: Any) -> Json:
    if part["type"] != "file":
        return {name: value for name, value in part.items() if name not in MARKS}
    file = part["file"]
    if "file_data" not in file:
        raise Unsayable("mistral_chat has no words for a file of another vendor")
    return said(type="document_url", document_url=file["file_data"], document_name=file.get("filename"))
