"""The `google-genai` client: contents, counts, embeddings, models."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from tests.apps.hub.sdks.matrix import CLOSING, PNG, SAID, SCHEMA, Refused, check, expected, fitting, right_usage
from tests.apps.hub.sdks.town import KEY, Town

LOOK = types.FunctionDeclaration(name="look", description="Looks", parameters_json_schema=SCHEMA)
TOOLS: Any = [types.Tool(function_declarations=[LOOK])]
FORCED = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode="ANY"))
SILENT = ("openai", "azure")
"""Who reasons in silence in chat completions."""
NO_LOOP = types.AutomaticFunctionCallingConfig(disable=True)


@functools.cache
def client(url: str, key: str = KEY) -> genai.Client:
    """One, that keeps its connections."""
    made = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url, timeout=20_000))
    CLOSING.callback(made.close)
    return made


@contextmanager
def refusable() -> Iterator[None]:
    """A refusal, as this client tells it."""
    try:
        yield
    except errors.ClientError as error:
        if (error.code, error.status) != (400, "INVALID_ARGUMENT"):
            raise
        raise Refused(str(error.message)) from error


def checked(title: str) -> Callable[[Callable[[genai.Client, str], None]], None]:
    """A check that needs nothing but the client."""

    def put(run: Callable[[genai.Client, str], None]) -> None:
        @check("google-genai", title)
        def with_client(town: Town, name: str) -> None:
            with refusable():
                run(client(town.url), name)

    return put


def _usage(name: str, usage: Any) -> None:
    """With thoughts, which Google counts apart."""
    right_usage(name, usage.prompt_token_count, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0))


def _reason(answer: types.GenerateContentResponse) -> str:
    (candidate,) = answer.candidates or []
    return candidate.finish_reason.name if candidate.finish_reason else ""


@checked("contents")
def contents(client: genai.Client, name: str) -> None:
    """With a prompt of the system and settings that all have."""
    config = types.GenerateContentConfig(
        system_instruction="Be brief.", temperature=0.5, top_p=0.9, max_output_tokens=100, stop_sequences=["END"]
    )
    answer = client.models.generate_content(model=name, contents=SAID, config=config)
    assert (answer.text, _reason(answer)) == (expected(name), "STOP")
    _usage(name, answer.usage_metadata)


@checked("contents, streamed")
def streamed(client: genai.Client, name: str) -> None:
    """In pieces."""
    chunks = list(client.models.generate_content_stream(model=name, contents=SAID))
    assert len(chunks) >= 4
    assert "".join(chunk.text or "" for chunk in chunks) == expected(name)
    assert _reason(chunks[-1]) == "STOP"
    _usage(name, chunks[-1].usage_metadata)


@checked("a function's call and what it gave back")
def tool(client: genai.Client, name: str) -> None:
    """The answer's content given back."""
    config = types.GenerateContentConfig(tools=TOOLS, tool_config=FORCED, automatic_function_calling=NO_LOOP)
    first = client.models.generate_content(model=name, contents=SAID, config=config)
    (call,) = first.function_calls or []
    assert (call.name, call.args) == ("look", {"place": fitting(name)})
    response = types.FunctionResponse(id=call.id, name="look", response={"result": "It is in the square."})
    assert first.candidates
    history: Any = [
        types.Content(role="user", parts=[types.Part(text=SAID)]),
        first.candidates[0].content,
        types.Content(role="user", parts=[types.Part(function_response=response)]),
    ]
    more = types.GenerateContentConfig(tools=TOOLS, automatic_function_calling=NO_LOOP)
    answer = client.models.generate_content(model=name, contents=history, config=more)
    assert answer.text == expected(name, '{"result":"It is in the square."}')


@checked("a function's call, streamed")
def tool_streamed(client: genai.Client, name: str) -> None:
    """Whole, as Google tells them."""
    config = types.GenerateContentConfig(tools=TOOLS, tool_config=FORCED, automatic_function_calling=NO_LOOP)
    chunks = client.models.generate_content_stream(model=name, contents=SAID, config=config)
    (call,) = [call for chunk in chunks for call in chunk.function_calls or ()]
    assert (call.name, call.args) == ("look", {"place": fitting(name)})


@checked("a function called by the client itself")
def automatic(client: genai.Client, name: str) -> None:
    """Which reads its schema from the code; the model may call it."""

    def look(place: str) -> str:
        """Looks."""
        return f"{place}: it is in the square."

    answer = client.models.generate_content(model=name, contents=SAID, config=types.GenerateContentConfig(tools=[look]))
    assert answer.text == expected(name)


@checked("an image")
def image(client: genai.Client, name: str) -> None:
    """Its bytes, beside words."""
    import base64

    part = types.Part.from_bytes(data=base64.b64decode(PNG), mime_type="image/png")
    answer = client.models.generate_content(model=name, contents=["What?", part])
    assert answer.text == expected(name, "What? [image/png of 70 bytes]")


@checked("several turns, by a chat of the client")
def turns(client: genai.Client, name: str) -> None:
    """Which gives back what was answered."""
    chat = client.chats.create(model=name)
    assert chat.send_message(SAID).text == expected(name)
    assert chat.send_message("Which square?").text == expected(name, "Which square?")


@checked("an answer held to a schema")
def schema(client: genai.Client, name: str) -> None:
    """As JSON Schema."""
    config = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)
    answer = client.models.generate_content(model=name, contents=SAID, config=config)
    assert json.loads(answer.text or "") == {"place": fitting(name)}


@checked("thinking")
def thinking(client: genai.Client, name: str) -> None:
    """Shown, of so many tokens."""
    config = types.GenerateContentConfig(
        thinking_config=types.ThinkingConfig(thinking_budget=1024, include_thoughts=True), max_output_tokens=2048
    )
    answer = client.models.generate_content(model=name, contents=SAID, config=config)
    assert answer.text == expected(name)
    parts = (answer.candidates or [])[0].content
    assert any(part.thought and part.text for part in (parts.parts if parts else None) or ()) == (name not in SILENT)


@checked("top_k")
def top_k(client: genai.Client, name: str) -> None:
    """A setting of Google's and Anthropic's."""
    config = types.GenerateContentConfig(top_k=20)
    assert client.models.generate_content(model=name, contents=SAID, config=config).text == expected(name)


@checked("tokens counted")
def counted(client: genai.Client, name: str) -> None:
    """By the provider, or estimated by the hub."""
    assert (client.models.count_tokens(model=name, contents=SAID).total_tokens or 0) > 0


@checked("embeddings")
def embeddings(client: genai.Client, name: str) -> None:
    """Of two texts."""
    texts: Any = [types.Content(parts=[types.Part(text=text)]) for text in ("a", "b")]
    answer = client.models.embed_content(model=name, contents=texts)
    assert answer.embeddings is not None
    assert len(answer.embeddings) == 2
    if name != "echo":
        assert answer.embeddings[1].values is not None
        assert [round(number, 4) for number in answer.embeddings[1].values] == [0.6, 0.8]


@checked("models")
def models(client: genai.Client, name: str) -> None:
    """The hub's own list."""
    assert f"models/{name}" in [one.name for one in client.models.list()]
    assert client.models.get(model=name).name == f"models/{name}"


@check("google-genai", "a wrong key")
def wrong_key(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(errors.ClientError) as caught:
        client(town.url, "fl-other").models.generate_content(model=name, contents=SAID)
    assert (caught.value.code, caught.value.status) == (401, "UNAUTHENTICATED")


@check("google-genai", "an unknown model")
def unknown(town: Town, name: str) -> None:
    """The hub's own refusal."""
    with pytest.raises(errors.ClientError) as caught:
        client(town.url).models.generate_content(model=f"{name}-none", contents=SAID)
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


@check("google-genai", "a provider's refusal: bad request, not found, rate limit")
def failures(town: Town, name: str) -> None:
    """Told by the client's own exception, in the provider's words."""
    for status in (400, 404, 429):
        with town.failing(name, status, "not in this town") as model, pytest.raises(errors.ClientError) as caught:
            client(town.url).models.generate_content(model=model, contents=SAID)
        assert caught.value.code == status
        told = str(caught.value.message)
        assert "not in this town" in told or "echo was told" in told
