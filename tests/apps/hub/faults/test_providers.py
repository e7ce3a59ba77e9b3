"""Every fault that a provider can have, on real sockets: what the client is told, who else is asked, what is billed,
what is held against the provider, and that nothing is left open."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.faults.hostile import Hostile, listening
from tests.apps.hub.faults.known import KNOWN, Fault, Gives, Key
from tests.apps.hub.faults.town import INPUT_NANO, MODEL, OUTPUT_NANO, Told, Town, running

from fairlead.apps.hub.calls import FailureKind
from fairlead.apps.hub.shapes.anthropic import failures as anthropic
from fairlead.apps.hub.shapes.openai import failures as openai

WAYS = list(itertools.product(("openai", "anthropic"), (False, True), (False, True)))
"""The client's protocol (the provider's is OpenAI's), whether it is a stream, whether there is another provider."""
SHORT = {"first_token": "1500ms", "between_tokens": "1500ms"}
"""Only where a provider falls silent: a busy machine may take longer for what is no fault at all."""
LONG = {"first_token": "40s", "between_tokens": "40s"}


def said(bad: int, good: int, timeouts: Mapping[str, str] = LONG) -> dict[str, Any]:
    """A provider of its own for each way, so that each has a key of its own to be held against."""
    providers: dict[str, Any] = {"good": {"kind": "openai", "url": f"http://127.0.0.1:{good}/v1"}}
    models = {}
    for number, (_, _, pair) in enumerate(WAYS):
        providers[f"bad-{number}"] = {"kind": "openai", "url": f"http://127.0.0.1:{bad}/v1", "timeouts": timeouts}
        fallbacks = [f"good/{MODEL}"] if pair else []
        models[f"m-{number}"] = {"targets": [f"bad-{number}/{MODEL}"], "fallbacks": fallbacks, "retries": 0}
    return {"providers": providers, "models": models}


@pytest.mark.parametrize("name", KNOWN)
async def test_a_fault_of_a_provider_gives_what_is_documented(name: str, tmp_path: Path) -> None:
    """Whole and streamed, in the provider's protocol and translated, with somebody else to ask and without."""
    fault = KNOWN[name]
    bad, good = Hostile(fault.whole, fault.stream), Hostile()
    timeouts = SHORT if "timeout" in (fault.gives.kind, fault.streams.kind) else LONG
    async with listening(bad), listening(good), running(tmp_path, said(bad.port, good.port, timeouts)) as town:
        told = await asyncio.gather(
            *(town.asks(f"m-{number}", protocol=way[0], stream=way[1]) for number, way in enumerate(WAYS))
        )
        await town.is_quiet()
        rows = {row["model"]: row for row in await town.ledger()}

        assert len(rows) == len(WAYS) == len(await town.ledger())
        for number, way in enumerate(WAYS):
            _check(fault, way, told[number], rows[f"m-{number}"])
            _check_key(town, number, fault, stream=way[1])


async def test_a_provider_that_refuses_connections_is_a_broken_one(tmp_path: Path) -> None:
    """Nobody listens."""
    async with listening(Hostile()) as gone:
        port = gone.port
    fault = Fault((), (), Gives("provider", 502), Gives("provider", 502))
    async with listening(Hostile()) as good, running(tmp_path, said(port, good.port)) as town:
        for number, way in enumerate(WAYS):
            told = await town.asks(f"m-{number}", protocol=way[0], stream=way[1])
            _check(fault, way, told, await town.row_of(f"m-{number}"))
            _check_key(town, number, fault, stream=way[1])
        await town.is_quiet()


def _check(fault: Fault, way: tuple[str, bool, bool], told: Told, row: Mapping[str, Any]) -> None:
    protocol, stream, pair = way
    gives = fault.streams if stream else fault.gives
    if pair and fault.elsewhere and not gives.cut:
        gives = Gives()
    if gives.kind is None:
        assert (told.status, told.is_whole, told.is_cut) == (200, True, False)
        assert (row["status"], row["input"], row["output"]) == (200, 10, 5)
        assert not row["estimated"]
    elif gives.cut:
        assert (told.status, told.is_cut) == (200, True)
        assert row["status"] == 200
        assert row["output"] > 0
    else:
        status = 529 if protocol == "anthropic" and gives.kind == "overloaded" else gives.status
        assert (told.status, row["status"]) == (status, gives.status)
        assert (row["input"], row["output"]) == (0, 0)
    if gives.kind is not None:
        own = protocol == "openai" and not fault.elsewhere  # passed on as it came
        assert told.error["type"] == ("made_up" if own else words(protocol, gives.kind))
    assert row["cost_nano"] == row["input"] * INPUT_NANO + row["output"] * OUTPUT_NANO


def words(protocol: str, kind: FailureKind) -> str:
    """The type of an error in a protocol's words."""
    return openai.WORDS[kind][0] if protocol == "openai" else anthropic.WORDS[kind]


def _check_key(town: Town, number: int, fault: Fault, *, stream: bool) -> None:
    gives = fault.streams if stream else fault.gives
    (route,) = town.hub.table.routes[f"m-{number}"]
    breaker = route.targets[0].host.lanes[0].breaker
    now = town.hub.desk.now()
    key: Key = "well" if gives.kind is None else fault.key
    assert breaker.state(now) == "closed"
    assert breaker.trouble == (key != "well")
    assert breaker.ready(now) == (key != "rests")
    if key == "rests":
        assert fault.rests_s is not None
        assert 0 < breaker.rests_until - now <= fault.rests_s
        assert breaker.rests_until - now > fault.rests_s - 30
