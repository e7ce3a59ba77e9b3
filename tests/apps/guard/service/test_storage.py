"""What is kept, and what becomes of requests while a store is away."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis as redis_
from tests.apps.guard.service.services import GITHUB, Make, town, until
from tests.apps.hub.accounts.conftest import RedisServer

STORES = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])


@pytest.fixture
def store(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Its URL."""
    return request.getfixturevalue("postgres_url") if kind == "postgres" else f"sqlite:{tmp_path / 'shared.db'}"


@STORES
async def test_what_one_replica_does_all_do(make: Make, store: str) -> None:
    """Versions, trials, feedback and figures; digests are the same on both."""
    async with town(make(store=store)) as one, town(make(store=store)) as other:
        first = await one.analyze(GITHUB)
        assert (await other.analyze(GITHUB))["digest"] == first["digest"]
        made = (await one.post("/versions/create", {"threshold": 0.9}, 201))["version"]
        await one.post(f"/versions/{made}/activate")

        async def follows() -> bool:
            return bool((await other.analyze("a", "b"))["model_version"] == made)

        await until(follows)
        await other.post("/ab/enable", {"version": "built-in", "share": 0.3, "duration": "1h"}, 201)
        assert (await one.get("/ab"))["status"] == "running"
        await one.post("/feedback", {"digest": first["digest"], "is_secret": True})
        await other.post("/versions/rollback")
        assert (await one.get("/versions"))["active"] == "built-in"
        assert (await one.get("/ab"))["status"] == "disabled"

        async def counted() -> bool:
            return bool((await other.get("/stats"))["values"] == 2)

        await until(counted)


@pytest.mark.needs_redis
async def test_replicas_share_answers_and_none_is_named_by_its_question(make: Make, redis_server: RedisServer) -> None:
    """And while Redis is away, each goes on alone."""
    async with town(make(redis=redis_server.url)) as one, town(make(redis=redis_server.url)) as other:
        first = await one.analyze(GITHUB, "x")
        assert await other.analyze(GITHUB, "x") == first
        assert "\nllm_cache_hits_total 1.0" in (await other.http.get("/metrics")).text
        client = redis_.Redis.from_url(redis_server.url)
        kept = [(bytes(key), bytes(client.get(key))) for key in client.scan_iter()]  # type: ignore[arg-type]  # as it answers without asyncio
        client.close()
        redis_server.stop()
        assert (await one.analyze(GITHUB, "y"))["secret_type"] == first["secret_type"]
        health = await one.get("/health/detailed")
        redis_server.start()

    assert len(kept) == 1
    assert GITHUB.encode() not in b"".join(kept[0])
    assert health["parts"]["cache"]["redis"] == "away"
    assert health["status"] == "degraded"
