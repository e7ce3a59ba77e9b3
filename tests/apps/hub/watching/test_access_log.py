"""The log of requests, written into real pipes: read, not read, and closed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.apps.hub.serving.telling import BODY, town
from tests.apps.hub.watching.hubs import SAID, running
from tests.apps.hub.wire.sockets import until

from fairlead.apps.hub.loading import VARIABLE
from fairlead.apps.hub.main import Joined
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Found
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.watching import access_log
from fairlead.apps.hub.watching.access_log import AccessLog
from fairlead.apps.hub.watching.events import Events
from fairlead.apps.hub.watching.joining import asked, told
from fairlead.apps.hub.watching.outcomes import Outcome, outcome

LOGGED = {**SAID, "access_log": True}


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends."""
    reads, writes = os.pipe()
    yield reads, writes
    for one in (reads, writes):
        try:
            os.close(one)
        except OSError:
            continue  # the test has


def into(descriptor: int) -> tuple[Joined, list[AccessLog]]:
    """A part that logs there, and the log."""
    made = [AccessLog(descriptor)]

    async def join(hub: Hub) -> None:
        told(hub, made[0], Events("run"))

    return join, made


def written(descriptor: int, count: int) -> list[dict[str, Any]]:
    """So many lines, once they are there."""
    data = b""
    while data.count(b"\n") < count:
        data += os.read(descriptor, 1 << 20)
    whole = data[: data.rindex(b"\n")]
    return [json.loads(line) for line in whole.splitlines()]


async def test_each_request_is_one_line_with_what_it_used_and_nothing_secret(
    tmp_path: Path, pipe: tuple[int, int]
) -> None:
    """Answered, streamed, from the cache, failed and turned away; neither prompt nor key."""
    join, _ = into(pipe[1])
    secret = "sk-fl-" + "not-known"
    async with running(tmp_path, LOGGED, (join,)) as hub:
        await hub.asks(temperature=0)
        await hub.asks(temperature=0)
        await hub.asks(stream=True)
        await hub.asks("echo/echo?fail=400")
        await hub.asks(headers={"authorization": f"Bearer {secret}"})
        text = json.dumps(lines := written(pipe[0], 5))

    answered, cached, streamed, failed, refused = lines
    assert answered["at"].endswith("Z")
    assert (answered["status"], answered["route"], answered["provider"]) == (200, "quick", "echo")
    assert (answered["input_tokens"], answered["output_tokens"], answered["attempts"]) == (10, 4, 1)
    assert 0 < answered["first_token_s"] <= answered["latency_s"]
    assert (cached["cache"], cached.get("provider")) == ("memory", None)
    assert streamed["stream"]
    assert streamed["pieces"] > 1
    assert (failed["status"], failed["failure"], failed["failed_provider"]) == (400, "invalid", "echo")
    assert (refused["status"], refused["failure"]) == (401, "unauthorized")
    assert "hello there" not in text
    assert secret not in text


async def test_a_prompt_is_logged_where_that_is_asked_for_and_no_longer_than_its_bound(
    tmp_path: Path, pipe: tuple[int, int]
) -> None:
    """The body of the request, cut."""
    join, _ = into(pipe[1])
    async with running(tmp_path, {**LOGGED, "log_prompts": True}, (join,)) as hub:
        await hub.asks()
        await hub.asks(messages=[{"role": "user", "content": "x" * 100_000}])
        short, long = written(pipe[0], 2)

    assert json.loads(short["request"])["messages"][0]["content"] == "hello there"
    assert len(long["request"]) == access_log.PROMPT_BYTES


async def test_nothing_is_logged_where_that_is_not_wanted(tmp_path: Path, pipe: tuple[int, int]) -> None:
    """By the configuration."""
    join, _ = into(pipe[1])
    async with running(tmp_path, SAID, (join,)) as hub:
        await hub.asks()
        await hub.asks("nobody")
    os.close(pipe[1])

    assert os.read(pipe[0], 1) == b""


async def test_a_reader_who_does_not_read_stops_no_request(
    tmp_path: Path, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What finds no room is dropped and counted; what did is whole lines."""
    monkeypatch.setattr(access_log, "MOST_LINES", 300)
    monkeypatch.setattr(access_log, "END_S", 0.01)
    join, made = into(pipe[1])
    async with running(tmp_path, {**LOGGED, "log_prompts": True}, (join,)) as hub:
        big = [{"role": "user", "content": "x" * 16_000}]
        while not made[0].dropped:
            assert (await hub.asks(messages=big)).status_code == 200
        assert made[0].dropped >= 1
        found = written(pipe[0], 300)
        assert [one["seq"] for one in found] == list(range(1, len(found) + 1))
        await until(lambda: len(made[0]._waiting) == 0)
        assert next(iter(made[0].figures())).name == "fairlead_hub_log_lines_dropped_total"


async def test_an_output_that_is_closed_ends_the_log_and_not_the_hub(
    tmp_path: Path, pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once."""
    join, made = into(pipe[1])
    os.close(pipe[0])
    async with running(tmp_path, LOGGED, (join,)) as hub:
        for _ in range(3):
            assert (await hub.asks()).status_code == 200
        await until(lambda: made[0]._is_over)
        assert (await hub.asks()).status_code == 200

    assert caplog.text.count("the log of requests ends") == 1
    assert made[0].dropped >= 1


def test_an_output_that_does_not_block_is_waited_for(pipe: tuple[int, int]) -> None:
    """As a terminal that another program has changed."""
    os.set_blocking(pipe[1], False)
    log = AccessLog(pipe[1])
    for number in range(2000):
        log.add(Outcome(number, 1_700_000_000.25, 0.1, 200, "chat"))
    log.begin()
    data, ending = b"", threading.Thread(target=log.end)
    ending.start()
    while data.count(b"\n") < 2000:
        data += os.read(pipe[0], 1000)
    ending.join()

    lines = [json.loads(line) for line in data.splitlines()]
    assert [line["seq"] for line in lines] == list(range(2000))
    assert lines[0]["at"] == "2023-11-14T22:13:20.250Z"


async def test_a_hub_that_was_started_without_standard_output_serves_and_ends_well(tmp_path: Path) -> None:
    """Its descriptor must not become that of a connection, which lines of the log would be written to."""
    program = f"{sys.executable} -m fairlead.apps.hub.main --port 0 --folder {tmp_path}"
    environ = {**os.environ, VARIABLE: json.dumps(LOGGED)}
    hub = await asyncio.create_subprocess_shell(f"exec {program} >&-", stderr=subprocess.PIPE, env=environ)
    assert hub.stderr is not None
    while b"listening on" not in (line := await hub.stderr.readline()):
        assert line
    async with httpx.AsyncClient(base_url=f"http://{line.split()[-1].decode()}", trust_env=False) as client:
        for _ in range(3):
            said = {"model": "quick", "messages": [{"role": "user", "content": "hi"}]}
            assert (await client.post("/v1/chat/completions", json=said)).json()["choices"]
    hub.terminate()

    assert await hub.wait() == 0


@pytest.mark.parametrize(("action", "is_logged"), [("redact", True), ("flag", False), ("block", False)])
def test_a_prompt_with_a_secret_is_only_logged_once_the_secret_is_gone(action: Any, is_logged: bool) -> None:
    """What the guard has found, and left there or blocked, is not written anywhere."""
    here = town()
    flights: list[Flight] = []
    here.desk.watchers = (flights.append,)
    here.asks(BODY)
    here.asked("one").answers()
    flight = flights[0]
    assert asked(flight) == BODY
    flight.findings = (Found("prompt", "a-rule", "high", action), Found("prompt", "another", "low", "redact"))

    assert (asked(flight) is not None) == is_logged
    assert outcome(flight, 1).found == ("a-rule", "another")
