"""Secrets in prompts, before a provider that says what it was told."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.guarding.guards import KIND, OTHER, RULE, SECRET, BrokenGuard, SmallGuard
from tests.apps.hub.guarding.towns import chunks, town, words

from fairlead.apps.hub.guarding.looking import SLICE

ASKED = f"my key is {SECRET}, is it valid?"
TOLD = f"my key is <secret:{RULE}:1>, is it valid?"


async def test_a_flagged_secret_passes_and_is_told_of(tmp_path: Path) -> None:
    """In a header, and to those who count; the request is the client's own to the letter."""
    async with town(tmp_path, {"prompts": "flag"}) as here:
        answer = await here.ask(ASKED)

    assert SECRET in words(answer)
    assert answer.headers["x-fairlead-guard"] == f'prompt;action=flag;rules="{RULE}"'
    assert [(one.side, one.rule, one.severity, one.action) for one in here.found] == [("prompt", RULE, "high", "flag")]
    assert here.flights[0].findings == tuple(here.found)
    figure, _ = here.guarding.figures()
    assert list(figure.samples) == [
        ({"side": "prompt", "rule": RULE, "severity": "high", "action": "flag"}, 1.0),
    ]


async def test_a_blocked_prompt_reaches_nobody_and_the_value_is_not_told(tmp_path: Path) -> None:
    """In each protocol's own form, with the kind and the place."""
    async with town(tmp_path, {"prompts": "block"}) as here:
        openai = await here.ask(ASKED)
        anthropic = await here.ask(ASKED, "/v1/messages", max_tokens=10)

    assert (openai.status_code, anthropic.status_code) == (400, 400)
    assert openai.json()["error"]["code"] == "secret_found"
    assert anthropic.json()["type"] == "error"
    for answer in (openai, anthropic):
        assert KIND in answer.text
        assert "messages[0].content" in answer.text
        assert SECRET not in answer.text
    assert [flight.asks for flight in here.flights] == [0, 0]
    assert openai.headers["x-fairlead-guard"] == f'prompt;action=block;rules="{RULE}"'


@pytest.mark.parametrize("stream", [False, True])
async def test_a_redacted_secret_never_leaves_and_comes_back_in_the_answer(tmp_path: Path, stream: bool) -> None:
    """The provider is told a placeholder; what it says of that, the client gets with its own value."""
    async with town(tmp_path, {"prompts": "redact"}) as here:
        answer = await here.ask(ASKED, stream=stream)
        sent = here.flights[0].exchange.body

    assert SECRET in words(answer)
    assert "<secret:" not in answer.text
    assert answer.headers["x-fairlead-guard"].startswith("prompt;action=redact")
    assert here.flights[0].usage is not None
    assert SECRET.encode() not in sent
    assert TOLD.encode() in sent


@pytest.mark.parametrize("stream", [False, True])
async def test_without_restoring_the_client_sees_what_the_provider_saw(tmp_path: Path, stream: bool) -> None:
    """Equal values have equal placeholders."""
    async with town(tmp_path, {"prompts": "redact", "restore": False}) as here:
        answer = await here.ask(f"{SECRET} {OTHER} {SECRET}", stream=stream)

    assert words(answer).split() == [f"<secret:{RULE}:1>", f"<secret:{RULE}:2>", f"<secret:{RULE}:1>"]


async def test_what_is_redacted_is_found_wherever_it_stands(tmp_path: Path) -> None:
    """System prompts, parts, tools' arguments and results, descriptions; sealed reasoning and pictures are left."""
    picture = "data:image/png;base64," + "A" * 80
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": f"use {SECRET}"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": json.dumps({"key": SECRET})}}]},
        {"role": "tool", "tool_call_id": "c1", "content": f"got {OTHER}"},
        {"role": "user", "content": [
            {"type": "text", "text": f"and {SECRET}"}, {"type": "image_url", "image_url": {"url": picture}}]},
    ]  # fmt: skip
    tools = [{"type": "function", "function": {"name": "f", "description": f"as {OTHER}", "parameters": {}}}]
    async with town(tmp_path, {"prompts": "redact"}) as here:
        answer = await here.http.post("/v1/chat/completions", json={"model": "m", "messages": messages, "tools": tools})

    assert answer.status_code == 200
    body = here.flights[0].exchange.body
    sent = json.loads(body)
    assert SECRET.encode() not in body
    assert OTHER.encode() not in body
    assert json.loads(sent["messages"][1]["tool_calls"][0]["function"]["arguments"]) == {"key": f"<secret:{RULE}:1>"}
    assert sent["messages"][3]["content"][1]["image_url"]["url"] == picture
    assert sent["tools"][0]["function"]["description"] == f"as <secret:{RULE}:2>"


async def test_a_clean_prompt_goes_on_byte_by_byte_and_its_answer_too(tmp_path: Path) -> None:
    """No screen, no filter, no rewriting: the way of a request that nobody guards."""
    body = b'{ "model":"m",  "messages":[{"role":"user","content":"nothing \\u0074o see"}] }'
    kind = {"content-type": "application/json"}
    async with town(tmp_path, {"prompts": "redact"}) as here:
        answer = await here.http.post("/v1/chat/completions", content=body, headers=kind)
        plain = await here.http.post("/v1/chat/completions", content=body.replace(b'"m"', b'"bare"'), headers=kind)
        flight = here.flights[0]

    assert flight.screen is None
    assert flight.exchange.body == body
    assert "x-fairlead-guard" not in answer.headers
    assert answer.json().keys() == plain.json().keys()
    assert here.guard.looks == 1


async def test_a_route_without_a_guard_is_never_looked_at(tmp_path: Path) -> None:
    """And one without its own has the guard of all."""
    async with town(tmp_path, {}, guard={"prompts": "block"}) as here:
        off = await here.ask(ASKED)
        default = await here.ask(ASKED, model="bare")
        direct = await here.ask(ASKED, model="echo/echo")

    assert [one.status_code for one in (off, default, direct)] == [200, 400, 400]


async def test_a_large_prompt_is_looked_through_in_slices(tmp_path: Path) -> None:
    """With a secret across two of them; the same comes of it."""
    filler = "x " * (32 * 1024)
    text = f"{filler * 3}{filler[7:]}{SECRET} {filler * 2}{OTHER}"
    assert text.index(SECRET) < 4 * SLICE < text.index(SECRET) + len(SECRET)
    async with town(tmp_path, {"prompts": "redact", "restore": False}, to="echo/echo?tokens=1") as here:
        answer = await here.ask(text)

    assert answer.status_code == 200
    assert len(here.found) == 2
    assert here.guard.looks == 0


@pytest.mark.parametrize(("policy", "status"), [("flag", 200), ("redact", 503), ("block", 503)])
async def test_a_guard_that_fails_refuses_what_must_not_pass(tmp_path: Path, policy: str, status: int) -> None:
    """And quotes nothing; what is only flagged goes on, and says that nobody looked."""
    async with town(tmp_path, {"prompts": policy}, small=BrokenGuard()) as here:
        answer = await here.ask(ASKED)

    assert answer.status_code == status
    if status == 503:
        assert answer.json()["error"]["code"] == "guard_unavailable"
        assert SECRET not in answer.text
    else:
        assert answer.headers["x-fairlead-guard"] == "prompt;unseen"
    assert here.guarding.unseen == {("prompt", "passed" if status == 200 else "refused"): 1}


async def test_a_route_may_do_without_its_guard(tmp_path: Path) -> None:
    """Where it says so."""
    async with town(tmp_path, {"prompts": "block", "when_down": "allow"}, small=BrokenGuard()) as here:
        answer = await here.ask(ASKED)

    assert answer.status_code == 200


async def test_a_stream_keeps_placeholders_whole_however_it_is_cut(tmp_path: Path) -> None:
    """The echo's tokens cut them anywhere."""
    async with town(tmp_path, {"prompts": "redact"}) as here:
        answer = await here.ask(f"a {SECRET} b {OTHER} c", stream=True, stream_options={"include_usage": True})

    assert words(answer) == f"a {SECRET} b {OTHER} c"
    assert chunks(answer)[-1]["usage"]["prompt_tokens"] > 0
    assert answer.text.endswith("data: [DONE]\n\n")


async def test_calls_wait_while_the_guard_is_loaded_and_no_others_do(tmp_path: Path) -> None:
    """Its patterns may have to be built anew, which takes seconds; one that can't be loaded is as one that is away."""
    loading = threading.Event()

    def load() -> SmallGuard:
        assert loading.wait(10)
        return SmallGuard()

    async with town(tmp_path, {"prompts": "redact", "restore": False}, load=load) as here:
        waiting = asyncio.create_task(here.ask(ASKED))
        other = await here.ask(ASKED, model="bare")
        assert not waiting.done()
        loading.set()
        answer = await waiting

    async with town(tmp_path / "other", {"prompts": "redact"}, load=lambda: 1 / 0) as there:
        refused = await there.ask(ASKED)

    assert words(other) == ASKED
    assert words(answer) == TOLD
    assert refused.status_code == 503
