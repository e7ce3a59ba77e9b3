"""A whole answer of Cohere's chat, read and written."""

from __future__ import annotations

from fairlead.apps.hub.calls import Chat, Choice, Finish, Json, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes.cohere.asking import NAME, read_assistant
from fairlead.apps.hub.shapes.cohere.telling import write_assistant
from fairlead.apps.hub.shapes.cohere.usage import usage_of, written
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded
from fairlead.apps.hub.shapes.refusing import MESSAGE, group, one, own

REASONS: dict[str, Finish] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tools",
    "ERROR": "error",
    "TIMEOUT": "error",
}
WRITTEN: dict[Finish, str] = {
    "stop": "COMPLETE",
    "length": "MAX_TOKENS",
    "tools": "TOOL_CALL",
    "refused": "ERROR",
    "filtered": "ERROR",
    "paused": "MAX_TOKENS",
    "error": "ERROR",
}


def read_reply(call: Chat, body: bytes) -> Reply:
    """The answer; it does not name its model. Raises `Unsayable` for what is none."""
    answer = Fields(decoded(body))
    if (message := answer.part("message")) is None:
        raise Unsayable("message is missing")
    message.any("role")
    usage = usage_of(answer.any("usage"))
    finish, extra = finish_of(answer.text("finish_reason"))
    parts, rest = read_assistant(message), message.rest()
    choice = Choice(parts, finish, extra=extra | ({MESSAGE: rest} if rest else {}))
    return Reply(answer.text("id") or "", call.model, (choice,), usage, protocol=NAME, extra=answer.rest())


def finish_of(reason: str | None) -> tuple[Finish | None, Json]:
    """In our words, and the very reason where those say less."""
    if reason is None:
        return None, {}
    finish = REASONS.get(reason, "stop")
    return finish, {} if WRITTEN[finish] == reason else {"finish_reason": reason}


def reason_of(finish: Finish | None, extra: Json) -> str:
    """In Cohere's."""
    reason: str = extra.get("finish_reason") or WRITTEN[finish or "stop"]
    return reason


def write_reply(reply: Reply) -> bytes:
    """The answer for a client."""
    choice = one(reply.choices, NAME)
    message = {"role": "assistant"} | write_assistant(choice.parts, answer=True) | group(choice.extra, MESSAGE)
    whole = {"id": reply.id, "finish_reason": reason_of(choice.finish, choice.extra), "message": message}
    usage = {"usage": written(reply.usage or Usage())}
    return encoded(whole | usage | own(choice.extra, "finish_reason", MESSAGE) | reply.extra)
