"""Clients see how far they may go: the headers by which OpenAI's clients pace themselves."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.watching.hubs import SAID, running

KEY = "sk-fl-" + "made-up-for-a-test"
HEADERS = {"authorization": f"Bearer {KEY}"}


def said(*limits: dict[str, Any]) -> dict[str, Any]:
    """A hub with one key."""
    key = {"sha256": hashlib.sha256(KEY.encode()).hexdigest(), "limits": list(limits)}
    return {**SAID, "open": False, "keys": {"alice": key}}


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_tells_what_is_left_of_requests_and_tokens(tmp_path: Path, stream: bool) -> None:
    """Whole or streamed; an answer from the cache counts as a request."""
    async with running(tmp_path, said({"requests": "10/24h", "tokens": "100000/24h", "usd": 1})) as hub:
        first = (await hub.asks(stream=stream, headers=HEADERS, max_tokens=20, temperature=0)).headers
        second = (await hub.asks(stream=stream, headers=HEADERS, max_tokens=20, temperature=0)).headers

    assert first["x-ratelimit-limit-requests"] == "10"
    assert first["x-ratelimit-remaining-requests"] == "9"
    assert second["x-fairlead-cache"] == "hit"
    assert second["x-ratelimit-remaining-requests"] == "8"
    assert 99_900 < int(first["x-ratelimit-remaining-tokens"]) < 100_000
    assert first["x-ratelimit-reset-tokens"].endswith("s")
    assert first["x-request-id"]


async def test_a_refusal_tells_it_too(tmp_path: Path) -> None:
    """When nothing is left, with how long to wait."""
    async with running(tmp_path, said({"requests": "1/24h"})) as hub:
        await hub.asks(headers=HEADERS)
        refused = await hub.asks(headers=HEADERS)

    assert refused.status_code == 429
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"
    assert float(refused.headers["retry-after"]) > 0


async def test_a_key_without_such_limits_gets_no_such_headers(tmp_path: Path) -> None:
    """One in dollars is nobody's business."""
    async with running(tmp_path, said({"usd": 5})) as hub:
        answer = await hub.asks(headers=HEADERS)

    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
