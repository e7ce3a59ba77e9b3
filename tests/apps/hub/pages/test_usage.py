"""What was used, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .conftest import Running, Starts, until


async def used(starts: Starts) -> Running:
    """A hub whose ledger has five requests of two keys."""
    running = await starts()
    bob, eve = await running.makes("bob"), await running.makes("eve")
    for key, model in ((bob, "quick"), (bob, "quick"), (bob, "other"), (eve, "quick"), (eve, "echo/echo")):
        assert (await running.asks(key, model)).status_code == 200

    async def all_written() -> bool:
        found = (await running.tells("/admin/usage"))["usage"]
        return bool(sum(one["requests"] for one in found) == 5)

    await until(all_written)
    return running


async def test_usage_is_summed_by_what_is_asked_for_and_narrowed(starts: Starts) -> None:
    """By key and model; by hour; of one key; of another time."""
    running = await used(starts)
    found = (await running.tells("/admin/usage", by="key,model"))["usage"]
    assert [(*one["group"].values(), one["requests"]) for one in found] == [
        ("bob", "other", 1), ("bob", "quick", 2), ("eve", "echo/echo", 1), ("eve", "quick", 1),
    ]  # fmt: skip
    assert all(one["input"] > 0 and one["output"] > 0 and one["cost_usd"] == 0 for one in found)
    hours = (await running.tells("/admin/usage", by="provider,hour", since="2h"))["usage"]
    assert sum(one["requests"] for one in hours) == 5
    assert {one["group"]["provider"] for one in hours} == {"echo"}
    datetime.strptime(hours[0]["group"]["hour"], "%Y-%m-%dT%H").replace(tzinfo=UTC)
    assert (await running.tells("/admin/usage", by="key", key="eve"))["usage"][0]["requests"] == 2
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert (await running.tells("/admin/usage", until=yesterday))["usage"] == []


async def test_usage_and_requests_come_in_pages(starts: Starts) -> None:
    """None twice, none left out."""
    running = await used(starts)
    for path, of in (("/admin/usage?by=key,model", "usage"), ("/admin/requests", "requests")):
        found: list[Any] = []
        after: int | None = 0
        while after is not None:
            page = (await running.admin.get(path, params={**_query(path), "limit": 3, "after": after})).json()
            found += page[of]
            after = page["next"]
        whole = await running.tells(path.partition("?")[0], **_query(path))
        assert found == whole[of]
    requests = (await running.tells("/admin/requests", key="bob", limit=1))["requests"]
    assert [(one["key"], one["status"], one["operation"]) for one in requests] == [("bob", 200, "chat")]
    assert requests[0]["seconds"] >= requests[0]["first_s"] > 0


@pytest.mark.parametrize(
    ("query", "field"),
    [("by=colour", "by"), ("since=someday", "since"), ("limit=0", "limit"), ("limit=9999", "limit"), ("x=1", "x")],
)
async def test_a_wrong_question_is_told_what_it_takes(starts: Starts, query: str, field: str) -> None:
    """By its name."""
    running = await starts()
    told = await running.admin.get(f"/admin/usage?{query}")
    assert told.status_code == 400
    assert told.json()["error"]["problems"][0].startswith(field)
    assert "since" in told.json()["error"]["hint"]


def _query(path: str) -> dict[str, str]:
    return {"by": "key,model"} if "by=" in path else {}
