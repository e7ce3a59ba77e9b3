"""A whole answer of OpenAI's responses, and of the count of input, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.apps.hub.calls import Chat, Choice, Finish, Json, Part, Reply, Text, ToolUse, Unsayable, Usage
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded
from fairlead.apps.hub.shapes.openai.usage import usage_of, written_for_responses
from fairlead.apps.hub.shapes.openai_responses.content import NAME
from fairlead.apps.hub.shapes.openai_responses.items import read_item, write_items
from fairlead.apps.hub.shapes.openai_responses.telling import choice_of, text_of, write_tool
from fairlead.apps.hub.shapes.refusing import ITEM, one, own

INCOMPLETE: dict[str, Finish] = {"max_output_tokens": "length", "content_filter": "filtered"}
REASONS: dict[Finish, str] = {
    "length": "max_output_tokens",
    "paused": "max_output_tokens",
    "error": "max_output_tokens",
    "filtered": "content_filter",
    "refused": "content_filter",
}
"""Why an answer is not whole, as `incomplete_details.reason`; all else is completed."""


def read_reply(call: Chat, body: bytes) -> Reply:
    """The answer. Raises `Unsayable` for what is none."""
    answer = Fields(decoded(body))
    if call.counting:
        if (count := answer.whole("input_tokens")) is None:
            raise Unsayable("input_tokens is missing")
        return Reply(id="", model=call.model, choices=(), usage=Usage(input=count), protocol=NAME)
    if "output" not in answer:
        raise Unsayable("output is missing")
    output = answer.peek("output")
    parts = tuple(part for item in answer.parts("output") for part in read_item(item.need("type"), item))
    parts, logprobs = take_logprobs(parts)
    usage = usage_of(answer.any("usage"), answer.text("service_tier"), output)
    finish, extra = read_finish(answer, any(isinstance(part, ToolUse) for part in parts))
    head = read_head(answer)
    choice = Choice(parts, finish, logprobs, extra)
    return Reply(head.id, head.model, (choice,), usage, head.created, NAME, head.extra)


def read_head(answer: Fields) -> Reply:
    """An answer without its contents."""
    id, model, created = answer.text("id") or "", answer.text("model") or "", answer.number("created_at")
    for known in ("object", "output", "usage", "status", "error", "incomplete_details"):
        answer.any(known)
    return Reply(id, model, (), created=None if created is None else int(created), protocol=NAME, extra=answer.rest())


def take_logprobs(parts: Sequence[Part]) -> tuple[tuple[Part, ...], list[Any] | None]:
    """The parts without their logprobs, and these as those of the answer."""
    items = [item for part in parts if isinstance(part, Text) for item in part.extra.get("logprobs", ())]
    kept = tuple(_without(part) if isinstance(part, Text) and "logprobs" in part.extra else part for part in parts)
    return kept, items or None


def _without(part: Text) -> Text:
    return Text(part.text, part.cache, part.signature, own(part.extra, "logprobs"))


def read_finish(answer: Fields, tools: bool) -> tuple[Finish | None, Json]:
    """Why it ended, and the very state where our words say less."""
    status, error, details = answer.text("status"), answer.json("error"), answer.part("incomplete_details")
    if status in (None, "completed"):
        return "tools" if tools else "stop", {}
    if status == "incomplete":
        reason = details.text("reason") if details else None
        finish = INCOMPLETE.get(reason or "", "length")
        return finish, {} if reason == REASONS.get(finish) else {"incomplete_details": {"reason": reason}}
    extra = {"status": status} | ({} if error is None else {"error": error})
    return "error" if status in ("failed", "cancelled") else None, extra


def write_reply(call: Chat, reply: Reply) -> bytes:
    """The answer for a client."""
    if not reply.choices and reply.usage is not None:
        return encoded({"object": "response.input_tokens", "input_tokens": reply.usage.input})
    choice = one(reply.choices, NAME)
    items = list(write_items(choice.parts, reply.id))
    if choice.logprobs is not None:
        _tell_logprobs(items, choice.logprobs)
    state = written_finish(choice.finish, choice.extra)
    usage = None if reply.usage is None else written_for_responses(reply.usage)
    return encoded(echo(call, reply) | state | {"output": items, "usage": usage})


def _tell_logprobs(items: list[Json], logprobs: Any) -> None:
    """They stand with the first of the texts."""
    for item in items:
        for part in item.get("content", ()):
            if item["type"] == "message" and part["type"] == "output_text":
                part["logprobs"] = logprobs
                return


def written_finish(finish: Finish | None, extra: Json) -> Json:
    """The state of a response that ended so."""
    reason = None if finish is None else REASONS.get(finish)
    if finish is None or ("status" in extra and "error" in extra):
        state: Json = {"status": "in_progress", "error": None, "incomplete_details": None}
    elif reason is None:
        state = {"status": "completed", "error": None, "incomplete_details": None}
    else:
        state = {"status": "incomplete", "error": None, "incomplete_details": {"reason": reason}}
    return state | own(extra, ITEM)


def echo(call: Chat, reply: Reply) -> Json:
    """The response without its contents; it repeats what was asked for."""
    created = reply.created or 0
    head = {"id": reply.id, "object": "response", "created_at": created, "model": reply.model or call.model}
    asked: Json = {
        "instructions": None,
        "max_output_tokens": call.max_tokens,
        "metadata": dict(call.metadata),
        "parallel_tool_calls": True if call.parallel_tools is None else call.parallel_tools,
        "temperature": call.temperature,
        "text": {"format": {"type": "text"}} | text_of(call),
        "tool_choice": choice_of(call) or "auto",
        "tools": [write_tool(tool, lenient=False) for tool in call.tools],
        "top_p": call.top_p,
        "user": call.user,
    }
    return head | asked | ({"service_tier": reply.usage.tier} if reply.usage and reply.usage.tier else {}) | reply.extra
