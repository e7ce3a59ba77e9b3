"""The items of OpenAI's responses, in a call and in an answer: messages, reasoning, calls of functions, their output.

What the model said in one turn is one message of ours, however many items it has. The names and states of items are
kept under `refusing.ITEM`, of no meaning elsewhere. Kinds of items that only responses have words for stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fairlead.apps.hub.calls import (
    Json,
    Media,
    Message,
    Other,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes.fields import Fields, said
from fairlead.apps.hub.shapes.openai_responses.content import NAME, read_content, write_content, write_output
from fairlead.apps.hub.shapes.refusing import ITEM, group, own
from fairlead.apps.hub.shapes.seals import foreign, marked, unmarked

ROLES = ("user", "system", "developer")
CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
OUTPUTS = ("function_call_output", "custom_tool_call_output")


def read_items(items: Iterable[Fields]) -> list[Message]:
    """The messages of a call."""
    found: list[Message] = []
    for item in items:
        kind = item.text("type") or "message"
        role = item.text("role") if kind == "message" else None
        if role is not None and role in ROLES:
            found.append(_told(role, item))
        elif kind in OUTPUTS:
            found.append(Message("tool", (_output(kind, item),)))
        elif kind == "message" and role != "assistant":
            raise Unsayable(f"{item.at('role')} should be user, system, developer or assistant")
        else:
            _add(found, kind, read_item(kind, item))
    return found


def _told(role: str, item: Fields) -> Message:
    parts, names = read_content(item, "content"), _names(item)
    return Message(
        "user" if role == "user" else "system" if role == "system" else "developer", parts, extra=item.rest() | names
    )


def _add(found: list[Message], kind: str, parts: Sequence[Part]) -> None:
    """To the turn of the model under way; but a second message of words is a turn of its own."""
    last = found[-1] if found and found[-1].role == "assistant" else None
    if last is None or (kind == "message" and any(isinstance(part, Text | Refusal) for part in last.parts)):
        found.append(Message("assistant", tuple(parts)))
    else:
        found[-1] = replace(last, parts=(*last.parts, *parts))


def read_item(kind: str, item: Fields) -> tuple[Part, ...]:
    """An item that the model made."""
    if kind == "message":
        return _said(item)
    if kind in CALLS:
        return (_use(kind, item),)
    if kind == "reasoning":
        return (_reasoning(item),)
    return (Other(kind, {"type": kind, **item.rest()}),)


def _names(item: Fields) -> Json:
    names = said(id=item.text("id"), status=item.text("status"), phase=item.text("phase"))
    return {ITEM: names} if names else {}


def _said(item: Fields) -> tuple[Part, ...]:
    """A message of the model. Its names stand with the first of its texts."""
    item.any("role")
    names, parts = _names(item), read_content(item, "content")
    rest = names | item.rest()
    if rest and parts and isinstance(first := parts[0], Text):
        return (replace(first, extra=first.extra | rest), *parts[1:])
    return parts


def _use(kind: str, item: Fields) -> ToolUse:
    id, name, given = item.need("call_id"), item.need("name"), item.text(CALLS[kind]) or ""
    extra = {} if kind == "function_call" else {"type": kind}
    return ToolUse(id, name, given, extra=extra | _names(item) | item.rest())


def _output(kind: str, item: Fields) -> ToolResult:
    id, name, names = item.need("call_id"), item.text("name"), _names(item)
    parts = read_content(item, "output")
    if any(isinstance(part, Refusal) for part in parts):
        raise Unsayable(f"{item.at('output')} should be of text, images and files")
    kept = tuple(part for part in parts if isinstance(part, Text | Media | Other))
    extra = {} if kind == "function_call_output" else {"type": kind}
    return ToolResult(id, kept, name=name, extra=extra | names | item.rest())


def _reasoning(item: Fields) -> Thinking:
    """Reasoning: its summary, or its words where a provider tells them (`content`), and what is sealed of it."""
    names, (signature, origin) = _names(item), unmarked(item.text("encrypted_content"), NAME)
    summary, content = item.items("summary"), item.items("content")
    text = "\n\n".join(_text(one, item) for one in (summary or content))
    extra = names | item.rest()
    if len(summary) > 1:
        extra["summary"] = summary
    if content:
        extra["content"] = content
    if origin != NAME and not text:
        return Thinking(sealed=signature, origin=origin, extra=extra)
    return Thinking(text, signature, origin=origin, extra=extra)


def _text(part: object, item: Fields) -> str:
    return Fields(part, item.at("summary")).text("text") or ""


def write_messages(messages: Sequence[Message], marks: bool) -> Iterator[Json]:
    """The items of a call."""
    for message in messages:
        held: list[Part] = []
        for part in message.parts:
            if isinstance(part, ToolResult):
                yield from _held(message, held, marks)
                held = []
                yield _written_output(part, marks)
            else:
                held.append(part)
        yield from _held(message, held, marks)


def _held(message: Message, parts: Sequence[Part], marks: bool) -> Iterator[Json]:
    if message.role == "assistant":
        kept = [part for part in parts if not (isinstance(part, Thinking) and foreign(part, NAME))]
        yield from write_items(kept, None)
    elif parts:
        fields: Json = {"role": message.role, "content": write_content(parts, marks)}
        names = group(message.extra, ITEM)
        yield ({"type": "message"} if names else {}) | names | fields | own(message.extra, ITEM)


def _written_output(result: ToolResult, marks: bool) -> Json:
    kind = result.extra.get("type", "function_call_output")
    output = write_content(result.parts, marks) if result.parts else ""
    whole = {"type": kind, "call_id": result.id, "output": output}
    return whole | group(result.extra, ITEM) | own(result.extra, ITEM, "type")


def write_items(parts: Sequence[Part], answer: str | None) -> Iterator[Json]:
    """The items that the model made. In an `answer`, of that id, each item has a name and a state."""
    run: list[Text | Refusal] = []
    count = 0
    for part in parts:
        if isinstance(part, Text | Refusal):
            if run and isinstance(part, Text) and ITEM in part.extra:
                yield _message(run, answer, count)
                run, count = [], count + 1
            run.append(part)
            if not isinstance(part, Text) or part.signature is None:
                continue
        if run:
            yield _message(run, answer, count)
            run, count = [], count + 1
        for item in write_item(part, answer, count):
            yield item
            count += 1
    if run:
        yield _message(run, answer, count)


def _message(run: Sequence[Text | Refusal], answer: str | None, number: int) -> Json:
    """Words of the model, in a call as short as they can be said."""
    first = run[0]
    extra = own(first.extra) if isinstance(first, Text) else {}
    names = group(extra, ITEM)
    if answer is None and not names:
        if len(run) == 1 and isinstance(first, Text) and not extra:
            return {"role": "assistant", "content": first.text}
        return {"role": "assistant", "content": [write_output(part) for part in run]}
    given = {} if answer is None else {"id": f"msg_{answer}_{number}", "status": "completed"}
    content = [write_output(part) for part in run]
    return {"type": "message"} | given | names | {"role": "assistant", "content": content}


def write_item(part: Part, answer: str | None, number: int) -> Iterator[Json]:
    """The items of one part that is not words. A seal of Gemini's stands before the call that it belongs to."""
    if isinstance(part, Text | ToolUse) and answer is not None and part.signature is not None:
        yield _sealed(part.signature, answer, number)
        number += 1
    if isinstance(part, ToolUse):
        yield _written_use(part, answer, number)
    elif isinstance(part, Thinking):
        yield _written_reasoning(part, answer, number)
    elif isinstance(part, Other):
        yield part.fields
    elif not isinstance(part, Text | Refusal):
        raise Unsayable(f"{NAME} has no words for a {type(part).__name__.lower()} of the model")


def _sealed(signature: str, answer: str, number: int) -> Json:
    return _written_reasoning(Thinking(sealed=signature, origin="gemini"), answer, number)


def _written_use(use: ToolUse, answer: str | None, number: int) -> Json:
    kind = use.extra.get("type", "function_call")
    given = {} if answer is None else {"id": f"fc_{answer}_{number}", "status": "completed"}
    names = given | group(use.extra, ITEM)
    whole = {"type": kind} | names | {"call_id": use.id, "name": use.name, CALLS.get(kind, "arguments"): use.arguments}
    return whole | own(use.extra, ITEM, "type")


def _written_reasoning(part: Thinking, answer: str | None, number: int) -> Json:
    given = {"id": f"rs_{answer or 'call'}_{number}"}
    summary = [{"type": "summary_text", "text": part.text}] if part.text and "content" not in part.extra else []
    sealed = marked(part.signature or part.sealed, part.origin, NAME)
    whole = {"type": "reasoning"} | given | group(part.extra, ITEM) | {"summary": summary}
    return whole | said(encrypted_content=sealed) | own(part.extra, ITEM)
