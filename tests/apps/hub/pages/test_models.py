"""The models that a key may ask, for every kind of client."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Running, Starts

SAID = """
admin_key: ADMIN
models:
  a: echo/echo
  b: echo/echo
  c: echo/echo
  night: {targets: [echo/echo], tags: [night]}
"""


async def lists(running: Running, key: str, path: str = "/v1/models", **headers: str) -> Any:
    """What a client sees."""
    told = await running.public.get(path, headers={"authorization": f"Bearer {key}"} | headers)
    return told.json()


def names(listed: Any) -> list[str]:
    """Of OpenAI's form."""
    return [one["id"] for one in listed["data"]]


async def test_a_key_sees_what_it_may_ask(starts: Starts) -> None:
    """By its models, its tags, and models of providers that it names itself."""
    running = await starts(SAID)
    everything = await running.makes("all")
    some = await running.makes("some", models=["a", "c*", "echo/slow", "nobody/x"], tags=["night"])
    tagged = await running.makes("tagged", tags=["night"])
    assert names(await lists(running, everything)) == ["a", "b", "c"]
    assert names(await lists(running, some)) == ["a", "c", "echo/slow"]
    assert names(await lists(running, tagged)) == ["a", "b", "c", "night"]
    assert (await running.public.get("/v1/models")).status_code == 401


async def test_one_model_is_told_as_far_as_it_may_be_asked(starts: Starts) -> None:
    """Also by a name with slashes; errors are in the form of whoever asks."""
    running = await starts(SAID)
    key = await running.makes("some", models=["a", "echo/*"])
    assert (await lists(running, key, "/v1/models/a"))["owned_by"] == "echo"
    assert (await lists(running, key, "/v1/models/echo/slow"))["id"] == "echo/slow"
    assert (await lists(running, key, "/v1/models/b"))["error"]["code"] == "model_not_allowed"
    for path, headers, kind in (
        ("/v1/models/x/y", {"anthropic-version": "2023-06-01"}, "permission_error"),
        ("/v1beta/models/x", {}, "PERMISSION_DENIED"),
    ):
        error = (await lists(running, key, path, **headers))["error"]
        assert kind in (error.get("type"), error.get("status"))


@pytest.mark.parametrize(
    ("query", "found", "more"),
    [
        ("limit=2", ["a", "b"], True),
        ("limit=2&after_id=b", ["c"], False),
        ("limit=1&before_id=c", ["b"], True),
        ("limit=5&before_id=b", ["a"], False),
        ("after_id=nothing", [], False),
    ],
)
async def test_anthropics_clients_turn_pages(starts: Starts, query: str, found: list[str], more: bool) -> None:
    """Forwards and backwards (docs.anthropic.com/en/api/models-list)."""
    running = await starts(SAID)
    told = await lists(running, await running.makes("bob"), f"/v1/models?{query}")
    assert (names(told), told["has_more"]) == (found, more)
    assert (told["first_id"], told["last_id"]) == ((found[0], found[-1]) if found else (None, None))


async def test_geminis_clients_turn_pages_too(starts: Starts) -> None:
    """In their own form; the key may stand where they put it."""
    running = await starts(SAID)
    key = await running.makes("bob")
    first = (await running.public.get("/v1beta/models", params={"key": key, "pageSize": 2})).json()
    assert [one["name"] for one in first["models"]] == ["models/a", "models/b"]
    token = first["nextPageToken"]
    query = {"pageSize": 2, "pageToken": token}
    last = await running.public.get("/v1beta/models", params=query, headers={"x-goog-api-key": key})
    assert last.json() == {"models": [(await lists(running, key, "/v1beta/models/c"))]}
    assert (await running.public.get("/v1beta/models")).status_code == 401
