"""Tokens as they are weighed, against counts by the real vocabularies."""

from __future__ import annotations

import base64
import json
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.apps.hub.calls import (
    Chat,
    Choice,
    Format,
    Media,
    Message,
    Refusal,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
)
from fairlead.apps.hub.money.conversations import counted, in_chat
from fairlead.apps.hub.money.tokens import CL100K, O200K, Counting, Vocabulary, in_body, vocabulary

COUNTED = json.loads((Path(__file__).parent / "counted.json").read_text())
"""Article 1 of the Universal Declaration of Human Rights, and some code, counted with OpenAI's vocabularies."""


@pytest.mark.parametrize(("name", "words"), [("o200k", O200K), ("cl100k", CL100K)])
def test_a_weighed_count_is_near_the_real_one(name: str, words: Vocabulary) -> None:
    """Half of the texts within 12 %, all of them within 45 %."""
    errors = [abs(words.count(one["text"]) - one[name]) / one[name] for one in COUNTED]

    assert statistics.median(errors) < 0.12
    assert max(errors) < 0.45


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("gpt-4o", O200K),
        ("openai/gpt-5-mini", O200K),
        ("gemini-2.5-pro", O200K),
        ("gpt-4", CL100K),
        ("gpt-4-turbo", CL100K),
        ("together/meta/Llama-3-8b", CL100K),
        ("claude-sonnet-4-5", CL100K),
    ],
)
def test_a_model_is_weighed_by_the_nearest_vocabulary(model: str, words: Vocabulary) -> None:
    """Of other makers than OpenAI by the one that counts more."""
    assert vocabulary(model) is words


@given(st.lists(st.text(max_size=40), max_size=60))
def test_a_stream_counts_as_its_whole_text_does(pieces: list[str]) -> None:
    """But for signs and blanks in a row that the bounds of pieces that are weighed at once part."""
    counting = Counting("gpt-4o")
    for piece in pieces:
        counting.add(piece)

    assert abs(counting.tokens - O200K.count("".join(pieces))) <= 1


def test_a_long_stream_is_counted_and_not_kept() -> None:
    """What is held is bounded, and what it was cut into makes no difference worth a token in a thousand."""
    counting = Counting("gpt-4o")
    for _ in range(20_000):
        counting.add("All human beings are born free. ")
        assert sum(map(len, counting._held)) <= 5_000

    whole = O200K.count("All human beings are born free. " * 20_000)
    assert abs(counting.tokens - whole) <= whole / 1000


@given(st.binary(max_size=200), st.text(max_size=50))
def test_any_bytes_can_be_weighed(data: bytes, text: str) -> None:
    """Also what is no UTF-8, and surrogates of their own."""
    assert in_body("gpt-4o", data) >= 0
    assert O200K.count(text + "\ud800") >= 1


def test_an_image_in_a_body_counts_as_an_image() -> None:
    """Not as a million letters."""
    image = base64.b64encode(bytes(range(256)) * 2000).decode()
    content = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}},
    ]
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}).encode()

    assert O200K.image < in_body("gpt-4o", body) < O200K.image + 100


def test_escaped_letters_count_as_what_they_are() -> None:
    """Some clients write no letter beyond ASCII."""
    body = {"messages": [{"role": "user", "content": COUNTED[11]["text"]}]}
    escaped, plain = json.dumps(body), json.dumps(body, ensure_ascii=False)

    assert "\\u" in escaped
    assert abs(in_body("gpt-4o", escaped.encode()) - in_body("gpt-4o", plain.encode())) <= 3
    assert in_body("gpt-4o", b'{"broken": "\\u12"') > 0


def test_every_part_of_a_conversation_counts() -> None:
    """Taking any of them away makes it shorter."""
    parts = (
        Text("what is the weather?"),
        Media("image", data="AAAA"),
        Media("document", data="A" * 200_000),
        Media("audio", data="A" * 64_000),
        Thinking("let me see"),
        ToolUse("1", "get_weather", '{"city":"Paris"}'),
        ToolResult("1", (Text("sunny, 21 degrees"),)),
        Refusal("I would rather not"),
    )
    tool = Tool("get_weather", "the weather at a place", {"type": "object", "properties": {"city": {}}})
    schema = Format("schema", schema={"type": "object", "properties": {"answer": {"type": "string"}}})
    whole = Chat("gpt-4o", (Message("user", parts),), tools=(tool,), format=schema)
    less = [
        Chat("gpt-4o", (Message("user", parts[:n] + parts[n + 1 :]),), tools=(tool,), format=schema) for n in range(8)
    ]
    less += [Chat("gpt-4o", whole.messages, format=schema), Chat("gpt-4o", whole.messages, tools=(tool,))]

    assert all(in_chat(one) < in_chat(whole) for one in less)


def test_what_is_counted_here_is_marked() -> None:
    """So that nobody takes it for the provider's word."""
    chat = Chat("gpt-4o", (Message("user", (Text("hello there"),)),))
    usage = counted(chat, Reply("1", "gpt-4o", (Choice((Text("hello yourself"),)),)))

    assert usage.estimated
    assert 5 <= usage.input <= 12
    assert 2 <= usage.output <= 4
    assert counted(chat).output == 0
