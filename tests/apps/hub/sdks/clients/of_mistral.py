"""The `mistralai` client: chat, embeddings, moderations, transcriptions, files, models."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from mistralai.client import Mistral, errors
from pydantic import BaseModel
from tests.apps.hub.sdks.matrix import CLOSING, PNG, SAID, SCHEMA, Refused, check, expected, fitting, right_usage
from tests.apps.hub.sdks.town import KEY, Town

HI: Any = [{"role": "user", "content": SAID}]
TELL = ("echo", "bedrock", "cohere", "mistral", "vllm")
"""Who tells its reasoning when it is only asked how much to reason."""
TOOL: Any = {"type": "function", "function": {"name": "look", "description": "Looks", "parameters": SCHEMA}}


@functools.cache
def client(url: str, key: str = KEY) -> Mistral:
    """One, that keeps its connections."""
    made = Mistral(api_key=key, server_url=url, timeout_ms=20_000)
    CLOSING.enter_context(made)
    return made


@contextmanager
def refusable() -> Iterator[None]:
    """A refusal, as this client tells it."""
    try:
        yield
    except errors.MistralError as error:
        if error.status_code != 400:
            raise
        told = json.loads(error.body)
        raise Refused(str(told.get("message") or told["error"]["message"])) from error


def checked(title: str) -> Callable[[Callable[[Mistral, str], None]], None]:
    """A check that needs nothing but the client."""

    def put(run: Callable[[Mistral, str], None]) -> None:
        @check("mistralai", title)
        def with_client(town: Town, name: str) -> None:
            with refusable():
                run(client(town.url), name)

    return put


class Found(BaseModel):
    """What an answer is held to."""

    place: str


@checked("chat")
def chat(client: Mistral, name: str) -> None:
    """With a prompt of the system and settings that all have."""
    messages: Any = [{"role": "system", "content": "Be brief."}, *HI]
    answer = client.chat.complete(model=name, messages=messages, max_tokens=100, temperature=0.5, top_p=0.9)
    (choice,) = answer.choices
    assert choice.message is not None
    assert (choice.message.content, choice.finish_reason) == (expected(name), "stop")
    right_usage(name, answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert answer.created > 1_600_000_000


@checked("chat, streamed")
def streamed(client: Mistral, name: str) -> None:
    """Mistral tells the usage unasked; any other only on request, so its client does not get it."""
    chunks = [event.data for event in client.chat.stream(model=name, messages=HI)]
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == expected(name)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


@checked("a tool's call and what it gave back")
def tool(client: Mistral, name: str) -> None:
    """The answer's message given back."""
    first = client.chat.complete(model=name, messages=HI, tools=[TOOL], tool_choice="any")
    message: Any = first.choices[0].message
    (call,) = message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("look", {"place": fitting(name)})
    assert first.choices[0].finish_reason == "tool_calls"
    result = {"role": "tool", "tool_call_id": call.id, "name": "look", "content": "It is in the square."}
    history: Any = [*HI, message, result]
    answer = client.chat.complete(model=name, messages=history, tools=[TOOL])
    assert answer.choices[0].message is not None
    assert answer.choices[0].message.content == expected(name, "It is in the square.")


@checked("a tool's call, streamed")
def tool_streamed(client: Mistral, name: str) -> None:
    """The one tool by its name."""
    choice: Any = {"type": "function", "function": {"name": "look"}}
    chunks = [event.data for event in client.chat.stream(model=name, messages=HI, tools=[TOOL], tool_choice=choice)]
    deltas: list[Any] = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    calls = [call for delta in deltas for call in delta.tool_calls or ()]
    assert "".join(call.function.name or "" for call in calls) == "look"
    assert json.loads("".join(call.function.arguments for call in calls)) == {"place": fitting(name)}


@checked("an image")
def image(client: Mistral, name: str) -> None:
    """Its bytes, beside words; the address alone, as this client may say it."""
    url = f"data:image/png;base64,{PNG}"
    parts: Any = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": url}]
    messages: Any = [{"role": "user", "content": parts}]
    answer = client.chat.complete(model=name, messages=messages)
    assert answer.choices[0].message is not None
    assert answer.choices[0].message.content == expected(name, "What? [image/png of 70 bytes]")


@checked("several turns")
def turns(client: Mistral, name: str) -> None:
    """Of both sides."""
    history: Any = [*HI, {"role": "assistant", "content": "In the square."}, {"role": "user", "content": "Which?"}]
    answer = client.chat.complete(model=name, messages=history)
    assert answer.choices[0].message is not None
    assert answer.choices[0].message.content == expected(name, "Which?")


@checked("an answer held to a schema")
def schema(client: Mistral, name: str) -> None:
    """Parsed by the client."""
    answer: Any = client.chat.parse(Found, model=name, messages=HI)
    assert answer.choices[0].message.parsed == Found(place=fitting(name))


@checked("reasoning")
def reasoning(client: Mistral, name: str) -> None:
    """As Mistral's models are asked for it."""
    answer: Any = client.chat.complete(model=name, messages=HI, reasoning_effort="high")
    content = answer.choices[0].message.content
    told = content if isinstance(content, str) else "".join(part.text for part in content if part.type == "text")
    assert told == expected(name)
    assert (not isinstance(content, str) and content[0].type == "thinking") == (name in TELL)


@checked("seed")
def seed(client: Mistral, name: str) -> None:
    """In Mistral's word for it."""
    answer = client.chat.complete(model=name, messages=HI, random_seed=7)
    assert answer.choices[0].message is not None
    assert answer.choices[0].message.content == expected(name)


@checked("embeddings")
def embeddings(client: Mistral, name: str) -> None:
    """Of two texts."""
    answer = client.embeddings.create(model=name, inputs=["a", "b"])
    assert len(answer.data) == 2
    if name != "echo":
        assert [round(number, 4) for number in answer.data[1].embedding or ()] == [0.6, 0.8]


@checked("moderations")
def moderations(client: Mistral, name: str) -> None:
    """A verdict."""
    answer = client.classifiers.moderate(model=name, inputs=[SAID])
    assert not any((answer.results[0].categories or {}).values())


@checked("transcriptions")
def transcriptions(client: Mistral, name: str) -> None:
    """Of a file."""
    answer = client.audio.transcriptions.complete(model=name, file={"file_name": "hall.wav", "content": b"sound" * 10})
    assert answer.text == ("hall.wav, 50 bytes" if name == "echo" else "hall.wav 50")


@checked("models")
def models(client: Mistral, name: str) -> None:
    """The hub's own list."""
    answer: Any = client.models.list()
    assert name in [one.id for one in answer.data]


@checked("files")
def files(client: Mistral, name: str) -> None:
    """Brought, told of and deleted; whose they are a header says at first."""
    content: Any = {"file_name": "in.jsonl", "content": b'{"a": 1}'}
    made = client.files.upload(file=content, purpose="batch", http_headers={"x-fairlead-provider": name})
    assert client.files.retrieve(file_id=made.id).size_bytes == 8
    assert client.files.delete(file_id=made.id).deleted


@check("mistralai", "a wrong key")
def wrong_key(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(errors.MistralError) as caught:
        client(town.url, "fl-other").chat.complete(model=name, messages=HI)
    assert caught.value.status_code == 401


@check("mistralai", "an unknown model")
def unknown(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(errors.MistralError) as caught:
        client(town.url).chat.complete(model=f"{name}-none", messages=HI)
    assert caught.value.status_code == 404


@check("mistralai", "a provider's refusal: bad request, not found, rate limit")
def failures(town: Town, name: str) -> None:
    """Told by the client's own exception, in the provider's words."""
    for status in (400, 404, 429):
        with town.failing(name, status, "not in this town") as model, pytest.raises(errors.MistralError) as caught:
            client(town.url).chat.complete(model=model, messages=HI)
        assert caught.value.status_code == status
        assert "not in this town" in caught.value.body or "echo was told" in caught.value.body
