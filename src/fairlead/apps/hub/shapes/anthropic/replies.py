"""A whole answer of Anthropic's messages and of count_tokens, read and written."""

from __future__ import annotations

from fairlead.apps.hub.calls import Chat, Choice, Finish, Json, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes.anthropic.blocks import NAME, read_content, write_content
from fairlead.apps.hub.shapes.anthropic.usage import counted, usage_of, written
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded
from fairlead.apps.hub.shapes.refusing import one, own

REASONS: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tools",
    "refusal": "refused",
    "pause_turn": "paused",
}
WRITTEN: dict[Finish, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tools": "tool_use",
    "refused": "refusal",
    "filtered": "refusal",
    "paused": "pause_turn",
    "error": "max_tokens",
}


def read_reply(call: Chat, body: bytes) -> Reply:
    """The answer. Raises `Unsayable` for what is none."""
    if call.counting:
        if (usage := counted(body)) is None:
            raise Unsayable("input_tokens is missing")
        return Reply(id="", model=call.model, choices=(), usage=usage, protocol=NAME)
    answer = Fields(decoded(body))
    answer.any("type"), answer.any("role")
    if "content" not in answer:
        raise Unsayable("content is missing")
    id, model = answer.text("id") or "", answer.text("model") or ""
    parts, usage = read_content(answer, "content"), usage_of(answer.any("usage"))
    finish, extra = read_stop(answer)
    choice = Choice(parts, finish, extra=extra)
    return Reply(id, model, (choice,), usage, protocol=NAME, extra=answer.rest())


def read_stop(answer: Fields) -> tuple[Finish | None, Json]:
    """Why it ended, and what else is said of it."""
    reason, sequence, details = answer.text("stop_reason"), answer.text("stop_sequence"), answer.json("stop_details")
    extra: Json = {} if sequence is None else {"stop_sequence": sequence}
    if details is not None:
        extra["stop_details"] = details
    if reason is None:
        return None, extra
    finish = REASONS.get(reason, "stop")
    return finish, extra if WRITTEN[finish] == reason else extra | {"stop_reason": reason}


def write_reply(reply: Reply) -> bytes:
    """The answer for a client."""
    if not reply.choices and reply.usage is not None:
        return encoded({"input_tokens": reply.usage.input})
    choice = one(reply.choices, NAME)
    whole = message(reply) | {"content": write_content(choice.parts, answer=True)} | stop(choice.finish, choice.extra)
    return encoded(whole | {"usage": written(reply.usage or Usage())} | own(choice.extra, *ENDS) | reply.extra)


ENDS = ("stop_reason", "stop_sequence", "stop_details")


def stop(finish: Finish | None, extra: Json) -> Json:
    """Why it ended."""
    reason = extra.get("stop_reason") or (None if finish is None else WRITTEN[finish])
    details = {"stop_details": extra["stop_details"]} if "stop_details" in extra else {}
    return {"stop_reason": reason, "stop_sequence": extra.get("stop_sequence")} | details


def message(reply: Reply) -> Json:
    """An answer without its content."""
    return {"id": reply.id, "type": "message", "role": "assistant", "model": reply.model}
