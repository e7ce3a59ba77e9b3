"""The HTTP API over the town in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.daemon.conftest import Town

from fairlead.daemon.api import api
from fairlead.daemon.operations import Operations
from fairlead.daemon.telling import Hub
from fairlead.kit.clock import SystemClock


@pytest.fixture
async def client(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    hub = Hub(SystemClock(), town.engine.events, town.engine.vault.redact)
    operations = Operations(town.engine, hub, asyncio.Event())
    transport = httpx.ASGITransport(api(operations, hub))
    async with httpx.AsyncClient(transport=transport, base_url="http://daemon") as client:
        yield client
    await operations.close()


async def messages(town: Town, client: httpx.AsyncClient, name: str, **body: Any) -> list[dict[str, Any]]:
    """Every message of an operation; time goes by while it lasts."""
    answer = await town.does(client.post(f"/v1/{name}", json=body))
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_operation_answers_line_by_line_and_ends_with_its_result(
    town: Town, client: httpx.AsyncClient
) -> None:
    """`up`, as the command line asks for it."""
    told = await messages(town, client, "up", file=str(town.file), who="alice")
    assert told[-1]["level"] == "done"
    assert told[-1]["data"]["changed"] == ["notes", "web"]
    assert "info" in {message["level"] for message in told}
    assert "all requests to v1" in {message["text"] for message in told}


async def test_the_status_is_whole(town: Town, client: httpx.AsyncClient) -> None:
    """Services, versions, instances and the router."""
    await messages(town, client, "up", file=str(town.file))
    status = (await client.get("/v1/status")).json()
    notes = status["services"][0]
    assert (notes["name"], notes["state"], notes["versions"][0]["ready"]) == ("notes", "ready", 2)
    assert notes["versions"][0]["instances"][0]["id"] == "notes-v1-1"
    assert notes["release"]["state"] == "succeeded"
    assert status["router"] == {
        "name": "memory", "alive": True, "entrances": [f"http://127.0.0.1:{town.port}"], "problem": None
    }  # fmt: skip


async def test_history_logs_and_metrics_are_there(town: Town, client: httpx.AsyncClient) -> None:
    """Newest first; line by line; in Prometheus' form."""
    await messages(town, client, "up", file=str(town.file))
    town.runtime.say("notes-v1-1", "hello")
    releases = (await client.get("/v1/history", params={"service": "notes"})).json()["releases"]
    assert [(release["service"], release["kind"]) for release in releases] == [("notes", "up")]
    lines = [json.loads(line) for line in (await client.get("/v1/logs?service=notes")).text.splitlines()]
    assert "hello" in {line["text"] for line in lines}
    assert 'fairlead_instances_ready{service="notes",version="v1"} 2' in (await client.get("/metrics")).text


async def test_a_release_under_judgement_is_seen_and_spoken_to(town: Town, client: httpx.AsyncClient) -> None:
    """In the status, the metrics, the progress of its operation; by words that are answered at once."""
    await messages(town, client, "up", file=str(town.file))
    await town.is_used(30)
    canary = {"release.canary.pace": "20s", "release.canary.warm_up": "4s", "environment.GREETING": "bye"}
    body = {"file": str(town.file), "service": "notes", "strategy": "canary", "who": "alice", "set": canary}
    deploying = asyncio.create_task(client.post("/v1/deploy", json=body))
    await town.is_used(12)

    status = (await client.get("/v1/status")).json()
    seen = status["services"][0]["judging"]
    assert (seen["share"], seen["from"], seen["to"], seen["services"]) == (1.0, "v1", "v2", ["notes"])
    assert {row["name"] for row in seen["indicators"]} == {"errors", "latency", "first_byte"}
    metrics = (await client.get("/metrics")).text.splitlines()
    labels = f'service="notes",version="v2",release="{seen["release"]}"'
    assert f"fairlead_canary_share_percent{{{labels}}} 1" in metrics
    assert any(line.startswith(f'fairlead_canary_within_ratio{{{labels},indicator="errors"}}') for line in metrics)

    wrong = await client.post("/v1/pause", json={"service": "web"})
    assert (wrong.status_code, wrong.json()["data"]["code"]) == (400, 2)
    paused = await client.post("/v1/pause", json={"service": "notes", "who": "bob"})
    assert paused.json()["text"] == "notes: v2 keeps its share until `fairlead resume notes` (r3)"
    await town.is_used(4)
    assert (await client.get("/v1/status")).json()["services"][0]["judging"]["paused"] == "bob"
    assert (await client.post("/v1/abort", json={"service": "notes", "who": "bob"})).status_code == 200

    answer = await town.sees(wait(deploying), 60)
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert any(message["data"].get("judging") for message in told if message["level"] == "progress")
    assert "aborted by bob" in told[-1]["text"]
    release = (await client.get("/v1/release", params={"id": "r3"})).json()
    assert (release["state"], release["reason"]) == ("taken back", "aborted by bob")


async def test_a_forecast_is_made_from_the_present_traffic(town: Town, client: httpx.AsyncClient) -> None:
    """Unknown without any."""
    await messages(town, client, "up", file=str(town.file))
    body = {"file": str(town.file), "services": ["notes"]}
    before = (await town.does(client.post("/v1/forecast", json=body))).json()["forecasts"]["notes"]
    assert (before["seconds"], before["requests_per_s"]) == (None, 0.0)
    asking = asyncio.create_task(client.post("/v1/forecast", json=body))
    answer = await town.sees(wait(asking), 60)
    await town.is_used(20)
    answer = await town.sees(wait(asyncio.create_task(client.post("/v1/forecast", json=body))), 60)
    forecast = answer.json()["forecasts"]["notes"]
    assert forecast["seconds"] > 0
    assert 20 < forecast["requests_per_s"] < 41
    assert forecast["slowest"]["indicator"] in ("errors", "latency", "first_byte")


async def wait(task: asyncio.Task[Any]) -> Any:
    return await task


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/logs?service=nobody", 400),
        ("GET", "/v1/history?service=nobody", 400),
        ("GET", "/v1/history?limit=many", 400),
        ("GET", "/v1/exec?service=nobody", 400),
        ("POST", "/v1/deploy", 400),
        ("GET", "/v1/nothing", 404),
    ],
)
async def test_what_can_not_be_answered_is_an_error_with_words(
    town: Town, client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    """As JSON, with the exit code for the command line."""
    await messages(town, client, "up", file=str(town.file))
    answer = await client.request(method, path)
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["data"]["code"] == 2
        assert answer.json()["text"]


async def test_rubbish_is_refused(client: httpx.AsyncClient) -> None:
    """Neither JSON nor an object."""
    for body in (b"{", b"[]", b"\xff"):
        assert (await client.post("/v1/up", content=body)).status_code == 400


async def test_a_wrong_stack_file_comes_back_with_every_problem(town: Town, client: httpx.AsyncClient) -> None:
    """For the command line to print."""
    town.file.write_text("name: town\nservices:\n  web: {comand: x}\n  api: {comand: y}\n")
    last = (await messages(town, client, "up", file=str(town.file)))[-1]
    assert last["data"]["code"] == 3
    assert [problem["line"] for problem in last["data"]["problems"]] == [3, 4]


async def test_events_are_kept_for_whoever_asks_later(town: Town, client: httpx.AsyncClient) -> None:
    """The audit trail."""
    await messages(town, client, "up", file=str(town.file))
    events = [json.loads(line) for line in (await client.get("/v1/events")).text.splitlines()]
    assert "v1 serves all requests" in {event["text"] for event in events}
