"""No value stays behind: canaries that go through everything are searched for in all that is kept, said and logged."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import aiohttp
import httpx
import pytest
import redis as redis_
from tests.apps.guard.service.services import GITHUB, KEY, PASSWORD, Make, Town, town, until
from tests.apps.hub.accounts.conftest import RedisServer

from fairlead.apps.guard.service.logs import Lines, told
from fairlead.apps.guard.service.looking import Engine

HEX = "9f8a7b6c5d4e" + "3f2a1b0c9d8e7f6a5b4c"
CANARIES = (GITHUB, PASSWORD, HEX, KEY)
PARTS = tuple(one[at : at + 12] for one in CANARIES for at in range(0, len(one) - 11, 4))
"""Half of a value is too much as well."""


def holds(data: str | bytes) -> list[str]:
    """The canaries in it."""
    text = data.decode("latin-1") if isinstance(data, bytes) else data
    return [one for one in PARTS if one in text]


async def went_through(here: Town) -> list[httpx.Response]:
    """Everything, with canaries; what may not have any in it."""
    text = f'password = "{PASSWORD}" {GITHUB} api_key: {HEX}'
    rows = [{"secret_value": one, "variable_name": "key", "label": one != HEX} for one in (GITHUB, PASSWORD, HEX)]
    answers = []
    for value, variable in (
        (GITHUB, "x"),
        (PASSWORD, "password"),
        (HEX, "api_key"),
        (HEX, PASSWORD),
        (PASSWORD, GITHUB),
    ):
        body = {"secret_value": value, "variable_name": variable, "context": text}
        answers.append(await here.http.post("/analyze", json=body))
    answers += [
        await here.http.post("/scan", json={"text": text}),
        await here.http.post("/scan", json={"documents": [{"text": "word " * 8000 + text}]}),
        await here.http.post("/redact", json={"text": text}),
        await here.http.post("/stream", content=text.encode()),
        await here.http.post("/train", json={"rows": rows}),
        await here.http.post("/train", json={"rows": [{"secret_value": [GITHUB]}]}),
        await here.http.post("/analyze", content=f'{{"secret_value": "{GITHUB}'.encode()),
        await here.http.post("/analyze", json={"secret_value": GITHUB, "variable_name": [PASSWORD]}),
        await here.http.post("/feedback", json={"digest": GITHUB, "is_secret": PASSWORD}),
        await here.http.post(f"/versions/{GITHUB}/activate"),
        await here.http.post("/ab/enable", json={"version": GITHUB, "duration": PASSWORD}),
        await here.http.post("/ab/enable", json={"version": GITHUB, "duration": "1h"}),
        await here.http.get(f"/{GITHUB}?token={PASSWORD}"),
        await here.http.get("/stats", headers={"X-API-KEY": GITHUB}),
        await here.http.request("PUT", "/analyze", json={"secret_value": GITHUB}),
        await here.http.get("/versions"),
        await here.http.get("/stats"),
        await here.http.get("/health/detailed"),
        await here.http.get("/metrics"),
    ]
    return answers


@pytest.mark.needs_redis
@pytest.mark.needs_postgres
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_no_canary_is_in_any_answer_log_metric_database_cache_or_file(
    make: Make, redis_server: RedisServer, tmp_path: Path, kind: str, request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Of all endpoints, of their refusals, and of what fails within."""
    store = request.getfixturevalue("postgres_url") if kind == "postgres" else None
    caplog.set_level(logging.DEBUG)
    async with town(make(KEY, redis=redis_server.url, store=store), access_log=True) as here:
        answers = await went_through(here)

        async def is_trained() -> bool:
            return all(one["status"] != "training" for one in (await here.get("/versions"))["versions"])

        await until(is_trained)
        async with (
            aiohttp.ClientSession(headers={"X-API-KEY": KEY}) as session,
            session.ws_connect(f"{here.url}/stream") as socket,
        ):
            await socket.send_json({"part": 1, "text": f"{GITHUB} "})
            await socket.receive()
            await socket.send_str(GITHUB)
            closed = await socket.receive()
    client = redis_.Redis.from_url(redis_server.url)
    cached = b"".join(bytes(key) + bytes(client.get(key)) for key in client.scan_iter())  # type: ignore[arg-type]  # as it answers without asyncio
    client.close()
    if kind == "postgres":
        tables = await _dumped(str(store))
        assert "github.personal-access-token" in tables
        assert holds(tables) == []

    assert {one.status_code for one in answers} >= {200, 202, 400, 401, 404, 405, 422}
    for one in answers:
        assert holds(one.text + str(one.headers)) == [], one.request.url.path
    assert holds(str(closed.extra)) == []
    output = capfd.readouterr()
    assert '"endpoint":"/analyze"' in output.out
    assert holds(output.err + output.out) == []
    clients = ("httpx", "httpcore", "aiohttp")  # of this test
    ours = [record for record in caplog.records if not record.name.startswith(clients)]
    assert [one.name for one in ours if holds(Lines().format(one))] == []
    assert cached.count(b"fairlead:guard:analysis:") == 5
    assert holds(cached) == []
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert [path.name for path in files if holds(path.read_bytes())] == []
    assert {oct(path.stat().st_mode & 0o077) for path in files} <= {"0o0"}


async def _dumped(url: str) -> str:
    """Every row of every table."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [await connection.fetch(f'SELECT * FROM "{name[0]}"') for name in names]
    finally:
        await connection.close()
    return str([tuple(row) for table in rows for row in table])


async def test_what_fails_within_is_logged_without_the_words_of_the_exception(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Libraries repeat what they were given; the kind and the place are enough."""

    def breaks(*_: object) -> None:
        raise ValueError(f"can't judge {GITHUB}")

    monkeypatch.setattr(Engine, "analyzed", breaks)
    async with town(make()) as here:
        answer = await here.http.post("/analyze", json={"secret_value": GITHUB})

    assert answer.status_code == 500
    assert holds(answer.text) == []
    said = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert any("ValueError" in one and "analyze" in one for one in said)
    assert holds("".join(said)) == []


def test_an_error_is_told_with_its_causes_and_none_of_their_words() -> None:
    """Text or JSON, however it came to the log."""
    try:
        try:
            raise KeyError(GITHUB)
        except KeyError as error:
            raise RuntimeError(PASSWORD) from error
    except RuntimeError as error:
        words = told(error)
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", (), (type(error), error, error.__traceback__))
    assert "RuntimeError" in words
    assert "KeyError" in words
    assert holds(words + Lines().format(record)) == []


async def test_training_that_fails_says_only_that(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version stays, and can't be activated."""

    def breaks(*_: object) -> None:
        raise ValueError(GITHUB)

    monkeypatch.setattr("fairlead.apps.guard.service.judging.bench.trained", breaks)
    async with town(make()) as here:
        rows = [{"secret_value": GITHUB, "label": True}, {"secret_value": "a", "label": False}]
        name = (await here.post("/train", {"rows": rows}, 202))["version"]

        async def has_failed() -> bool:
            return bool((await here.get("/versions"))["versions"][0]["status"] == "failed")

        await until(has_failed)
        said = await here.get("/versions")
        refused = await here.post(f"/versions/{name}/activate", status=409)

    assert said["versions"][0]["why"] == "ValueError"
    assert holds(str(said) + str(refused)) == []
    await asyncio.sleep(0)
