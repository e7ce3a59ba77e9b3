"""Secrets in answers: the built-in provider says what it is told, so the prompts are left alone here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.guarding.guards import KIND, OTHER, RULE, SECRET, BrokenGuard
from tests.apps.hub.guarding.towns import CHAT, chunks, town, words

ASKED = f"the key is {SECRET}, and that is all of it"
TOLD = f"the key is <secret:{RULE}:1>, and that is all of it"
PATHS = {
    CHAT: {},
    "/v1/messages": {"max_tokens": 100},
    "/v1/responses": {},
    "/v1beta/models/m:generateContent": {},
    "/v1/completions": {},
}


def asked(path: str, stream: bool) -> tuple[str, dict[str, Any]]:
    """The same question in each protocol."""
    if "generateContent" in path:
        path = path.replace(":generateContent", ":streamGenerateContent?alt=sse") if stream else path
        return path, {"contents": [{"role": "user", "parts": [{"text": ASKED}]}]}
    body: dict[str, Any] = {"model": "m", "stream": stream} | PATHS[path]
    if path == "/v1/responses":
        return path, body | {"input": ASKED}
    if path == "/v1/completions":
        return path, body | {"prompt": ASKED}
    return path, body | {"messages": [{"role": "user", "content": ASKED}]}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", PATHS)
async def test_a_redacted_answer_holds_no_byte_of_a_secret_in_any_protocol(
    tmp_path: Path, path: str, stream: bool
) -> None:
    """Whole and streamed, where the tokens cut it anywhere."""
    async with town(tmp_path, {"answers": "redact"}) as here:
        place, body = asked(path, stream)
        answer = await here.http.post(place, json=body)

    assert answer.status_code == 200
    assert SECRET[5:] not in answer.text
    assert "k9Q2" not in answer.text
    assert f"<secret:{RULE}:1>" in "".join(texts(answer))
    assert [(one.side, one.action) for one in here.found] == [("answer", "redact")]
    assert here.flights[0].status == 200


def texts(answer: Any) -> list[str]:
    """All strings of an answer, the pieces of a stream one after another."""
    found: list[str] = []

    def walk(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, name)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key)
        elif isinstance(value, str) and key in ("content", "text", "delta"):
            found.append(value)

    for value in chunks(answer) or [answer.json()]:
        walk(value)
    return found


@pytest.mark.parametrize("path", PATHS)
async def test_a_blocked_stream_ends_with_the_protocols_own_error(tmp_path: Path, path: str) -> None:
    """After what came before the secret; what came is paid."""
    async with town(tmp_path, {"answers": "block"}) as here:
        place, body = asked(path, True)
        answer = await here.http.post(place, json=body)
        await here.until_all_is_over()

    assert answer.status_code == 200
    assert "k9Q2" not in answer.text
    assert "that is all" not in "".join(texts(answer))
    assert KIND in answer.text
    assert here.flights[0].usage is not None


async def test_a_blocked_answer_is_an_error_and_is_paid(tmp_path: Path) -> None:
    """The provider has answered; the client learns what kind of secret it was, and not the secret."""
    async with town(tmp_path, {"answers": "block"}) as here:
        answer = await here.ask(ASKED)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "secret_found"
    assert KIND in answer.text
    assert SECRET not in answer.text
    assert answer.headers["x-request-id"] == here.flights[0].id
    assert answer.headers["x-fairlead-guard"] == f'answer;action=block;rules="{RULE}"'
    assert here.flights[0].usage is not None
    assert here.flights[0].usage.output > 0


@pytest.mark.parametrize("stream", [False, True])
async def test_a_flagged_answer_passes_as_it_came(tmp_path: Path, stream: bool) -> None:
    """A whole one says so in its head; of a stream only those who count are told, since its head is sent by then."""
    async with town(tmp_path, {"answers": "flag"}) as here:
        answer = await here.ask(ASKED, stream=stream)

    assert words(answer) == ASKED
    assert [(one.side, one.action) for one in here.found] == [("answer", "flag")]
    assert ("x-fairlead-guard" in answer.headers) is not stream


@pytest.mark.parametrize("stream", [False, True])
async def test_a_tools_arguments_are_looked_through(tmp_path: Path, stream: bool) -> None:
    """And stay JSON."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {
        "key": {"type": "string", "enum": [SECRET]}}, "required": ["key"]}}}  # fmt: skip
    async with town(tmp_path, {"answers": "redact"}, to="echo/echo?tool=yes") as here:
        answer = await here.ask("use the tool", stream=stream, tools=[tool])

    assert "k9Q2" not in answer.text
    if stream:
        calls = [c for chunk in chunks(answer) for one in chunk["choices"] for c in one["delta"].get("tool_calls", ())]
        arguments = "".join(call["function"].get("arguments") or "" for call in calls)
    else:
        arguments = answer.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"key": f"<secret:{RULE}:1>"}


async def test_a_tool_gets_the_clients_own_value_back(tmp_path: Path) -> None:
    """Within JSON it is escaped as JSON asks."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {
        "key": {"type": "string", "enum": [SECRET]}}, "required": ["key"]}}}  # fmt: skip
    async with town(tmp_path, {"prompts": "redact", "answers": "redact"}, to="echo/echo?tool=yes") as here:
        answer = await here.ask("use the tool", stream=True, tools=[tool])

    calls = [c for chunk in chunks(answer) for one in chunk["choices"] for c in one["delta"].get("tool_calls", ())]
    assert json.loads("".join(call["function"].get("arguments") or "" for call in calls)) == {"key": SECRET}


async def test_reasoning_is_looked_through(tmp_path: Path) -> None:
    """It is an answer like any other."""
    async with town(tmp_path, {"answers": "redact"}, to="echo/echo?think=yes") as here:
        whole = await here.ask(ASKED)
        stream = await here.ask(ASKED, stream=True)

    assert "reasoning" in whole.text
    for answer in (whole, stream):
        assert "k9Q2" not in answer.text


@pytest.mark.parametrize("stream", [False, True])
async def test_clean_answers_are_the_same_with_a_guard_and_without(tmp_path: Path, stream: bool) -> None:
    """Whole ones to the letter; streams in their words and their end."""
    async with town(tmp_path, {"answers": "redact"}) as here:
        answer = await here.ask("nothing to see here", stream=stream)
        plain = await here.ask("nothing to see here", stream=stream, model="bare")

    assert words(answer) == words(plain)
    assert "x-fairlead-guard" not in answer.headers
    if stream:
        assert answer.text.endswith("data: [DONE]\n\n")
    else:
        assert {**answer.json(), "id": "", "created": 0} == {**plain.json(), "id": "", "created": 0}


async def test_a_cached_answer_passes_the_guard_too_and_one_with_secrets_is_not_kept(tmp_path: Path) -> None:
    """What is kept has the placeholders of the prompt, and each client gets its own values back."""
    async with town(tmp_path, {"prompts": "redact", "answers": "redact"}) as here:
        mine = await here.ask(ASKED, temperature=0)
        other = await here.ask(ASKED.replace(SECRET, OTHER), temperature=0)
        kept = len(here.hub.cache.cache.memory)

    async with town(tmp_path / "other", {"answers": "redact"}) as there:
        for _ in range(2):
            await there.ask(ASKED, temperature=0)
        unkept = len(there.hub.cache.cache.memory)

    assert words(mine) == ASKED
    assert words(other) == ASKED.replace(SECRET, OTHER)
    assert other.headers["x-fairlead-cache"] == "hit"
    assert (kept, unkept) == (1, 0)
    assert not any(flight.cached for flight in there.flights)


@pytest.mark.parametrize(("policy", "status"), [("flag", 200), ("redact", 503), ("block", 503)])
async def test_an_answer_that_nobody_could_look_through_is_kept_back(tmp_path: Path, policy: str, status: int) -> None:
    """Unless it is only to be flagged."""
    async with town(tmp_path, {"answers": policy}, small=BrokenGuard()) as here:
        whole = await here.ask(ASKED)
        stream = await here.ask(ASKED, stream=True)

    assert whole.status_code == status
    assert (SECRET in whole.text) is (status == 200)
    assert (words(stream) == ASKED) is (status == 200)
    assert ("guard" in stream.text) is (status != 200)
    if status == 200:
        assert whole.headers["x-fairlead-guard"] == "answer;unseen"
    assert here.guarding.unseen == {("answer", "passed" if status == 200 else "refused"): 2}


async def test_a_stream_of_a_transcription_is_refused_where_answers_are_guarded(tmp_path: Path) -> None:
    """It could not be looked through, and is not let pass in silence; a whole one is looked through."""
    files = {"file": ("a.wav", b"RIFF....WAVE", "audio/wav")}
    async with town(tmp_path, {"answers": "redact"}) as here:
        stream = await here.http.post("/v1/audio/transcriptions", data={"model": "m", "stream": "true"}, files=files)
        whole = await here.http.post("/v1/audio/transcriptions", data={"model": "m"}, files=files)

    assert (stream.status_code, whole.status_code) == (400, 200)
    assert "can't be looked through" in stream.text


async def test_a_client_that_leaves_a_guarded_stream_ends_it_at_its_provider(tmp_path: Path) -> None:
    """Nothing is left behind."""
    async with town(tmp_path, {"answers": "redact"}, to="echo/echo?tokens=1000&between=20ms") as here:
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": ASKED}]}
        async with here.http.stream("POST", CHAT, json=body) as answer:
            async for _ in answer.aiter_bytes():
                break
        await here.until_all_is_over()

    assert here.flights[0].status == 499
    assert here.flights[0].usage is not None
