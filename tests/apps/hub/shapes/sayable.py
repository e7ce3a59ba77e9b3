"""Calls and answers for the tests: what each protocol can say, drawn at random, and the same things in one form.

Protocols group turns differently (what tools gave back is a message of its own here and a part of the user's turn
there), so two calls are compared in the form that `flat` gives them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from fairlead.apps.hub.calls import (
    Chat,
    Choice,
    Finish,
    Format,
    Media,
    Message,
    Part,
    Refusal,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Usage,
)

CHATS = ("openai_chat", "anthropic", "gemini", "openai_responses", "cohere")
"""The protocols of whole conversations; `openai_completions` has one text only."""


def says(words: str) -> frozenset[str]:
    """A set of words."""
    return frozenset(words.split())


SAYS: dict[str, frozenset[str]] = {
    "openai_chat": says(
        "filenames name developer images documents audio thinking refusal strict description formname json effort "
        "user tier metadata seed count penalties logprobs stop parallel required named"
    ),
    "anthropic": says(
        "filenames images urls documents thinking signatures sealed failed strict resultimages effort budget shown "
        "user stop top_k parallel required named"
    ),
    "gemini": says(
        "images urls documents audio video thinking signatures failed json effort budget shown seed count penalties "
        "logprobs stop top_k resultimages required named callsignatures"
    ),
    "openai_responses": says(
        "filenames developer images urls documents thinking signatures refusal strict description formname json "
        "effort user tier metadata logprobs parallel resultimages required named"
    ),
    "cohere": says("images urls thinking seed penalties stop top_k json budget required"),
}
"""What a protocol says beside text, tools, a schema for the answer, temperature, top_p and a limit."""

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)
names = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
ids = st.from_regex(r"call_[a-z0-9]{4,8}", fullmatch=True)
seals = st.from_regex(r"[A-Za-z0-9+/]{8,16}", fullmatch=True)
base64s = st.sampled_from(["aGVsbG8=", "d29ybGQ=", "AAECAwQ="])
objects = st.dictionaries(names, st.one_of(words, st.integers(-9, 9), st.booleans()), max_size=3)
fractions = st.sampled_from([0.0, 0.25, 0.5, 1.0])


def schemas() -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of objects."""
    return st.dictionaries(names, st.sampled_from([{"type": "string"}, {"type": "integer"}]), max_size=3).map(
        lambda properties: {"type": "object", "properties": properties}
    )


def tools(says: frozenset[str]) -> st.SearchStrategy[tuple[Tool, ...]]:
    """A few tools of different names; all strict or none."""
    one = st.builds(Tool, name=names, description=st.none() | words, schema=schemas())
    several = st.lists(one, max_size=3, unique_by=lambda tool: tool.name).map(tuple)
    if "strict" not in says:
        return several
    return st.builds(
        lambda found, strict: tuple(replace(t, strict=strict) for t in found), several, st.sampled_from([None, True])
    )


def media(says: frozenset[str]) -> st.SearchStrategy[Media]:
    """What is not text in a turn of the user."""
    kinds: list[st.SearchStrategy[Media]] = [
        st.builds(Media, kind=st.just("image"), mime=st.just("image/png"), data=base64s)
    ]
    pdf = st.builds(
        Media,
        kind=st.just("document"),
        mime=st.just("application/pdf"),
        data=base64s,
        name=words if "filenames" in says else st.none(),
    )
    sound = st.builds(Media, kind=st.just("audio"), mime=st.just("audio/wav"), data=base64s)
    film = st.builds(Media, kind=st.just("video"), mime=st.just("video/mp4"), data=base64s)
    mime = st.just("image/png") if "video" in says else st.none()
    at = st.builds(Media, kind=st.just("image"), mime=mime, url=st.just("https://example.com/a.png"))
    wanted = {"documents": pdf, "audio": sound, "video": film, "urls": at}
    kinds += [found for name, found in wanted.items() if name in says]
    return st.one_of(kinds)


def thoughts(says: frozenset[str], protocol: str) -> st.SearchStrategy[Thinking]:
    """Reasoning, signed where that is the custom."""
    signature = seals if "signatures" in says else st.none()
    plain = st.builds(Thinking, text=words, signature=signature, origin=st.just(protocol))
    sealed = st.builds(Thinking, sealed=seals, origin=st.just(protocol))
    return plain | sealed if "sealed" in says else plain


@st.composite
def turns(draw: st.DrawFn, says: frozenset[str], protocol: str) -> tuple[Message, ...]:
    """A conversation: system, user, tools called and answered, user."""
    found: list[Message] = []
    if draw(st.booleans()):
        modern = "developer" in says and draw(st.booleans())
        found.append(Message("developer" if modern else "system", (Text(draw(words)),)))
    for _ in range(draw(st.integers(1, 3))):
        found.append(Message("user", tuple(draw(asked(says))), name=draw(names) if "name" in says else None))
        if draw(st.booleans()):
            found += draw(exchange(says, protocol))
    return tuple(found)


@st.composite
def asked(draw: st.DrawFn, says: frozenset[str]) -> list[Part]:
    """What a user says: one text, and images beside it."""
    parts: list[Part] = [Text(draw(words))]
    if "images" in says and draw(st.booleans()):
        parts.append(draw(media(says)))
    return parts


@st.composite
def exchange(draw: st.DrawFn, says: frozenset[str], protocol: str) -> list[Message]:
    """A turn of the model, and what the tools gave back."""
    parts: list[Part] = []
    if "thinking" in says and draw(st.booleans()):
        parts.append(draw(thoughts(says, protocol)))
    kind = Refusal if "refusal" in says and draw(st.booleans()) else Text
    parts.append(kind(draw(words)))
    uses = draw(st.lists(uses_of(says), max_size=2, unique_by=lambda use: use.id)) if kind is Text else []
    found = [Message("assistant", (*parts, *uses))]
    return found + [Message("tool", (draw(results(says, use)),)) for use in uses]


def uses_of(says: frozenset[str]) -> st.SearchStrategy[ToolUse]:
    """Calls of tools."""
    given = objects.map(lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    signature = st.none() | seals if "callsignatures" in says else st.none()
    return st.builds(ToolUse, id=ids, name=names, arguments=given, signature=signature)


def results(says: frozenset[str], use: ToolUse) -> st.SearchStrategy[ToolResult]:
    """What one call gave back."""
    image = st.builds(Media, kind=st.just("image"), mime=st.just("image/png"), data=base64s)
    parts: st.SearchStrategy[tuple[Any, ...]] = st.tuples(words.map(Text))
    if "resultimages" in says:
        parts = parts | st.tuples(words.map(Text), image)
    failed = st.booleans() if "failed" in says else st.just(value=False)
    return st.builds(ToolResult, id=st.just(use.id), parts=parts, name=st.just(use.name), failed=failed)


@st.composite
def calls(draw: st.DrawFn, protocol: str) -> Chat:
    """Any call that a protocol has words for."""
    says = SAYS[protocol]

    def maybe(name: str, values: st.SearchStrategy[Any], default: Any = None) -> Any:
        return draw(st.just(default) | values) if name in says else default

    found = draw(tools(says))
    choices = ["auto", "none"] + ["required"] * ("required" in says) + ["tool"] * ("named" in says)
    choice: Any = draw(st.none() | st.sampled_from(choices)) if found and protocol != "cohere" else None
    return Chat(
        model=draw(st.sampled_from(["gpt-4o", "claude-sonnet-5", "gemini-2.5-pro", "command-a"])),
        messages=draw(turns(says, protocol)),
        stream=draw(st.booleans()),
        stream_usage=True,
        tools=found,
        tool_choice=choice,
        tool_named=found[0].name if choice == "tool" else None,
        parallel_tools=maybe("parallel", st.booleans()) if choice not in (None, "none") else None,
        format=draw(forms(says)),
        max_tokens=draw(st.integers(1, 4096)),
        temperature=draw(st.none() | fractions),
        top_p=draw(st.none() | fractions),
        top_k=maybe("top_k", st.integers(1, 40)),
        stop=maybe("stop", st.lists(words, max_size=3).map(tuple), ()),
        seed=maybe("seed", st.integers(0, 9)),
        count=maybe("count", st.integers(1, 3), 1),
        frequency_penalty=maybe("penalties", fractions),
        presence_penalty=maybe("penalties", fractions),
        logprobs=maybe("logprobs", st.integers(0, 5)),
        effort=maybe("effort", st.sampled_from(["low", "medium", "high"])),
        thinking_tokens=(budget := maybe("budget", st.integers(1024, 4096))),
        thinking_shown=maybe("shown", st.booleans()) if budget is not None else None,
        user=maybe("user", words),
        tier=maybe("tier", st.sampled_from(["auto", "default", "flex"])),
        metadata=maybe("metadata", st.dictionaries(names, words, max_size=2), {}),
        protocol=protocol,
    )


def forms(says: frozenset[str]) -> st.SearchStrategy[Format | None]:
    """Forms of the answer."""
    schema = st.builds(
        Format,
        kind=st.just("schema"),
        name=names if "formname" in says else st.none(),
        schema=schemas(),
        strict=st.sampled_from([None, True]) if "formname" in says else st.none(),
        description=st.none() | words if "description" in says else st.none(),
    )
    kinds: list[st.SearchStrategy[Format | None]] = [st.none(), schema]
    return st.one_of([*kinds, st.just(Format("json"))] if "json" in says else kinds)


USES: dict[str, tuple[str, ...]] = {
    "openai_chat": ("cached", "reasoning", "audio_input"),
    "anthropic": ("cached", "written", "written_hour", "reasoning"),
    "gemini": ("cached", "reasoning", "audio_input", "image_input"),
    "openai_responses": ("cached", "reasoning"),
    "cohere": ("cached",),
    "openai_completions": ("cached",),
}


@st.composite
def usages(draw: st.DrawFn, protocol: str) -> Usage:
    """Usage of the kinds that a protocol reports."""
    found: dict[str, Any] = {name: draw(st.integers(0, 9)) for name in USES[protocol]}
    if "written" in found:
        found["written"] = max(found["written"], found["written_hour"])
    return Usage(input=draw(st.integers(100, 999)), output=draw(st.integers(100, 999)), **found)


@st.composite
def answers(draw: st.DrawFn, protocol: str) -> Reply:
    """Any answer that a protocol has words for, in its usual order: reasoning, text, calls of tools."""
    says = SAYS[protocol]
    parts: list[Part] = []
    if "thinking" in says and draw(st.booleans()):
        parts.append(draw(thoughts(says, protocol)))
    if draw(st.booleans()):
        parts.append(Text(draw(words)))
    uses = draw(st.lists(uses_of(says), max_size=2, unique_by=lambda use: use.id))
    finish: Finish = "tools" if uses else draw(st.sampled_from(["stop", "length"]))
    return Reply(
        id="reply_1",
        model="model-1",
        choices=(Choice((*parts, *uses), finish),),
        usage=draw(usages(protocol)),
        created=1_700_000_000 if protocol.startswith("openai") else None,
        protocol=protocol,
    )


def flat(chat: Chat) -> Chat:
    """The call with each part in a message of its own, and without what differs by custom only."""
    parts = [(_role(m, part), m.name, bare(part)) for m in chat.messages for part in m.parts if part != Text("")]
    messages = tuple(Message(role, (part,), name) for role, name, part in parts)
    choice = chat.tool_choice
    return replace(chat, messages=messages, tool_choice=choice, protocol="", stream_usage=False, extra={})


def _role(message: Message, part: Part) -> Any:
    return "tool" if isinstance(part, ToolResult) else message.role


def bare(part: Part) -> Part:
    """A part without what only tells where it came from."""
    if isinstance(part, ToolResult):
        return replace(
            part, name=None, parts=tuple(replace(p, extra={}) for p in part.parts if not hasattr(p, "fields"))
        )
    if isinstance(part, Text | Media | Thinking | ToolUse):
        return replace(part, extra={})
    return part
