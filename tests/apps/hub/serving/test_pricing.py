"""What is billed by what was asked, and what has no price."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.apps.hub.routes.tables import provider, table
from tests.apps.hub.serving.fakes import Town
from tests.apps.hub.serving.telling import BODY, body_of, status

from fairlead.apps.hub.money.prices import PriceTable

SPEECH = json.dumps({"model": "m", "input": "é" * 1000, "voice": "alloy"}).encode()


def town(model: str, pays: bool = True, **more: Any) -> Town:
    """A model called m, with the prices of the built-in tables, asked by a key that is limited in USD."""
    said = {"providers": {"one": provider("ONE")}, "models": {"m": f"one/{model}"}} | more
    made = Town(said)
    made.desk.table = table(said, pricing=PriceTable.of().price)
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
