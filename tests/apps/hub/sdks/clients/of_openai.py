"""The `openai` client: chat completions and completions."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import openai
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from pydantic import BaseModel
from tests.apps.hub.sdks.matrix import CLOSING, PNG, SAID, SCHEMA, Refused, check, expected, fitting, right_usage
from tests.apps.hub.sdks.town import KEY, Town

P = ParamSpec("P")
T = TypeVar("T")
HI: Any = [{"role": "user", "content": SAID}]
TELL = ("echo", "bedrock", "cohere", "mistral", "vllm")
"""Who tells its reasoning when it is only asked how much to reason."""
TOOL: Any = {"type": "function", "function": {"name": "look", "description": "Looks", "parameters": SCHEMA}}


@functools.cache
def client(url: str, key: str = KEY) -> openai.OpenAI:
    """One, that keeps its connections."""
    return CLOSING.enter_context(openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=20))


@contextmanager
def refusable() -> Iterator[None]:
    """A refusal, as this client tells it."""
    try:
        yield
    except openai.BadRequestError as error:
        raise Refused(str(error.body["message"] if isinstance(error.body, dict) else error.message)) from error


def checked(title: str) -> Callable[[Callable[[openai.OpenAI, str], None]], None]:
    """A check that needs nothing but the client."""

    def put(run: Callable[[openai.OpenAI, str], None]) -> None:
        @check("openai", title)
        def with_client(town: Town, name: str) -> None:
            with refusable():
                run(client(town.url), name)

    return put


class Found(BaseModel):
    """What an answer is held to."""

    place: str


@checked("chat completions")
def chat(client: openai.OpenAI, name: str) -> None:
    """With a prompt of the system and settings that all have."""
    messages: Any = [{"role": "system", "content": "Be brief."}, *HI]
    answer = client.chat.completions.create(model=name, messages=messages, max_tokens=100, temperature=0.5, top_p=0.9)
    (choice,) = answer.choices
    assert (choice.message.content, choice.finish_reason) == (expected(name), "stop")
    assert answer.usage is not None
    right_usage(name, answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert answer.created > 1_600_000_000
    assert answer.id


@checked("chat completions, streamed")
def streamed(client: openai.OpenAI, name: str) -> None:
    """With usage, put together by the client's own code."""
    state = ChatCompletionStreamState()
    options: Any = {"include_usage": True}
    chunks = 0
    for chunk in client.chat.completions.create(model=name, messages=HI, stream=True, stream_options=options):
        state.handle_chunk(chunk)
        chunks += 1
        assert chunk.created > 1_600_000_000
    answer = state.get_final_completion()
    (choice,) = answer.choices
    assert (choice.message.content, choice.finish_reason) == (expected(name), "stop")
    assert chunks >= 5
    assert answer.usage is not None
    right_usage(name, answer.usage.prompt_tokens, answer.usage.completion_tokens)


@checked("a stream without usage")
def unasked(client: openai.OpenAI, name: str) -> None:
    """The usage is not told to who did not ask for it."""
    chunks = list(client.chat.completions.create(model=name, messages=HI, stream=True))
    assert all(chunk.choices for chunk in chunks)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == expected(name)


@checked("a tool's call")
def tool(client: openai.OpenAI, name: str) -> None:
    """Of the tool that has to be called."""
    answer = client.chat.completions.create(model=name, messages=HI, tools=[TOOL], tool_choice="required")
    (choice,) = answer.choices
    (call,) = choice.message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("look", {"place": fitting(name)})
    assert choice.finish_reason == "tool_calls"
    assert call.id


@checked("a tool's call, streamed")
def tool_streamed(client: openai.OpenAI, name: str) -> None:
    """Its arguments in pieces; the one tool by its name."""
    state = ChatCompletionStreamState(input_tools=[TOOL])
    choice: Any = {"type": "function", "function": {"name": "look"}}
    for chunk in client.chat.completions.create(model=name, messages=HI, tools=[TOOL], tool_choice=choice, stream=True):
        state.handle_chunk(chunk)
    (told,) = state.get_final_completion().choices
    (call,) = told.message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("look", {"place": fitting(name)})


@checked("what a tool gave back")
def result(client: openai.OpenAI, name: str) -> None:
    """The client's own message given back, with the result of its call."""
    first = client.chat.completions.create(model=name, messages=HI, tools=[TOOL], tool_choice="required")
    message: Any = first.choices[0].message.to_dict()
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "It is in the square."}
    history: Any = [*HI, message, result]
    answer = client.chat.completions.create(model=name, messages=history, tools=[TOOL])
    assert answer.choices[0].message.content == expected(name, "It is in the square.")


@checked("several turns")
def turns(client: openai.OpenAI, name: str) -> None:
    """Of both sides."""
    history: Any = [
        {"role": "developer", "content": "Be brief."},
        *HI,
        {"role": "assistant", "content": "In the square."},
        {"role": "user", "content": "Which square?"},
    ]
    answer = client.chat.completions.create(model=name, messages=history)
    assert answer.choices[0].message.content == expected(name, "Which square?")


@checked("an image")
def image(client: openai.OpenAI, name: str) -> None:
    """Its bytes, beside words."""
    url = f"data:image/png;base64,{PNG}"
    parts: Any = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url, "detail": "auto"}}]
    answer = client.chat.completions.create(model=name, messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == expected(name, "What? [image/png of 70 bytes]")


@checked("an image by its address")
def image_by_url(client: openai.OpenAI, name: str) -> None:
    """Which the provider fetches."""
    parts: Any = [{"type": "image_url", "image_url": {"url": "https://example.com/hall.png"}}]
    answer = client.chat.completions.create(model=name, messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == expected(name, "[image by URL]")


@checked("a document")
def document(client: openai.OpenAI, name: str) -> None:
    """Of PDF."""
    file = {"filename": "hall.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjQK"}
    parts: Any = [{"type": "file", "file": file}, {"type": "text", "text": "Sum it up"}]
    answer = client.chat.completions.create(model=name, messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == expected(name, "[application/pdf of 9 bytes] Sum it up")


@checked("an answer held to a schema")
def schema(client: openai.OpenAI, name: str) -> None:
    """Parsed by the client."""
    answer = client.chat.completions.parse(model=name, messages=HI, response_format=Found)
    assert answer.choices[0].message.parsed == Found(place=fitting(name))


@checked("an answer of JSON")
def json_object(client: openai.OpenAI, name: str) -> None:
    """Of any form."""
    answer = client.chat.completions.create(model=name, messages=HI, response_format={"type": "json_object"})
    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


@checked("reasoning")
def reasoning(client: openai.OpenAI, name: str) -> None:
    """As much as asked; told where the provider tells it in this protocol."""
    answer = client.chat.completions.create(model=name, messages=HI, reasoning_effort="low")
    message: Any = answer.choices[0].message
    assert message.content == expected(name)
    assert bool(getattr(message, "reasoning_content", None)) == (name in TELL)


@checked("several answers")
def several(client: openai.OpenAI, name: str) -> None:
    """Two of them."""
    answer = client.chat.completions.create(model=name, messages=HI, n=2)
    assert [choice.message.content for choice in answer.choices] == [expected(name)] * 2


@checked("log probabilities")
def logprobs(client: openai.OpenAI, name: str) -> None:
    """Of each token, with alternatives."""
    answer = client.chat.completions.create(model=name, messages=HI, logprobs=True, top_logprobs=1)
    found = answer.choices[0].logprobs
    assert found is not None
    assert found.content
    assert found.content[0].logprob < 0


@checked("user, metadata, store, tier")
def about(client: openai.OpenAI, name: str) -> None:
    """What bears on no answer."""
    answer = client.chat.completions.create(
        model=name, messages=HI, user="u1", store=False, service_tier="auto", prompt_cache_key="k", seed=7
    )
    assert answer.choices[0].message.content == expected(name)


@checked("completions")
def completion(client: openai.OpenAI, name: str) -> None:
    """By the older protocol."""
    answer = client.completions.create(model=name, prompt=SAID, max_tokens=100)
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == (expected(name), "stop")
    assert answer.usage is not None
    right_usage(name, answer.usage.prompt_tokens, answer.usage.completion_tokens)


@checked("completions, streamed")
def completion_streamed(client: openai.OpenAI, name: str) -> None:
    """In pieces."""
    chunks = list(client.completions.create(model=name, prompt=SAID, max_tokens=100, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == expected(name)


@check("openai", "a wrong key")
def wrong_key(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(openai.AuthenticationError):
        client(town.url, "fl-other").chat.completions.create(model=name, messages=HI)


@check("openai", "an unknown model")
def unknown(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(openai.NotFoundError) as caught:
        client(town.url).chat.completions.create(model=f"{name}-none", messages=HI)
    assert caught.value.code == "model_not_found"


@check("openai", "a provider's refusal: bad request, not found, rate limit")
def failures(town: Town, name: str) -> None:
    """Told by the client's own exceptions, in the provider's words."""
    kinds = {400: openai.BadRequestError, 404: openai.NotFoundError, 429: openai.RateLimitError}
    for status, kind in kinds.items():
        with town.failing(name, status, "not in this town") as model, pytest.raises(kind) as caught:
            client(town.url).chat.completions.create(model=model, messages=HI)
        assert "not in this town" in caught.value.message or "echo was told" in caught.value.message
        with town.failing(name, status, "not in this town") as model, pytest.raises((kind, openai.InternalServerError)):
            client(town.url).chat.completions.create(model=model, messages=HI, stream=True)
