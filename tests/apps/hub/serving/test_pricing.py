"""What is billed by what was asked, and what has no price."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.routes.tables import provider, table
from tests.apps.hub.serving.fakes import Town
from tests.apps.hub.serving.telling import BODY, body_of, status

from fairlead.apps.hub.money.prices import PriceTable

SPEECH = json.dumps({"model": "m", "input": "é" * 1000, "voice": "alloy"}).encode()


def town(model: str, pays: bool = True, prices: Path | None = None, **more: Any) -> Town:
    """A model called m, with the prices of the built-in tables, asked by a key that is limited in USD."""
    said = {"providers": {"one": provider("ONE")}, "models": {"m": f"one/{model}"}} | more
    made = Town(said)
    made.desk.table = table(said, pricing=PriceTable.of(prices).price)
    for host in made.desk.table.hosts.values():
        host.pool = made.pools[host.name]  # type: ignore[assignment]  # as much of a pool as an attempt uses
    made.accounts.account.pays = pays
    return made


def test_speech_is_reserved_and_billed_by_its_characters() -> None:
    """A thousand characters at 15 USD a million (openai.com/api/pricing, TTS); not their bytes, nor any tokens."""
    made = town("tts-1")
    _, line = made.asks(SPEECH, b"/v1/audio/speech")
    assert made.accounts.held[0].needs[2] == 15_000_000
    made.asked("one").answers(b"RIFF", headers={b"content-type": b"audio/wav"})

    assert status(line) == 200
    [entry] = made.accounts.entries
    assert entry.cost_nano == 15_000_000
    assert not entry.unpriced
    assert entry.usage is not None
    assert entry.usage.units == {"characters": 1000}


def test_speech_whose_price_is_by_tokens_is_billed_by_an_estimate() -> None:
    """A minute, 900 letters, costs about 0.015 USD (openai.com/api/pricing, gpt-4o-mini-tts); set aside and charged."""
    made = town("gpt-4o-mini-tts")
    made.asks(json.dumps({"model": "m", "input": "e" * 900, "voice": "alloy"}).encode(), b"/v1/audio/speech")
    made.asked("one").answers(b"RIFF", headers={b"content-type": b"audio/wav"})

    [entry] = made.accounts.entries
    assert not entry.unpriced
    assert entry.usage is not None
    assert entry.usage.estimated
    assert entry.cost_nano == 15_000_000 + 225 * 600
    assert made.accounts.held[0].needs[2] >= entry.cost_nano


IMAGE_ANSWER = b'{"created":1,"data":[{"url":"a"},{"url":"b"},{"url":"c"}]}'


@pytest.mark.parametrize(("each", "nano"), [({"each": {"images": {"usd": 0.04}}}, 120_000_000), ({}, 0)])
def test_images_are_reserved_by_their_number(each: dict[str, Any], nano: int, tmp_path: Path) -> None:
    """Those with a price for each, and those with one for their tokens, of which a large one has 6,240."""
    own = tmp_path / "prices.json"
    rates = each or {"usd": {"input": 5, "output": 40}}
    own.write_text(json.dumps({"providers": ["openai"], "prices": [{"models": ["painter"], **rates}]}))
    made = town("painter", prices=own)
    body = json.dumps({"model": "m", "prompt": "hall", "n": 3}).encode()
    made.asks(body, b"/v1/images/generations")
    reserved = made.accounts.held[0].needs[2]
    made.asked("one").answers(IMAGE_ANSWER)

    assert made.accounts.entries[0].cost_nano == nano
    assert reserved == nano if each else reserved >= 3 * 6240 * 40_000


def test_a_key_limited_in_usd_may_not_ask_what_has_no_price() -> None:
    """Nobody is asked; the message names the model, who would answer, and what can be done."""
    made = town("gpt-made-up")
    _, line = made.asks(BODY)

    assert status(line) == 403
    told = json.loads(body_of(line))["error"]
    assert told["code"] == "model_not_priced"
    assert "one/gpt-made-up" in told["message"]
    assert "`unpriced: allow`" in told["message"]
    assert not made.pools["one"].made
    assert [flight.status for flight in made.ended] == [403]
    assert not made.accounts.held


@pytest.mark.parametrize(
    "made",
    [town("gpt-made-up", pays=False), town("gpt-made-up", unpriced="allow"), town("gpt-4o-mini")],
    ids=["no limit in USD", "allowed", "priced"],
)
def test_others_may(made: Town) -> None:
    """Who has no such limit, where it is allowed, and what has a price."""
    made.asks(BODY)
    assert len(made.pools["one"].made) == 1
