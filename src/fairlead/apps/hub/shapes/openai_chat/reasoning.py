"""Reasoning in chat completions, where OpenAI has no words for it and its fellow vendors have three.

`reasoning_content` (DeepSeek, vLLM) or `reasoning` (OpenRouter, Groq) is text; `reasoning_details` (OpenRouter) is a
list of objects of the types reasoning.text (with a signature), reasoning.summary and reasoning.encrypted; Google's
endpoint of this shape ties sealed reasoning to text or a tool call, as `extra_content.google.thought_signature`.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.apps.hub.calls import Json, Thinking, Unsayable
from fairlead.apps.hub.shapes.fields import Fields, said
from fairlead.apps.hub.shapes.seals import marked, returned


def read_reasoning(message: Fields) -> list[Thinking]:
    """The reasoning of a message. Where details are given, the text beside them is the same once more."""
    texts = [message.text("reasoning_content"), message.text("reasoning")]
    details = message.parts("reasoning_details")
    if details:
        return [read_detail(detail) for detail in details]
    text = texts[0] or texts[1]
    return [Thinking(text, origin="openai_chat")] if text else []


def read_detail(detail: Fields) -> Thinking:
    """One of `reasoning_details`."""
    return returned(_detail(detail), "openai_chat")


def _detail(detail: Fields) -> Thinking:
    kind = detail.need("type")
    detail.any("index")
    if kind == "reasoning.encrypted":
        return Thinking(sealed=detail.need("data"), extra=detail.rest())
    if kind == "reasoning.summary":
        return Thinking(detail.text("summary") or "", extra=detail.rest() | {"type": kind})
    if kind == "reasoning.text":
        return Thinking(detail.text("text") or "", signature=detail.text("signature"), extra=detail.rest())
    raise Unsayable(f"{detail.at('type')} is no kind of reasoning: {kind[:40]}")


def write_reasoning(thoughts: Sequence[Thinking]) -> Json:
    """The fields of a message that say it; details only where the text alone would lose something."""
    text = "".join(thought.text for thought in thoughts)
    fields: Json = {"reasoning_content": text} if text else {}
    if any(thought.signature or thought.sealed or thought.extra for thought in thoughts) or len(thoughts) > 1:
        fields["reasoning_details"] = [write_detail(thought, index) for index, thought in enumerate(thoughts)]
    return fields


def write_detail(thought: Thinking, index: int) -> Json:
    """One of `reasoning_details`."""
    if thought.sealed is not None:
        sealed = marked(thought.sealed, thought.origin, "openai_chat")
        return {"type": "reasoning.encrypted", "data": sealed, "index": index, **thought.extra}
    if thought.extra.get("type") == "reasoning.summary":
        return {**thought.extra, "summary": thought.text, "index": index}
    signature = thought.signature and marked(thought.signature, thought.origin, "openai_chat")
    whole = said(type="reasoning.text", text=thought.text, signature=signature, index=index)
    return whole | thought.extra


def read_signature(message: Fields) -> str | None:
    """Google's signature of a message or a tool call; what else stands in `extra_content` stays there."""
    extra = message.any("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) else None


def write_signature(signature: str | None) -> Json:
    """The field that says it."""
    return {} if signature is None else {"extra_content": {"google": {"thought_signature": signature}}}
