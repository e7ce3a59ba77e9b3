"""Keys over HTTP: whole lives of them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from .conftest import ADMIN, SAID, Starts, until

STORES = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])


@pytest.fixture
def where(kind: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The store that hubs share."""
    return {"store": request.getfixturevalue("postgres_url")} if kind == "postgres" else {}


@STORES
async def test_a_key_works_at_once_on_every_hub_and_after_a_restart(starts: Starts, where: dict[str, Any]) -> None:
    """Until it is revoked: then on none."""
    one, other = await starts(**where), await starts(name="other", **where)
    key = await one.makes("bob", models=["quick"], limits=[{"requests": "100/m"}, {"usd": 1, "per": "day"}])
    assert (await one.asks(key)).status_code == 200
    await until(lambda: _works(other, key))
    assert (await one.asks(key, "other")).status_code == 403

    await one.end()
    again = await starts(name="again", **where)
    await until(lambda: _works(again, key))
    shown = await again.tells("/admin/keys/bob")
    assert shown["limits"] == [{"requests": "100/m"}, {"usd": 1.0, "per": "day"}]
    assert (shown["models"], shown["source"], shown["revoked"]) == (["quick"], "store", False)

    assert (await again.admin.delete("/admin/keys/bob")).status_code == 200
    assert (await again.asks(key)).status_code == 401

    async def is_out() -> bool:
        return (await other.asks(key)).status_code == 401

    await until(is_out)
    assert (await again.tells("/admin/keys"))["keys"] == []
    assert [one["name"] for one in (await again.tells("/admin/keys", revoked="true"))["keys"]] == ["bob"]
    told = await again.admin.post("/admin/keys", json={"name": "bob"})
    assert (told.status_code, told.json()["error"]["code"]) == (409, "name_taken")


async def test_a_rotated_key_has_two_values_for_a_while_and_one_budget(starts: Starts) -> None:
    """What the old one spent, the new one has spent."""
    running = await starts()
    old = await running.makes("bob", limits=[{"requests": "3/h"}])
    told = (await running.admin.post("/admin/keys/bob/rotate", json={"overlap": "1h"})).json()
    new = told["key"]
    assert len(told["values"]) == 2
    assert told["values"][0]["until"] is not None
    assert [(await running.asks(one)).status_code for one in (old, new, old, new)] == [200, 200, 200, 429]

    last = (await running.admin.post("/admin/keys/bob/rotate", json={"overlap": "0s"})).json()["key"]
    assert [(await running.asks(one)).status_code for one in (old, new, last)] == [401, 401, 429]


async def test_a_changed_key_is_changed_at_once(starts: Starts) -> None:
    """What is not said stays; null takes away."""
    running = await starts()
    key = await running.makes("bob", models=["other"], limits=[{"requests": "1/h"}])
    told = await running.admin.patch("/admin/keys/bob", json={"models": None, "limits": [{"requests": "2/h"}]})
    assert told.json()["models"] is None
    assert [(await running.asks(key)).status_code for _ in range(3)] == [200, 200, 429]
    assert (await running.admin.patch("/admin/keys/bobb", json={})).json()["error"] == {
        "code": "unknown_key",
        "message": "there is no key bobb that was made while the hub ran (did you mean `bob`?)",
    }


async def test_every_problem_of_a_body_is_named(starts: Starts) -> None:
    """At once, and nothing is made."""
    running = await starts()
    wrong = {"name": "a b", "limts": [], "limits": [{"requests": "many"}, {"usd": -1}], "expires": "soon", "team": "x"}
    told = await running.admin.post("/admin/keys", json=wrong)
    assert told.status_code == 400
    named = {problem.partition(":")[0] for problem in told.json()["error"]["problems"]}
    assert named == {"name", "limts", "limits[0].requests", "limits[1].usd", "expires", "team"}
    assert (await running.tells("/admin/keys", revoked="true"))["keys"] == []
    told = await running.admin.post("/admin/keys/bob/rotate", json={"overlap": "long", "more": 1})
    assert len(told.json()["error"]["problems"]) == 2


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "invalid_json"),
        (b"[]", {}, 400, "invalid_json"),
        (b'{"name": "bob"}', {"content-type": "text/plain"}, 415, "not_json"),
        (b'{"name": "' + b"b" * 300_000 + b'"}', {}, 413, "body_too_large"),
        (b"[" * 100_000, {}, 400, "invalid_json"),
    ],
)
async def test_what_is_no_json_object_is_refused(
    starts: Starts, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """With what to send instead; a form of a web page is none."""
    running = await starts()
    said = {"content-type": "application/json"} | headers
    told = await running.admin.post("/admin/keys", content=body, headers=said)
    assert (told.status_code, told.json()["error"]["code"]) == (status, code)


async def test_keys_of_the_configuration_are_shown_and_left_alone(starts: Starts) -> None:
    """They are changed in their file; nobody takes their names."""
    running = await starts(SAID + f"keys: {{alice: {{sha256: '{'0' * 64}', limits: [{{requests: 5/m}}]}}}}\n")
    shown = await running.tells("/admin/keys/alice")
    assert (shown["source"], shown["limits"]) == ("configuration", [{"requests": "5/m"}])
    for method, path in (("PATCH", "alice"), ("DELETE", "alice"), ("POST", "alice/rotate")):
        body: dict[str, Any] | None = None if method == "DELETE" else {}
        told = await running.admin.request(method, f"/admin/keys/{path}", json=body)
        assert (told.status_code, told.json()["error"]["code"]) == (409, "declared_key")
    assert (await running.admin.post("/admin/keys", json={"name": "alice"})).status_code == 400


async def test_keys_come_in_pages(starts: Starts) -> None:
    """By name, none twice, none left out."""
    running = await starts(SAID + f"keys: {{c-of-file: {{sha256: '{'0' * 64}'}}}}\n")
    for name in ("e", "a", "d", "b"):
        await running.makes(name)
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await running.tells("/admin/keys", limit=2, after=after)
        found += [one["name"] for one in page["keys"]]
        after = page["next"]
    assert found == ["a", "b", "c-of-file", "d", "e"]


async def test_the_value_of_a_key_is_in_one_answer_and_nowhere_else(
    starts: Starts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in another answer, a log, the store, the spool, an error; nor is the key of the administration."""
    caplog.set_level(logging.DEBUG)
    running = await starts()
    made = await running.makes("bob", limits=[{"requests": "2/m"}])
    rotated = (await running.admin.post("/admin/keys/bob/rotate", json={})).json()["key"]
    told = [await running.asks(key) for key in (made, rotated, made)]
    told += [await running.admin.get(path) for path in ("/admin/keys", "/admin/keys/bob", "/admin/routes")]
    told += [await running.admin.get(path) for path in ("/admin/budgets", "/admin/usage", "/admin/requests")]
    told += [await running.admin.patch("/admin/keys/bob", json={"tags": ["x"], "value": made})]
    told += [await running.admin.delete("/admin/keys/bob"), await running.asks(made)]
    assert {one.status_code for one in told} == {200, 400, 401, 429}
    secrets = (made, rotated, ADMIN)
    for answer in told:
        assert not any(secret in answer.text for secret in secrets), answer.url
    assert not any(secret in caplog.text for secret in secrets)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not any(secret.encode() in data for secret in secrets), file
    await running.end()
    assert (tmp_path / "hub.db").stat().st_size > 0


async def _works(running: Any, key: str) -> bool:
    return bool((await running.asks(key)).status_code == 200)
