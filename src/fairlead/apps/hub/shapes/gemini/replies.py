"""A whole answer of Gemini's generateContent and countTokens, read and written."""

from __future__ import annotations

from typing import Any

from fairlead.apps.hub.calls import Chat, Choice, Finish, Json, Reply, ToolUse, Unsayable, Usage
from fairlead.apps.hub.shapes.fields import decoded, encoded, said
from fairlead.apps.hub.shapes.gemini.parts import Calls, read_part, write_parts
from fairlead.apps.hub.shapes.gemini.proto import MADE, NAME, Proto
from fairlead.apps.hub.shapes.gemini.usage import counted, usage_of, written
from fairlead.apps.hub.shapes.refusing import ITEM, own

FILTERED = (
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "MODEL_ARMOR",
)
REASONS: dict[str, Finish] = dict.fromkeys(FILTERED, "filtered")
REASONS |= {"STOP": "stop", "MAX_TOKENS": "length"}
"""All other reasons are errors (MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, OTHER, …)."""

WRITTEN: dict[Finish, str] = {
    "stop": "STOP",
    "tools": "STOP",
    "length": "MAX_TOKENS",
    "refused": "SAFETY",
    "filtered": "SAFETY",
    "paused": "OTHER",
    "error": "OTHER",
}


def read_reply(call: Chat, body: bytes) -> Reply:
    """The answer. Raises `Unsayable` for what is none."""
    if call.counting:
        if (usage := counted(body)) is None:
            raise Unsayable("totalTokens is missing")
        return Reply(id="", model=call.model, choices=(), usage=usage, protocol=NAME)
    answer = Proto(decoded(body))
    if "candidates" not in answer and "promptFeedback" not in answer:
        raise Unsayable("candidates are missing")
    head = read_head(answer)
    calls = Calls(f"{MADE}{head.id}-")
    choices = tuple(_choice(candidate, calls) for candidate in answer.parts("candidates"))
    feedback = answer.json("promptFeedback")
    if not choices:
        choices = (Choice((), "filtered", extra={ITEM: "promptFeedback"}),)
    usage, extra = usage_of(answer.any("usageMetadata")), answer.rest() | said(promptFeedback=feedback)
    return Reply(head.id, head.model, choices, usage, protocol=NAME, extra=extra)


def read_head(answer: Proto) -> Reply:
    """An answer without its contents."""
    return Reply(answer.text("responseId") or "", answer.text("modelVersion") or "", (), protocol=NAME)


def _choice(candidate: Proto, calls: Calls) -> Choice:
    candidate.any("index")
    content = candidate.part("content") or Proto({})
    parts = tuple(read_part(part, calls) for part in content.parts("parts"))
    finish, raw = finish_of(candidate.text("finishReason"), any(isinstance(part, ToolUse) for part in parts))
    logprobs = read_logprobs(candidate)
    return Choice(parts, finish, logprobs, candidate.rest() | raw)


def finish_of(reason: str | None, tools: bool) -> tuple[Finish | None, Json]:
    """In our words, and the very reason where those say less."""
    if reason is None or reason == "FINISH_REASON_UNSPECIFIED":
        return None, {}
    finish = REASONS.get(reason, "error")
    if tools and finish == "stop":
        finish = "tools"
    return finish, {} if WRITTEN[finish] == reason else {"finishReason": reason}


def read_logprobs(candidate: Proto) -> list[Any] | None:
    """Token by token, as OpenAI writes them; Gemini gives no bytes."""
    if (result := candidate.part("logprobsResult")) is None:
        return None
    result.any("logProbabilitySum")
    tops = [[_token(one) for one in top.parts("candidates")] for top in result.parts("topCandidates")]
    chosen = [_token(one) for one in result.parts("chosenCandidates")]
    return [
        one | {"bytes": None, "top_logprobs": tops[number] if number < len(tops) else []}
        for number, one in enumerate(chosen)
    ] or None


def _token(one: Proto) -> Json:
    return {"token": one.text("token") or "", "logprob": one.number("logProbability") or 0.0}


def write_reply(reply: Reply) -> bytes:
    """The answer for a client."""
    if not reply.choices and reply.usage is not None and not reply.extra:
        cached = {"cachedContentTokenCount": reply.usage.cached} if reply.usage.cached else {}
        return encoded({"totalTokens": reply.usage.input} | cached)
    shown = [choice for choice in reply.choices if choice.extra.get(ITEM) != "promptFeedback"]
    candidates = [write_candidate(index, choice) for index, choice in enumerate(shown)]
    whole = {"candidates": candidates} if candidates else {}
    return encoded(whole | tail(reply, reply.usage))


def write_candidate(index: int, choice: Choice) -> Json:
    """One answer."""
    reason = choice.extra.get("finishReason") or (None if choice.finish is None else WRITTEN[choice.finish])
    content = {"parts": write_parts(choice.parts, {}, answer=True), "role": "model"}
    extra = own(choice.extra, "finishReason", ITEM)
    return said(content=content, finishReason=reason, index=index, logprobsResult=_logprobs(choice.logprobs)) | extra


def _logprobs(items: Any) -> Json | None:
    if not items:
        return None
    chosen = [{"token": one.get("token"), "logProbability": one.get("logprob")} for one in items]
    tops = [[{"token": t.get("token"), "logProbability": t.get("logprob")} for t in tops_of(one)] for one in items]
    more = {"topCandidates": [{"candidates": top} for top in tops]} if any(tops) else {}
    return {"chosenCandidates": chosen} | more


def tops_of(item: Json) -> list[Json]:
    """The alternatives of one token."""
    found: list[Json] = item.get("top_logprobs") or []
    return found


def tail(reply: Reply, usage: Usage | None) -> Json:
    """What stands beside the candidates."""
    counts = None if usage is None else written(usage)
    return said(usageMetadata=counts, modelVersion=reply.model or None, responseId=reply.id or None) | reply.extra
