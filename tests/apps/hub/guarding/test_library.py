"""The guard's own library in a whole hub: what the small one of the other tests stands for."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.apps.hub.guarding.towns import CHAT, chunks, words

from fairlead.apps.hub.guarding.joining import guarded
from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.state import Hub

GITHUB = "ghp_vlCHLGlamEw9amh0" + "SkdTHizb4NzLrF0GXZVI"
OAUTH = "gho_Vtly67jJHQSGRVgv" + "PLFsFtUeAuQzQ14WGaDZ"
MODELS = {
    "both": {"targets": ["echo/echo"], "guard": {"prompts": "redact", "answers": "redact"}},
    "answers": {"targets": ["echo/echo"], "guard": {"answers": "redact"}},
    "prompts": {"targets": ["echo/echo"], "guard": {"prompts": "redact", "restore": False}},
    "block": {"targets": ["echo/echo"], "guard": {"prompts": "block"}},
    "tool": {"targets": ["echo/echo?tool=yes"], "guard": {"prompts": "redact"}},
}


@contextlib.asynccontextmanager
async def hub(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """As it is served."""
    config = {"open": True, "providers": {"echo": {}}, "models": MODELS}
    made = Hub(Source(environ={VARIABLE: json.dumps(config)}), folder)
    await guarded(made)
    await made.begin()
    server = await asyncio.get_running_loop().create_server(made.clients.connection, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            yield http
    finally:
        server.close()
        made.clients.abort()
        await made.end()


async def asked(http: httpx.AsyncClient, model: str, text: str, *, stream: bool = False) -> httpx.Response:
    """A question."""
    body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}
    return await http.post(CHAT, json=body)


async def test_an_issuers_token_is_redacted_restored_and_blocked(tmp_path: Path) -> None:
    """Whole and in streams, in which tokens cut it anywhere."""
    text = f"use {GITHUB} for the first and {OAUTH} for the second, then {GITHUB} again"
    told = text.replace(GITHUB, "<secret:github.personal-access-token:1>").replace(
        OAUTH, "<secret:github.oauth-token:2>"
    )
    async with hub(tmp_path) as http:
        for stream in (False, True):
            assert words(await asked(http, "both", text, stream=stream)) == text
            assert words(await asked(http, "prompts", text, stream=stream)) == told
            assert words(await asked(http, "answers", text, stream=stream)) == told
        blocked = await asked(http, "block", text)

    assert blocked.status_code == 400
    assert "GitHub personal access token, GitHub OAuth access token" in blocked.text
    assert GITHUB not in blocked.text


@pytest.mark.parametrize("stream", [False, True])
async def test_a_key_of_several_lines_comes_back_within_json_as_json_asks(tmp_path: Path, stream: bool) -> None:
    """The tool gets the very value that stood in its schema."""
    lines = ["MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI", "x" * 3 + "aQ9r7ZkLw2Pj5Tq8Ns1Vd4Xf6"]
    key = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "\n".join(lines * 4) + "\n-----END RSA " + "PRIVATE KEY-----"
    schema = {"type": "object", "properties": {"key": {"type": "string", "enum": [key]}}, "required": ["key"]}
    tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]
    body = {"model": "tool", "stream": stream, "tools": tools, "messages": [{"role": "user", "content": "go"}]}
    async with hub(tmp_path) as http:
        answer = await http.post(CHAT, json=body)

    assert answer.headers["x-fairlead-guard"].startswith("prompt;action=redact")
    if stream:
        calls = [c for chunk in chunks(answer) for one in chunk["choices"] for c in one["delta"].get("tool_calls", ())]
        arguments = "".join(call["function"].get("arguments") or "" for call in calls)
    else:
        arguments = answer.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"key": key}


async def test_a_password_is_known_by_its_name_within_what_a_tool_was_given(tmp_path: Path) -> None:
    """As an object (Anthropic's) and as JSON in a text (OpenAI's)."""
    value = "hV7#kq2" + "Lp9$zR4w"
    given = {"user": "alice", "password": value}
    anthropic = [
        {"role": "user", "content": "log in"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "login", "input": given}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "done"}]},
    ]
    call = {"id": "c1", "type": "function", "function": {"name": "login", "arguments": json.dumps(given)}}
    openai = [
        {"role": "user", "content": "log in"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "done"},
    ]
    async with hub(tmp_path) as http:
        one = await http.post("/v1/messages", json={"model": "block", "max_tokens": 9, "messages": anthropic})
        other = await http.post(CHAT, json={"model": "block", "messages": openai})

    assert (one.status_code, other.status_code) == (400, 400)
    assert "messages[1].content[0].input.password" in one.text
    assert value not in one.text + other.text
