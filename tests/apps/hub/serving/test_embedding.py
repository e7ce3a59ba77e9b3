"""Nearly the same questions in a whole hub, embedded by a model that the hub itself is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairlead.apps.hub.accounts.usage import requests
from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.apps.hub.serving import embedding
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.state import Hub

FIRST = "tell me please how tall the old tower by the river is"
NEAR = "please tell me how tall the old tower by the river is"
FAR = "what is the best way to cook rice for a large family at home"


def near(embeddings: str, **more: Any) -> dict[str, Any]:
    """A route that wants semantic answers."""
    route = {"targets": ["echo/echo"], "cache": {"semantic": 0.9, "embeddings": embeddings}}
    return {"models": {"m": route, "vectors": ["echo/vectors"]}} | more


class Town:
    """A hub and its client."""

    def __init__(self, hub: Hub, http: httpx.AsyncClient) -> None:
        self.hub = hub
        self.http = http
        self.flights: list[Flight] = []
        hub.desk.watchers = (self.flights.append,)

    async def ask(self, text: str, key: str | None = None) -> str | None:
        """Where the answer came from."""
        body = {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": text}]}
        headers = {"authorization": f"Bearer sk-fl-{key}"} if key else {}
        answer = await self.http.post("/v1/chat/completions", json=body, headers=headers)
        assert answer.status_code == 200
        level: str | None = answer.headers.get("x-fairlead-cache")
        return level


@contextlib.asynccontextmanager
async def town(folder: Path, said: dict[str, Any]) -> AsyncIterator[Town]:
    """As it is served."""
    hub = Hub(Source(environ={VARIABLE: json.dumps({"open": True, "providers": {"echo": {}}} | said)}), folder)
    await hub.begin()
    server = await asyncio.get_running_loop().create_server(hub.clients.connection, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=50) as http:
            yield Town(hub, http)
    finally:
        server.close()
        hub.clients.abort()
        await hub.end()


@pytest.mark.parametrize("embeddings", ["vectors", "echo/vectors"])
async def test_a_near_question_is_answered_from_the_cache_and_a_far_one_is_not(tmp_path: Path, embeddings: str) -> None:
    """By a model of the hub's or one of a provider's; the hub pays for the vectors, under its own name."""
    async with town(tmp_path, near(embeddings)) as here:
        levels = [await here.ask(text) for text in (FIRST, NEAR, FAR)]
        rows = await _ledger(here.hub)

    assert levels == [None, "hit; level=semantic", None]
    assert [(key, operation) for key, operation in rows if operation == "embedding"] == [("cache", "embedding")] * 3
    assert [flight.account.name for flight in here.flights if flight.asked.operation == "chat"] == ["", "", ""]


async def _ledger(hub: Hub) -> list[tuple[str, str]]:
    async with asyncio.timeout(10):
        while len(rows := await requests(hub.office.store)) < 6:  # noqa: ASYNC110  # the ledger is written behind
            await asyncio.sleep(0.02)
    return [(row.key, row.operation) for row in rows]


async def test_a_near_question_of_another_tenant_never_hits(tmp_path: Path) -> None:
    """Only one of its own."""
    keys = {name: {"sha256": hashlib.sha256(f"sk-fl-{name}".encode()).hexdigest()} for name in ("ann", "bob")}
    async with town(tmp_path, near("vectors", open=False, keys=keys)) as here:
        levels = [await here.ask(text, key) for key in ("ann", "bob") for text in (FIRST, NEAR)]

    assert levels == [None, "hit; level=semantic"] * 2


@pytest.mark.parametrize("model", ["vectors?fail=500", "vectors?garbled=yes", "vectors?delay=5s", "chat?fail=404"])
async def test_without_a_vector_a_request_goes_on_as_if_nothing_like_it_was_asked(
    tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the model fails, says nonsense or takes too long; nothing is left under way."""
    monkeypatch.setattr(embedding, "LONGEST_S", 0.2)
    said = near(f"echo/{model}", providers={"echo": {"cool_down": "1ms"}})
    said["models"]["m"]["retries"] = 0
    async with town(tmp_path, said) as here:
        levels = [await here.ask(text) for text in (FIRST, NEAR)]

        assert levels == [None, None]
        assert not here.hub.desk.flights
        assert here.hub.office.accounts.under_way == 0


@pytest.mark.parametrize(
    ("cache", "words"),
    [
        ({"semantic": 0.9}, "`semantic` needs `embeddings`"),
        ({"semantic": 0.9, "embeddings": "vektors"}, "models.m.cache.embeddings: unknown model vektors (did you mean"),
    ],
)
def test_a_semantic_cache_that_can_not_be_is_refused(tmp_path: Path, cache: dict[str, Any], words: str) -> None:
    """With words, when the configuration is read."""
    said = near("vectors")
    said["models"]["m"]["cache"] = cache
    source = Source(environ={VARIABLE: json.dumps(said)})

    async def begin() -> None:
        hub = Hub(source, tmp_path)
        try:
            await hub.begin()
        finally:
            await hub.end()

    with pytest.raises(Misconfigured) as caught:
        asyncio.run(begin())
    assert words in str(caught.value)
