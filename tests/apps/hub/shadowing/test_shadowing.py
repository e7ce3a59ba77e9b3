"""Copies of prompts in a whole hub, between two models of the built-in provider."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairlead.apps.hub.accounts.usage import requests
from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Comparison
from fairlead.apps.hub.shadowing.errands import Errands
from fairlead.apps.hub.shadowing.joining import joined
from fairlead.apps.hub.state import Hub

SHADOW = {"to": "echo/copy", "sample": 1.0, "budget_usd_per_day": 100.0}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@dataclass
class Town:
    """A hub, its client, and what was told."""

    hub: Hub
    http: httpx.AsyncClient
    errands: Errands
    flights: list[Flight] = field(default_factory=list)
    compared: list[Comparison] = field(default_factory=list)

    async def ask(self, text: str = "one two three", path: str = "/v1/chat/completions", **more: Any) -> httpx.Response:
        """A client's question."""
        headers = more.pop("headers", {})
        body = {"model": "m", "messages": [{"role": "user", "content": text}]} | more
        return await self.http.post(path, json=body, headers=headers)

    async def until(self, claim: Callable[[], bool]) -> None:
        """It holds."""
        async with asyncio.timeout(10):
            while not claim():  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.005)

    async def done(self, copies: int) -> None:
        """So many copies were picked, and nothing is under way."""
        await self.until(lambda: self.errands.outcomes.total() >= copies and not self.hub.desk.flights)

    @property
    def copies(self) -> list[Flight]:
        """Flights of the hub's own."""
        return [one for one in self.flights if one.account.name == "shadow" and not one.account.digest]


@contextlib.asynccontextmanager
async def town(folder: Path, shadow: dict[str, Any] | None = None, **said: Any) -> AsyncIterator[Town]:
    """A route `m` that is copied; each token costs a thousandth of a USD."""
    folder.mkdir(exist_ok=True)
    prices = folder / "prices.yaml"
    prices.write_text("providers: [echo]\nprices: [{models: ['*'], usd: {input: 1000, output: 1000}}]\n")
    models = {"m": {"targets": ["echo/echo"], "shadow": SHADOW | (shadow or {})}} | said.pop("models", {})
    config = {"open": True, "providers": {"echo": {}}, "models": models, "prices": str(prices)} | said
    hub = Hub(Source(environ={VARIABLE: json.dumps(config)}), folder)
    errands = joined(hub)
    await hub.begin()
    server = await asyncio.get_running_loop().create_server(hub.clients.connection, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=50) as http:
            made = Town(hub, http, errands)
            hub.desk.watchers = (*hub.desk.watchers, made.flights.append)
            hub.desk.compared = (*hub.desk.compared, made.compared.append)
            yield made
    finally:
        server.close()
        hub.clients.abort()
        await hub.end()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_a_copy_is_asked_of_the_other_model_and_compared(tmp_path: Path, path: str, stream: bool) -> None:
    """In the client's protocol, after the client has its answer; the echo says the same as the echo."""
    async with town(tmp_path) as here:
        answer = await here.ask(path=path, stream=stream, max_tokens=50)
        await here.done(1)

    assert answer.status_code == 200
    (compared,) = here.compared
    assert (compared.route, compared.to, compared.failure) == ("m", "echo/copy", None)
    assert compared.similarity == 1.0
    assert compared.same_finish
    assert compared.client_characters == compared.shadow_characters == len("one two three")
    assert compared.shadow_cost_nano == here.copies[0].cost_nano > 0
    assert compared.client_cost_nano > 0
    assert compared.shadow_s > 0
    assert [flight.asks for flight in here.flights] == [1, 1]


async def test_a_copy_can_be_asked_in_another_protocol(tmp_path: Path) -> None:
    """By the machinery that any call has: a route of the hub's, with its fallbacks."""
    models = {"other": {"targets": ["echo/first?fail=500"], "fallbacks": ["echo/second"], "retries": 0}}
    async with town(tmp_path, {"to": "other"}, models=models) as here:
        await here.ask()
        await here.done(1)

    assert here.compared[0].to == "echo/second"
    assert here.compared[0].failure is None


async def test_no_client_pays_for_a_copy(tmp_path: Path) -> None:
    """Its limits are not touched; the ledger has it under `shadow`, by the client's route."""
    key = {"sha256": hashlib.sha256(b"sk-fl-ann").hexdigest(), "limits": [{"requests": "2/h"}]}
    async with town(tmp_path, open=False, keys={"ann": key}) as here:
        headers = {"authorization": "Bearer sk-fl-ann"}
        answers = []
        for number in range(3):
            answers.append((await here.ask(headers=headers)).status_code)
            await here.done(min(number + 1, 2))
        await here.until(lambda: not here.hub.office.health.backlog_bytes)
        rows = await requests(here.hub.office.store)

    assert answers == [200, 200, 429]
    assert sorted((row.key, row.model, row.target) for row in rows) == [
        ("ann", "m", "echo"),
        ("ann", "m", "echo"),
        ("shadow", "m", "copy"),
        ("shadow", "m", "copy"),
    ]


async def test_a_copy_has_no_tools(tmp_path: Path) -> None:
    """The model that answers the client has them."""
    async with town(tmp_path, {"to": "echo/copy?tool=yes"}, models={}) as here:
        answer = await here.ask(tools=[TOOL], tool_choice="auto")
        await here.done(1)

    assert answer.status_code == 200
    sent = json.loads(here.copies[0].exchange.body)
    assert "tools" not in sent
    assert "tool_choice" not in sent
    assert here.compared[0].failure is None


async def test_a_share_is_picked(tmp_path: Path) -> None:
    """By chance."""
    async with town(tmp_path, {"sample": 0.25}) as here:
        chances = iter([0.1, 0.9, 0.3, 0.24])
        here.hub.desk.chance = lambda: next(chances, 0.5)
        for _ in range(4):
            await here.ask()
        await here.done(2)

    assert len(here.compared) == 2


async def test_the_days_budget_is_kept_also_by_the_next_process(tmp_path: Path) -> None:
    """Read from the ledger: what one has spent, the other has not left."""
    budget = {"budget_usd_per_day": 5.0}
    async with town(tmp_path, budget) as here:
        await here.ask("word " * 1000, max_tokens=1)
        await here.done(1)
        await here.ask("word " * 4000, max_tokens=2000)
        await here.done(2)
        spent = here.copies[0].cost_nano
    async with town(tmp_path, budget) as there:
        await there.ask("hi", max_tokens=1)
        await there.done(1)
        left = there.errands.budget.spent("m", there.hub.desk.wall())

    assert here.errands.outcomes == {("m", "compared"): 1, ("m", "budget"): 1}
    assert left == spent + there.copies[0].cost_nano


async def test_a_copy_that_fails_or_hangs_is_none_of_the_clients_business(tmp_path: Path) -> None:
    """It is counted, and the hub ends without it."""
    async with town(tmp_path, {"to": "echo/copy?fail=404"}) as here:
        answer = await here.ask()
        await here.done(1)
    async with town(tmp_path / "other", {"to": "echo/copy?delay=60s"}) as there:
        slow = [(await there.ask()).status_code for _ in range(12)]
        await there.until(lambda: len(there.hub.desk.flights) == 8)
        dropped = there.errands.outcomes["m", "busy"]

    assert answer.status_code == 200
    assert here.compared[0].failure is not None
    assert here.errands.outcomes == {("m", "failed"): 1}
    assert slow == [200] * 12
    assert dropped == 4
    assert not there.hub.desk.flights
    assert there.hub.office.accounts.under_way == 0


async def test_cached_answers_and_failures_are_not_compared(tmp_path: Path) -> None:
    """Nor is anything but a conversation."""
    async with town(tmp_path) as here:
        for _ in range(2):
            await here.ask(temperature=0)
            await here.done(1)
        await here.http.post("/v1/embeddings", json={"model": "m", "input": "x"})
        await here.until(lambda: not here.hub.desk.flights)

    assert here.errands.outcomes == {("m", "compared"): 1}


async def test_the_metrics_tell_how_they_compare(tmp_path: Path) -> None:
    """As sums, by route."""
    async with town(tmp_path) as here:
        for _ in range(2):
            await here.ask()
        await here.done(2)
        told = {
            (figure.name.removeprefix("fairlead_hub_shadow_"), *labels.values()): value
            for part in here.hub.figures
            for figure in part()
            for labels, value in figure.samples
        }

    assert told["copies_total", "m", "compared"] == 2
    assert told["similarity_total", "m"] == told["measured_total", "m"] == told["answers_total", "m"] == 2
    assert told["latency_seconds_total", "m", "shadow"] > 0
    assert told["cost_usd_total", "m", "shadow"] == pytest.approx(sum(one.cost_nano for one in here.copies) / 1e9)


@pytest.mark.parametrize(
    ("to", "words"),
    [("nobody", "models.m.shadow.to: unknown model nobody"), ("eco/x", "unknown model eco/x (did you mean `echo/x`?)")],
)
async def test_a_shadow_that_does_not_exist_is_refused(tmp_path: Path, to: str, words: str) -> None:
    """With words, when the configuration is read."""
    with pytest.raises(Misconfigured) as caught:
        async with town(tmp_path, {"to": to}):
            pass
    assert words in str(caught.value)
