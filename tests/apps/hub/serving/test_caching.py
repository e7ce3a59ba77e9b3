"""The cache in a whole hub, before the built-in provider, which counts what it is asked."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairlead.apps.hub.cache.cache import Cache
from fairlead.apps.hub.cache.semantic import Embed, Semantic
from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.serving.caching import CacheGate, gate_of
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.state import Hub

PATH = "/v1/chat/completions"
SLOW = "echo/echo?tokens=6&between=60ms"


def asked(text: str = "the town hall", **more: Any) -> dict[str, Any]:
    """A question whose answer may be kept."""
    return {"model": "echo/echo", "temperature": 0, "messages": [{"role": "user", "content": text}]} | more


class Town:
    """A hub with a cache, its client, and what became of each request."""

    def __init__(self, hub: Hub, http: httpx.AsyncClient, gate: CacheGate) -> None:
        self.hub = hub
        self.http = http
        self.gate = gate
        self.flights: list[Flight] = []
        hub.desk.watchers = (self.flights.append,)

    async def ask(self, body: dict[str, Any], **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(PATH, json=body, headers=named)

    @property
    def asks(self) -> int:
        """How often a provider was asked."""
        return sum(flight.asks for flight in self.flights) + sum(flight.asks for flight in self.hub.desk.flights)

    async def until(self, claim: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not claim():  # noqa: ASYNC110  # nothing tells of what is waited for
                await asyncio.sleep(0.005)


Start = Callable[..., contextlib.AbstractAsyncContextManager[Town]]


@contextlib.asynccontextmanager
async def started(folder: Path, said: dict[str, Any], embed: Embed | None = None) -> AsyncIterator[Town]:
    hub = Hub(Source(environ={VARIABLE: json.dumps({"open": True, "providers": {"echo": {}}} | said)}), folder)
    if embed is not None:
        hub.cache = gate_of(hub.config, embed=embed)
        hub.desk.gates = (hub.cache,)
    await hub.begin()
    server = await asyncio.get_running_loop().create_server(hub.clients.connection, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=50) as http:
            yield Town(hub, http, hub.cache)
    finally:
        server.close()
        hub.clients.abort()
        await hub.end()


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Without any configuration of the cache."""
    async with started(tmp_path, {}) as found:
        yield found


def words(answer: httpx.Response) -> str:
    """What a whole answer or a stream says."""
    if not answer.text.startswith("data:"):
        return str(answer.json()["choices"][0]["message"]["content"])
    chunks = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    return "".join(one["delta"].get("content") or "" for chunk in chunks for one in chunk["choices"])


async def test_the_same_question_is_asked_of_a_provider_once(town: Town) -> None:
    """And answered to the letter; both are requests in the ledger, one of them free."""
    first, second = await town.ask(asked()), await town.ask(asked())

    assert first.content == second.content
    assert "x-fairlead-cache" not in first.headers
    assert second.headers["x-fairlead-cache"] == "hit"
    assert second.headers["age"] == "0"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert town.asks == 1
    assert [flight.cached for flight in town.flights] == [False, True]
    assert all(flight.hold is not None and not flight.hold.open for flight in town.flights)
    assert town.hub.office.accounts.under_way == 0


async def test_a_stream_comes_again_as_it_came(town: Town) -> None:
    """Byte by byte."""
    body = asked(model=SLOW, stream=True)
    first, second = await town.ask(body), await town.ask(body)

    assert first.content == second.content
    assert second.headers["content-type"].startswith("text/event-stream")
    assert second.headers["x-fairlead-cache"] == "hit"
    assert town.asks == 1


@pytest.mark.parametrize("order", [(True, False), (False, True)])
async def test_a_stream_and_a_whole_answer_are_the_same_answer(town: Town, order: tuple[bool, bool]) -> None:
    """Whichever was asked for first."""
    first, second = [await town.ask(asked(stream=stream)) for stream in order]

    assert words(first) == words(second)
    assert second.headers["x-fairlead-cache"] == "hit"
    assert town.asks == 1


async def test_what_is_left_to_chance_is_asked_each_time(town: Town) -> None:
    """Without a temperature of 0."""
    for _ in range(2):
        await town.ask(asked(temperature=1))

    assert town.asks == 2


async def test_a_client_has_the_last_word_about_it(town: Town) -> None:
    """With `Cache-Control`."""
    missing = await town.ask(asked(), cache_control="only-if-cached")
    for said in ("no-store", "no-cache"):
        await town.ask(asked(), cache_control=said)
    found = await town.ask(asked(), cache_control="only-if-cached")
    await town.ask(asked(), cache_control="no-cache")

    assert missing.status_code == 504
    assert "no answer is kept" in missing.json()["error"]["message"]
    assert found.headers["x-fairlead-cache"] == "hit"
    assert town.asks == 3


@pytest.mark.parametrize("model", ["echo/echo?fail=500", "echo/echo?cut=half", "echo/echo?garbled=yes"])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_failure_is_never_kept(town: Town, model: str, stream: bool) -> None:
    """Nor an answer that was cut."""
    for _ in range(2):
        with contextlib.suppress(httpx.RemoteProtocolError):
            await town.ask(asked(model=f"{model}&tokens=40", stream=stream))

    assert len(town.gate.cache.memory) == 0
    assert not any(flight.cached for flight in town.flights)


def keyed(*names: str, team: str | None = None) -> dict[str, Any]:
    hashed = {name: hashlib.sha256(f"sk-fl-{name}".encode()).hexdigest() for name in names}
    return {name: {"sha256": value} | ({"team": team} if team else {}) for name, value in hashed.items()}


async def test_no_tenant_gets_anothers_answer_and_keys_of_a_team_share(tmp_path: Path) -> None:
    """A tenant is a team, or a key without one."""
    keys = keyed("ann", "bob") | keyed("cid", "dan", team="t")
    async with started(tmp_path, {"open": False, "teams": {"t": {}}, "keys": keys}) as town:
        seen = {}
        for name in ("ann", "bob", "cid", "dan"):
            answer = await town.ask(asked(), authorization=f"Bearer sk-fl-{name}")
            seen[name] = answer.headers.get("x-fairlead-cache")

    assert seen == {"ann": None, "bob": None, "cid": None, "dan": "hit"}


async def test_requests_from_the_cache_count_as_requests_and_cost_nothing(tmp_path: Path) -> None:
    """Against limits, and in the sums."""
    keys = {"ann": keyed("ann")["ann"] | {"limits": [{"requests": "3/m"}]}}
    prices = tmp_path / "prices.yaml"
    prices.write_text("providers: [echo]\nprices: [{models: ['*'], usd: {input: 1000, output: 1000}}]\n")
    async with started(tmp_path, {"open": False, "keys": keys, "prices": str(prices)}) as town:
        answers = [await town.ask(asked(), authorization="Bearer sk-fl-ann") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    costs = [flight.cost_nano for flight in town.flights]
    assert costs[0] > 0
    assert not any(costs[1:])


async def test_a_route_says_what_is_kept_and_how_long(tmp_path: Path) -> None:
    """`always`, not at all, or not for long."""
    models = {
        "always": {"targets": ["echo/echo"], "cache": {"always": True}},
        "never": {"targets": ["echo/echo"], "cache": {"exact": False}},
        "other": {"targets": ["echo/echo"], "cache": {"for": "0s"}},
    }
    async with started(tmp_path, {"models": models}) as town:
        for model in models:
            for _ in range(2):
                await town.ask(asked(model=model, temperature=1 if model == "always" else 0))

    assert [flight.cached for flight in town.flights] == [False, True, False, False, False, False]


async def test_caching_can_be_off(tmp_path: Path) -> None:
    """For all, but for routes that say otherwise."""
    models = {"kept": {"targets": ["echo/echo"], "cache": {}}}
    async with started(tmp_path, {"cache": "off", "models": models}) as town:
        for model in ("echo/echo", "kept"):
            for _ in range(2):
                await town.ask(asked(model=model))

    assert [flight.cached for flight in town.flights] == [False, False, False, True]


# calls under way


@pytest.mark.parametrize("stream", [True, False])
async def test_equal_calls_at_once_are_one_call(town: Town, stream: bool) -> None:
    """All get the answer, one pays; the others are marked."""
    body = asked(model=SLOW, stream=stream)
    answers = await asyncio.gather(*(town.ask(body) for _ in range(20)))

    assert town.asks == 1
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("x-fairlead-cache", "") for answer in answers) == [""] + ["shared"] * 19
    assert sum(flight.cached for flight in town.flights) == 19
    assert town.hub.office.accounts.under_way == 0
    assert town.gate.pool is not None
    assert len(town.gate.pool) == 0


async def test_the_others_get_the_answer_when_the_first_client_leaves(town: Town) -> None:
    """The call goes on, and is paid by the one it was made for."""
    body = asked(model=SLOW, stream=True)
    first = asyncio.create_task(town.ask(body))
    await town.until(lambda: len(town.hub.desk.flights) == 1)
    second = asyncio.create_task(town.ask(body))
    await town.until(lambda: len(town.hub.desk.flights) == 2)
    first.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await first
    answer = await second

    assert words(answer)
    assert answer.text.rstrip().endswith("data: [DONE]")
    assert town.asks == 1
    assert [(flight.status, flight.cached) for flight in town.flights] == [(200, True), (200, False)] or [
        (flight.status, flight.cached) for flight in town.flights
    ] == [(200, False), (200, True)]


async def test_a_call_that_nobody_waits_for_is_given_up(town: Town) -> None:
    """When the last of its clients has left."""
    body = asked(model="echo/echo?tokens=50&between=200ms", stream=True)
    clients = []
    for number in range(3):
        clients.append(asyncio.create_task(town.ask(body)))
        await town.until(lambda count=number + 1: len(town.hub.desk.flights) == count)  # type: ignore[misc]  # bound now
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    await town.until(lambda: not town.hub.desk.flights)

    assert {flight.status for flight in town.flights} == {499}
    assert town.hub.office.accounts.under_way == 0
    assert len(town.gate.cache.memory) == 0


async def test_a_failure_is_not_shared(town: Town) -> None:
    """Each asks for itself then."""
    body = asked(model="echo/echo?delay=200ms&fail=400")
    answers = await asyncio.gather(*(town.ask(body) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {400}
    assert town.asks == 4
    assert town.hub.office.accounts.under_way == 0


async def test_a_stream_that_breaks_half_way_breaks_for_all_who_had_some_of_it(town: Town) -> None:
    """As their protocol says it."""
    body = asked(model="echo/echo?tokens=9&between=50ms&after=5&fail=500", stream=True)
    answers = await asyncio.gather(*(town.ask(body) for _ in range(3)))

    assert town.asks == 1
    assert all('"error"' in answer.text for answer in answers)
    assert town.hub.office.accounts.under_way == 0
    assert len(town.gate.cache.memory) == 0


async def test_different_tenants_never_share_a_call(tmp_path: Path) -> None:
    """However equal their calls are."""
    async with started(tmp_path, {"open": False, "keys": keyed("ann", "bob")}) as town:
        body = asked(model=SLOW)
        asks = [town.ask(body, authorization=f"Bearer sk-fl-{name}") for name in ("ann", "bob")]
        answers = await asyncio.gather(*asks)

    assert [answer.headers.get("x-fairlead-cache") for answer in answers] == [None, None]
    assert town.asks == 2


# nearly the same


def by_letters(model: str, text: str, then: Callable[[Sequence[float] | None], None]) -> None:
    """An embedding for tests: how often each letter is there; told later, as a provider would."""
    vector = [float(len(re.findall(letter, text.lower()))) for letter in "abcdefghijklmnopqrstuvwxyz"]
    asyncio.get_running_loop().call_later(0.01, then, vector)


async def test_nearly_the_same_question_gets_the_same_answer_where_a_route_wants_that(tmp_path: Path) -> None:
    """But never with another number, and never another tenant's."""
    models = {
        "near": {"targets": ["echo/echo"], "cache": {"semantic": 0.95, "embeddings": "echo/e"}},
        "exact": ["echo/echo"],
    }
    async with started(tmp_path, {"models": models}, by_letters) as town:
        questions = [
            ("near", "how tall is that old tower?"),
            ("near", "how tall is that old tower then?"),
            ("near", "how tall are 2 old towers?"),
            ("near", "something else entirely, please"),
            ("exact", "how tall is that old tower?"),
        ]
        answers = [await town.ask(asked(text, model=model)) for model, text in questions]

    levels = [answer.headers.get("x-fairlead-cache") for answer in answers]
    assert levels == [None, "hit; level=semantic", None, None, None]
    assert words(answers[1]) == words(answers[0])


async def test_a_question_that_can_not_be_embedded_is_asked(tmp_path: Path) -> None:
    """As if there were no semantic cache."""

    def fails(model: str, text: str, then: Callable[[Sequence[float] | None], None]) -> None:
        then(None)

    models = {"near": {"targets": ["echo/echo"], "cache": {"semantic": 0.95, "embeddings": "echo/e"}}}
    async with started(tmp_path, {"models": models}, fails) as town:
        answer = await town.ask(asked(model="near"))

    assert answer.status_code == 200
    assert isinstance(town.gate.semantic, Semantic)
    assert len(town.gate.semantic) == 0
    assert isinstance(town.gate.cache, Cache)


def test_a_redis_that_nobody_named_is_a_mistake(tmp_path: Path) -> None:
    """Said before the first request."""
    with pytest.raises(Misconfigured, match="cache: redis needs the address"):
        Hub(Source(environ={VARIABLE: json.dumps({"cache": "redis"})}), tmp_path)
