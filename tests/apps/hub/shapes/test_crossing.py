"""A common set of calls, from every protocol to every other: what is sent, or what is refused and why.

The expected translations are kept in `golden/<from>.<to>.json`; `FAIRLEAD_GOLDEN=write` writes them anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.shapes.test_round_trips import place_of

from fairlead.apps.hub.calls import Chat, Format, Media, Message, Text, Tool, ToolResult, ToolUse, Unsayable
from fairlead.apps.hub.shapes import SHAPES, Shape

ALL = ("openai_chat", "openai_responses", "openai_completions", "anthropic", "gemini", "cohere")
GOLDEN = Path(__file__).parent / "golden"
WEATHER = Tool(
    "get_weather",
    "The weather of a city",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
ASK = Message("user", (Text("How warm is it in Paris and in Rome?"),))
CALL = Message(
    "assistant",
    (
        Text("I look."),
        ToolUse("call_1", "get_weather", '{"city":"Paris"}'),
        ToolUse("call_2", "get_weather", '{"city":"Rome"}'),
    ),
)
BACK = (
    Message("tool", (ToolResult("call_1", (Text("15"),), name="get_weather"),)),
    Message("tool", (ToolResult("call_2", (Text("no station"),), name="get_weather", failed=True),)),
)


def chat(*messages: Message, **fields: Any) -> Chat:
    """A call of one model."""
    return Chat(model="model-1", messages=messages or (ASK,), **fields)


CALLS: dict[str, Chat] = {
    "text": chat(max_tokens=100, temperature=0.5, top_p=0.9),
    "stream": chat(stream=True, stream_usage=True),
    "system": chat(Message("system", (Text("Be brief."),)), ASK),
    "system amid": chat(ASK, Message("assistant", (Text("Yes."),)), Message("system", (Text("Now in French."),)), ASK),
    "tools": chat(ASK, tools=(WEATHER,), tool_choice="required"),
    "one tool": chat(ASK, tools=(WEATHER,), tool_choice="tool", tool_named="get_weather"),
    "one at a time": chat(ASK, tools=(WEATHER,), parallel_tools=False),
    "tools used": chat(ASK, CALL, *BACK, Message("user", (Text("And now?"),)), tools=(WEATHER,)),
    "image": chat(Message("user", (Text("What is it?"), Media("image", "image/png", "iVBORw0KGgo=")))),
    "document": chat(
        Message("user", (Media("document", "application/pdf", "JVBERi0=", name="a.pdf"), Text("Sum it up.")))
    ),
    "sound": chat(Message("user", (Media("audio", "audio/wav", "UklGRg=="),))),
    "form": chat(
        format=Format("schema", name="answer", schema={"type": "object", "properties": {"n": {"type": "integer"}}})
    ),
    "json": chat(format=Format("json")),
    "effort": chat(effort="high"),
    "thinking": chat(thinking_tokens=2048, max_tokens=4096),
    "no thinking": chat(thinking_tokens=0),
    "stop": chat(stop=("END",)),
    "seed": chat(seed=7),
    "several": chat(count=2),
    "penalties": chat(frequency_penalty=0.5, presence_penalty=0.25),
    "logprobs": chat(logprobs=2),
    "user": chat(user="u-1"),
    "metadata": chat(metadata={"team": "blue"}),
    "tier": chat(tier="flex"),
    "top_k": chat(top_k=5),
}


def crossed(source: Shape, target: Shape, call: Chat) -> Any:
    """What a client's call becomes for a provider."""
    try:
        sent = source.write_call(call)
    except Unsayable as error:
        return {"not asked": str(error)}
    read = source.read_call(place_of(source, sent), sent.path.encode(), {}, sent.body)
    try:
        told = target.write_call(read)
    except Unsayable as error:
        return {"refused": str(error)}
    return {"path": told.path, "body": json.loads(told.body)}


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("source", ALL)
def test_calls_cross_as_written_down(source: str, target: str) -> None:
    """Every field is said, mapped as documented, or refused by its name."""
    found = {name: crossed(SHAPES.get(source), SHAPES.get(target), call) for name, call in CALLS.items()}
    path = GOLDEN / f"{source}.{target}.json"
    if os.environ.get("FAIRLEAD_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")

    assert found == json.loads(path.read_text())
