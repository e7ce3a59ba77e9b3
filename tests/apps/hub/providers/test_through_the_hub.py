"""Providers asked through a whole hub: what a client says reaches the right one, in its words, and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from tests.apps.hub.standins.anthropic import Anthropic
from tests.apps.hub.standins.azure import Azure
from tests.apps.hub.standins.bedrock import Bedrock
from tests.apps.hub.standins.cohere import Cohere
from tests.apps.hub.standins.gemini import Gemini
from tests.apps.hub.standins.openai import OpenAI
from tests.apps.hub.standins.serving import serving
from tests.apps.hub.standins.strict import Standin

from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.state import Hub


class Slow(OpenAI):
    """Tells the beginning of a sound, and the rest when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()

    async def pace(self) -> None:
        """Wait."""
        await self.goes_on.wait()


HI = [{"role": "user", "content": "the town hall"}]


@contextlib.asynccontextmanager
async def running(
    folder: Path, providers: dict[str, Any], environ: dict[str, str], models: Mapping[str, Any] = MappingProxyType({})
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a hub with these providers."""
    said = json.dumps({"open": True, "providers": providers, "models": dict(models)})
    hub = Hub(Source(environ={**environ, VARIABLE: said}), folder)
    await hub.begin()
    server = await asyncio.get_running_loop().create_server(hub.clients.connection, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=50) as http:
            yield http
    finally:
        server.close()
        hub.clients.abort()
        await hub.end()


@pytest.fixture
async def echo(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a hub as it is without any configuration: with the built-in provider."""
    async with running(tmp_path, {"echo": {}}, {}) as http:
        yield http


SPOKEN: dict[str, tuple[str, Any]] = {
    "chat completions": ("/v1/chat/completions", {"model": "echo/echo", "messages": HI}),
    "a stream": ("/v1/chat/completions", {"model": "echo/echo?tokens=3", "messages": HI, "stream": True}),
    "messages": ("/v1/messages", {"model": "echo/echo", "max_tokens": 9, "messages": HI}),
    "a count": ("/v1/messages/count_tokens", {"model": "echo/echo", "messages": HI}),
    "responses": ("/v1/responses", {"model": "echo/echo", "input": "the town hall"}),
    "completions": ("/v1/completions", {"model": "echo/echo", "prompt": "the town hall"}),
    "gemini": ("/v1beta/models/echo%2Fecho%3Ftokens=2:generateContent", {"contents": [{"parts": [{"text": "hall"}]}]}),
    "cohere": ("/v2/chat", {"model": "echo/echo", "messages": HI}),
    "embeddings": ("/v1/embeddings", {"model": "echo/echo", "input": ["a", "b"]}),
    "images": ("/v1/images/generations", {"model": "echo/echo", "prompt": "a hall"}),
    "speech": ("/v1/audio/speech", {"model": "echo/echo", "input": "hall", "voice": "alloy"}),
    "moderations": ("/v1/moderations", {"model": "echo/echo", "input": "hall"}),
    "rerank": ("/v1/rerank", {"model": "echo/echo", "query": "hall", "documents": ["hall", "gate"]}),
    "rerank, version 2": ("/v2/rerank", {"model": "echo/echo", "query": "hall", "documents": ["hall", "gate"]}),
}


@pytest.mark.parametrize("what", SPOKEN)
async def test_every_protocol_is_answered_with_no_key_and_no_network(echo: httpx.AsyncClient, what: str) -> None:
    """By the provider that is built in."""
    path, body = SPOKEN[what]
    answer = await echo.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.content


async def test_a_form_is_passed_on_but_for_its_model(echo: httpx.AsyncClient) -> None:
    """A sound and its fields."""
    answer = await echo.post(
        "/v1/audio/transcriptions",
        data={"model": "echo/echo", "response_format": "verbose_json"},
        files={"file": ("hall.wav", b"sound" * 100, "audio/wav")},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["text"] == "hall.wav, 500 bytes"


async def test_files_and_batches_find_their_provider_by_header_and_by_id(echo: httpx.AsyncClient) -> None:
    """Whoever made them is said once; the ids say it from then on."""
    line = {
        "custom_id": "1",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "echo", "messages": HI},
    }
    made = await echo.post(
        "/v1/files",
        data={"purpose": "batch"},
        files={"file": ("in.jsonl", json.dumps(line).encode())},
        headers={"x-fairlead-provider": "echo"},
    )
    assert made.json()["id"].startswith("echo.file-"), made.text
    asked = {"input_file_id": made.json()["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = (await echo.post("/v1/batches", json=asked)).json()
    assert (batch["input_file_id"], batch["status"]) == (made.json()["id"], "completed")
    kind = {"content-type": "application/json"}  # the official SDK says so whatever it sends
    told = await echo.get(f"/v1/files/{batch['output_file_id']}/content", headers=kind)
    assert json.loads(told.text)["response"]["body"]["choices"][0]["message"]["content"] == "the town hall"
    listed = (await echo.get("/v1/batches", headers={"x-fairlead-provider": "echo"}, params={"limit": 5})).json()
    assert [one["id"] for one in listed["data"]] == [batch["id"]]
    assert (await echo.delete(f"/v1/files/{made.json()['id']}")).json()["deleted"]


VENDORS: dict[str, tuple[type[Standin], str, dict[str, str], str]] = {
    "openai": (OpenAI, "openai", {}, OpenAI().key),
    "anthropic": (Anthropic, "anthropic", {}, Anthropic().key),
    "gemini": (Gemini, "gemini", {}, Gemini().key),
    "cohere": (Cohere, "cohere", {}, Cohere().key),
    "azure": (Azure, "azure", {"resource": "town"}, Azure().key),
    "azure, dated": (Azure, "azure", {"resource": "town", "api_version": "2024-10-21"}, Azure().key),
    "bedrock": (Bedrock, "bedrock", {"region": "eu-west-1"}, f"{Bedrock().id}:{Bedrock().secret}"),
    "claude at aws": (Bedrock, "bedrock_anthropic", {"region": "eu-west-1"}, f"{Bedrock().id}:{Bedrock().secret}"),
}
CLIENTS: dict[str, tuple[str, Any]] = {
    "chat completions": ("/v1/chat/completions", {"model": "it/town", "max_tokens": 99, "messages": HI}),
    "messages": ("/v1/messages", {"model": "it/town", "max_tokens": 99, "messages": HI}),
    "responses": ("/v1/responses", {"model": "it/town", "max_output_tokens": 99, "input": "the town hall"}),
}


@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_client_is_answered_by_every_vendor(tmp_path: Path, vendor: str) -> None:
    """Whole and streamed, with nothing that the vendor would refuse."""
    made, kind, settings, key = VENDORS[vendor]
    standin = made()
    async with serving(standin.app()) as served:
        url = served.url + ("/v1" if kind == "openai" else "")
        said = {"kind": kind, "url": url, "settings": settings, "keys": [{"env": "TOWN_KEY"}]}
        async with running(tmp_path, {"it": said}, {"TOWN_KEY": key}) as http:
            for path, body in CLIENTS.values():
                for stream in (False, True):
                    answer = await http.post(path, json=body | ({"stream": True} if stream else {}))
                    assert (answer.status_code, standin.refusals) == (200, []), f"{path}: {answer.text}"
                    assert " town" in answer.text


async def test_what_a_provider_lacks_is_left_out_where_the_configuration_says_so(tmp_path: Path) -> None:
    """Of a provider, or of a model, which goes before; else refused, by the name of the field."""
    vendor = Anthropic()
    async with serving(vendor.app()) as served:
        lenient = {"kind": "anthropic", "url": served.url, "unsupported": "ignore"}
        said = {"anthropic": {"url": served.url}, "lenient": lenient}
        models = {
            "eased": {"targets": ["anthropic/town"], "unsupported": "ignore"},
            "strict": {"targets": ["lenient/town"], "unsupported": "refuse"},
        }
        body = {"messages": HI, "seed": 7, "n": 2, "logit_bias": {"1": 2}}
        async with running(tmp_path, said, {"ANTHROPIC_API_KEY": vendor.key}, models) as http:
            given = {
                model: await http.post("/v1/chat/completions", json=body | {"model": model})
                for model in ("anthropic/town", "lenient/town", "eased", "strict")
            }

    assert [one.status_code for one in given.values()] == [400, 200, 200, 400]
    for refused in ("anthropic/town", "strict"):
        assert "has no words for `seed`" in given[refused].json()["error"]["message"]
    assert (len(vendor.asked), vendor.refusals) == (2, [])


async def test_sealed_reasoning_of_another_vendor_does_not_reach_one_that_would_refuse_it(tmp_path: Path) -> None:
    """Though the client speaks the provider's own protocol, its call is not passed on byte by byte."""
    vendor = Anthropic()
    async with serving(vendor.app()) as served:
        said = {"anthropic": {"url": served.url}}
        async with running(tmp_path, said, {"ANTHROPIC_API_KEY": vendor.key}) as http:
            thought = {"type": "thinking", "thinking": "Hm", "signature": "fairlead~gemini:c2VhbA=="}
            turn = {"role": "assistant", "content": [thought, {"type": "text", "text": "Well."}]}
            body = {"model": "anthropic/town", "max_tokens": 99, "messages": [*HI, turn, *HI]}
            answer = await http.post("/v1/messages", json=body)

    assert (answer.status_code, vendor.refusals) == (200, [])
    assert b"fairlead~" not in vendor.asked[0].body


async def test_a_stream_is_one_array_for_a_client_of_geminis_that_asked_for_no_events(tmp_path: Path) -> None:
    """Whoever answers; with the content type of JSON."""
    vendor = Gemini()
    async with serving(vendor.app()) as served:
        said = {"echo": {}, "gemini": {"url": served.url}}
        async with running(tmp_path, said, {"GEMINI_API_KEY": vendor.key}) as http:
            for model in ("echo%2Fecho", "gemini%2Ftown"):
                body = {"contents": [{"role": "user", "parts": [{"text": "the town hall"}]}]}
                whole = await http.post(f"/v1beta/models/{model}:streamGenerateContent", json=body)
                events = await http.post(f"/v1beta/models/{model}:streamGenerateContent?alt=sse", json=body)
                assert whole.headers["content-type"] == "application/json"
                assert events.headers["content-type"].startswith("text/event-stream")
                assert len(whole.json()) > 2
                assert whole.json()[-1]["candidates"][0]["finishReason"] == "STOP"
    assert vendor.refusals == []


async def test_a_sound_is_passed_on_as_it_comes(tmp_path: Path) -> None:
    """The client has its beginning before the provider has told the rest."""
    vendor = Slow()
    async with serving(vendor.app()) as served:
        said = {"openai": {"url": f"{served.url}/v1"}}
        async with running(tmp_path, said, {"OPENAI_API_KEY": vendor.key}) as http:
            body = {"model": "openai/tts", "input": "hall", "voice": "alloy"}
            async with http.stream("POST", "/v1/audio/speech", json=body) as answer:
                pieces = answer.aiter_raw()
                first = await anext(pieces)
                vendor.goes_on.set()
                rest = [piece async for piece in pieces]

    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    assert b"".join((first, *rest)) == b"ID3\x04 sound"
    assert b"sound" not in first


async def test_a_clients_own_version_and_features_go_before_ours(tmp_path: Path) -> None:
    """Each header once, whether it is passed on or written anew."""
    vendor = Anthropic()
    async with serving(vendor.app()) as served:
        said = {"anthropic": {"url": served.url}}
        async with running(tmp_path, said, {"ANTHROPIC_API_KEY": vendor.key}) as http:
            body = {"model": "anthropic/town", "max_tokens": 99, "messages": HI}
            await http.post("/v1/messages", json=body, headers={"anthropic-beta": "one", "x-api-key": "ours"})
            await http.post("/v1/chat/completions", json=body)
    assert vendor.refusals == []
    first, second = (asked.headers for asked in vendor.asked)
    assert (first["anthropic-beta"], first["anthropic-version"]) == ("one", "2023-06-01")
    assert "anthropic-beta" not in second
