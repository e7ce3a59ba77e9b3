"""The built-in provider: it says what it is told, in every protocol, and is slow or broken when it is told to be."""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fairlead.apps.hub.providers.echo.server import Server

HI = [{"role": "user", "content": "the town hall"}]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """One, on a port of this machine."""
    server = await Server.started()
    yield server
    await server.stop()


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it."""
    async with httpx.AsyncClient(base_url=server.address, timeout=50) as client:
        yield client


async def chat(http: httpx.AsyncClient, model: str = "echo", **fields: Any) -> httpx.Response:
    """An answer of chat completions."""
    return await http.post("/v1/chat/completions", json={"model": model, "messages": HI, **fields})


async def said(http: httpx.AsyncClient, model: str = "echo", **fields: Any) -> Any:
    """The message of an answer."""
    return (await chat(http, model, **fields)).json()["choices"][0]["message"]


async def test_it_says_what_it_was_told(http: httpx.AsyncClient) -> None:
    """With its tokens counted: four letters each, three for a message and three for the answer."""
    answer = (await chat(http)).json()
    assert answer["choices"][0]["message"]["content"] == "the town hall"
    assert answer["usage"]["prompt_tokens"] == 3 + 3 + 3
    assert answer["usage"]["completion_tokens"] == 3


SPOKEN: dict[str, tuple[str, Any]] = {
    "openai": ("/v1/chat/completions", {"model": "echo", "messages": HI}),
    "anthropic": ("/v1/messages", {"model": "echo", "max_tokens": 99, "messages": HI}),
    "gemini": ("/v1beta/models/echo:generateContent", {"contents": [{"parts": [{"text": "the town hall"}]}]}),
}


@pytest.mark.parametrize("protocol", SPOKEN)
async def test_it_speaks(http: httpx.AsyncClient, protocol: str) -> None:
    """Each protocol of the hub."""
    path, body = SPOKEN[protocol]
    answer = await http.post(path, json=body)
    assert answer.status_code == 200
    assert "the town hall" in answer.text


async def test_a_stream_has_an_event_for_each_token(http: httpx.AsyncClient) -> None:
    """And ends as the protocol says."""
    answer = await chat(http, stream=True)
    events = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    words = [json.loads(event)["choices"][0]["delta"].get("content") for event in events[:-1]]
    assert [word for word in words if word] == ["the", " town", " hall"]
    assert events[-1] == "[DONE]"


async def test_it_says_as_many_tokens_as_it_is_told(http: httpx.AsyncClient) -> None:
    """But no more than it may, and none after a stop."""
    assert (await chat(http, "echo?tokens=50")).json()["usage"]["completion_tokens"] == 50
    short = (await chat(http, "echo?tokens=50", max_tokens=7)).json()
    assert (short["usage"]["completion_tokens"], short["choices"][0]["finish_reason"]) == (7, "length")
    assert (await said(http, stop=[" hall"]))["content"] == "the town"


async def test_it_uses_the_tool_that_it_has_to(http: httpx.AsyncClient) -> None:
    """With arguments that fit."""
    properties = {"place": {"type": "string"}, "days": {"type": "integer", "minimum": 2}}
    function = {"name": "forecast", "parameters": {"type": "object", "properties": properties}}
    message = await said(http, tools=[{"type": "function", "function": function}], tool_choice="required")
    (use,) = message["tool_calls"]
    assert (use["function"]["name"], json.loads(use["function"]["arguments"])) == (
        "forecast",
        {"place": "the town hall", "days": 2},
    )


async def test_it_fits_the_schema_that_it_has_to(http: httpx.AsyncClient) -> None:
    """Every kind of value."""
    schema = {
        "$defs": {"colour": {"enum": ["red", "blue"]}},
        "type": "object",
        "properties": {
            "colours": {"type": "array", "items": {"$ref": "#/$defs/colour"}, "minItems": 2},
            "when": {"type": "string", "format": "date"},
            "open": {"type": "boolean"},
            "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
            "either": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    told = json.loads((await said(http, response_format=wanted))["content"])
    assert told == {"colours": ["red", "red"], "when": "2025-01-01", "open": True, "share": 0.5, "either": None}


async def test_it_says_what_images_it_got(http: httpx.AsyncClient) -> None:
    """By kind and size."""
    url = f"data:image/png;base64,{base64.b64encode(b'x' * 70).decode()}"
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": url}}]
    message = await said(http, messages=[{"role": "user", "content": parts}])
    assert message["content"] == "look [image/png of 70 bytes]"


async def test_it_thinks_aloud_when_asked(http: httpx.AsyncClient) -> None:
    """With a signature, and the tokens of it told."""
    body = {"model": "echo", "max_tokens": 2000, "messages": HI, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    thought, text = (await http.post("/v1/messages", json=body)).json()["content"]
    assert (thought["type"], bool(thought["signature"]), text["text"]) == ("thinking", True, "the town hall")


async def test_it_reports_what_it_was_told_before_as_cached_when_wished(http: httpx.AsyncClient) -> None:
    """Up to the last message that is the same."""
    longer = [*HI, {"role": "assistant", "content": "yes"}, {"role": "user", "content": "more"}]
    cached = [
        (await chat(http, "echo?cached=yes", messages=messages)).json()["usage"]["prompt_tokens_details"][
            "cached_tokens"
        ]
        for messages in (HI, HI, longer)
    ]
    assert cached == [0, 6, 6]


async def test_it_fails_as_it_is_told_in_the_protocols_own_form(http: httpx.AsyncClient) -> None:
    """By name or by header, with the time to wait."""
    answer = await chat(http, "echo?fail=429&retry_after=2")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"
    body = {"model": "echo", "max_tokens": 9, "messages": HI}
    answer = await http.post("/v1/messages", json=body, headers={"x-echo": "fail=529"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (529, "overloaded_error")


async def test_every_third_fails_when_so_told(http: httpx.AsyncClient) -> None:
    """The others do not."""
    assert [(await chat(http, "echo?fail=503&every=3")).status_code for _ in range(6)] == [200, 200, 503] * 2


async def test_a_stream_fails_after_some_tokens(http: httpx.AsyncClient) -> None:
    """As an event."""
    answer = await chat(http, "echo?fail=500&after=2", stream=True)
    assert answer.status_code == 200
    assert '" town"' in answer.text
    assert '" hall"' not in answer.text
    assert '"error"' in answer.text


@pytest.mark.parametrize(
    ("model", "stream"), [("echo?cut=half", False), ("echo?cut=half&after=1", True), ("echo?cut=start", True)]
)
async def test_it_cuts_its_answer_when_so_told(http: httpx.AsyncClient, model: str, stream: bool) -> None:
    """In the middle of it, or of an event, or before it."""
    with pytest.raises(httpx.RemoteProtocolError):
        await chat(http, model, stream=stream)


async def test_it_garbles_its_answer_when_so_told(http: httpx.AsyncClient) -> None:
    """It is no JSON then."""
    with pytest.raises(json.JSONDecodeError):
        (await chat(http, "echo?garbled=yes")).json()


async def test_it_is_slow_when_so_told_and_sees_its_client_leave(http: httpx.AsyncClient) -> None:
    """A stream that hangs is told to nobody any longer."""
    async with http.stream(
        "POST", "/v1/chat/completions", json={"model": "echo?after=1&between=1ms", "stream": True, "messages": HI}
    ) as answer:
        async for line in answer.aiter_lines():
            if '"the"' in line:
                break
    counts: dict[str, Any] = {"gone": 0}
    while not counts["gone"]:
        counts = (await http.get("/counts")).json()
    assert (counts["streams"], counts["whole"]) == (1, 0)


@pytest.mark.parametrize("words", ["delay=x", "speed=1", "fail=200", "cut=all", "tokens=-1", "delay", "tokens=9999999"])
async def test_a_word_that_it_does_not_know_is_an_error(http: httpx.AsyncClient, words: str) -> None:
    """Never a fault that is not there."""
    assert (await chat(http, f"echo?{words}")).status_code == 400


async def test_embeddings_are_unit_vectors_near_each_other_when_words_are_shared(http: httpx.AsyncClient) -> None:
    """The same on all machines."""
    texts = ["open the town hall", "open the town gate", "buy three apples"]
    answer = (await http.post("/v1/embeddings", json={"model": "echo", "input": texts})).json()
    hall, gate, apples = (item["embedding"] for item in answer["data"])
    assert sum(one * one for one in hall) == pytest.approx(1)
    assert _dot(hall, gate) > 0.5 > _dot(hall, apples)


def _dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_images_are_images(http: httpx.AsyncClient) -> None:
    """As many as asked for."""
    answer = (await http.post("/v1/images/generations", json={"model": "echo", "prompt": "a hall", "n": 2})).json()
    assert len(answer["data"]) == 2
    assert base64.b64decode(answer["data"][0]["b64_json"]).startswith(b"\x89PNG\r\n\x1a\n")


async def test_speech_is_a_sound_that_it_can_hear(http: httpx.AsyncClient) -> None:
    """Its own WAV, a hundredth of a second for each token."""
    asked = {"model": "echo", "input": "the town hall", "voice": "alloy"}
    spoken = (await http.post("/v1/audio/speech", json=asked)).content
    with wave.open(io.BytesIO(spoken)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(0.03)
    heard = await http.post(
        "/v1/audio/transcriptions", data={"model": "echo"}, files={"file": ("hall.wav", spoken, "audio/wav")}
    )
    assert heard.json()["usage"] == {"type": "duration", "seconds": 0.03}
    for form, beginning in (("srt", "1\n00:00:00,000 --> 00:00:00,030\n"), ("vtt", "WEBVTT\n")):
        told = await http.post(
            "/v1/audio/transcriptions",
            data={"model": "echo", "response_format": form},
            files={"file": ("hall.wav", spoken, "audio/wav")},
        )
        assert told.text.startswith(beginning)


async def test_rankings_put_what_shares_words_first(http: httpx.AsyncClient) -> None:
    """In Cohere's words and in Jina's."""
    asked = {"model": "echo", "query": "town hall", "documents": ["three apples", "the town hall"], "top_n": 1}
    for path in ("/v1/rerank", "/v2/rerank"):
        assert [one["index"] for one in (await http.post(path, json=asked)).json()["results"]] == [1]


async def test_a_batch_is_answered_line_by_line(http: httpx.AsyncClient) -> None:
    """From an uploaded file to the content of another."""
    lines = [
        {
            "custom_id": str(number),
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": model, "messages": HI},
        }
        for number, model in enumerate(("echo", "echo?fail=500"))
    ]
    data = "\n".join(map(json.dumps, lines)).encode()
    file = (await http.post("/v1/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", data)})).json()
    asked = {"input_file_id": file["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = (await http.post("/v1/batches", json=asked)).json()
    assert (batch["status"], batch["request_counts"]) == ("completed", {"total": 2, "completed": 1, "failed": 1})
    answers = (await http.get(f"/v1/files/{batch['output_file_id']}/content")).text.splitlines()
    assert [json.loads(line)["response"]["status_code"] for line in answers] == [200, 500]
    assert (await http.delete(f"/v1/files/{file['id']}")).json()["deleted"]
    assert (await http.get(f"/v1/files/{file['id']}")).status_code == 404


async def test_what_it_served_is_counted(http: httpx.AsyncClient) -> None:
    """For whoever checks a bill against it."""
    await chat(http)
    await chat(http, stream=True)
    await chat(http, "echo?fail=500")
    counts = (await http.get("/counts")).json()
    assert (counts["requests"], counts["streams"], counts["statuses"]) == (3, 1, {"200": 2, "500": 1})
    assert counts["tokens"] == {"input": 18, "output": 6, "cached": 0, "reasoning": 0}


async def test_those_who_start_it_in_one_process_share_it_and_the_last_one_ends_it() -> None:
    """By the promise of a provider that is part of the process."""
    from fairlead.apps.hub.providers import PROVIDERS

    echo = PROVIDERS.get("echo")
    first, second = await echo.start(), await echo.start()
    assert first == second
    await echo.stop()
    async with httpx.AsyncClient(base_url=str(first)) as http:
        assert (await chat(http)).status_code == 200
    await echo.stop()
    async with httpx.AsyncClient(base_url=str(first)) as http:
        with pytest.raises(httpx.ConnectError):
            await chat(http)


async def test_its_answers_are_dated_by_the_clock_it_was_given() -> None:
    """Conversations, streams, images, files and batches; of a real one they are of now."""
    moments = iter(range(1_800_000_000, 1_900_000_000))
    server = await Server.started(wall=lambda: next(moments))
    async with httpx.AsyncClient(base_url=server.address, timeout=50) as http:
        first = (await chat(http)).json()["created"]
        streamed = {json.loads(line[6:])["created"] for line in (await chat(http, stream=True)).text.split("\n\n")[:-2]}
        image = (await http.post("/v1/images/generations", json={"model": "echo", "prompt": "hall"})).json()["created"]
        file = await http.post("/v1/files", files={"file": ("a", b"{}")}, data={"purpose": "batch"})
    await server.stop()
    assert [first, streamed, image, file.json()["created_at"]] == [
        1_800_000_000, {1_800_000_001}, 1_800_000_002, 1_800_000_003,
    ]  # fmt: skip
