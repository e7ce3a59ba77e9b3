"""The `cohere` client, version 2: chat, embed, rerank, models."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cohere
import httpx
import pytest
from cohere import errors
from tests.apps.hub.sdks.matrix import CLOSING, PNG, SAID, SCHEMA, Refused, check, expected, fitting, right_usage
from tests.apps.hub.sdks.town import KEY, Town

HI: Any = [{"role": "user", "content": SAID}]
SILENT = ("openai", "azure", "gemini", "vertex")
"""Who does not tell its thoughts when it is only told how much to think."""
TOOL: Any = {"type": "function", "function": {"name": "look", "description": "Looks", "parameters": SCHEMA}}


@functools.cache
def client(url: str, key: str = KEY) -> cohere.ClientV2:
    """One, that keeps its connections."""
    http = CLOSING.enter_context(httpx.Client(timeout=20))
    return cohere.ClientV2(key, base_url=url, httpx_client=http, max_retries=0, log_warning_experimental_features=False)


@contextmanager
def refusable() -> Iterator[None]:
    """A refusal, as this client tells it."""
    try:
        yield
    except errors.BadRequestError as error:
        body: Any = error.body
        raise Refused(str(body["message"])) from error


def checked(title: str) -> Callable[[Callable[[cohere.ClientV2, str], None]], None]:
    """A check that needs nothing but the client."""

    def put(run: Callable[[cohere.ClientV2, str], None]) -> None:
        @check("cohere", title)
        def with_client(town: Town, name: str) -> None:
            with refusable():
                run(client(town.url), name)

    return put


def text_of(answer: Any) -> str:
    """The words of an answer."""
    return "".join(part.text for part in answer.message.content or () if part.type == "text")


def _usage(name: str, usage: Any) -> None:
    right_usage(name, int(usage.tokens.input_tokens), int(usage.tokens.output_tokens))


@checked("chat")
def chat(client: cohere.ClientV2, name: str) -> None:
    """With a prompt of the system and settings that all have."""
    messages: Any = [{"role": "system", "content": "Be brief."}, *HI]
    answer = client.chat(model=name, messages=messages, max_tokens=100, temperature=0.5, p=0.9)
    assert (text_of(answer), answer.finish_reason) == (expected(name), "COMPLETE")
    _usage(name, answer.usage)


@checked("chat, streamed")
def streamed(client: cohere.ClientV2, name: str) -> None:
    """As typed events."""
    events: list[Any] = list(client.chat_stream(model=name, messages=HI))
    pieces = [one.delta.message.content.text for one in events if one.type == "content-delta"]
    assert len(pieces) >= 4
    assert "".join(pieces) == expected(name)
    assert events[0].type == "message-start"
    assert events[-1].delta.finish_reason == "COMPLETE"
    _usage(name, events[-1].delta.usage)


@checked("a tool's call and what it gave back")
def tool(client: cohere.ClientV2, name: str) -> None:
    """The answer's message given back."""
    first: Any = client.chat(model=name, messages=HI, tools=[TOOL], tool_choice="REQUIRED")
    (call,) = first.message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("look", {"place": fitting(name)})
    assert first.finish_reason == "TOOL_CALL"
    result = {"role": "tool", "tool_call_id": call.id, "content": "It is in the square."}
    history: Any = [*HI, first.message, result]
    answer = client.chat(model=name, messages=history, tools=[TOOL])
    assert text_of(answer) == expected(name, "It is in the square.")


@checked("a tool's call, streamed")
def tool_streamed(client: cohere.ClientV2, name: str) -> None:
    """Its arguments in pieces."""
    events: list[Any] = list(client.chat_stream(model=name, messages=HI, tools=[TOOL], tool_choice="REQUIRED"))
    (begun,) = [one.delta.message.tool_calls for one in events if one.type == "tool-call-start"]
    more = [one.delta.message.tool_calls.function.arguments for one in events if one.type == "tool-call-delta"]
    assert begun.function.name == "look"
    assert json.loads((begun.function.arguments or "") + "".join(more)) == {"place": fitting(name)}


@checked("an image")
def image(client: cohere.ClientV2, name: str) -> None:
    """Its bytes, beside words."""
    url = f"data:image/png;base64,{PNG}"
    parts: Any = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}]
    messages: Any = [{"role": "user", "content": parts}]
    answer = client.chat(model=name, messages=messages)
    assert text_of(answer) == expected(name, "What? [image/png of 70 bytes]")


@checked("several turns")
def turns(client: cohere.ClientV2, name: str) -> None:
    """Of both sides."""
    history: Any = [*HI, {"role": "assistant", "content": "In the square."}, {"role": "user", "content": "Which?"}]
    assert text_of(client.chat(model=name, messages=history)) == expected(name, "Which?")


@checked("an answer held to a schema")
def schema(client: cohere.ClientV2, name: str) -> None:
    """Of JSON."""
    form: Any = {"type": "json_object", "json_schema": SCHEMA}
    answer = client.chat(model=name, messages=HI, response_format=form)
    assert json.loads(text_of(answer)) == {"place": fitting(name)}


@checked("thinking")
def thinking(client: cohere.ClientV2, name: str) -> None:
    """Of so many tokens."""
    budget: Any = {"type": "enabled", "token_budget": 1024}
    answer = client.chat(model=name, messages=HI, thinking=budget, max_tokens=2048)
    assert text_of(answer) == expected(name)
    kinds = [part.type for part in answer.message.content or ()]
    assert kinds == [*(["thinking"] if name not in SILENT else []), "text"]


@checked("documents to answer from")
def documents(client: cohere.ClientV2, name: str) -> None:
    """Which Cohere alone cites."""
    found: Any = [{"id": "1", "data": {"text": "The hall is in the square."}}]
    assert text_of(client.chat(model=name, messages=HI, documents=found)) == expected(name)


@checked("embed")
def embed(client: cohere.ClientV2, name: str) -> None:
    """Two texts."""
    answer = client.embed(model=name, texts=["a", "b"], input_type="search_document", embedding_types=["float"])
    vectors = answer.embeddings.float_ or []
    assert len(vectors) == 2
    if name != "echo":
        assert [round(number, 4) for number in vectors[1]] == [0.6, 0.8]


@checked("rerank")
def rerank(client: cohere.ClientV2, name: str) -> None:
    """The better of two."""
    answer = client.rerank(model=name, query="hall", documents=["gate", "hall"], top_n=1)
    assert [one.index for one in answer.results] == [1]


@checked("models")
def models(client: cohere.ClientV2, name: str) -> None:
    """The hub's own list."""
    assert name in [one.name for one in client.models.list().models]


@check("cohere", "a wrong key")
def wrong_key(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(errors.UnauthorizedError):
        client(town.url, "fl-other").chat(model=name, messages=HI)


@check("cohere", "an unknown model")
def unknown(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(errors.NotFoundError):
        client(town.url).chat(model=f"{name}-none", messages=HI)


@check("cohere", "a provider's refusal: bad request, not found, rate limit")
def failures(town: Town, name: str) -> None:
    """Told by the client's own exceptions, in the provider's words."""
    kinds: dict[int, type[Any]] = {
        400: errors.BadRequestError,
        404: errors.NotFoundError,
        429: errors.TooManyRequestsError,
    }
    for status, kind in kinds.items():
        with town.failing(name, status, "not in this town") as model, pytest.raises(kind) as caught:
            client(town.url).chat(model=model, messages=HI)
        told = str(caught.value.body)
        assert "not in this town" in told or "echo was told" in told
