"""A hub that asks this service by `guard_url`: both as they are, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.apps.guard.service.services import GITHUB, KEY, Make, town
from tests.apps.hub.guarding.towns import town as hub_town
from tests.apps.hub.guarding.towns import words

ASKED = f"my key is {GITHUB}, is it valid?"
TOLD = "my key is <secret:github.personal-access-token:1>, is it valid?"


@pytest.mark.parametrize("stream", [False, True])
async def test_prompts_are_redacted_on_the_way_there_and_restored_on_the_way_back(
    make: Make, tmp_path: Path, stream: bool
) -> None:
    """The provider never sees the key; the client does."""
    async with town(make(KEY)) as guard:
        more: dict[str, Any] = {"guard_url": guard.url, "guard_key": "GUARD_KEY", "environ": {"GUARD_KEY": KEY}}
        async with hub_town(tmp_path, {"prompts": "redact"}, **more) as hub:
            answer = await hub.ask(ASKED, stream=stream)
            sent = hub.flights[0].exchange.body
        figures = (await guard.http.get("/metrics")).text

    assert TOLD.encode() in sent
    assert GITHUB.encode() not in sent
    assert words(answer) == ASKED
    assert 'llm_http_requests_total{endpoint="/scan",method="POST",status_code="200"} 1.0' in figures


@pytest.mark.parametrize("policy", ["redact", "block", "flag"])
async def test_answers_that_stream_are_looked_through_as_they_come(make: Make, tmp_path: Path, policy: str) -> None:
    """Over one WebSocket, the secret cut by the tokens of the provider."""
    async with town(make(KEY)) as guard:
        more: dict[str, Any] = {"guard_url": guard.url, "guard_key": "GUARD_KEY", "environ": {"GUARD_KEY": KEY}}
        async with hub_town(tmp_path, {"answers": policy}, **more) as hub:
            answer = await hub.ask(ASKED, stream=True)
            found = [(one.side, one.action, one.rule) for one in hub.found]

    assert found == [("answer", policy, "github.personal-access-token")]
    assert (GITHUB in words(answer)) is (policy == "flag")
    if policy == "redact":
        assert words(answer) == TOLD


async def test_a_hub_with_a_wrong_key_lets_nothing_pass_that_must_be_looked_through(make: Make, tmp_path: Path) -> None:
    """The service refuses, the hub says that it can't see."""
    async with town(make(KEY)) as guard:
        more: dict[str, Any] = {"guard_url": guard.url, "guard_key": "GUARD_KEY", "environ": {"GUARD_KEY": "wrong"}}
        async with hub_town(tmp_path, {"prompts": "block"}, **more) as hub:
            answer = await hub.ask(ASKED)

    assert answer.status_code == 503
    assert GITHUB not in answer.text
