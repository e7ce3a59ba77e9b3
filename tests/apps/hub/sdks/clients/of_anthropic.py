"""The `anthropic` client: messages, their count, models."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anthropic
import pytest
from tests.apps.hub.sdks.matrix import CLOSING, PNG, SAID, SCHEMA, Refused, check, expected, fitting, right_usage
from tests.apps.hub.sdks.town import KEY, Town

HI: Any = [{"role": "user", "content": SAID}]
TELL = ("echo", "anthropic", "bedrock", "bedrock-claude", "vertex-claude", "cohere", "mistral", "vllm")
"""Who tells its thoughts when it is told how much to think."""
TELL_UNASKED = ("echo", "anthropic", "bedrock-claude", "vertex-claude", "cohere")
"""The same where it may think as much as it likes."""
TOOL: Any = {"name": "look", "description": "Looks", "input_schema": SCHEMA}


@functools.cache
def client(url: str, key: str = KEY) -> anthropic.Anthropic:
    """One, that keeps its connections."""
    return CLOSING.enter_context(anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=20))


@contextmanager
def refusable() -> Iterator[None]:
    """A refusal, as this client tells it."""
    try:
        yield
    except anthropic.BadRequestError as error:
        body: Any = error.body
        assert body["type"] == "error"
        raise Refused(str(body["error"]["message"])) from error


def checked(title: str) -> Callable[[Callable[[anthropic.Anthropic, str], None]], None]:
    """A check that needs nothing but the client."""

    def put(run: Callable[[anthropic.Anthropic, str], None]) -> None:
        @check("anthropic", title)
        def with_client(town: Town, name: str) -> None:
            with refusable():
                run(client(town.url), name)

    return put


def text_of(message: Any) -> str:
    """The words of an answer."""
    return "".join(block.text for block in message.content if block.type == "text")


def _usage(name: str, usage: Any) -> None:
    """With what was cached and written, which Anthropic counts apart."""
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    right_usage(name, usage.input_tokens + cached, usage.output_tokens)


@checked("messages")
def message(client: anthropic.Anthropic, name: str) -> None:
    """With a prompt of the system and settings that all have."""
    answer = client.messages.create(model=name, max_tokens=100, messages=HI, system="Be brief.", stop_sequences=["END"])
    assert (text_of(answer), answer.stop_reason) == (expected(name), "end_turn")
    assert answer.id
    _usage(name, answer.usage)


@checked("messages, streamed")
def streamed(client: anthropic.Anthropic, name: str) -> None:
    """As typed events, put together by the client."""
    with client.messages.stream(model=name, max_tokens=100, messages=HI) as stream:
        pieces = list(stream.text_stream)
        answer = stream.get_final_message()
    assert len(pieces) >= 4
    assert ("".join(pieces), answer.stop_reason) == (expected(name), "end_turn")
    _usage(name, answer.usage)


@checked("a tool's call and what it gave back")
def tool(client: anthropic.Anthropic, name: str) -> None:
    """The answer's blocks given back."""
    first = client.messages.create(model=name, max_tokens=100, messages=HI, tools=[TOOL], tool_choice={"type": "any"})
    (use,) = [block for block in first.content if block.type == "tool_use"]
    assert (use.name, use.input, first.stop_reason) == ("look", {"place": fitting(name)}, "tool_use")
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "It is in the square."}
    history: Any = [
        *HI,
        {"role": "assistant", "content": [block.to_dict() for block in first.content]},
        {"role": "user", "content": [result]},
    ]
    answer = client.messages.create(model=name, max_tokens=100, messages=history, tools=[TOOL])
    assert text_of(answer) == expected(name, "It is in the square.")


@checked("a tool's call, streamed")
def tool_streamed(client: anthropic.Anthropic, name: str) -> None:
    """Its input in pieces; the one tool by its name."""
    choice: Any = {"type": "tool", "name": "look"}
    with client.messages.stream(model=name, max_tokens=100, messages=HI, tools=[TOOL], tool_choice=choice) as stream:
        answer = stream.get_final_message()
    (use,) = [block for block in answer.content if block.type == "tool_use"]
    assert (use.name, use.input) == ("look", {"place": fitting(name)})


@checked("an image")
def image(client: anthropic.Anthropic, name: str) -> None:
    """Its bytes, beside words."""
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    parts: Any = [{"type": "text", "text": "What?"}, {"type": "image", "source": source}]
    answer = client.messages.create(model=name, max_tokens=100, messages=[{"role": "user", "content": parts}])
    assert text_of(answer) == expected(name, "What? [image/png of 70 bytes]")


@checked("a document")
def document(client: anthropic.Anthropic, name: str) -> None:
    """Of PDF, with its name."""
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}
    parts: Any = [{"type": "document", "source": source, "title": "hall"}, {"type": "text", "text": "Sum it up"}]
    answer = client.messages.create(model=name, max_tokens=100, messages=[{"role": "user", "content": parts}])
    assert text_of(answer) == expected(name, "[application/pdf of 9 bytes] Sum it up")


@checked("several turns, marked for the cache")
def turns(client: anthropic.Anthropic, name: str) -> None:
    """Of both sides, with the marks that Anthropic needs."""
    mark = {"type": "ephemeral"}
    history: Any = [
        {"role": "user", "content": [{"type": "text", "text": SAID, "cache_control": mark}]},
        {"role": "assistant", "content": "In the square."},
        {"role": "user", "content": "Which square?"},
    ]
    system: Any = [{"type": "text", "text": "Be brief.", "cache_control": mark}]
    answer = client.messages.create(model=name, max_tokens=100, messages=history, system=system)
    assert text_of(answer) == expected(name, "Which square?")


@checked("an answer held to a schema")
def schema(client: anthropic.Anthropic, name: str) -> None:
    """Of JSON."""
    form: Any = {"format": {"type": "json_schema", "schema": SCHEMA}}
    answer = client.messages.create(model=name, max_tokens=100, messages=HI, output_config=form)
    assert json.loads(text_of(answer)) == {"place": fitting(name)}


@checked("thinking, given back")
def thinking(client: anthropic.Anthropic, name: str) -> None:
    """Of so many tokens; what was thought is given back with the next call."""
    budget: Any = {"type": "enabled", "budget_tokens": 1024}
    first = client.messages.create(model=name, max_tokens=2048, messages=HI, thinking=budget)
    assert text_of(first) == expected(name)
    assert [block.type for block in first.content] == [*(["thinking"] if name in TELL else []), "text"]
    blocks = [block.to_dict() for block in first.content]
    history: Any = [*HI, {"role": "assistant", "content": blocks}, {"role": "user", "content": "Thanks."}]
    answer = client.messages.create(model=name, max_tokens=2048, messages=history, thinking=budget)
    assert text_of(answer) == expected(name, "Thanks.")


@checked("thinking, streamed")
def thinking_streamed(client: anthropic.Anthropic, name: str) -> None:
    """As much as the model likes."""
    budget: Any = {"type": "adaptive"}
    with client.messages.stream(model=name, max_tokens=2048, messages=HI, thinking=budget) as stream:
        answer = stream.get_final_message()
    assert text_of(answer) == expected(name)
    told = [block.thinking for block in answer.content if block.type == "thinking"]
    assert all(told)
    assert bool(told) == (name in TELL_UNASKED)


@checked("as Claude Code asks")
def claude_code(client: anthropic.Anthropic, name: str) -> None:
    """Betas by header and query, the user, thinking, blocks of the system, tools with marks; streamed."""
    asked: Any = {
        "max_tokens": 32000,
        "thinking": {"type": "enabled", "budget_tokens": 31999},
        "metadata": {"user_id": "user_1_account__session_2"},
        "system": [{"type": "text", "text": "You are a helper.", "cache_control": {"type": "ephemeral"}}],
        "tools": [TOOL | {"cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": SAID, "cache_control": {"type": "ephemeral"}}]}
        ],
        "betas": ["claude-code-20250219", "interleaved-thinking-2025-05-14"],
    }
    with client.beta.messages.stream(model=name, **asked) as stream:
        answer = stream.get_final_message()
    assert text_of(answer) == expected(name)


@checked("tokens counted")
def counted(client: anthropic.Anthropic, name: str) -> None:
    """By the provider, or estimated by the hub."""
    assert client.messages.count_tokens(model=name, messages=HI, system="Be brief.").input_tokens > 0


@checked("models")
def models(client: anthropic.Anthropic, name: str) -> None:
    """The hub's own list."""
    assert name in [one.id for one in client.models.list()]
    assert client.models.retrieve(name).id == name


@check("anthropic", "a wrong key")
def wrong_key(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(anthropic.AuthenticationError):
        client(town.url, "fl-other").messages.create(model=name, max_tokens=9, messages=HI)


@check("anthropic", "an unknown model")
def unknown(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(anthropic.NotFoundError):
        client(town.url).messages.create(model=f"{name}-none", max_tokens=9, messages=HI)


@check("anthropic", "a provider's refusal: bad request, not found, rate limit")
def failures(town: Town, name: str) -> None:
    """Told by the client's own exceptions, in the provider's words."""
    kinds = {400: anthropic.BadRequestError, 404: anthropic.NotFoundError, 429: anthropic.RateLimitError}
    for status, kind in kinds.items():
        with town.failing(name, status, "not in this town") as model, pytest.raises(kind) as caught:
            client(town.url).messages.create(model=model, max_tokens=9, messages=HI)
        assert "not in this town" in caught.value.message or "echo was told" in caught.value.message
