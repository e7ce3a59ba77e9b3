"""Who may ask what, how often and how much; and what every answer has."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from tests.apps.guard.service.services import GITHUB, KEY, Make, town, until

from fairlead.apps.guard.service.keys import MOST_WRONG, Bucket, Ring
from fairlead.apps.guard.service.settings import Misconfigured, Settings, checked, read
from fairlead.cli.commands.guard import command


def ran(*words: str) -> str:
    """What `fairlead guard …` says."""
    result = CliRunner().invoke(command, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_a_key_made_on_the_command_line_opens_a_service_that_runs_until_it_is_ended(
    make: Make, tmp_path: Path
) -> None:
    """Within a second, without being told."""
    folder = f"--folder={tmp_path / 'data'}"
    async with town(make()) as here:
        assert (await here.http.get("/versions")).status_code == 200  # no key was ever made, on this machine alone
        key = (await asyncio.to_thread(ran, "keys", "create", "alice", folder)).strip()
        headers = {"X-API-KEY": key}

        async def answers(status: int, **headers: str) -> bool:
            return (await here.http.get("/versions", headers=headers)).status_code == status

        await until(lambda: answers(401))
        assert (await here.http.get("/versions", headers=headers)).status_code == 200
        refused = await here.http.post("/versions/rollback", headers=headers)
        assert refused.json()["error"]["code"] == "not_for_clients"
        listed = await asyncio.to_thread(ran, "keys", "list", "--json", folder)
        await asyncio.to_thread(ran, "keys", "revoke", "alice", folder)
        await until(lambda: answers(401, **headers))

    assert '"alice"' in listed
    assert key not in listed
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert key.encode() not in kept


async def test_a_key_that_is_followed_by_another_goes_on_for_a_while(make: Make, tmp_path: Path) -> None:
    """The new one has its role; ending it ends both."""
    folder = f"--folder={tmp_path / 'data'}"
    async with town(make()) as here:
        old = (await asyncio.to_thread(ran, "keys", "create", "ci", "--role", "admin", folder)).strip()
        new = (await asyncio.to_thread(ran, "keys", "rotate", "ci", "--overlap", "1h", folder)).strip()

        async def answers(key: str, status: int) -> bool:
            return (await here.http.get("/versions", headers={"X-API-KEY": key})).status_code == status

        await until(lambda: answers(new, 200))
        assert await answers(old, 200)
        assert "left" in await asyncio.to_thread(ran, "keys", "list", folder)
        again = (await asyncio.to_thread(ran, "keys", "rotate", "ci", "--overlap", "0s", folder)).strip()
        await until(lambda: answers(new, 401))
        assert await answers(again, 200)
        assert await answers(old, 200)
        await asyncio.to_thread(ran, "keys", "revoke", "ci", folder)
        await until(lambda: answers(again, 401))
        assert await answers(old, 401)


async def test_only_health_metrics_and_the_description_need_no_key(make: Make) -> None:
    """Every other path does, whatever is at it."""
    free = {"/health", "/liveness", "/readiness", "/metrics", "/docs", "/openapi.json", "/"}
    async with town(make(KEY)) as here, httpx.AsyncClient(base_url=here.url, trust_env=False) as stranger:
        paths = (await here.get("/openapi.json"))["paths"]
        for path, operations in paths.items():
            for method in operations:
                answer = await stranger.request(method, path.replace("{id}", "v1"))
                assert answer.status_code == (200 if path in free else 401), path
        assert (await stranger.get("/nothing")).status_code == 401


async def test_every_answer_has_the_headers_that_browsers_are_to_know(make: Make) -> None:
    """Refusals too; and the page may load nothing from anywhere."""
    async with town(make(KEY)) as here:
        answers = [
            await here.http.get("/docs"),
            await here.http.get("/nowhere"),
            await here.http.post("/analyze", content=b"{"),
            await here.http.get("/health", headers={"X-API-KEY": "wrong"}),
        ]
    for one in answers:
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["x-frame-options"] == "DENY"
        assert one.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in one.headers["content-security-policy"]
        assert "server" not in one.headers
    assert "http://" not in answers[0].text.replace(here.url, "")
    assert "<script" not in answers[0].text


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(make: Make) -> None:
    """And nobody else is."""
    async with town(make(KEY, rate="3/m")) as here:
        codes = [(await here.http.get("/versions")).status_code for _ in range(4)]
        refused = await here.http.get("/versions")

    assert codes == [200, 200, 200, 429]
    assert 1 <= int(refused.headers["retry-after"]) <= 21


async def test_many_wrong_keys_bar_an_address_but_not_a_right_key(make: Make) -> None:
    """Guessing takes longer; who has a key is not kept out by who has none."""
    async with town(make(KEY)) as here:
        codes = [
            (await here.http.get("/versions", headers={"X-API-KEY": f"wrong-{at}"})).status_code
            for at in range(MOST_WRONG + 1)
        ]
        right = await here.http.get("/versions")

    assert codes == [401] * MOST_WRONG + [429]
    assert right.status_code == 200


async def test_a_page_of_another_site_may_not_ask_a_service_without_keys(make: Make) -> None:
    """A browser would send it there unasked."""
    async with town(make()) as here:
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            assert (await here.http.post("/analyze", json={"secret_value": "a"}, headers=headers)).status_code == 403


async def test_bodies_have_a_limit_and_a_time_limit(make: Make) -> None:
    """With and without a length that is told."""

    async def chunks() -> object:
        for _ in range(40):
            yield b"x" * 100

    async with town(make(body_limit=1024, timeout="200ms")) as here:
        told = await here.http.post("/scan", content=b"x" * 4000)
        untold = await here.http.post("/scan", content=chunks())  # type: ignore[arg-type]  # an iterator of bytes
        host, port = here.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /scan HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{")
        slow = await reader.readline()
        writer.close()

    assert told.json()["error"]["code"] == untold.json()["error"]["code"] == "too_large"
    assert b" 408 " in slow


async def test_unknown_paths_and_methods_are_said_so_and_get_into_no_metric(make: Make) -> None:
    """A path may hold anything."""
    async with town(make()) as here:
        codes = [(await here.http.request(*one)).status_code for one in (("GET", f"/{GITHUB}"), ("PUT", "/analyze"))]
        figures = (await here.http.get("/metrics")).text

    assert codes == [404, 405]
    assert GITHUB not in figures
    assert 'endpoint="other",method="GET",status_code="404"' in figures


async def test_health_is_told_in_one_word_and_part_by_part(make: Make) -> None:
    """And readiness ends before the service does."""
    settings = dataclasses.replace(make(KEY), farewell_s=0.6)
    async with town(settings) as here:
        assert await here.get("/health") == {"status": "well"}
        assert await here.get("/liveness") == {"status": "alive"}
        assert await here.get("/readiness") == {"status": "ready"}
        parts = (await here.get("/health/detailed"))["parts"]
        here.ending.set()

        async def is_over() -> bool:
            return (await here.http.get("/readiness")).status_code == 503

        await until(is_over)
        late = await here.analyze(GITHUB)

    assert {name: part["status"] for name, part in parts.items()} == dict.fromkeys(
        ("rules", "store", "cache", "judgement"), "well"
    )
    assert late["risk_level"] == "critical"


def test_a_bucket_lets_its_rate_through_and_no_more() -> None:
    """At once, then one by one."""
    bucket = Bucket((2, 10.0), 0.0)
    assert [bucket.wait_s(0.0) for _ in range(3)] == [0.0, 0.0, 5.0]
    assert bucket.wait_s(4.0) == pytest.approx(1.0)
    assert bucket.wait_s(5.0) == 0.0


def test_elsewhere_a_service_without_keys_is_closed() -> None:
    """Only on its own machine does it answer whoever comes."""
    assert Ring((1, 1.0), None, local=True).find(None) is not None
    assert Ring((1, 1.0), None, local=False).find(None) is None


def test_a_wrong_configuration_names_every_problem(tmp_path: Path) -> None:
    """With its line, and without what stands there."""
    file = tmp_path / "guard.yaml"
    file.write_text(f"rate: {GITHUB}\nbody_limit: 0\nrulse: []\n")
    with pytest.raises(Misconfigured) as wrong:
        read(file, {})
    lines = str(wrong.value).splitlines()
    assert [line.rpartition("guard.yaml:")[2].split(":")[0] for line in lines] == ["1", "2", "3"]
    assert GITHUB not in lines[1] + lines[2]
    assert read(None, {"FAIRLEAD_CONFIG": '{"cache_size": 5}'}).cache_size == 5
    assert checked({}).cache_size == 50_000


def test_patterns_are_kept_beside_the_records_where_the_user_has_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that in a container, whose root is read-only, the next version starts at once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert Settings(tmp_path / "data").patterns == tmp_path / "cache" / "fairlead" / "guard"
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).startswith("/proc"))  # root may write anywhere
    assert Settings(tmp_path / "data").patterns == tmp_path / "data" / "patterns"
