"""A whole answer of OpenAI's completions, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from fairlead.apps.hub.calls import Choice, Json, Part, Refusal, Reply, Text, Thinking, Unsayable
from fairlead.apps.hub.shapes.fields import Fields, decoded, encoded
from fairlead.apps.hub.shapes.openai.usage import usage_of, written
from fairlead.apps.hub.shapes.openai_chat.replies import WRITTEN, finish_of
from fairlead.apps.hub.shapes.openai_completions.asking import NAME
from fairlead.apps.hub.shapes.refusing import own


def read_reply(body: bytes) -> Reply:
    """The answer. Raises `Unsayable` for what is none."""
    answer = Fields(decoded(body))
    answer.any("object")
    if "choices" not in answer:
        raise Unsayable("choices is missing")
    usage, tier = answer.any("usage"), answer.any("service_tier")
    id, model, created = answer.text("id") or "", answer.text("model") or "", answer.whole("created")
    choices = tuple(_choice(choice) for choice in sorted(answer.parts("choices"), key=_index))
    return Reply(id, model, choices, usage_of(usage, tier), created, NAME, answer.rest())


def _index(choice: Fields) -> int:
    return choice.whole("index") or 0


def _choice(choice: Fields) -> Choice:
    text, logprobs = choice.need("text"), read_logprobs(choice)
    finish, raw = finish_of(choice.text("finish_reason"), tools=False)
    return Choice((Text(text),), finish, logprobs, choice.rest() | raw)


def read_logprobs(choice: Fields) -> list[Any] | None:
    """Token by token; here they stand in lists beside one another."""
    if (said := choice.part("logprobs")) is None:
        return None
    tokens, values, tops = said.texts("tokens"), said.items("token_logprobs"), said.items("top_logprobs")
    items = []
    for number, token in enumerate(tokens):
        top = tops[number] if number < len(tops) and isinstance(tops[number], dict) else {}
        others = [{"token": name, "logprob": value, "bytes": None} for name, value in top.items()]
        logprob = values[number] if number < len(values) else None
        items.append({"token": token, "logprob": logprob, "bytes": None, "top_logprobs": others})
    return items or None


def write_reply(reply: Reply) -> bytes:
    """The answer for a client."""
    head = {"id": reply.id, "object": "text_completion", "created": reply.created or 0, "model": reply.model}
    usage = {} if reply.usage is None else {"usage": written(reply.usage)}
    choices = [_written(index, choice) for index, choice in enumerate(reply.choices)]
    return encoded(head | {"choices": choices} | usage | reply.extra)


def _written(index: int, choice: Choice) -> Json:
    reason = choice.extra.get("finish_reason") or (None if choice.finish is None else WRITTEN[choice.finish])
    whole = {"text": text_of(choice.parts), "index": index, "logprobs": write_logprobs(choice.logprobs, 0)}
    return whole | {"finish_reason": reason} | own(choice.extra, "finish_reason")


def text_of(parts: Sequence[Part]) -> str:
    """The words of an answer. Reasoning has no place; calls of tools can't have been asked for."""
    for part in parts:
        if not isinstance(part, Text | Refusal | Thinking):
            raise Unsayable(f"{NAME} has no words for a {type(part).__name__.lower()} in an answer")
    return "".join(part.text for part in parts if isinstance(part, Text | Refusal))


def write_logprobs(items: Any, offset: int) -> Json | None:
    """In lists beside one another; offsets are counted from `offset`."""
    if not items:
        return None
    tokens = [str(item.get("token", "")) for item in items]
    tops = [{top["token"]: top.get("logprob") for top in item.get("top_logprobs") or ()} for item in items]
    return {
        "tokens": tokens,
        "token_logprobs": [item.get("logprob") for item in items],
        "top_logprobs": tops if any(tops) else None,
        "text_offset": list(accumulate((len(token) for token in tokens[:-1]), initial=offset)),
    }
