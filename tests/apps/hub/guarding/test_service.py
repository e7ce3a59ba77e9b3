"""The guard app over HTTP: the same as in process, and what becomes of calls while it is away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.guarding.apps import KEY, App, guard_app
from tests.apps.hub.guarding.guards import RULE, SECRET
from tests.apps.hub.guarding.towns import town, words

from fairlead.apps.hub.routes.breaker import FAILURES

ASKED = f"my key is {SECRET}, is it valid?"
TOLD = f"my key is <secret:{RULE}:1>, is it valid?"


def by(app: App, **more: Any) -> dict[str, Any]:
    """Told to a hub that it is to ask this one."""
    return {"guard_url": app.url, "guard_key": "GUARD_KEY", "environ": {"GUARD_KEY": KEY}} | more


@pytest.mark.parametrize("stream", [False, True])
async def test_prompts_are_redacted_and_restored(tmp_path: Path, stream: bool) -> None:
    """By findings alone: no value comes back over the wire."""
    async with guard_app() as app, town(tmp_path, {"prompts": "redact"}, **by(app)) as here:
        answer = await here.ask(ASKED, stream=stream)
        sent = here.flights[0].exchange.body

    assert TOLD.encode() in sent
    assert words(answer) == ASKED
    assert app.asked == ["/scan"]
    assert app.keys == {KEY}
    assert here.guard.looks == 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("policy", ["flag", "redact", "block"])
async def test_answers_are_looked_through(tmp_path: Path, policy: str, stream: bool) -> None:
    """A stream over a connection of its own, in which the secret is cut by the tokens."""
    async with guard_app() as app, town(tmp_path, {"answers": policy}, **by(app)) as here:
        answer = await here.ask(ASKED, stream=stream)

    assert [(one.side, one.action) for one in here.found] == [("answer", policy)]
    assert ("k9Q2" in answer.text) is (policy == "flag")
    if policy == "redact":
        assert words(answer) == TOLD
    if policy == "block":
        assert "Acme token" in answer.text
    assert app.asked == ["/stream" if stream else "/scan"]


async def test_a_long_stream_is_looked_through_to_its_end(tmp_path: Path) -> None:
    """All that waits goes together."""
    to = "echo/echo?tokens=3000"
    async with guard_app() as app, town(tmp_path, {"answers": "redact"}, to=to, **by(app)) as here:
        answer = await here.ask("word " * 50, stream=True)

    assert len(words(answer).split()) >= 1400
    assert answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize(("policy", "status"), [("flag", 200), ("redact", 503), ("block", 503)])
async def test_an_app_that_fails_refuses_what_must_not_pass(tmp_path: Path, policy: str, status: int) -> None:
    """After some failures it is not asked for a while."""
    async with guard_app() as app, town(tmp_path, {"prompts": policy}, **by(app)) as here:
        app.fails = True
        answers = [await here.ask(ASKED) for _ in range(FAILURES + 2)]

    assert {answer.status_code for answer in answers} == {status}
    assert len(app.asked) == FAILURES


@pytest.mark.parametrize(("down", "ends_well"), [("allow", True), ("refuse", False)])
async def test_a_stream_whose_guard_leaves_half_way_ends_as_the_route_says(
    tmp_path: Path, down: str, ends_well: bool
) -> None:
    """Nothing is lost where it goes on."""
    policy = {"answers": "redact", "when_down": down}
    to = "echo/echo?between=5ms"
    async with guard_app() as app, town(tmp_path, policy, to=to, **by(app)) as here:
        app.steps_left = 3
        answer = await here.ask("one two three four five six seven eight nine ten", stream=True)

    assert (words(answer) == "one two three four five six seven eight nine ten") is ends_well
    assert ("guard can't be asked" in answer.text) is not ends_well


async def test_an_app_that_is_slow_is_waited_for_no_longer_than_said(tmp_path: Path) -> None:
    """Nobody listens where it should be, or it does not answer."""
    async with town(tmp_path, {"prompts": "redact"}, guard_url="http://127.0.0.1:9", guard_timeout="200ms") as here:
        answer = await here.ask(ASKED)

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "guard_unavailable"
